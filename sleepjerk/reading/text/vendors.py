"""What makers' programs write above a table: rate, start, which column is which, and the sensor.

Knows the banners of ActiLife, Empatica and GENEActiv. Must not know samples or units beyond what a banner says.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo

from sleepjerk.reading.clocks import epoch_start
from sleepjerk.reading.layout import Layout
from sleepjerk.reading.sidecar import Sidecar
from sleepjerk.rules import ReadingRules

_ACTILIFE = re.compile(
    r"Data +File +Created +By +ActiGraph .*?date +format +(?P<order>\S+) +at +(?P<rate>\d+) +Hz"
)
_TIME = re.compile(r"^Start Time +(\d{1,2}):(\d\d):(\d\d)", re.MULTILINE)
_DATE = re.compile(r"^Start Date +(\d{1,4})\D(\d{1,2})\D(\d{1,4})", re.MULTILINE)
_OFFSET = re.compile(r"(?:GMT ?)?([+-]?)(\d{1,2}):(\d\d)(?::\d\d)?")
_SERIAL = re.compile(r"^Serial Number: ?(\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """What a banner says.

    Attributes
    ----------
    known
        Of the recording; its start is local time where it has no zone.
    unit, columns
        As for --unit and --columns; None where the table tells.
    rows
        Rows of numbers that belong to the banner.
    timed
        Whether the table has times of its own.
    order
        Of day, month and year in its stamps: "dmy", "mdy" or "ymd"; None where it isn't said.
    """

    known: Sidecar
    unit: str | None = None
    columns: str | None = None
    rows: int = 0
    timed: bool = False
    order: str | None = None


_TICK = re.compile(
    r"^\W*(?:t_?scale|time_?scale|tick(?:_s| length)?)\W+(\d*\.\d+(?:[eE]-?\d+)?)", re.MULTILINE
)


def find_tick(text: str, layout: Layout) -> float | None:
    """Seconds in a tick of the time column, as a line above the table says; None where none does."""
    match = _TICK.search("\n".join(text.split("\n")[: layout.first_row]))
    return float(match[1]) if match and 0 < float(match[1]) < 1 else None


def find_vendor(text: str, layout: Layout, rules: ReadingRules) -> Vendor | None:
    """Whose banner stands above a table; None when it is nobody's known here.

    Parameters
    ----------
    text
        The beginning of the file.
    """
    lines = text.split("\n")
    banner = "\n".join(lines[: layout.first_row])
    return _actilife(banner, layout) or _geneactiv(banner) or _empatica(lines, layout, rules)


def _actilife(banner: str, layout: Layout) -> Vendor | None:
    match = _ACTILIFE.search(banner)
    if match is None:
        return None
    serial = _SERIAL.search(banner)
    start = _local_start(banner, match["order"])
    said = f"{match['rate']} samples a second" + (
        "" if start is None else f" from {start:%Y-%m-%d %H:%M:%S} local"
    )
    known = Sidecar(
        rate_hz=float(match["rate"]),
        start=start,
        sensor="ActiGraph",
        sensor_id=f"ActiGraph:{serial[1]}" if serial else None,
        notes=(f"banner: ActiLife, {said}; local time needs --zone",),
    )
    order = "".join(_letters(match["order"]))
    return Vendor(known=known, timed=len(layout.cells) > 3, order=order)


def _letters(order: str) -> list[str]:
    """ "dmy" and the like, as letters, of "dd/MM/yyyy"."""
    return [part[0].lower() for part in re.split(r"\W+", order) if part]


def _local_start(banner: str, order: str) -> datetime | None:
    """Start date and time, in the order of day, month and year that the banner names."""
    clock, date = _TIME.search(banner), _DATE.search(banner)
    letters = _letters(order)
    if clock is None or date is None or sorted(letters) != ["d", "m", "y"]:
        return None
    found = dict(zip(letters, (int(part) for part in date.groups()), strict=True))
    hour, minute, second = (int(part) for part in clock.groups())
    try:
        return datetime(found["y"], found["m"], found["d"], hour, minute, second)  # noqa: DTZ001
    except ValueError:
        return None


def _geneactiv(banner: str) -> Vendor | None:
    """A hundred lines of "name,value"; the rows have no names: time, x, y, z, light, button, temperature."""
    if not banner.startswith("Device Type,GENEActiv"):
        return None
    said = dict(line.split(",", 1) for line in banner.split("\n") if "," in line)
    serial, place = said.get("Device Unique Serial Code", ""), said.get("Device Location Code", "")
    zone = find_offset(said.get("Time Zone", ""))
    known = Sidecar(
        sensor="GENEActiv",
        sensor_id=f"GENEActiv:{serial.strip()}" if serial.strip() else None,
        zone=zone,
        limb=one_of(place, ("wrist", "ankle")),
        side=one_of(place, ("left", "right")),
        notes=(f"banner: GENEActiv{'' if zone is None else f', times are {zone}'}",),
    )
    return Vendor(known=known, unit="g", columns="1,2,3,4", timed=True)


def find_offset(text: str) -> tzinfo | None:
    """The zone that "GMT +01:00" or "-05:00:00" stands for; None when it is written otherwise."""
    match = _OFFSET.fullmatch(text.strip())
    if match is None:
        return None
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return timezone(-offset if match[1] == "-" else offset)


def one_of(text: str, words: tuple[str, ...]) -> str | None:
    """The one of some words that stands in a text; None when none does, or several do."""
    found = [word for word in words if word in text.lower()]
    return found[0] if len(found) == 1 else None


def _empatica(lines: list[str], layout: Layout, rules: ReadingRules) -> Vendor | None:
    """Two rows of numbers before the samples: the start in each column, then the rate in each."""
    if layout.has_header or layout.first_row != 0 or len(layout.cells) != 3 or len(lines) < 4:
        return None
    try:
        first, second = ({float(cell) for cell in line.split(",")} for line in lines[:2])
    except ValueError:
        return None
    if len(first) != 1 or len(second) != 1:
        return None
    start, rate_hz = epoch_start(first.pop(), rules), second.pop()
    if start is None or not rules.min_rate_hz <= rate_hz <= rules.max_rate_hz:
        return None
    said = f"banner: Empatica, {rate_hz:g} samples a second, 64 counts a g"
    known = Sidecar(rate_hz=rate_hz, start=start, sensor="Empatica E4", notes=(said,))
    return Vendor(known=known, unit="counts:64", rows=2)
