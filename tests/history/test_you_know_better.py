"""What a person knows better than the program: when they slept, when they were up, what was missed; and taking it back.

The truth of a made night, said as corrections, must give the truth's counts and verdict; the truth is counted here, on
a time line in steps of 0.1 s.
"""

import itertools
import json
import os
import shutil
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sleepjerk as sj
from sleepjerk import analyse
from sleepjerk.cli import main
from sleepjerk.correcting import Word, corrected
from sleepjerk.detection.corrections import said_times, settle
from sleepjerk.errors import InputError
from sleepjerk.events import ASLEEP, TWITCHES
from sleepjerk.history.corrections import read_corrections, write_corrections
from sleepjerk.moments import Covered, mark_s
from sleepjerk.night.document import night_text, read_night
from sleepjerk.night.model import Night
from sleepjerk.report import render_report
from sleepjerk.rules import changed_rules
from sleepjerk.said import SPANS, Correction, Kind, merged, standing, taken_back, undo
from sleepjerk.spans import inside
from tests.support.marks import a_few, examples
from tests.support.slept import lay_night

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data" / "short_night.csv.gz"
BODY = ["body_movement", "posture_change"]
# A night of two hours counts, so that "not met" can be said of it.
RULES = changed_rules({"criteria": {"valid_h": 0.5, "min_rate_h": 0.5}}, "rules")


@cache
def recording() -> sj.Recording:
    return sj.read_recording(SAMPLE)


@cache
def night() -> Night:
    return analyse(recording(), RULES)


def word(
    kind: Kind, onset_s: float, label: str = "", end_s: float | None = None, said: int = 0, detected: str = ""
) -> Correction:
    label = label or SPANS[kind]
    return Correction(
        kind=kind, onset_s=onset_s, end_s=end_s, label=label, detected=detected, said_utc=f"{said:04}"
    )


def event(row: int, label: str, said: int = 0) -> Correction:
    found = night().events.iloc[row]
    return word(Kind.EVENT, float(found["onset_s"]), label, said=said, detected=str(found["label"]))


# On plain lists.

TIMES = st.integers(0, 60).map(lambda minutes: 60.0 * minutes)
WORDS = st.one_of(
    st.builds(
        lambda t, label: word(Kind.EVENT, t, label, detected="unclassified"), TIMES, st.sampled_from(BODY)
    ),
    st.builds(lambda t, label: word(Kind.ADDED, t, label), TIMES, st.sampled_from(BODY)),
    st.builds(
        lambda kind, t, long: word(kind, t, end_s=t + 60.0 * long),
        st.sampled_from([*SPANS]),
        TIMES,
        st.integers(1, 9),
    ),
)


def in_turn(words: list[Correction]) -> list[Correction]:
    return [
        word(one.kind, one.onset_s, one.label, one.end_s, turn, one.detected)
        for turn, one in enumerate(words)
    ]


@given(st.lists(WORDS, max_size=8), st.integers(0, 8))
def test_undo_as_often_as_something_was_said_leaves_nothing(words: list[Correction], times: int) -> None:
    """A word that took the place of another brings that back when it goes."""
    left, kept = in_turn(words), in_turn(words)
    for _ in range(times):
        left = undo(left)
        if standing(kept):
            last = max(standing(kept), key=lambda one: one.said_utc)
            kept.remove(last)
    assert standing(left) == standing(kept)
    assert standing(merged([*in_turn(words), *left])) == standing(left)


@given(st.lists(WORDS, min_size=1, max_size=6), st.data())
def test_what_is_taken_back_by_name_is_gone_and_all_else_stays(
    words: list[Correction], data: st.DataObject
) -> None:
    said = in_turn(words)
    gone = data.draw(st.sampled_from(standing(said)))
    assert standing(taken_back(said, gone)) == [one for one in standing(said) if not one.same(gone)]


@given(st.lists(WORDS, max_size=6, unique_by=lambda one: (one.kind, one.onset_s)), st.randoms())
def test_the_order_of_words_on_different_things_does_not_matter(words: list[Correction], dice) -> None:  # type: ignore[no-untyped-def]
    words = [one for place, one in enumerate(words) if not any(one.same(other) for other in words[:place])]
    other = dice.sample(words, len(words))
    there, back = standing(in_turn(words)), standing(in_turn(other))
    assert [(one.kind, one.onset_s, one.label) for one in there] == [
        (one.kind, one.onset_s, one.label) for one in back
    ]
    np.testing.assert_array_equal(said_times(there).awake_s, said_times(back).awake_s)


