"""`sleepjerk rules`: every threshold, for people and for programs."""

import dataclasses
import json
from pathlib import Path

import pytest

from sleepjerk.cli import main
from sleepjerk.judging.claims import CLAIMS
from sleepjerk.rules import Rules, changed_rules, list_thresholds, read_rules


def test_every_threshold_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    items = list(list_thresholds(Rules()))
    assert len(lines) == len(items) + 1
    for line, item in zip(lines[1:], items, strict=True):
        assert line.startswith(f"{item.group}.{item.name} ")
        assert line.endswith(item.source)
    assert "Sources in full" in err


def test_the_columns_are_aligned(capsys: pytest.CaptureFixture[str]) -> None:
    main(["rules"])
    lines = capsys.readouterr().out.splitlines()
    places = [lines[0].index(word) for word in ("VALUE", "UNIT", "SOURCE")]
    for line in lines[1:]:
        assert all(line[place - 1] == " " for place in places)
        assert line[places[2]] != " "


def test_json_holds_values_units_and_full_sources(capsys: pytest.CaptureFixture[str]) -> None:
    main(["rules", "--json"])
    document = json.loads(capsys.readouterr().out)
    assert document["sha256"] == Rules().sha256()
    known = {(row["group"], row["name"]): row for row in document["thresholds"]}
    row = known["criteria", "onset_twitches"]
    assert (row["value"], row["unit"], row["changed"]) == (5, "twitches", False)
    assert "WASM 2016" in document["sources"]


def test_overridden_rules_are_marked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[criteria]\nonset_twitches = 3\n", encoding="utf-8")
    assert main(["rules", "--rules", str(path)]) == 0
    out = capsys.readouterr().out
    (line,) = [line for line in out.splitlines() if "onset_twitches" in line]
    assert line.split()[:5] == ["criteria.onset_twitches", "=", "3", "#", "*"]
    assert f"changed by {path}" in out
    main(["rules", "--rules", str(path), "--json"])
    rows = json.loads(capsys.readouterr().out)["thresholds"]
    assert [row["name"] for row in rows if row["changed"]] == ["onset_twitches"]


@pytest.mark.slow
def test_what_the_verb_prints_is_a_file_of_rules(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Also where every single threshold is another than by default."""
    path = tmp_path / "mine.toml"
    main(["rules"])
    path.write_text(capsys.readouterr().out, encoding="utf-8")
    assert read_rules(path) == Rules()
    others: dict[str, dict[str, object]] = {}
    for item in list_thresholds():
        value = item.value
        other = not value if isinstance(value, bool) else f"{value}x" if isinstance(value, str) else 2 * value
        others.setdefault(item.group, {})[item.name] = other
        assert changed_rules({item.group: {item.name: value}}, "here") == Rules()
    path.write_text(
        "".join(
            f"{group}.{name} = {json.dumps(value)}\n"
            for group, rules in others.items()
            for name, value in rules.items()
        )
    )
    main(["rules", "--rules", str(path)])
    again = tmp_path / "again.toml"
    again.write_text(capsys.readouterr().out, encoding="utf-8")
    assert {
        item.group: dataclasses.asdict(getattr(read_rules(again), item.group)) for item in list_thresholds()
    } == others


def test_unreadable_rules_are_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--rules", str(tmp_path / "none.toml")]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "none.toml" in err
    assert len(err.splitlines()) == 1


def test_the_claims_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--claims"]) == 0
    out = capsys.readouterr().out
    assert [line.split()[0] for line in out.splitlines() if line.startswith("A")] == list(CLAIMS)
    main(["rules", "--claims", "--json"])
    assert [row["id"] for row in json.loads(capsys.readouterr().out)] == list(CLAIMS)
