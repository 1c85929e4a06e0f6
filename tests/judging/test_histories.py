"""A person's history, made up: what comes in between never makes the level of a week wrongly higher or lower."""

import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import sleepjerk as sj
from sleepjerk.cli import main
from sleepjerk.history.database import History
from sleepjerk.judging.questions import Answers
from sleepjerk.judging.weeks import carry_on, judge_week, line_of
from sleepjerk.night.document import read_night
from sleepjerk.night.verdict import NightLine, Week
from tests.support.made_weeks import LAST, line, lines

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data" / "short_night.csv.gz"


@pytest.fixture
def diary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SLEEPJERK_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "diary.sqlite"


@pytest.mark.slow
def test_nights_of_the_other_limb_change_no_week_and_the_week_says_that_they_are_there(
    diary: Path, tmp_path: Path
) -> None:
    frequent = [replace(one, limb="ankle") for one in lines("frs frs frs frs frs frs frs")]
    with History(diary) as history:
        for one in (
            *lines("f f . . . . x")[:-1],
            *frequent,
            replace(line("f", LAST - timedelta(9)), limb="ankle"),
        ):
            history.keep_night(one)
    shutil.copy(SAMPLE, tmp_path / "a.csv.gz")
    assert main(["report", str(tmp_path / "a.csv.gz"), "--start", f"{LAST}T22:31+01:00"]) == 0
    week = read_night(tmp_path / "a.night.json").week
    assert week is not None
    assert {one.limb for one in (*week.nights, *week.earlier)} == {"wrist"}
    assert (week.recorded, week.others, week.verdict.level) == (7, 7, "green")
    assert " nights recorded on the ankle are kept too" in (tmp_path / "a.report.html").read_text()


# Pieces of one night.


def split(night: NightLine, first_h: float, twitches: int) -> list[NightLine]:
    """A night as two recordings: so many hours and twitches in the first, the rest in the other."""
    begin = datetime.fromisoformat(f"{night.night}T{night.asleep}")
    cut = [begin + timedelta(hours=first_h), begin + timedelta(hours=first_h + 0.2)]
    assert night.analysed_h is not None
    assert night.twitches is not None
    assert night.jerks is not None
    hours, numbers = (first_h, night.analysed_h - first_h), (twitches, night.twitches - twitches)
    found: list[NightLine] = []
    for place, (long_h, number) in enumerate(zip(hours, numbers, strict=True)):
        doubtful = dict.fromkeys(("F2", "F2-high") if long_h < 4 else ())
        unseen = {"F1": None} if place else {}  # the second begins asleep
        found.append(
            replace(
                night,
                input_sha256=f"{night.input_sha256}{place}",
                valid=long_h >= 4,
                lacking=() if long_h >= 4 else ("V1",),
                analysed_h=long_h,
                quiet_h=long_h,
                twitches=number,
                jerks=0 if place else night.jerks,
                per_h=number / long_h,
                asleep=f"{cut[1]:%H:%M}" if place else night.asleep,
                awake=night.awake if place else f"{cut[0]:%H:%M}",
                met=night.met | doubtful | unseen,
            )
        )
    return found


def whole(word: str, day: date, twitches: int) -> NightLine:
    """A night whose rate is that of its twitches."""
    raised = twitches / 7 >= 5 and "r" in word
    made = line(word.replace("r", "") + "r" * raised, day, twitches)
    periodic_per_h = 15.0 if "p" in word else 0.0  # just met; pieces must not lose it by rounding
    return replace(
        made, quiet_h=7.0, per_h=twitches / 7, jerks=min(1, twitches), periodic_per_h=periodic_per_h
    )


NIGHTS = st.lists(
    st.tuples(
        st.sampled_from([".", "f", "r", "s", "w", "fr", "p", "d", "x", "R"]), st.sampled_from([0, 2, 60])
    ),
    min_size=7,
    max_size=7,
)


def judged(nights: Iterable[NightLine], said: dict[str, Answers] | None = None) -> Week:
    return judge_week([*nights], said or {}, str(LAST))


def made(words: list[tuple[str, int]]) -> list[NightLine]:
    days = [LAST - timedelta(days=back) for back in range(len(words))]
    return [
        whole(word if twitches == 60 else word.replace("r", "."), day, twitches)
        for (word, twitches), day in zip(words, days, strict=True)
    ]