@settings(max_examples=examples(60), deadline=None)
@given(
    st.lists(st.integers(0, 99), max_size=10, unique=True), st.lists(st.booleans(), min_size=5, max_size=5)
)
def test_of_a_moment_the_last_word_holds_and_undo_gives_the_word_before(
    edges: list[int], slept: list[bool]
) -> None:
    moments = np.arange(100) + 0.5
    state, said = np.zeros(100, dtype=int), list[Correction]()  # 1 awake, 2 asleep
    for turn, (edge, other) in enumerate(zip(edges[::2], edges[1::2], strict=False)):
        times = ((str(min(edge, other)), str(max(edge, other))),)
        typed = (
            Word(slept=times, said_utc=f"{turn}")
            if slept[turn]
            else Word(not_sleep=times, said_utc=f"{turn}")
        )
        before, said = said, corrected(typed, night(), Covered(None, 100.0, None), said)
        assert standing(undo(said)) == standing(before)
        state[min(edge, other) : max(edge, other)] = 1 + slept[turn]
        times_s = said_times(said)
        np.testing.assert_array_equal(inside(moments, times_s.awake_s), state == 1)
        np.testing.assert_array_equal(inside(moments, times_s.asleep_s), state == 2)


def test_a_movement_that_was_seen_is_the_one_that_was_detected_then() -> None:
    onset_s = np.array([10.0, 20.0, 30.0])
    said = [word(Kind.ADDED, 20.9, "sleep_twitch"), word(Kind.ADDED, 31.1, "sleep_twitch", 31.3)]
    settled, missed = settle(onset_s, said)
    assert [(one.kind, one.onset_s) for one in settled] == [(Kind.EVENT, 20.0), (Kind.EVENT, 31.1)]
    np.testing.assert_array_equal(missed, [[31.1, 31.3]])
    # Somebody named that one already: this is another.
    named = word(Kind.EVENT, 20.0, "body_movement", detected="unclassified")
    assert len(settle(onset_s, [*said, named])[1]) == 2


# In the story.

SLOTS = [
    [word(Kind.SLEEP, 900.0, end_s=6900.0)],
    [word(Kind.AWAKE, 3000.0, end_s=3300.0)],
    [word(Kind.AWAKE, 200.0, end_s=1100.0)],
    [word(Kind.ASLEEP, 4000.0, end_s=4300.0)],
    [word(Kind.ADDED, 4501.5, "sleep_twitch")],
    [word(Kind.ADDED, 5001.5, "body_movement", 5003.5)],
    [word(Kind.ADDED, 6001.5, "rhythmic_movement"), word(Kind.ADDED, 6050.5, "limb_movement")],
]


@settings(max_examples=8, deadline=None)
@given(st.lists(st.sampled_from(range(len(SLOTS))), min_size=2, max_size=4, unique=True), st.integers(0, 50))
@pytest.mark.slow
def test_undo_is_identity_and_the_order_does_not_matter(slots: list[int], row: int) -> None:
    words = [
        *itertools.chain(*(SLOTS[slot] for slot in slots)),
        event(row % len(night().events), "unclassified"),
    ]
    there, back = (
        night_text(analyse(recording(), RULES, corrections=in_turn(said))) for said in (words, words[::-1])
    )
    assert there == back
    left = in_turn(words)
    for _ in words:
        left = undo(left)
    assert night_text(analyse(recording(), RULES, corrections=left)) == night_text(night())


