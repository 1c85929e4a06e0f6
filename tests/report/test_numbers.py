"""Every number of a page, counted again from `events.csv` and `night.json` alone, by code that shares nothing with it.

Twelve made nights of several kinds, lengths and languages, two of them those in which the clocks change.
"""

import csv
import html
import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import exp
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sleepjerk.report.catalogue import Catalogue
from tests.support.in_process import sleepjerk

# scenario, seed, hours, first sample, zone, language
NIGHTS = [
    ("intensified", 4101, 2.5, "2026-10-25T00:40", "Europe/Berlin", "de"),  # two hours called 02
    ("healthy", 4102, 4.0, "2026-03-29T00:20", "Europe/Berlin", "en"),  # none
    ("periodic-arm", 4103, 4.0, "2026-11-22T23:05", "Europe/London", "en"),
    ("restless", 4104, 3.0, "2026-11-22T22:31:07", "America/New_York", "de"),
    ("apnoea", 4105, 3.0, "2026-11-01T00:10", "America/New_York", "en"),  # two hours called 01
    ("partner", 4106, 3.0, "2026-11-22T23:59:59", "Asia/Kolkata", "de"),
    ("scratching", 4107, 3.0, "2026-04-05T00:30", "Australia/Lord_Howe", "en"),  # half an hour twice
    ("faint", 4108, 3.0, "2026-11-22T21:00", "UTC", "en"),
    ("everything", 4109, 5.0, "2025-12-31T22:00", "Europe/Berlin", "de"),
    ("awake", 4110, 2.0, "2026-11-22T22:00", "Europe/Berlin", "en"),
    ("bad-sensor", 4111, 3.0, "2026-11-22T22:00", "Europe/Berlin", "de"),
    ("intensified", 4112, 5.0, "2026-11-22T22:00", "Europe/Berlin", "en"),
]
TWITCHES = ("hypnic_jerk", "sleep_twitch")
MARKED = r"<data value=\"([^\"]*)\">"


