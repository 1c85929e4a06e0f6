"""The frozen table of the detector belongs to the thresholds in the repository, and its rows count as they say."""

import re

import numpy as np
import pandas as pd
import pytest

from sleepjerk.analysis import analyse
from sleepjerk.rules.fingerprint import SHIPPED
from sleepjerk.simulate import simulate_night
from tests.benchmarks import fingerprint
from tests.benchmarks.detection import FIRST_SEED, limit
from tests.benchmarks.detection.made_nights import Judged, Task, _judge_twitches, edge_rows, recall_rows
from tests.benchmarks.detection.rows import middle, rate, share, table
from tests.benchmarks.worlds.__main__ import JUDGE_FROM
from tests.benchmarks.worlds.plan import worlds

FROZEN = fingerprint.FROZEN["worlds"].read_text(encoding="utf-8")
RENEW = "run `python -m tests.benchmarks.fingerprint`"


@pytest.mark.parametrize("name", fingerprint.FROZEN)
def test_a_frozen_table_tells_of_these_thresholds_and_of_this_code(name: str) -> None:
    thresholds, code, _ = fingerprint.stamped(fingerprint.FROZEN[name].read_text(encoding="utf-8"))
    assert thresholds == fingerprint.judged_thresholds_sha256(), f"thresholds changed: {RENEW}"
    assert code == fingerprint.judged_code_sha256(), f"code changed: {RENEW}"


def test_the_shipped_fingerprint_is_that_of_this_code() -> None:
    assert SHIPPED.read_text(encoding="utf-8") == fingerprint.renewed(), RENEW


def test_the_frozen_table_tells_each_world_apart_on_nights_that_nothing_was_fitted_on() -> None:
    assert f"Seeds from {JUDGE_FROM} on" in FROZEN
    assert re.search(r"\d{4}-\d\d-\d\d", FROZEN)
    told = re.findall(r"^## World: (\w+) ", FROZEN, flags=re.MULTILINE)
    assert told == list(worlds())
    for part in FROZEN.split("## World: ")[1:]:
        rows = [line for line in part.splitlines() if line.count(" | ") == 3]
        assert any(line.endswith(("| yes |", "| **no** |")) for line in rows), "no goal was judged"


def test_a_share_has_wilson_s_interval_and_meets_its_goal_at_the_bound() -> None:
    assert "95/100 = 0.950 (0.888-0.978)" in share("x", 95, 100, least=0.95).line()
    assert share("x", 95, 100, least=0.95).met is True
    assert share("x", 94, 100, least=0.95).met is False
    assert share("x", 3, 100, most=0.03).met is True
    assert share("x", 0, 0, least=0.95).met is None


def test_a_rate_has_the_exact_poisson_interval() -> None:
    assert "10 in 80 h = 1.00 (0.48-1.84)" in rate("x", 10, 80.0, 1.0).line()
    assert "0 in 80 h = 0.00 (0.00-0.37)" in rate("x", 0, 80.0).line()
    assert rate("x", 11, 80.0, 1.0).met is False


def test_an_error_counts_without_its_sign() -> None:
    row = middle("x", [-0.01, 0.01, -0.01], "ms", 20, 1000)
    assert row.found.startswith("10 ms")
    assert row.met is True
    assert "| **no** |" in table("t", [middle("x", [0.03], "ms", 20, 1000)])


def events_of(*onsets_s: float, label: str = "sleep_twitch") -> pd.DataFrame:
    return pd.DataFrame({"onset_s": onsets_s, "duration_s": 0.3, "label": label})


def truth_of(*peaks_mg: float) -> pd.DataFrame:
    rows = len(peaks_mg)
    return pd.DataFrame(
        {
            "onset_s": 100.0 * np.arange(1, rows + 1),
            "offset_s": 100.0 * np.arange(1, rows + 1) + 0.25,
            "label": "sleep_twitch",
            "kind": "hypnic_jerk",
            "peak_g": np.array(peaks_mg) / 1000,
            "isolated": True,
            "in_sleep": True,
            "accel_truth": True,
        }
    )


def test_recall_counts_each_strength_and_false_ones_are_those_where_nothing_twitched() -> None:
    judged = Judged(Task("healthy", 1), 8.0)
    _judge_twitches(judged, events_of(100.01, 300.02, 555.0), truth_of(45, 50, 300, 25))
    assert judged.recall[40, 60] == (1, 2)
    assert judged.recall[100, 10_000] == judged.recall[60, 10_000] == (1, 1)
    assert judged.recall[20, 30] == (0, 1)
    assert dict(judged.false) == {"nothing": 1}
    assert sorted(judged.onset_errors_s) == pytest.approx([0.01, 0.02])
    assert [row.found.split(" ms")[0] for row in edge_rows([judged])] == ["15", "50"]
    rows = {row.what: row.found for row in recall_rows([judged])}
    assert rows["healthy + restless, 40-60 mg"].startswith("1/2 = 0.500")


def test_a_short_night_with_clear_jerks_is_judged_as_it_is() -> None:
    made = simulate_night(0.8, FIRST_SEED, "short")
    judged = Judged(Task("healthy", FIRST_SEED), 0.8)
    _judge_twitches(judged, analyse(made.recording).events, made.truth)
    asked = int((made.truth["kind"] == "hypnic_jerk").sum())
    assert 0 < sum(number for _, number in judged.recall.values()) <= 2 * asked
    assert judged.false.total() <= 1


@pytest.mark.slow
def test_a_matched_filter_finds_its_own_wave_where_noise_hides_it_from_the_eye(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limit, "NIGHTS", 1)
    wave = limit.jerk_shape(1)
    finder = limit._finder(limit.matched(wave, direction=False), limit.MPU6050)
    assert limit.found_share(finder, wave, 0.012, 5, limit.MPU6050) > 0.9
    assert limit.found_share(finder, wave, 0.001, 5, limit.MPU6050) < 0.1