def test_sleep_as_a_person_said_it_has_no_range_and_everything_goes_by_it() -> None:
    after = analyse(recording(), RULES, corrections=SLOTS[0])
    sleep = after.sleep
    assert (sleep.onset_s, sleep.end_s, sleep.onset_range_s, sleep.end_range_s) == (900.0, 6900.0, None, None)
    assert sleep.said is not None
    assert sleep.said.sleep_s == (900.0, 6900.0)
    assert sleep.analysed_h is not None
    awake_s = sleep.wake_s or 0.0
    assert sleep.analysed_h == pytest.approx((6000 - awake_s - recording().missing_s) / 3600, abs=1e-3)
    outside = ~after.events["onset_s"].between(900, 6900)
    assert not after.events.loc[outside, "label"].isin(["sleep_twitch"]).any()
    page = render_report(after)
    assert "You said you slept from" in page
    assert "Nach Ihren Angaben schliefen Sie von" in render_report(after, "de")


@pytest.mark.parametrize("begin_s", a_few([900.0, 0.0, 1400.0, 3000.0, 5000.0, 6700.0], of=6))
def test_nothing_in_a_time_that_was_said_to_be_awake_counts_as_sleep(begin_s: float) -> None:
    inside = night().events["onset_s"].between(begin_s, begin_s + 600)
    twitch = [event(int(row), "sleep_twitch") for row in np.flatnonzero(inside)[:1]]
    after = analyse(recording(), RULES, corrections=[word(Kind.AWAKE, begin_s, end_s=begin_s + 600), *twitch])
    events = after.events[after.events["onset_s"].between(begin_s, begin_s + 600)]
    assert not events["state"].isin(ASLEEP).any()
    assert not events["label"].isin(TWITCHES).any()
    assert not any(
        state in ASLEEP and start < begin_s + 595 and end > begin_s + 5
        for start, end, state in after.timeline.states
    )
    before, sleep = night().sleep, after.sleep
    assert before.onset_s is not None
    assert before.end_s is not None
    assert before.analysed_h is not None
    hidden = [span for span in recording().gaps_s if begin_s <= span[0] <= begin_s + 600]
    lost_s = min(begin_s + 600, before.end_s) - max(begin_s, before.onset_s)
    lost_s = max(lost_s, 0.0) - sum(float(end - start) for start, end in hidden)
    assert sleep.analysed_h == pytest.approx(before.analysed_h - max(lost_s, 0.0) / 3600, abs=2e-3)


def test_who_was_awake_all_the_time_did_not_sleep() -> None:
    after = analyse(recording(), RULES, corrections=[word(Kind.AWAKE, 0.0, end_s=recording().duration_s)])
    assert after.sleep.onset_s is None
    assert after.verdict.level == "grey"
    assert "You said you were awake the whole time." in render_report(after)
    assert not any("stillness" in warning for warning in after.warnings)
    assert after.counts["sleep_twitch"] == after.counts["hypnic_jerk"] == 0


def test_what_was_missed_has_a_label_and_nothing_else() -> None:
    after = analyse(recording(), RULES, corrections=SLOTS[4])
    (row,) = np.flatnonzero(after.events["onset_s"] == 4501.5)
    added = after.events.iloc[row]
    assert (added["label"], added["detected"], bool(added["isolated"])) == ("sleep_twitch", "missed", True)
    assert added[["duration_s", "peak_g", "tilt_deg", "centroid_hz", "confidence"]].isna().all()
    assert after.counts["sleep_twitch"] == (night().counts["sleep_twitch"] or 0) + 1
    assert sum(after.verdict.strengths["sleep_twitch"].values()) == night().counts["sleep_twitch"]
    others = after.events.drop(index=row).reset_index(drop=True)
    pd.testing.assert_frame_equal(others, night().events)
    page = render_report(after)
    assert "seen by a person" in page
    assert "nan" not in page


def test_strengths_that_nobody_knows_leave_open_what_hangs_on_them() -> None:
    three = [word(Kind.ADDED, 4501.5 + 60 * place, "sleep_twitch") for place in range(3)]
    lines = {line.id: line.met for line in analyse(recording(), RULES, corrections=three).verdict.criteria}
    strong = sum(count["strong"] for count in night().verdict.strengths.values())
    assert strong == 0
    assert lines["I1"] is None
    assert {line.id: line.met for line in night().verdict.criteria}["I1"] is False


# The truth.


