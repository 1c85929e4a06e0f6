"""Every number has a parent, and a settings file can change only what exists."""

import dataclasses
from pathlib import Path

import pytest

from sleepjerk.errors import InputError
from sleepjerk.rules import SOURCES, Rules, list_thresholds, read_rules


@pytest.mark.parametrize("item", list(list_thresholds()), ids=lambda item: f"{item.group}.{item.name}")
def test_every_threshold_names_a_known_source_or_says_that_it_was_chosen(item) -> None:
    cited = any(name in item.source for name in SOURCES)
    assert cited or item.source.startswith("engineering choice"), item.source
    assert isinstance(item.unit, str)


def test_the_fingerprint_changes_with_any_threshold_and_only_then() -> None:
    rules = Rules()
    assert rules.sha256() == Rules().sha256()
    for group in dataclasses.fields(rules):
        values = getattr(rules, group.name)
        first = dataclasses.fields(values)[0]
        old = getattr(values, first.name)
        new = f"{old}x" if isinstance(old, str) else old + 1
        changed = dataclasses.replace(rules, **{group.name: dataclasses.replace(values, **{first.name: new})})
        # What the weeks are judged by changes no night, and has a fingerprint of its own; where a week is cut into
        # nights stands in each night, and a six-position calibration in the file of its sensor.
        of_weeks = group.name in ("criteria", "weeks")
        of_a_night = group.name not in ("weeks", "cutting", "six_position")
        assert (changed.sha256() != rules.sha256()) is of_a_night
        assert (changed.sensor_sha256() != rules.sensor_sha256()) is (group.name == "six_position")
        assert (changed.weeks_sha256() != rules.weeks_sha256()) is of_weeks


def test_a_settings_file_changes_what_it_names(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[detection]\nmin_peak_g = 0.04\n[classification]\nisolation_s = 12\n")
    rules = read_rules(path)
    assert rules.detection.min_peak_g == 0.04
    assert rules.classification.isolation_s == 12
    assert rules.sleep == Rules().sleep


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[detektion]\nmin_peak_g = 1.0", "no rule group"),
        ("[detection]\nmin_peek_g = 1.0", "no rule 'min_peek_g'"),
        ("[detection]\nmin_peak_g = 'much'", "must be a float"),
        ("[detection]\nmax_pulses_alone = 1.5", "must be a int"),
        ("min_peak_g = 1.0", "no rule group"),
        ("[movement]\nfast_low_hz = nan", "a number from 0 on"),
        ("[movement]\nfast_low_hz = -1", "a number from 0 on"),
        ("[movement]\nfast_low_hz = 30", "must lie below fast_high_hz"),
        ("[detection", "can't read these rules"),
    ],
)
def test_a_wrong_settings_file_is_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=words):
        read_rules(path)


def test_a_settings_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"mine\.toml: can't read"):
        read_rules(tmp_path / "mine.toml")
