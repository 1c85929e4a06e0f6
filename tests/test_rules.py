"""Every number has a parent and a reader, and a settings file can change only what exists."""

import ast
import dataclasses
import re
import textwrap
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import sleepjerk as sj
from sleepjerk.detection.twitches import corners
from sleepjerk.errors import InputError
from sleepjerk.rules import SOURCES, Rules, list_thresholds, read_rules
from sleepjerk.rules.fingerprint import ROOT, code_sha256, night_modules
from sleepjerk.simulate import simulate_night


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
        # nights stands in each night, a six-position calibration in the file of its sensor, and a review in its own.
        of_weeks = group.name in ("criteria", "weeks")
        of_a_night = group.name not in ("weeks", "cutting", "six_position", "review")
        assert (changed.sha256() != rules.sha256()) is of_a_night
        assert (changed.sensor_sha256() != rules.sensor_sha256()) is (group.name == "six_position")
        assert (changed.weeks_sha256() != rules.weeks_sha256()) is of_weeks


@cache
def modules() -> dict[str, str]:
    """The source of every module of the night side that is none of the rules."""
    package = ROOT / "sleepjerk"
    paths = {path.relative_to(package).as_posix(): path for path in sorted(package.rglob("*.py"))}
    return {name: path.read_text() for name, path in paths.items() if not name.startswith("rules/")}


@cache
def names_read(source: str) -> frozenset[str]:
    """Attributes that a module reads, and words that may name one."""
    nodes = list(ast.walk(ast.parse(source)))
    attributes = {
        node.attr for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
    }
    return frozenset(
        attributes
        | {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    )


@cache
def read_by_those_who_know(group: str) -> frozenset[str]:
    """What is read where a group of rules is known: by the name of its class, or as an attribute of `Rules`."""
    kind = type(getattr(Rules(), group)).__name__
    known = re.compile(rf"\b{kind}\b|rules\.{group}\b")
    return frozenset().union(*(names_read(text) for text in modules().values() if known.search(text)))


def test_every_threshold_is_read_by_a_module_that_knows_its_group() -> None:
    weights = {name for line in corners().values() for name in line.values()}
    unread = [
        f"{item.group}.{item.name}"
        for item in list_thresholds()
        if item.name not in read_by_those_who_know(item.group)
        and not (item.group == "twitch" and item.name in weights)
    ]
    assert unread == []


def test_what_a_night_reads_is_in_its_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    read: set[str] = set()
    for group in ("weeks", "cutting", "six_position", "review"):
        kind = type(getattr(Rules(), group))
        fields = {field.name for field in dataclasses.fields(kind)}

        def listen(rules, name: str, fields=fields, group=group):
            if name in fields:
                read.add(f"{group}.{name}")
            return object.__getattribute__(rules, name)

        monkeypatch.setattr(kind, "__getattribute__", listen)
    rules = Rules()
    assert rules.weeks.chronic_weeks > 0
    assert read == {"weeks.chronic_weeks"}, "the listener is deaf"
    read.clear()
    with monkeypatch.context() as patch:
        patch.setattr(Rules, "sha256", lambda _: "")
        for scenario in ("short", "scratching"):
            sj.analyse(simulate_night(0.5, 1, scenario).recording, rules)
    assert read == set()


# A number is plain where it only counts, halves, converts or rounds; every other number of a module that decides a
# result belongs to the rules, unless its line says why not: `# plain: reason`.
PLAIN = {0, 1, 2, 3, 4, 8, 0.5, 24, 60, 90, 100, 180, 360, 1000, 3600, 86400, 1e-3, 1e-6, 1e6, 1e9}
DECIDES = ("detection/", "judging/", "night/", "reading/", "analysis.py", "artefacts.py")


def science_numbers(source: str) -> Iterator[str]:
    """Lines that hold a number which is not plain: digits to round to, sizes written as 1 << n and powers of ten of
    a guard against division by zero (below 1e-8) are.
    """
    tree, lines = ast.parse(source), source.split("\n")
    plain = {
        id(inner)
        for node in ast.walk(tree)
        if (isinstance(node, ast.BinOp) and isinstance(node.op, ast.LShift))
        or (
            isinstance(node, ast.Call)
            and getattr(node.func, "attr", getattr(node.func, "id", "")) in ("round", "_rounded")
        )
        for child in (node.args[1:] if isinstance(node, ast.Call) else [node])
        for inner in ast.walk(child)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and type(node.value) in (int, float) and id(node) not in plain:
            value, line = node.value, lines[node.lineno - 1]
            if value not in PLAIN and not 0 < value < 1e-8 and "# plain: " not in line:
                yield f"{node.lineno}: {line.strip()}"


def test_no_constant_of_science_stands_outside_the_rules() -> None:
    found = {
        name: numbers
        for name, source in modules().items()
        if name.startswith(DECIDES) and (numbers := list(science_numbers(source)))
    }
    assert found == {}


def test_a_constant_of_science_is_told_from_a_plain_number() -> None:
    planted = "def f(x):\n    y = round(x, 5) + 2 * x / 3600 + (1 << 14)\n    return y > 0.35\n"
    assert list(science_numbers(planted)) == ["3: return y > 0.35"]
    assert list(science_numbers("LIMIT_G = 0.02\n")) == ["1: LIMIT_G = 0.02"]
    assert list(science_numbers("TAPS = 24  # plain: of a filter\nTAPS = 31  # plain: of a filter\n")) == []


def test_the_fingerprint_of_code_changes_with_what_it_does_and_not_with_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sleepjerk.rules.fingerprint.ROOT", tmp_path)
    code = textwrap.dedent(
        '''
        """What it knows."""
        LIMIT = 0.5

        def above(values):
            """Those above."""
            return [value for value in values if value > LIMIT]  # strictly
        '''
    )

    def fingerprint(text: str) -> str:
        path = tmp_path / "module.py"
        path.write_text(text)
        return code_sha256([path])

    said = code.replace("What it knows", "Otherwise").replace("Those above", "x").replace("  # strictly", "")
    assert fingerprint(said.replace("\n\n", "\n\n\n")) == fingerprint(code)
    for old, new in (("0.5", "0.6"), ("> LIMIT", ">= LIMIT"), ("[value for", "[-value for")):
        assert fingerprint(code.replace(old, new)) != fingerprint(code)


def test_the_code_of_a_night_is_all_that_its_modules_import() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in night_modules()}
    assert {"sleepjerk/detection/bands.py", "sleepjerk/spans.py", "sleepjerk/recording.py"} <= names
    assert not any("/report/" in name or "/cli/" in name or "/simulate/" in name for name in names)


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