def truth_said(found: Night, truth: pd.DataFrame, about: dict[str, object]) -> list[Correction]:
    """The truth of a made night as a person would say it who knew all of it."""
    sleep_s, wake_s = (float(about["sleep_onset_s"]), float(about["sleep_end_s"])), about["wake_s"]  # type: ignore[arg-type]
    edges = [sleep_s[0], *itertools.chain(*wake_s), sleep_s[1]]  # type: ignore[call-overload]
    said = [word(Kind.SLEEP, sleep_s[0], end_s=sleep_s[1])]
    said += [word(Kind.AWAKE, begin, end_s=end) for begin, end in wake_s]  # type: ignore[attr-defined]
    said += [word(Kind.ASLEEP, begin, end_s=end) for begin, end in zip(edges[::2], edges[1::2], strict=True)]
    named: dict[int, str] = dict.fromkeys(range(len(found.events)), "unclassified")
    for true in truth.itertuples():
        apart = (found.events["onset_s"] - true.onset_s).abs()
        row = int(apart.argmin())
        if apart[row] <= 0.5 and named[row] == "unclassified":
            named[row] = str(true.label)
        else:
            said.append(word(Kind.ADDED, float(true.onset_s), str(true.label), float(true.offset_s)))
    rows = found.events
    said += [
        word(Kind.EVENT, float(rows["onset_s"][row]), label, detected=str(rows["label"][row]))
        for row, label in named.items()
    ]
    return said


def check_truth(
    recorded: sj.Recording, truth: pd.DataFrame, about: dict[str, object], rules: sj.Rules
) -> None:
    truth = truth[truth["label"] != "unclassified"]
    found = analyse(recorded, rules)
    after = analyse(recorded, rules, corrections=truth_said(found, truth, about))
    for label in ("hypnic_jerk", "sleep_twitch", "limb_movement", *BODY):
        assert after.counts[label] == (truth["label"] == label).sum(), label
    time_s = np.arange(0, recorded.duration_s, 0.1)
    asleep = (time_s >= about["sleep_onset_s"]) & (time_s < about["sleep_end_s"])  # type: ignore[operator]
    for begin, end in (*about["wake_s"], *recorded.gaps_s):  # type: ignore[misc]
        asleep[(time_s >= begin) & (time_s < end)] = False
    assert after.sleep.analysed_h == pytest.approx(asleep.sum() / 36_000, abs=1e-3)
    quiet = asleep.copy()
    big = after.events[after.events["label"].isin(BODY)]
    for begin, lasting in zip(big["onset_s"], big["duration_s"].fillna(0.0), strict=True):
        quiet[(time_s >= begin - 30) & (time_s <= begin + lasting + 30)] = False
    twitches = truth.loc[truth["label"].isin(TWITCHES), "onset_s"]
    counted = sum(bool(quiet[int(moment / 0.1)]) for moment in twitches)
    lines = {line.id: line for line in after.verdict.criteria}
    assert lines["F2"].value == pytest.approx(counted / (quiet.sum() / 36_000), rel=0.02)
    assert lines["F2"].met is (lines["F2"].value >= 5 and (lines["F2"].low or 0) > 2)
    onset_s = float(about["sleep_onset_s"])  # type: ignore[arg-type]
    near = int(twitches.between(onset_s - 600, onset_s + 300).sum())
    assert (lines["F1"].value, lines["F1"].met) == (near, near >= 3)
    known = after.events.loc[after.events["label"].isin(TWITCHES), "peak_g"]
    strong, unknown = int((known >= rules.criteria.strong_g).sum()), int(known.isna().sum())
    assert lines["I1"].value == strong
    assert lines["I1"].met is (True if strong >= 3 else None if strong + unknown >= 3 else False)


def test_the_truth_of_a_made_night_gives_the_truths_counts_and_verdict() -> None:
    truth = pd.read_csv(SAMPLE.with_name("short_night.truth.csv"))
    check_truth(recording(), truth, json.loads(SAMPLE.with_name("short_night.truth.json").read_text()), RULES)


@pytest.mark.slow
@pytest.mark.parametrize(("scenario", "seed"), [("healthy", 11), ("intensified", 12), ("restless", 13)])
def test_the_truth_of_a_whole_made_night_gives_the_truths_verdict(scenario: str, seed: int) -> None:
    made = sj.simulate_night(5.0, seed, scenario)
    assert made.sleep_s is not None
    about = {"sleep_onset_s": made.sleep_s[0], "sleep_end_s": made.sleep_s[1], "wake_s": made.wake_s}
    check_truth(made.recording, made.truth, about, RULES)