class Made:
    """A page and what lies beside it."""

    def __init__(self, folder: Path, night: tuple[str, int, float, str, str, str]) -> None:
        scenario, seed, hours, start, self.zone, self.language = night
        path = folder / "n.csv"
        made = sleepjerk("simulate", "--scenario", scenario, "--seed", seed, "--hours", hours, "--out", path)
        assert made.returncode == 0, made.stderr
        path.with_suffix(".json").unlink()
        said = ("--no-diary", "--start", start, "--zone", self.zone, "--language", self.language)
        told = sleepjerk("report", path, *said)
        assert told.returncode == 0, told.stderr
        self.night: dict[str, Any] = json.loads((folder / "n.night.json").read_text(encoding="utf-8"))
        self.sleep = self.night["sleep"]
        with (folder / "n.events.csv").open(encoding="utf-8", newline="") as file:
            self.events = [self._typed(row) for row in csv.DictReader(file)]
        self.page = (folder / "n.report.html").read_text(encoding="utf-8").partition("<main>")[2]
        self.head = (folder / "n.report.html").read_text(encoding="utf-8").partition("<main>")[0]
        self.say = Catalogue(self.language)
        first = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo(self.zone))
        assert datetime.fromisoformat(self.night["recording"]["start"]) == first
        self.first = first.astimezone(UTC)

    @staticmethod
    def _typed(row: dict[str, str]) -> dict[str, Any]:
        numbers = {
            name: float(row[name] or "nan") for name in ("onset_s", "duration_s", "peak_g", "tilt_deg")
        }
        return row | numbers | {"isolated": row["isolated"] == "True"}

    def counted(self, label: str, events: Iterable[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
        """What is called so, of twitches those that stand alone."""
        every = self.events if events is None else events
        return [row for row in every if row["label"] == label and (row["isolated"] or label not in TWITCHES)]

    def asleep(self) -> list[dict[str, Any]]:
        onset, end = self.sleep["onset_s"], self.sleep["end_s"]
        return [
            row
            for row in self.events
            if row["series"] or (row["state"] in ("onset", "sleep") and onset <= row["onset_s"] < end)
        ]

    def quiet(self) -> list[dict[str, Any]]:
        """Twitches that stand alone, after falling asleep and 30 s away from what moves the body."""
        moved = [row for row in self.events if row["label"] in ("body_movement", "posture_change")]
        return [
            row
            for label in TWITCHES
            for row in self.counted(label)
            if row["state"] in ("onset", "sleep")
            and self.sleep["onset_range_s"][1] <= row["onset_s"] <= self.sleep["end_s"]
            and not any(
                other["onset_s"] - 30 <= row["onset_s"] <= other["onset_s"] + other["duration_s"] + 30
                for other in moved
            )
        ]

    def clock(self, time_s: float) -> datetime:
        return (self.first + timedelta(seconds=time_s)).astimezone(ZoneInfo(self.zone))

    def table(self, place: str, which: int = 0) -> list[list[str]]:
        """The cells of a table behind an id, without its heading."""
        behind = self.page[self.page.rfind("<", 0, self.page.index(f'id="{place}"')) :]
        found = re.findall(r"<table.*?</table>", behind, re.DOTALL)[which]
        body = found.partition("<tbody>")[2]
        rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
        return [
            [words(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in rows
        ]

    def label(self, title: str) -> str | None:
        """The label that a row of a table is about."""
        names = {self.say.text(f"kinds.{label}"): label for label in self.night["counts"]}
        return names.get(title)


def words(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", text)).split())


def numbers(text: str) -> list[float]:
    return [float(found.replace(",", ".")) for found in re.findall(r"\d+(?:[.,]\d+)?", text)]


def interval(count: int) -> tuple[float, float]:
    """The exact 95 % interval of a Poisson mean, by halving."""

    def mean_where(tail: float, most: int) -> float:
        low, high = 0.0, 3.0 * count + 20
        for _ in range(60):
            mean = (low + high) / 2
            term, below = exp(-mean), 0.0
            for k in range(most + 1):
                below, term = below + term, term * mean / (k + 1)
            low, high = (mean, high) if below > tail else (low, mean)
        return low

    return (0.0 if count == 0 else mean_where(0.975, count - 1)), mean_where(0.025, count)


def lasts(text: str, true_s: float) -> bool:
    """Is a time shown, in s, min or h, the true one to its last digit?"""
    found = re.search(r"(\d+)(?:[.,](\d+))?\s*(h|min|s)\b", text)
    assert found is not None, text
    unit_s, digits = {"h": 3600, "min": 60, "s": 1}[found[3]], found[2] or ""
    return near(float(f"{found[1]}.{digits or 0}") * unit_s, true_s, unit_s * 0.1 ** len(digits))


def near(shown: float, true: float, step: float) -> bool:
    """Is a number shown the true one, rounded to a step? `events.csv` itself is rounded, too."""
    return abs(shown - true) <= step / 2 * 1.12 + 1e-9


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(night, id=f"{night[0]}-{night[3]}", marks=[pytest.mark.slow] * (place > 0))
        for place, night in enumerate(NIGHTS)
    ],
)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(tmp_path_factory.mktemp("made"), request.param)


def test_the_headline_counts_what_stands_alone(made: Made) -> None:
    if made.sleep["onset_s"] is None or made.night["recording"]["hidden_by"]:
        pytest.skip("no number is told")
    jerks, twitches = (len(made.counted(label)) for label in TWITCHES)
    headline = re.search(r"<h1>(.*?)</h1>", made.head, re.DOTALL)
    assert headline is not None
    shown = [float(value) for value in re.findall(MARKED, headline[1])]
    assert set(shown) <= {jerks + twitches, jerks, twitches}
    assert shown[:1] in ([], [jerks + twitches], [jerks], [twitches])


def test_the_table_of_counts_is_that_of_the_events(made: Made) -> None:
    analysed_h, seen = made.sleep["analysed_h"], set()
    hidden = made.night["recording"]["hidden_by"]
    for title, whole, asleep, rate, ends in made.table("numbers"):
        label = made.label(title)
        if label is None:  # twitches in quiet sleep, or in restless minutes
            continue
        seen.add(label)
        if hidden and not numbers(whole):
            continue
        assert numbers(whole) == [len(made.counted(label))], title
        if analysed_h is None:
            assert numbers(asleep + rate + ends) == []
            continue
        count = len(made.counted(label, made.asleep()))
        if label == "hypnic_jerk":
            continue  # around falling asleep, not in the sleep period
        assert numbers(asleep) == [count], title
        if label not in TWITCHES:
            assert near(numbers(rate)[0], count / analysed_h, 0.1), title
            assert all(
                near(end, true / analysed_h, 0.1)
                for end, true in zip(numbers(ends), interval(count), strict=True)
            )
    assert {row["label"] for row in made.events if row["isolated"] or row["label"] not in TWITCHES} <= seen


def test_the_rate_in_quiet_sleep_is_counted_over_its_own_hours(made: Made) -> None:
    rows = [row for row in made.table("numbers") if made.label(row[0]) is None and numbers(row[0])]
    if made.sleep["onset_s"] is None or made.night["recording"]["hidden_by"] or not made.sleep["quiet_h"]:
        return
    hours, count = made.sleep["quiet_h"], len(made.quiet())
    (row,) = [row for row in rows if numbers(row[3]) and lasts(row[0], 3600 * hours)] or [None]
    if row is None:
        assert count == 0
        return
    assert numbers(row[2]) == [count]
    assert near(numbers(row[3])[0], count / hours, 0.1)
    assert all(
        near(end, true / hours, 0.1) for end, true in zip(numbers(row[4]), interval(count), strict=True)
    )


def test_each_hour_holds_its_own_movements_also_where_the_clocks_change(made: Made) -> None:
    shown = made.table("night")
    titles = re.findall(
        r'<th scope="col">(.*?)</th>', made.page.partition('id="night"')[2].partition("<tbody>")[0]
    )
    labels = [made.label(words(title)) for title in titles[1:-1]]
    end = made.first + timedelta(hours=made.night["recording"]["hours"])
    full = made.first.astimezone(ZoneInfo(made.zone)).replace(minute=0, second=0, microsecond=0)
    hours = (full.astimezone(UTC) + timedelta(hours=1 + more) for more in range(24))
    edges = [made.first, *(at for at in hours if at < end)]
    edges.append(end + timedelta(seconds=1))
    assert len(shown) == len(edges) - 1
    named = [row[0] for row in shown]
    assert len(set(named)) == len(named)  # the two hours of autumn have two names
    epochs = made.night["timeline"]
    for row, (begin, then) in zip(shown, pairwise(edges), strict=True):
        inside = [
            event for event in made.events if begin <= made.first + timedelta(seconds=event["onset_s"]) < then
        ]
        assert f"{begin.astimezone(ZoneInfo(made.zone)):%H:%M}" in row[0]
        for label, cell in zip(labels, row[1:], strict=False):
            assert label is not None
            assert numbers(cell) == [len(made.counted(label, inside))], (row[0], label)
        peaks = [
            peak
            for place, peak in enumerate(epochs["movement_g"])
            if peak is not None and begin <= made.first + timedelta(seconds=place * epochs["epoch_s"]) < then
        ]
        if peaks and numbers(row[-1]):
            assert near(numbers(row[-1])[0], 1000 * max(peaks), 1), row[0]


def test_the_states_and_the_movements_stand_at_their_times(made: Made) -> None:
    states = made.table("night", 1)
    for cells, (start, end, _) in zip(states, made.night["timeline"]["states"], strict=False):
        assert cells[0].startswith(f"{made.clock(start):%H:%M:%S}")
        assert cells[1].startswith(f"{made.clock(end):%H:%M:%S}")
    for cells in made.table("events"):
        event = made.events[int(cells[0])]
        moment = made.clock(event["onset_s"])
        assert cells[1][:8] in {f"{moment + timedelta(seconds=by):%H:%M:%S}" for by in (-0.001, 0, 0.001)}
        assert made.label(cells[2]) in (event["label"], None)
        assert near(numbers(cells[3])[0], 1000 * event["peak_g"], 1)
        assert lasts(cells[5], event["duration_s"]), cells
        assert event["tilt_deg"] != event["tilt_deg"] or near(numbers(cells[6])[0], event["tilt_deg"], 1)


def test_the_criteria_are_those_of_the_events(made: Made) -> None:
    found = {}
    for cells in made.table("criteria") + made.table("criteria", 1):
        name = re.search(r"\(([A-Z]\d?[a-zA-Z0-9-]*)\)$", cells[0])
        assert name is not None
        found[name[1]] = numbers(cells[1].partition(";")[0].partition("(")[0])
    recording, sleep = made.night["recording"], made.sleep
    true: dict[str, float] = {"V2": 100 * recording["missing_s"] / (3600 * recording["hours"])}
    if sleep["onset_s"] is not None:
        twitches = sorted(row["onset_s"] for row in made.events if row["label"] in TWITCHES)
        asleep = [row for row in made.events if row["state"] in ("onset", "sleep")]
        true["V1"] = sleep["analysed_h"]
        true["P1"] = max(
            (row["duration_s"] for row in asleep if row["label"] == "rhythmic_movement"), default=0
        )
        if not recording["hidden_by"]:
            begin = max(sleep["onset_range_s"][0], sleep["onset_s"] - 600)
            end = min(sleep["onset_range_s"][1], sleep["onset_s"] + 300)
            alone = [row for label in TWITCHES for row in made.counted(label)]
            true["F1"] = sum(begin <= row["onset_s"] <= end for row in alone)
            true["I1"] = sum(row["peak_g"] >= 1 for row in alone)
            true["P2"] = longest(twitches, 60) / 60
            if len(alone) >= 10:
                true["I2"] = 100 * sum(row["peak_g"] >= 0.25 for row in alone) / len(alone)
            if sleep["quiet_h"]:
                true["F2"] = true["F2-high"] = len(made.quiet()) / sleep["quiet_h"]
    for name, value in true.items():
        assert found[name], name
        assert abs(found[name][0] - value) <= 0.006 * value + 5.1e-3, (name, found[name], value)


def longest(times: list[float], gap_s: float) -> float:
    """The longest run without a gap, from its first to its last."""
    best, begin = 0.0, None
    for before, time in zip([None, *times], times, strict=False):
        begin = time if before is None or time - before > gap_s or begin is None else begin
        best = max(best, time - begin)
    return best


def test_hours_times_and_strengths_are_those_of_the_night(made: Made) -> None:
    facts = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", made.page.partition('id="recording"')[2], re.DOTALL)
    told = [(words(name), value) for name, value in facts]
    covered = re.findall(r"<data.*?</data>", told[1][1])
    assert lasts(words(covered[0]), 3600 * made.night["recording"]["hours"])
    if made.sleep["onset_s"] is None:
        return
    assert lasts(words(covered[1]), 3600 * made.sleep["analysed_h"])
    for place, name in ((2, "onset"), (3, "end")):
        times = [made.sleep[f"{name}_s"], *made.sleep[f"{name}_range_s"]]
        assert re.findall(r"\d\d:\d\d", words(told[place][1])) == [f"{made.clock(at):%H:%M}" for at in times]
    for label in TWITCHES:
        peaks = [row["peak_g"] for row in made.counted(label)]
        edges = [0, 0.05, 0.25, 1.0, 1e9]
        true = [sum(low <= peak < high for peak in peaks) for low, high in pairwise(edges)]
        assert list(made.night["verdict"]["strengths"].get(label, {}).values()) in ([], true)
        if peaks:
            lines = re.findall(
                r"<li>(.*?)</li>",
                made.page.partition('id="summary"')[2].partition("</section>")[0],
                re.DOTALL,
            )
            shown = [[float(value) for value in re.findall(MARKED, line)] for line in lines]
            wanted = [len(peaks), *(count for count in true if count)]
            assert any(line == wanted or line == wanted[:1] for line in shown), (label, wanted, shown)


def test_series_and_intervals_are_those_of_the_movements(made: Made) -> None:
    periodic, hours = made.night["periodic"], made.sleep["analysed_h"]
    if made.sleep["onset_s"] is None or made.night["recording"]["hidden_by"] in ("noise", "step"):
        return
    members = [row["series"] for row in made.events if row["series"]]
    (cells,) = [cells for cells in made.table("rules") if cells[0] == "WASM 2016"]
    assert numbers(cells[1]) == [len(set(members))]
    assert numbers(cells[2]) == [len(members)]
    assert near(numbers(cells[3])[0], len(members) / hours, 0.1)
    intervals = periodic["intervals_s"]
    bins = made.table("series")
    if len(bins[0]) == 2:  # a picture, and its table
        true = [sum(5 * place <= gap < 5 * place + 5 for gap in intervals) for place in range(len(bins))]
        true[-1] = sum(gap >= 5 * (len(bins) - 1) for gap in intervals)
        assert [numbers(count) for _, count in bins] == [[number] for number in true]
    if periodic["periodicity_index"] is not None:
        assert (
            f">{made.say.decimal(periodic['periodicity_index'], 2)}<" in made.page.partition('id="series"')[2]
        )
