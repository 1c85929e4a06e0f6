"""What a sensor can't show is unknown: a null never becomes 0, on no path from the samples to a page."""

import csv
import dataclasses
import html
import io
import json
import re
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import sleepjerk as sj
from sleepjerk.batch.table import write_table
from sleepjerk.batch.work import Outcome, night_row
from sleepjerk.events import Label
from sleepjerk.judging.trend import make_trend
from sleepjerk.judging.weeks import judge_week, line_of, with_week
from sleepjerk.night.document import read_night, to_document, write_night
from sleepjerk.night.quality import measure_quality
from sleepjerk.night.rates import hidden_by, recall_at, uncounted
from sleepjerk.report import render_report
from sleepjerk.report.page import render_trend
from sleepjerk.rules import CriteriaRules, Rules
from tests.support.made_recordings import made_recording
from tests.support.made_signals import jerk, still
from tests.support.made_weeks import LAST, lines
from tests.support.marks import a_few

HOURS_5 = 5 * 3600.0
CRITERIA = CriteriaRules()
TWITCHES = {"hypnic_jerk", "sleep_twitch"}
OF_TWITCHES = ("F1", "F2", "F2-high", "F4", "I1", "I2", "I3", "P2")
# Name -> rate, noise and step of a sensor, and what hides the twitches.
SENSORS = {
    "10 Hz": (10.0, 0.001, 1e-6, "rate"),
    "12.5 Hz": (12.5, 0.001, 1e-6, "rate"),
    "40 mg of noise": (50.0, 0.040, 1e-6, "noise"),
    "steps of 1/8 g": (50.0, 0.002, 0.125, "step"),
}


def breathing(fs: float, noise_g: float) -> NDArray[np.float32]:
    """Five hours of somebody who lies still."""
    samples = still(HOURS_5, fs=fs, noise_g=noise_g)
    samples[0] += 0.02 * np.sin(2 * np.pi * 0.25 * np.arange(samples.shape[1]) / fs).astype(np.float32)
    return samples


@cache
def night(sensor: str) -> sj.Night:
    """Somebody who sleeps five hours and twitches every ten minutes."""
    fs, noise_g, step_g, _ = SENSORS.get(sensor) or (float(sensor.removesuffix(" Hz")), 0.001, 1e-6, "")
    samples = breathing(fs, noise_g)
    every = np.tile(jerk(300.0, 0.3, 600.0, fs=fs, width_s=0.25), 29)
    samples[:, round(300 * fs) : -round(300 * fs)] += every
    recording = made_recording(
        (np.rint(samples / step_g) * step_g).astype(np.float32), fs, step_g=step_g, start=None
    )
    return sj.analyse(recording)


@pytest.mark.parametrize("sensor", SENSORS)
def test_what_a_sensor_cant_show_is_null_in_the_night_and_after_reading_it(
    sensor: str, tmp_path: Path
) -> None:
    found = night(sensor)
    assert found.recording.hidden_by == SENSORS[sensor][3]
    write_night(found, tmp_path / "night.json")
    written = json.loads((tmp_path / "night.json").read_text())
    again = read_night(tmp_path / "night.json")
    assert to_document(again) == to_document(found)
    for label in TWITCHES:
        assert written["counts"][label] is None is again.counts[label]
        assert written["per_hour"][label] is None is again.per_hour[label]
        assert label not in written["per_hour_interval"]
    assert written["verdict"]["strengths"] == {}


@pytest.mark.parametrize("sensor", SENSORS)
def test_nothing_is_judged_on_twitches_that_cant_be_seen_and_the_night_doesnt_count(sensor: str) -> None:
    lines = {line.id: line for line in night(sensor).verdict.criteria}
    for name in OF_TWITCHES:
        assert lines[name].met is None is lines[name].value, name
        assert lines[name].messages
    assert (lines["V5"].met is False) is (SENSORS[sensor][3] == "rate")
    assert (lines["V6"].met is False) is (SENSORS[sensor][3] != "rate")
    kept = line_of(night(sensor), "2026-11-22")
    assert not kept.valid
    assert {kept.jerks, kept.twitches, kept.strong, kept.per_h} == {None}


@pytest.mark.parametrize("sensor", SENSORS)
@pytest.mark.parametrize("language", ["en", "de"])
def test_the_page_says_why_and_shows_no_number_of_twitches(sensor: str, language: str) -> None:
    page = html.unescape(re.sub(r"<[^>]+>", " ", render_report(night(sensor), language)))
    assert {"en": "is unknown", "de": "weiß man nicht"}[language] in page
    assert re.search(
        {"en": "can't be counted", "de": r"lassen sich (nicht|keine \w+) zählen"}[language], page
    )
    assert {"en": "this night does not count", "de": "diese nacht zählt nicht"}[language] in page.lower()
    assert not re.search(r"no (jerks?|twitch|twitches) (was )?found|keine Zuckung gefunden", page)