# The file and the command.


@pytest.mark.parametrize(
    ("start", "text", "hours"),
    [
        ("2026-10-24T23:00+02:00", "06:40", 8 + 2 / 3),  # the clocks go back: this night is an hour longer
        ("2026-03-28T23:00+01:00", "6:40", 6 + 2 / 3),
        ("2026-11-22T23:00+01:00", "22:10", 0.0),
        ("2026-11-22T23:00+01:00", "21:00", 22.0),
    ],
)
def test_a_clock_time_is_the_first_one_after_the_start(start: str, text: str, hours: float) -> None:
    begin = datetime.fromisoformat(start).astimezone(ZoneInfo("Europe/Berlin"))
    long = sj.Recording(acceleration_g=np.zeros((3, 24), dtype=np.float32), rate_hz=1 / 3600, start=begin)
    assert mark_s(text, long.covered, "--sleep") == pytest.approx(3600 * hours)


@pytest.mark.parametrize("begin", [None, datetime.fromisoformat("2026-11-22T23:00+01:00")])
@pytest.mark.parametrize(
    ("text", "seconds"), [("+0:21", 1260.0), ("+1:02 h", 3720.0), ("+0:30:05", 1805.0), ("+0:00", 0.0)]
)
def test_hours_and_minutes_since_the_start_need_no_clock(
    begin: datetime | None, text: str, seconds: float
) -> None:
    assert mark_s(text, Covered(begin, 7200.0, None), "--sleep") == seconds


@pytest.mark.parametrize("text", ["+2:01", "+0:60", "+0:5", "0:21", "+0:21:60", "+-1:00"])
def test_what_is_no_time_since_the_start_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        mark_s(text, Covered(None, 7200.0, None), "--sleep")


def test_old_files_are_read_and_what_a_newer_version_wrote_survives(tmp_path: Path) -> None:
    path = tmp_path / "a.corrections.json"
    old = {"onset_s": 1.0, "label": "unclassified", "detected": "sleep_twitch", "said_utc": "1", "note": "x"}
    path.write_text(json.dumps({"schema": 1, "input_sha256": "ab", "corrections": [old], "dreams": [7]}))
    (read,) = read_corrections(path, "ab")
    assert (read.kind, read.note) == (Kind.EVENT, "x")
    every = [read, *itertools.chain(*SLOTS)]
    write_corrections(path, "ab", every)
    assert sorted(read_corrections(path, "ab"), key=str) == sorted(every, key=str)
    kept = json.loads(path.read_text())
    assert kept["dreams"] == [7]
    assert kept["corrections"] == [old]  # an older version reads what it knows, and keeps the others


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("known")
    os.environ["SLEEPJERK_HOME"] = str(folder / "home")
    assert main(["report", str(lay_night(folder, "night"))]) == 0
    return folder