@given(NIGHTS, st.integers(0, 6), st.floats(1.0, 6.0))
def test_a_night_in_two_pieces_counts_as_the_whole_one(
    words: list[tuple[str, int]], place: int, first_h: float
) -> None:
    nights = made(words)
    night = nights[place]
    assume(night.valid)
    before, pieces = judged(nights), split(night, first_h, (night.twitches or 0) // 2)
    after = judged([*nights[:place], *pieces, *nights[place + 1 :]])
    assert after.verdict.level == before.verdict.level
    assert (after.recorded, after.lacking) == (before.recorded, before.lacking)
    (joined,) = [one for one in after.nights if one.night == night.night]
    assert (joined.twitches, joined.jerks, joined.valid) == (night.twitches, night.jerks, True)
    assert joined.analysed_h == pytest.approx(7.0)


@given(NIGHTS, st.integers(0, 6), st.sampled_from(["frsd", "x", "."]))
def test_a_nap_by_day_changes_no_level(words: list[tuple[str, int]], place: int, found: str) -> None:
    nights = made(words)
    nap = replace(
        line(found, LAST - timedelta(days=place), 80), asleep="14:00", awake="15:30", input_sha256="nap"
    )
    assert judged([*nights, nap]).verdict == judged(nights).verdict


@settings(max_examples=8, deadline=None)
@given(NIGHTS, st.lists(st.sampled_from(["pain", "slept_badly", "weakness"]), max_size=2), st.data())
def test_a_second_run_of_the_diary_and_of_any_report_changes_nothing(
    words: list[tuple[str, int]], keys: list[str], data: st.DataObject
) -> None:
    nights, place = made(words), data.draw(st.integers(0, 6))
    said: dict[str, Answers] = {str(LAST - timedelta(days=place)): {key: True for key in keys}}
    with tempfile.TemporaryDirectory() as folder, History(Path(folder) / "d.sqlite") as history:
        for one in nights:
            history.keep_night(one)
        for evening, answers in said.items():
            history.keep_answers(evening, answers)
        before = judged(history.nights("wrist"), history.mornings())
        assert before.verdict == judged(nights, said).verdict
        history.keep_night(nights[place])
        for evening in said:
            history.keep_answers(evening, {})
        assert judged(history.nights("wrist"), history.mornings()) == before


def test_a_piece_that_was_corrected_is_found_in_its_week_without_the_diary() -> None:
    nights = made([(".", 2)] * 7)
    pieces = split(nights[0], 3.0, 1)
    week = judged([*nights[1:], *pieces])
    shaken = replace(pieces[1], met=pieces[1].met | {"R1": True})
    assert week.verdict.level == "green"
    assert carry_on(week, pieces[1]) == week
    assert carry_on(week, shaken) == judged([*nights[1:], pieces[0], shaken])


@pytest.mark.slow
@pytest.mark.parametrize(("scenario", "seed"), [("healthy", 21), ("intensified", 22), ("periodic-arm", 23)])
@pytest.mark.parametrize("share", [0.35, 0.6])
def test_a_recording_cut_in_two_makes_no_other_week(scenario: str, seed: int, share: float) -> None:
    """At most the rate can't be told any more, where the hours that are left are too few."""
    start = datetime(2026, 11, 22, 22, 45, tzinfo=ZoneInfo("Europe/Berlin"))
    recorded = replace(sj.simulate_night(7.0, seed, scenario).recording, start=start, marks=sj.Marks())
    at_s = recorded.duration_s * share
    spans = [(0.0, recorded.duration_s), (0.0, at_s), (at_s + 240, recorded.duration_s)]
    one, *two = (line_of(night, str(LAST)) for night in (sj.analyse(cut(recorded, *span)) for span in spans))
    before, after = (
        judged(
            replace(night, night=str(LAST - timedelta(days=back)), input_sha256=f"{back}{night.input_sha256}")
            for night in nights
            for back in range(7)
        )
        for nights in ([one], two)
    )
    assert after.recorded == 7
    assert after.nights[0].valid
    assert after.verdict.level in {before.verdict.level, "grey"}


def cut(recorded: sj.Recording, begin_s: float, end_s: float) -> sj.Recording:
    begin, end = (round(at_s * recorded.rate_hz) for at_s in (begin_s, end_s))
    gaps_s = recorded.gaps_s[(recorded.gaps_s[:, 0] >= begin_s) & (recorded.gaps_s[:, 1] <= end_s)] - begin_s
    return replace(
        recorded,
        acceleration_g=recorded.acceleration_g[:, begin:end].copy(),
        gaps_s=gaps_s,
        start=recorded.wall_clock(begin_s),
        input_sha256=f"{begin}-{end}",
    )
