"""Twitches that stand alone are what is counted, and every place that shows a count shows that one."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import sleepjerk as sj
from sleepjerk.batch.work import night_row
from sleepjerk.judging.weeks import line_of
from sleepjerk.night.clock import Clock
from sleepjerk.report import morning, render_report
from sleepjerk.report.catalogue import Catalogue, languages
from sleepjerk.report.words import count_rows, plain
from sleepjerk.said import Correction, undo
from tests.support.made_recordings import made_recording
from tests.support.made_signals import jerk, restless, shake, still

ALONE_S, BESIDE_S = (3000.0, 3300.0, 3600.0), (3900.0, 4200.0)


@pytest.fixture(scope="module")
def recording() -> sj.Recording:
    """Three jerks alone, and two with a movement of the arm 5 s after them; none of it near falling asleep."""
    signal = np.concatenate([restless(600), still(6600, seed=8), restless(600, seed=3)], axis=1)
    signal[0] += 0.003 * np.sin(2 * np.pi * 0.25 * np.arange(signal.shape[1]) / 100)  # breathing: it is worn
    for at_s in (*ALONE_S, *BESIDE_S):
        signal += jerk(at_s, 0.2, 7800)
    for at_s in BESIDE_S:
        signal += shake(at_s + 5, 2.0, 0.15, 7800)
    return made_recording(signal.astype(np.float32), 100.0)


@pytest.fixture(scope="module")
def night(recording: sj.Recording) -> sj.Night:
    return sj.analyse(recording)


def twitches_of(events: pd.DataFrame) -> pd.DataFrame:
    return events[events["label"] == "sleep_twitch"]


def test_all_five_are_twitches_and_three_of_them_count(night: sj.Night) -> None:
    found = twitches_of(night.events)
    np.testing.assert_allclose(found["onset_s"], (*ALONE_S, *BESIDE_S), atol=0.5)
    assert found["isolated"].tolist() == [True] * 3 + [False] * 2
    assert (night.counts["sleep_twitch"], night.restless) == (3, 2)


def test_what_a_person_calls_a_twitch_counts_in_a_restless_minute_too_until_it_is_taken_back(
    recording: sj.Recording, night: sj.Night
) -> None:
    onset_s = float(twitches_of(night.events)["onset_s"].iloc[-1])
    said = [Correction(onset_s=onset_s, label="sleep_twitch", detected="sleep_twitch", said_utc="")]
    now = sj.analyse(recording, corrections=said)
    assert (now.counts["sleep_twitch"], now.restless) == (4, 1)
    again = sj.analyse(recording, corrections=undo(said))
    pd.testing.assert_frame_equal(again.events, night.events)
    assert (again.counts, again.restless, again.verdict) == (night.counts, night.restless, night.verdict)


def test_rate_strengths_criteria_week_and_batch_count_the_same_three(night: sj.Night) -> None:
    assert night.sleep.analysed_h is not None
    assert night.per_hour["sleep_twitch"] == pytest.approx(3 / night.sleep.analysed_h, abs=0.001)
    assert sum(night.verdict.strengths["sleep_twitch"].values()) == 3
    by_id = {line.id: line for line in night.verdict.criteria}
    assert by_id["I1"].messages[0].values["total"] == by_id["I2"].messages[0].values["n"] == 3
    assert line_of(night, "2026-11-22").twitches == 3
    row = night_row(night)
    assert (row["sleep_twitch"], row["restless"]) == (3, 2)


@pytest.mark.parametrize("language", languages())
def test_a_series_that_goes_on_beyond_the_end_of_sleep_is_one_number(night: sj.Night, language: str) -> None:
    changed = {"label": "periodic_movement", "series": 1}
    events = [row | changed | {"state": "wake" if row["onset_s"] > 3400 else "sleep"} for row in night.rows]
    made = replace(night, rows=tuple(events), counts={"periodic_movement": len(events)})
    say = Catalogue(language)
    lines = [plain(line) for line in morning.about_night(made, Clock.of(night.recording), say)]
    assert any(plain(say.count("label.periodic_movement", len(events))) in line for line in lines)


@pytest.mark.parametrize("language", languages())
def test_page_and_doctor_s_table_say_three_and_two_more_in_restless_minutes(
    night: sj.Night, language: str
) -> None:
    say = Catalogue(language)
    assert plain(say.count("headline.times", 3)) in plain(morning.headline(night, say))
    lines = [plain(line) for line in morning.about_jerks(night, Clock.of(night.recording), say)]
    assert plain(say.count("jerks.restless", 2)) in lines
    numbers = {plain(row[0]): plain(row[1]) for row in count_rows(night, say)}
    assert numbers[say.text("kinds.sleep_twitch")] == "3"
    assert numbers[say.text("kinds.restless")] == "2"
    page = render_report(night, language)
    for kind, number in (("sleep_twitch", 3), ("sleep_twitch beside", 2)):
        drawn = re.findall(rf'class="mark {kind}" d="([^"]*)"', page)
        assert max(path.count("M") for path in drawn) == number


def test_a_terminal_tells_them_apart(night: sj.Night) -> None:
    assert "3 sleep_twitch" in night.found()
    assert "2 twitches not counted" in night.found()