@pytest.fixture
def mine(results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(results, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("SLEEPJERK_HOME", str(tmp_path / "home"))
    return tmp_path / "night.csv.gz"


def kept(path: Path) -> bytes:
    return path.with_name("night.night.json").read_bytes()


@pytest.mark.slow
def test_a_person_says_it_all_and_takes_all_of_it_back(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begin = read_night(mine.with_name("night.night.json")).recording.start
    assert begin is not None
    before = kept(mine)
    said = [
        ["--sleep", "22:50", "00:25"],
        ["--not-sleep", "23:20-23:30", "--not-sleep", "00:00", "00:04"],
        ["--add", "23:45:10", "--label", "sleep_twitch", "--note", "seen by my wife"],
        ["--event", "3", "--label", "unclassified"],
    ]
    documents = [before]
    for words in said:
        assert main(["correct", str(mine), *words]) == 0, words
        documents.append(kept(mine))
    assert len(set(documents)) == 5
    assert main(["analyse", str(mine)]) == 0
    assert kept(mine) == documents[-1]
    assert "row 41, nothing was detected there" in capsys.readouterr().out
    truth = SAMPLE.with_name("short_night.truth.csv")
    assert main(["evaluate", str(mine.with_name("night.events.csv")), str(truth)]) == 0
    capsys.readouterr()
    assert main(["correct", str(mine), "--list"]) == 0
    shown = capsys.readouterr().out
    for piece in (
        "sleep",
        "not sleep",
        "added -> sleep_twitch",
        "23:45:10",
        "'seen by my wife'",
        "-> unclassified",
    ):
        assert piece in shown
    assert main(["report", str(mine)]) == 0
    assert "You said you " in mine.with_name("night.report.html").read_text()
    for document in documents[-2::-1]:
        assert main(["correct", str(mine), "--undo"]) == 0
        assert kept(mine) == document
    assert main(["correct", str(mine), "--undo"]) == 2
    assert "nothing to take back" in capsys.readouterr().err


@pytest.mark.slow
def test_each_is_taken_back_by_its_name(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = kept(mine)
    words = ["--sleep", "22:50", "00:25", "--not-sleep", "23:20", "23:30", "--slept", "23:40", "23:50"]
    assert main(["correct", str(mine), *words, "--add", "23:45:10", "--label", "sleep_twitch"]) == 0
    row = int(np.flatnonzero(read_night(mine.with_name("night.night.json")).events["detected"] != "")[0])
    assert main(["correct", str(mine), "--event", str(row), "--label", "limb_movement"]) == 0
    names = (["--sleep"], ["--not-sleep", "23:25"], ["--slept", "23:40"], ["--add", "23:45:10"])
    for name in names:
        assert main(["correct", str(mine), "--undo", *name]) == 0, name
        assert main(["correct", str(mine), "--undo", *name]) == 2
        assert "was not corrected" in capsys.readouterr().err
    assert kept(mine) == before


@pytest.mark.parametrize(
    ("words", "sentence"),
    a_few(
        [
            (["--sleep", "22:50"], "give two times"),
            (["--sleep", "00:25", "21:00"], "outside the recording"),
            (["--sleep", "23:50", "23:40"], "give two times, the second after the first"),
            (["--not-sleep", "23:20", "soon"], "expected a time such as"),
            (["--not-sleep", "23.20", "23.30"], "write a clock time with a colon"),
            (["--sleep", "600", "99999"], "outside the recording"),
            (["--add", "20:00", "--label", "sleep_twitch"], "outside the recording"),
            (["--add", "23:45"], "say which event and what it was"),
            (["--add", "23:45", "--label", "cramp"], "the labels are"),
            (["--add", "23:45", "--label", "sleep_twitch", "--duration", "-1"], "--duration -1"),
            (["--undo", "--not-sleep", "23:20"], "was not corrected"),
            (["--undo", "--sleep", "--label", "sleep_twitch"], "say which event"),
            (["--undo"], "nothing to take back"),
        ],
        of=3,
        several=True,
    ),
)
def test_what_cannot_be_said_is_one_sentence(
    mine: Path, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    before = kept(mine)
    assert main(["correct", str(mine), *words]) == 2
    assert sentence in capsys.readouterr().err.splitlines()[-1]
    assert kept(mine) == before


@pytest.mark.slow
def test_without_a_start_seconds_say_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(SAMPLE, tmp_path / "a.csv.gz")
    path = str(tmp_path / "a.csv.gz")
    assert main(["analyse", path]) == 0
    assert main(["correct", path, "--sleep", "23:00", "23:50"]) == 2
    assert "give seconds" in capsys.readouterr().err
    assert main(["correct", path, "--sleep", "0s", "6900s"]) == 0  # 0 is a time, and kept as one
    assert main(["correct", path, "--sleep", "+0:15-+1:55"]) == 0
    assert read_night(tmp_path / "a.night.json").sleep.onset_s == 900.0


@pytest.mark.parametrize(
    "words",
    a_few([["--sleep", "22:50", "00:25"], ["--add", "23:45:10", "--label", "sleep_twitch"]], of=2),
)
def test_a_page_from_results_that_are_older_than_what_was_said_is_refused(
    mine: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    document = mine.with_name("night.night.json")
    old = document.read_bytes()
    assert main(["correct", str(mine), *words]) == 0
    assert main(["report", str(document)]) == 0
    document.write_bytes(old)
    assert main(["report", str(document)]) == 2
    assert "corrected since" in capsys.readouterr().err