@pytest.mark.parametrize("sensor", SENSORS)
def test_a_table_of_many_nights_leaves_the_cells_empty(sensor: str, tmp_path: Path) -> None:
    row = night_row(night(sensor))
    outcome = Outcome(name="a", stem="a", fingerprint="", state="done", rows=[row, night_row(night("50 Hz"))])
    write_table([outcome], tmp_path)
    hidden, seen = csv.DictReader(io.StringIO((tmp_path / "batch.csv").read_text()))
    for name in (*TWITCHES, "sleep_twitch_per_h", *OF_TWITCHES):
        assert hidden[name] == "", name
    assert int(float(seen["sleep_twitch"])) >= 15


def test_a_week_and_a_trend_count_no_night_whose_twitches_are_hidden() -> None:
    others = lines(". . . . . . -")
    tonight = line_of(night("12.5 Hz"), str(LAST))
    week = judge_week([*others, tonight], {}, str(LAST))
    assert {line.id: line.value for line in week.verdict.criteria}["W1"] == len(others)
    trend = make_trend([*others, tonight], {})
    assert trend.spread is not None
    assert (trend.spread.nights, trend.spread.low) == (6, 2.0)
    for page in (render_trend(trend), render_report(with_week(night("12.5 Hz"), week))):
        assert "number of twitches unknown" in page
        assert "0 twitches" not in page
    alone = make_trend([dataclasses.replace(tonight, night=str(LAST - timedelta(days=1))), tonight], {})
    assert alone.spread is None
    assert alone.weeks[0].median is None
    assert "number of twitches unknown" in render_trend(alone)


def test_a_picture_of_a_week_draws_no_bar_where_nothing_is_known() -> None:
    pytest.importorskip("matplotlib")
    tonight = line_of(night("12.5 Hz"), str(LAST))
    axes = sj.plot_week(judge_week([*lines(". . . . . . -"), tonight], {}, str(LAST)))
    assert [text.get_text() for text in axes.texts] == ["unknown"]


@pytest.mark.parametrize("rate_hz", a_few([100 / 3, 16.0, 20.0, 25.0], of=4))
def test_a_slow_sensor_that_can_be_counted_says_what_it_shows_of_each_strength(rate_hz: float) -> None:
    found = night(f"{rate_hz} Hz")
    assert found.counts["sleep_twitch"]
    (said,) = [message for message in found.messages if message.key == "warning.slow"]
    shares = recall_at(rate_hz, Rules().visibility)
    assert said.values == {"rate": round(rate_hz, 4)} | {word: 100 * share for word, share in shares.items()}
    limited = {message.key: message.values for message in found.messages}.get("warning.limit_rate")
    assert limited == {"smallest_mg": pytest.approx(25.0)}, "a bed that rings can't be told by its pitch"
    page = render_report(found)
    assert all(f"{100 * shares[word]:.0f} % of th" in page for word in ("weak", "middle", "strong"))


def test_from_50_hz_on_nothing_is_said_of_the_rate() -> None:
    assert not [message for message in night("50 Hz").messages if message.key.startswith("warning.slow")]


def test_check_says_beforehand_that_a_night_is_not_usable() -> None:
    for fs, noise_g, hidden in ((10.0, 0.001, "hidden_rate"), (50.0, 0.04, "hidden_noise")):
        quality = measure_quality(made_recording(breathing(fs, noise_g), fs), Rules())
        assert list(quality.faults(Rules())) == [hidden]


def test_a_night_that_an_older_version_wrote_reads_and_counts_as_it_did(tmp_path: Path) -> None:
    document = to_document(night("50 Hz"))
    del document["recording"]["hidden_by"]
    old = [line for line in document["verdict"]["criteria"] if line["id"] not in ("V5", "V6")]
    document["verdict"]["criteria"] = old
    (tmp_path / "night.json").write_text(json.dumps(document))
    again = read_night(tmp_path / "night.json")
    assert again.counts == night("50 Hz").counts
    assert (
        line_of(again, str(date(2026, 11, 22))).valid is line_of(night("50 Hz"), "2026-11-22").valid is True
    )


@given(st.floats(5, 200), st.floats(0.01, 1), st.floats(1, 3), st.sampled_from(["noise", "step", "bed"]))
def test_a_worse_sensor_never_shows_what_a_better_one_hides(
    rate_hz: float, visible_g: float, worse: float, limit: str
) -> None:
    def unknown(rate_hz: float, visible_g: float) -> frozenset[Label]:
        return uncounted(hidden_by(rate_hz, visible_g, limit, CRITERIA))

    better = unknown(rate_hz, visible_g)
    assert bool(better) <= bool(unknown(rate_hz / worse, visible_g))
    assert bool(better) <= bool(unknown(rate_hz, visible_g * worse))
    assert not better or better >= TWITCHES
