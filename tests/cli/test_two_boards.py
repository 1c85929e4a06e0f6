"""`--with`: the recording of the ankle beside that of the wrist, from two boards with clocks of their own."""

import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sleepjerk.cli import main
from sleepjerk.events import TWITCHES
from sleepjerk.simulate import SCENARIOS, draw_plan
from tests.benchmarks.two_boards import analysed, apart_s
from tests.firmware_io.recorder_process import Recorder, nights
from tests.firmware_io.simulated_board import LSB_PER_G, SimulatedBoard, night_counts
from tests.support.two_boards import ANKLE, WRIST, Board, sampled, write_board

HOURS, SEED = 0.8, 5


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Recordings of one night: the wrist's, and the ankle's as it may be."""
    made, plan = tmp_path_factory.mktemp("boards"), draw_plan(SCENARIOS["short"], HOURS, SEED)
    wrist, ankle = sampled(plan, SEED, WRIST), sampled(plan, SEED, ANKLE)
    write_board(wrist, WRIST, made / "wrist.csv")
    same = write_board(ankle, ANKLE, made / "ankle.csv")
    write_board(ankle, ANKLE, made / "unlogged.csv", log=False, same=same)
    other = {"limb": "ankle", "pace": 0.99, "begin_s": ANKLE.begin_s}
    for name, more in {
        "elsewhere": {"booted_s": 99.0, "wall_ahead_s": 0.3},
        "next_night": {"booted_s": 99_999.0, "wall_ahead_s": 56_788.0124},
        "other_wrist": {"limb": "wrist"},
    }.items():
        write_board(ankle, Board(**other | more), made / f"{name}.csv", same=same)
    return made


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SLEEPJERK_HOME", str(tmp_path / "home"))
    return tmp_path


def run(*words: str | Path) -> int:
    return main([str(word) for word in words])


def test_two_boards_become_one_table(folder: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("analyse", folder / "wrist.csv", "--with", folder / "ankle.csv", "--out", home) == 0
    said = capsys.readouterr()
    assert "Both boards recorded" in said.err
    assert " of both, in 0.7" in said.out
    table = pd.read_csv(home / "wrist.events.csv")
    document = json.loads((home / "wrist.night.json").read_text())
    limbs = document["limbs"]
    assert len(table) == len(limbs["rows"])
    assert limbs["clock"] == "host"
    assert limbs["apart_s"] == pytest.approx(ANKLE.begin_s, abs=0.02)
    seen = table[table["both_recorded"]]
    assert (seen["limb"] == "both").mean() > 0.9
    pairs = seen[(seen["limb"] == "both") & (seen["parts"] == 2)]
    away_s = (pairs["wrist_onset_s"] - pairs["ankle_onset_s"]).abs()
    assert away_s.median() <= 0.01  # a few begin so slowly that two sensors see it at different moments
    assert (away_s <= 0.02).mean() > 0.8
    assert document["recording"]["limb"] == "wrist"
    assert limbs["recording"]["limb"] == "ankle"


@pytest.mark.slow
def test_what_was_said_to_belong_together_is_remembered_and_can_be_forgotten(
    folder: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("analyse", folder / "wrist.csv", "--out", home / "alone") == 0
    assert run("analyse", folder / "wrist.csv", "--with", folder / "ankle.csv", "--out", home) == 0
    capsys.readouterr()
    assert run("analyse", folder / "wrist.csv", "--out", home) == 0
    assert "as you said before: --with" in capsys.readouterr().err
    assert "limb" in pd.read_csv(home / "wrist.events.csv")
    assert run("analyse", folder / "wrist.csv", "--out", home, "--forget-options") == 0
    for ending in (".events.csv", ".night.json"):
        assert (home / f"wrist{ending}").read_bytes() == (home / "alone" / f"wrist{ending}").read_bytes()


@pytest.mark.slow
def test_a_batch_keeps_what_was_said_to_belong_together(folder: Path, home: Path) -> None:
    assert run("analyse", folder / "wrist.csv", "--with", folder / "ankle.csv", "--out", home) == 0
    names = [folder / "wrist.csv", folder / "ankle.csv"]
    assert run("batch", *names, "--out", home / "many", "--jobs", "1", "--no-diary") == 0
    for ending in (".events.csv", ".night.json"):
        assert (home / "many" / f"wrist{ending}").read_bytes() == (home / f"wrist{ending}").read_bytes()
    assert pd.read_csv(home / "many" / "batch.csv")["limb"].tolist() == ["wrist", "ankle"]
    ankle = pd.read_csv(home / "wrist.events.csv")["limb"].tolist().index("ankle")
    assert (
        run("correct", folder / "wrist.csv", "--out", home, "--event", str(ankle), "--label", "body_movement")
        == 0
    )
    assert run("batch", *names, "--out", home / "many", "--jobs", "1", "--no-diary") == 0
    assert (home / "many" / "wrist.events.csv").read_bytes() == (home / "wrist.events.csv").read_bytes()


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("wrist", "wrist", "the same recording twice"),
        ("wrist", "other_wrist", "both are said to be of the wrist"),
        ("ankle", "wrist", "name it first: sleepjerk analyse wrist.csv --with ankle.csv"),
        ("wrist", "unlogged", "unlogged.csv: there is no clock log beside it"),
        ("wrist", "next_night", "don't overlap"),
        ("wrist", "gone", "gone.csv"),
    ],
)
def test_what_can_not_be_put_together_is_refused_in_one_sentence(
    folder: Path, home: Path, capsys: pytest.CaptureFixture[str], first: str, second: str, said: str
) -> None:
    words = ("analyse", folder / f"{first}.csv", "--with", folder / f"{second}.csv", "--out", home / "out")
    assert run(*words) == 2
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("sleepjerk: ")]
    assert len(told) == 1
    assert said in told[0]
    assert not list((home / "out").glob("*.json"))


def test_two_computers_are_put_together_by_their_wall_clocks_and_that_is_said(
    folder: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("analyse", folder / "wrist.csv", "--with", folder / "elsewhere.csv", "--out", home) == 0
    assert "Two computers recorded the two limbs" in capsys.readouterr().err
    limbs = json.loads((home / "wrist.night.json").read_text())["limbs"]
    assert (limbs["clock"], limbs["unsure_s"]) == ("utc", 1.0)
    assert limbs["apart_s"] == pytest.approx(ANKLE.begin_s + 0.3, abs=0.03)


@pytest.mark.slow
def test_a_movement_of_both_is_corrected_in_both_and_taken_back_in_both(folder: Path, home: Path) -> None:
    wrist = folder / "wrist.csv"
    assert run("analyse", wrist, "--with", folder / "ankle.csv", "--out", home) == 0
    before = pd.read_csv(home / "wrist.events.csv")
    both = before.index[(before["limb"] == "both") & (before["label"] == "limb_movement")]
    row = int(both[len(both) // 2])
    assert (
        run(
            "correct",
            wrist,
            "--out",
            home,
            "--event",
            str(row),
            "--label",
            "body_movement",
            "--note",
            "turned",
        )
        == 0
    )
    after = pd.read_csv(home / "wrist.events.csv")
    assert (after["label"][row], after["limb"][row]) == ("body_movement", "both")
    assert (after["detected"].fillna("") != "").sum() == 1
    home_files = [path.name for path in (home / "home" / "recordings").glob("*.corrections.json")]
    assert len(home_files) == 2
    assert run("correct", wrist, "--out", home, "--undo") == 0
    pd.testing.assert_frame_equal(pd.read_csv(home / "wrist.events.csv"), before)
    assert run("correct", wrist, "--out", home, "--event", str(row), "--label", "body_movement") == 0
    assert run("correct", wrist, "--out", home, "--undo", "--event", str(row)) == 0
    pd.testing.assert_frame_equal(pd.read_csv(home / "wrist.events.csv"), before)


@pytest.mark.slow
def test_a_movement_of_the_ankle_alone_is_corrected_there(folder: Path, home: Path) -> None:
    wrist = folder / "wrist.csv"
    assert run("analyse", wrist, "--with", folder / "ankle.csv", "--out", home) == 0
    before = pd.read_csv(home / "wrist.events.csv")
    alone = before.index[before["limb"] == "ankle"]
    assert run("correct", wrist, "--out", home, "--event", str(alone[0]), "--label", "body_movement") == 0
    after = pd.read_csv(home / "wrist.events.csv")
    assert (after["label"][alone[0]], after["limb"][alone[0]]) == ("body_movement", "ankle")
    others = after.index != alone[0]
    pd.testing.assert_series_equal(after["label"][others], before["label"][others])


@pytest.mark.slow
def test_a_night_whose_ankle_was_corrected_since_is_counted_again_from_its_recordings(
    folder: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("analyse", folder / "wrist.csv", "--with", folder / "ankle.csv", "--out", home) == 0
    assert run("analyse", folder / "ankle.csv", "--out", home) == 0
    assert (
        run("correct", folder / "ankle.csv", "--out", home, "--event", "3", "--label", "body_movement") == 0
    )
    assert run("report", home / "wrist.night.json", "--no-diary") == 2
    assert "corrected since" in capsys.readouterr().err
    assert run("analyse", folder / "wrist.csv", "--out", home) == 0
    assert run("report", home / "wrist.night.json", "--no-diary") == 0


@pytest.mark.slow
def test_onsets_lie_within_20_ms_of_each_other_though_both_clocks_drift_by_one_per_cent(
    tmp_path: Path,
) -> None:
    limbs = analysed(tmp_path, 4.0, 1, drift=0.01)
    assert limbs.apart_s == pytest.approx(ANKLE.begin_s, abs=0.01)
    twitches_s = np.abs(apart_s(limbs, TWITCHES))
    assert len(twitches_s) >= 10
    assert twitches_s.max() <= 0.02
    assert abs(np.median(apart_s(limbs))) <= 0.01


@pytest.mark.slow
@pytest.mark.parametrize("later_s", [0.0, 3.0])
def test_two_recorders_at_once_make_two_files_that_lie_on_one_clock(
    tmp_path: Path, home: Path, later_s: float
) -> None:
    counts = night_counts(60)
    for at in range(1200, 6000, 400):  # a swing to and fro of a second
        swing = np.rint(0.4 * LSB_PER_G * np.sin(2 * np.pi * 3 * np.arange(100) / 100))
        counts[at : at + 100, 0] += swing.astype(np.int16)
    out, links = tmp_path / "out", [tmp_path / "wrist", tmp_path / "ankle"]
    with SimulatedBoard(links[0], "frames", counts):
        begun_s = time.monotonic()
        wrist = Recorder(links[0], out, "--limb", "wrist")
        time.sleep(max(begun_s + later_s - time.monotonic(), 0))
        with SimulatedBoard(links[1], "lines", counts[round(100 * (time.monotonic() - begun_s)) :]):
            ankle = Recorder(links[1], out, "--limb", "ankle")
            time.sleep(45)
            ended = [recorder.finish() for recorder in (wrist, ankle)]
    assert [code for code, _, _ in ended] == [0, 0]
    paths = [Path(said.strip().splitlines()[-1]) for _, said, _ in ended]
    assert sorted(nights(out)) == sorted(set(paths))
    assert len(set(paths)) == 2
    rules = home / "short.toml"  # no log of less than half an hour is used otherwise
    rules.write_text("[reading]\ndrift_min_s = 20.0\ndrift_block_s = 10.0\n")
    results = home / "results"
    assert run("analyse", paths[0], "--with", paths[1], "--out", results, "--rules", rules) == 0
    table = pd.read_csv(next(results.glob("*.events.csv")))
    pairs = table[(table["limb"] == "both") & (table["parts"] == 2)]
    assert len(pairs) >= 5
    assert (pairs["wrist_onset_s"] - pairs["ankle_onset_s"]).abs().median() <= 0.1
