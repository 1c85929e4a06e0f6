"""`sleepjerk periodic`: lists as scorers write them; what is odd in them is said, and what can't be told is asked."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.in_process import sleepjerk

COUNT = 20
ONSETS = [100 + 25 * number for number in range(COUNT)]
PLAIN = "onset_s,offset_s\n" + "".join(f"{onset},{onset + 2}\n" for onset in ONSETS)


def told(path: Path, *words: object) -> dict[str, Any]:
    done = sleepjerk("periodic", path, "--json", *words)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert all(note in done.stderr for note in found["notes"]), "what JSON holds is said, too"
    return found


def refused(path: Path, *words: object) -> str:
    done: subprocess.CompletedProcess[str] = sleepjerk("periodic", path, *words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    return done.stderr


def write(folder: Path, text: str, name: str = "m.csv") -> Path:
    (folder / name).write_text(text)
    return folder / name


def without_words(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name != "notes"}


@pytest.mark.parametrize(
    ("head", "row"),
    [
        ("Onset,Offset", "{0},{1}"),
        ("START,END", "{0},{1}"),
        ("start_time;stop_time", "{0};{1}"),
        ("Begin (s)\tDuration (s)", "{0}\t2"),
        ("Time [s],Dur", "{0},2"),
        ("movementStart,movementEnd", "{0},{1}"),
        ("label,Onset_ms,length_ms", "LM,{0}000,2000"),
        ("onset_s,duration_s,end_stage", "{0},2,0"),
        ("no,onset_s,start_clock,offset_s", "1,{0},22:31,{1}"),
        ("onset_s;offset_s", "{0},0;{1},0"),
    ],
)
def test_a_list_is_read_by_the_names_that_scorers_give(head: str, row: str, tmp_path: Path) -> None:
    plain = told(write(tmp_path, PLAIN))
    lines = [head, *(row.format(onset, onset + 2) for onset in ONSETS)]
    found = told(write(tmp_path, "\n".join(lines) + "\n", "other.csv"))
    assert without_words(found) == without_words(plain)
    assert found["in_series"] == COUNT


@pytest.mark.parametrize(
    ("head", "row", "words"),
    [
        ("start,begin,end", "1,1,2", "could be onset_s (start, begin); name the right one onset_s"),
        ("start_sample,end_sample", "100,200", "'start_sample' is a count, not a time; give onset_s in seconds"),
        ("onset,kind", "1,LM", "no column 'offset_s', end, stop or duration (it has onset, kind)"),
        ("kind,end", "LM,1", "no column 'onset_s', start, begin or time (it has kind, end)"),
        ("onset,end", "22:31:04,22:31:06", "found '22:31:04', expected seconds since the recording began"),
        ("onset,duration", "4,-1", "found '-1.0', expected a length of 0 or more"),
    ],
)  # fmt: skip
def test_where_columns_cannot_be_told_it_asks(head: str, row: str, words: str, tmp_path: Path) -> None:
    assert words in refused(write(tmp_path, f"{head}\n{row}\n"))


TWO_LEGS = [
    (onset + late, onset + late + 2, leg) for onset in ONSETS for late, leg in ((0.0, "L"), (0.3, "R"))
]


@pytest.mark.parametrize("column", ["leg", "Leg", "LEG", "side", "Limb", "channel", "location", "which"])
def test_the_legs_are_found_under_any_name_and_said(column: str, tmp_path: Path) -> None:
    rows = "".join(f"{onset},{offset},{leg}\n" for onset, offset, leg in TWO_LEGS)
    found = told(write(tmp_path, f"onset_s,offset_s,{column}\n{rows}"))
    assert (found["movements"], found["in_series"], found["median_interval_s"]) == (COUNT, COUNT, 25)
    assert any(
        "l and r; movements of both that follow each other within 0.5 s count as one" in note
        for note in found["notes"]
    )
    assert any(column in note for note in found["notes"])
    aasm = told(tmp_path / "m.csv", "--rules", "aasm")
    assert any("begin within 5 s of each other" in note for note in aasm["notes"])


def test_more_than_two_legs_are_a_question(tmp_path: Path) -> None:
    rows = "".join(f"{onset},{onset + 2},{leg}\n" for onset, leg in zip(ONSETS, "LRC" * 9, strict=False))
    said = refused(write(tmp_path, f"onset_s,offset_s,channel\n{rows}"))
    assert "column 'channel' holds 3 names ('c', 'l', 'r')" in said
    assert told(write(tmp_path, f"onset_s,offset_s,was\n{rows}"))["in_series"] == COUNT, "its advice works"


def test_rows_that_stand_there_twice_count_once_and_keep_their_places(tmp_path: Path) -> None:
    lines = PLAIN.splitlines()
    twice = "\n".join([lines[0], *(line for line in lines[1:] for _ in (1, 2))]) + "\n"
    plain, found = told(write(tmp_path, PLAIN)), told(write(tmp_path, twice, "twice.csv"))
    assert without_words(found) == without_words(plain)
    assert any(
        note.startswith(f"doubled: {COUNT} of {2 * COUNT} rows are the same") for note in found["notes"]
    )
    sleepjerk("periodic", tmp_path / "twice.csv", "--out", tmp_path / "s.csv")
    scored = pd.read_csv(tmp_path / "s.csv")
    assert len(scored) == 2 * COUNT
    assert scored["movement"].tolist() == [number for number in range(1, COUNT + 1) for _ in (1, 2)]


def test_rows_that_overlap_are_one_movement_and_said(tmp_path: Path) -> None:
    rows = "".join(f"{onset + late},{onset + late + 2}\n" for onset in ONSETS for late in (0, 0.3))
    found = told(write(tmp_path, "onset_s,offset_s\n" + rows))
    assert (found["movements"], found["in_series"]) == (COUNT, COUNT)
    (note,) = (note for note in found["notes"] if note.startswith("overlap:"))
    assert "20 of 40 rows begin before the movement before has ended, the first at 100.3 s" in note
    assert "are they of two legs? Say it in a column leg" in note


def test_movements_that_touch_stay_two(tmp_path: Path) -> None:
    assert told(write(tmp_path, "onset_s,offset_s\n1,2\n2,3\n"))["movements"] == 2


def test_without_candidates_there_is_no_index_and_a_question(tmp_path: Path) -> None:
    rows = "".join(f"{1000 * onset},{1000 * onset + 2000}\n" for onset in ONSETS)
    found = told(write(tmp_path, "onset,offset\n" + rows))
    assert (found["candidates"], found["periodicity_index"]) == (0, None)
    assert any("are the times in seconds?" in note for note in found["notes"])


def stages(epoch_s: float, hours: float = 8.0) -> list[int]:
    """Awake for the first quarter, then asleep."""
    count = round(hours * 3600 / epoch_s)
    return [0 if number < count // 4 else 2 for number in range(count)]


@pytest.mark.parametrize("epoch_s", [1, 5, 10, 20])
def test_short_stages_are_asked_for_and_the_answer_gives_what_long_ones_give(
    epoch_s: int, tmp_path: Path
) -> None:
    path = write(tmp_path, PLAIN)
    short = write(tmp_path, "\n".join(map(str, stages(epoch_s))), "short.txt")
    long = write(tmp_path, "\n".join(map(str, stages(30))), "long.txt")
    said = refused(path, "--stages", short)
    assert f"stages of 30 s would be {8 * 30 // epoch_s} hours; say with --epoch SECONDS" in said
    assert f"(--epoch {epoch_s} would be 8.0 hours)" in said
    found, right = told(path, "--stages", short, "--epoch", epoch_s), told(path, "--stages", long)
    assert without_words(found) == without_words(right)
    assert right["sleep_h"] == pytest.approx(6)


@pytest.mark.parametrize(
    ("line", "head"),
    [("{0},{1}", ""), ("{0}\t{1}", "time\tstage\n"), ("{0:.1f} {1}", ""), ("{0};{1}", "Onset (s);Stage\n")],
)
@pytest.mark.parametrize("epoch_s", [10, 20, 30])
def test_times_beside_the_stages_say_how_long_one_lasts(
    line: str, head: str, epoch_s: int, tmp_path: Path
) -> None:
    lines = [line.format(epoch_s * number, stage) for number, stage in enumerate(stages(epoch_s))]
    beside = write(tmp_path, head + "\n".join(lines), "stages.txt")
    found = told(write(tmp_path, PLAIN), "--stages", beside)
    assert found["sleep_h"] == pytest.approx(6)
    assert f"stages: {len(lines)} of {epoch_s} s each, 8.00 hours" in found["notes"]


@pytest.mark.parametrize("first", [0, 1])
def test_numbers_of_epochs_are_no_times(first: int, tmp_path: Path) -> None:
    lines = [f"{number},{stage}" for number, stage in enumerate(stages(30), start=first)]
    found = told(write(tmp_path, PLAIN), "--stages", write(tmp_path, "\n".join(lines), "stages.txt"))
    assert found["sleep_h"] == pytest.approx(6)


@pytest.mark.parametrize("epoch", ["0", "-30", "nan", "inf"])
def test_a_senseless_length_of_a_stage_is_one_sentence(epoch: str, tmp_path: Path) -> None:
    path = write(tmp_path, "2\n" * 60, "stages.txt")
    said = refused(write(tmp_path, PLAIN), "--stages", path, f"--epoch={epoch}")
    assert "expected how many seconds a stage lasts, such as 30" in said


def test_stages_that_begin_later_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "".join(f"{30 * number},2\n" for number in range(10, 99)), "stages.txt")
    assert "the first stage is at 300 s; give the stages from 0 s on" in refused(
        write(tmp_path, PLAIN), "--stages", path
    )


LEGS = st.lists(
    st.tuples(st.integers(0, 4000), st.integers(1, 60), st.sampled_from("lr")), min_size=1, max_size=40
)


@given(rows=LEGS)
def test_order_of_rows_and_names_of_legs_change_nothing(
    rows: list[tuple[int, int, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    def listed(rows: list[tuple[int, int, str]], names: dict[str, str]) -> dict[str, Any]:
        lines = [f"{onset / 2},{(onset + length) / 2},{names[leg]}" for onset, length, leg in rows]
        path = write(tmp_path_factory.mktemp("m"), "\n".join(["onset_s,offset_s,leg", *lines, ""]))
        return without_words(told(path))

    plain = listed(rows, {"l": "l", "r": "r"})
    assert listed(rows[::-1], {"l": " L", "r": "R"}) == plain
    assert listed(rows, {"l": "r", "r": "l"}) == plain
    assert listed(rows + rows, {"l": "LEFT", "r": "right"}) == plain
