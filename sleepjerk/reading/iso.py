"""Time stamps written as text -> seconds.

Knows ISO 8601 and its relatives: day or month first, a 12-hour clock, a clock without a date, a zone's name in
brackets, digits without signs between them. Must not know columns or samples. Works on columns of bytes, a whole
night at once: a layout that is the same in every row is decoded in one pass, any other is read digit by digit, column
by column. numpy's own decoder takes twice as long with the checks that it needs: it takes a minus in a fraction for a
zone, and half a stamp for a whole one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sleepjerk.recording import Floats
from sleepjerk.rules import ReadingRules
from sleepjerk.runtime import parts_of

_LAYOUT = re.compile(
    rb"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)[T ](?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
    rb"(?:[.,:](?P<fraction>\d{1,9}))? ?(?:Z|[+-](?P<zone_hour>\d\d):?(?P<zone_minute>\d\d))?"
)
_LOOKS = re.compile(r"\s*(\d{4}-\d{1,2}-\d{1,2}|\d{1,2}\.\d{1,2}\.\d{4})[T ]+\d{1,2}:\d{2}:\d{2}")
_DATE = r"(?P<one>\d{1,4})(?P<sign>[-/. ])(?P<two>\d{1,2})(?:(?P=sign)|, )(?P<three>\d{4}|\d{1,2})"
_CLOCK = r"\d{1,3}:\d{2}:\d{2}(?:[.,:_]\d{1,9})?(?P<half> ?[AaPp][Mm])?"
_MONTH_NAMES = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_NAMED_MONTH = re.compile("|".join(_MONTH_NAMES))
_ZONE = r" ?(?:Z|(?:UTC|GMT)?(?:[+-]\d{2}:?\d{2})?)?(?: ?\[[^\]]*\])?"
_PACKED = re.compile(
    rf"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])[T _-]?(?:[01]\d|2[0-3])[0-5]\d[0-5]\d[.,]?\d{{0,9}}{_ZONE}"
)
_FORMS = tuple(
    (order, re.compile(written))
    for order, written in (
        ("date and clock", rf"{_DATE}(?:T| *[ ,_] *){_CLOCK}{_ZONE}"),
        # MetaWear's app writes its clock with points.
        ("date and clock", rf"{_DATE}T\d{{2}}[.]\d{{2}}[.]\d{{2}}[.]\d{{1,9}}{_ZONE}"),
        ("date", _DATE),
        ("clock", rf"{_CLOCK}{_ZONE}"),
    )
)
_CHUNK = 1 << 16  # rows decoded at once: keeps them in the cache
_WORD = 8  # signs read at once
# What a stamp is added up to: its date as one number, seconds, their fraction, and seconds of its zone.
_TOTALS = (
    {"year": 1_00_00, "month": 1_00, "day": 1},  # plain: a date as one number
    {"hour": 3600, "minute": 60, "second": 1},
    {"fraction": 1},
    {"zone_hour": 3600, "zone_minute": 60},
)
_FIELDS = 9  # plain: year, month, day, hour, minute, second, fraction, zone hour, zone minute
_SECOND, _FRACTION, _ZONE_HOUR = range(_FIELDS)[5:8]  # plain: their places
_EPOCH = date(1970, 1, 1).toordinal()  # plain: of Unix
_CENTURY, _THIS_CENTURY = 100, 2000  # plain: of years that are written with two digits
_MONTHS = 12  # plain: of a year
_ALMOST_ALL = 0.9  # plain: but for damaged rows
_PLACES = 9  # plain: digits of a field, as many as an int32 holds


# Dates as one number, (n,) seconds of the day and of its zone: None where stamps have none.
_Totals = tuple[NDArray[np.integer[Any]], Floats, NDArray[Any] | None]


@dataclass(frozen=True, slots=True)
class Form:
    """How a column of stamps is written.

    Attributes
    ----------
    holds
        "date and clock", "date", "clock" or "digits".
    order
        "ymd", "dmy" or "mdy"; "" without a date.
    sure
        Whether no other order is possible.
    plain
        Whether this is ISO 8601, or nearly.
    named_month
        Whether the month is written by its name, in English.
    """

    holds: str
    order: str = ""
    sure: bool = True
    plain: bool = False
    named_month: bool = False


@dataclass(frozen=True, slots=True)
class TextStamps:
    """Decoded stamps.

    Attributes
    ----------
    day
        Days from 1970-01-01 to midnight before the first good stamp.
    seconds
        (n,) seconds since then; NaN where a stamp can't be read.
    zone_s
        Offset of the first stamp's zone from UTC; None when the stamps have no zone. With a zone, `seconds`
        are UTC.
    dated
        Whether the stamps hold a date; else each is a time of day, and `day` is 0.
    """

    day: int
    seconds: Floats
    zone_s: float | None
    dated: bool = True

    def since_1970_s(self) -> Floats:
        """(n,) seconds since 1970-01-01, in UTC or by the clock on the wall."""
        return self.day * 86400.0 + self.seconds


def known_times(times: Floats | TextStamps) -> NDArray[np.bool_]:
    """(n,) which of some times, numbers or decoded stamps, are known."""
    return np.isfinite(times.seconds if isinstance(times, TextStamps) else times)


def looks_like_stamp(text: str) -> bool:
    """Whether a cell begins like a date with a time."""
    return _LOOKS.match(text) is not None


def find_form(texts: Sequence[str], order: str | None = None) -> Form | None:
    """How some stamps are written; None where they are none.

    Parameters
    ----------
    order
        Of day, month and year, where a banner names it.
    """
    some = [text for text in texts if text]
    if not some:
        return None
    if named := all(_NAMED_MONTH.search(text) for text in some):
        order = "mdy" if some[0][0].isalpha() else "dmy"
        some = [_NAMED_MONTH.sub(_month_number, text) for text in some]
    if all(_PACKED.fullmatch(text) for text in some):
        return Form("digits", "ymd")
    for holds, written in _FORMS:
        found = [match for text in some if (match := written.fullmatch(text))]
        if len(found) >= max(1, _ALMOST_ALL * len(some)):
            plain = holds == "date and clock" and all(_LOOKS.match(text) and _plainly(text) for text in some)
            return (
                Form(holds)
                if holds == "clock"
                else Form(holds, *_order(found, order), plain and not named, named)
            )
    return None


def _month_number(name: re.Match[str]) -> str:
    return f"{_MONTH_NAMES.index(name[0]) + 1:02d}"


def _plainly(text: str) -> bool:
    return not re.search(r"[A-SU-Ya-z\[_/]", text)


def _order(found: Sequence[re.Match[str]], named: str | None) -> tuple[str, bool]:
    """The order of day, month and year, and whether it is sure."""
    one, two = (max(int(match[name]) for match in found) for name in ("one", "two"))
    if len(found[0]["one"]) == 4:
        return "ymd", True
    if named in ("dmy", "mdy"):
        return named, True
    if max(one, two) > _MONTHS:
        return ("dmy", True) if one > _MONTHS else ("mdy", True)
    # With points it is nowhere the month that comes first.
    return ("mdy" if found[0].groupdict().get("half") else "dmy"), found[0]["sign"] == "."


def whole_words(signs: int) -> int:
    """How wide a column for so many signs should be, so that it is decoded without a copy."""
    return -(-signs // _WORD) * _WORD


def decode_stamps(stamps: NDArray[np.bytes_], rules: ReadingRules, form: Form | None = None) -> TextStamps:
    """Decode a column of stamps.

    Parameters
    ----------
    stamps
        (n,) bytes, n >= 1.
    form
        How they are written; ISO 8601, or nearly, when None.
    """
    if form is not None and form.named_month:
        for number, name in enumerate(_MONTH_NAMES, 1):
            if (np.strings.find(stamps, name.encode()) >= 0).any():
                stamps = np.strings.replace(stamps, name.encode(), b"%02d" % number)
    width = whole_words(stamps.dtype.itemsize)
    stamps = np.ascontiguousarray(stamps, dtype=f"S{width}")
    if form is not None and not form.plain:
        table = stamps.view(np.uint8).reshape(len(stamps), width)
        read = _decode_digits(table) if form.holds == "digits" else _decode_as(table, form)
        if form.holds == "clock":
            return TextStamps(0, read[1], None, dated=False)
        return _assemble(*read, rules.stamp_from_year)
    totals = _decode_even(stamps)
    if totals is None:
        totals = _decode_ragged(stamps.view(np.uint8).reshape(len(stamps), width))
    return _assemble(*totals, rules.stamp_from_year)


def align_stamps(parts: Sequence[TextStamps]) -> tuple[int, float | None]:
    """Make stamps that were decoded block by block count from the same day: their `seconds` are changed in place.

    Of those with a zone and those without, the fewer can't be read.

    Returns
    -------
    day, zone_s
        Of all of them.
    """
    known = [part for part in parts if np.isfinite(part.seconds).any()]
    zoned = sum(len(part.seconds) * (1 if part.zone_s is not None else -1) for part in known) > 0
    usual = [part for part in known if (part.zone_s is not None) == zoned]
    day = usual[0].day if usual else 0
    for part in parts:
        if (part.zone_s is not None) != zoned:
            part.seconds[:] = np.nan
        elif part.day != day:
            part.seconds[:] += (part.day - day) * 86400.0
    return day, usual[0].zone_s if usual else None


def _decode_even(stamps: NDArray[np.bytes_]) -> _Totals | None:
    """Stamps that have every sign where the first one has it; None when any differs.

    Eight signs at a time, and where they stay the same for many rows (date, hour and minute do) only once for these.
    """
    first = bytes(stamps[0])
    match = _LAYOUT.fullmatch(first)
    if match is None:
        return None
    words = stamps.view(np.uint64).reshape(len(stamps), -1)
    low, span, weights = _sign_table(match, words.shape[1])
    totals = np.zeros((len(_TOTALS), len(stamps)), dtype=np.int32)
    for word, column in enumerate(words.T):
        firsts = np.concatenate(([0], np.flatnonzero(column[1:] != column[:-1]) + 1))
        often = 2 * len(firsts) > len(column)
        signs = (column if often else column[firsts]).copy().view(np.uint8)
        digits = signs - np.tile(low[word], len(signs) // _WORD)
        if (digits > np.tile(span[word], len(signs) // _WORD)).any():
            return None
        times = 1 if often else np.diff(firsts, append=len(column))
        for total, worth in enumerate(weights[word]):
            if worth.any():
                number = sum(digits[place::_WORD] * worth[place] for place in np.flatnonzero(worth))
                totals[total] += number if often or len(firsts) == 1 else np.repeat(number, times)
    code, clock, fraction, zone = totals
    seconds = clock + fraction / 10.0 ** len(match["fraction"] or "")  # plain: decimals
    return code, seconds, zone if match["zone_hour"] or first.endswith(b"Z") else None


def _sign_table(
    match: re.Match[bytes], words: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.int32]]:
    """The lowest sign that may stand in each place, how many may above it, and what a digit there counts for.

    Returns
    -------
    low, span
        (words, 8)
    weights
        (words, 4, 8), for each of the totals.
    """
    first = match.string
    low = np.frombuffer(first.ljust(words * _WORD, b"\0"), dtype=np.uint8).copy()
    span = np.zeros_like(low)
    weights = np.zeros((len(_TOTALS), words * _WORD), dtype=np.int32)
    for total, fields in enumerate(_TOTALS):
        for name, worth in fields.items():
            begin, end = match.span(name)
            low[begin:end], span[begin:end] = ord("0"), ord("9") - ord("0")
            weights[total, begin:end] = worth * 10 ** np.arange(end - begin)[::-1]  # plain: decimals
    if b"-" in first[match.end("second") :]:
        weights[-1] *= -1
    return (
        low.reshape(words, _WORD),
        span.reshape(words, _WORD),
        weights.reshape(len(_TOTALS), words, _WORD).transpose(1, 0, 2),
    )


def _decode_ragged(table: NDArray[np.uint8]) -> _Totals:
    """Stamps of any length: unpadded dates, fractions that are left out when zero."""
    parts = [_read_fields(table[here]) for here in parts_of(len(table), _CHUNK)]
    value, length, sign, good = (np.concatenate(column) for column in zip(*parts, strict=True))
    year, month, day, hour, minute, second, fraction, zone_hour, zone_minute = value.T
    day_first = length[:, 2] == 4
    year, day = np.where(day_first, day, year), np.where(day_first, year, day)
    good &= (np.where(day_first, length[:, 0] <= 2, length[:, 0] == 4)) & (length[:, _SECOND] > 0)
    packed = length[:, _ZONE_HOUR] == 4  # +0200 without a colon
    zone_minute = np.where(packed, zone_hour % 100, zone_minute)
    zone_hour = np.where(packed, zone_hour // 100, zone_hour)
    clock = hour * 3600 + minute * 60 + second + fraction / 10.0 ** length[:, _FRACTION]  # plain: decimals
    zoned = sign != 0
    zone = None
    if 2 * zoned[good].sum() <= good.sum():  # a sign too many looks like a zone
        good &= ~zoned
    else:
        good &= zoned
        zone = np.where(sign == 2, 0.0, sign * (zone_hour * 3600.0 + zone_minute * 60.0))
    return (year * 100 + month) * 100 + day, np.where(good, clock, np.nan), zone


def _decode_as(table: NDArray[np.uint8], form: Form) -> _Totals:
    """Stamps of a form that is known, on a clock of 12 or 24 hours."""
    table = table.copy()
    table[np.maximum.accumulate(table == ord("["), axis=1)] = 0
    before_noon, after_noon = (np.isin(table, list(letters)).any(axis=1) for letters in (b"Aa", b"Pp"))
    table[table == ord("U")] = ord("Z")  # UTC says what Z does
    table[np.isin(table, list(b"AaPpMmCG_/"))] = ord(" ")
    first = 3 if form.order else 0  # plain: fields of a date
    value, length, sign, good = _read_fields(table, second=first + 2)
    date_of = dict(zip(form.order, value.T, strict=False))
    hour, minute, second, fraction, zone_hour, zone_minute = np.pad(value, ((0, 0), (0, 3)))[
        :, first : first + 6  # plain: fields of a clock and its zone
    ].T
    decimals = np.pad(length, ((0, 0), (0, 3)))[:, first + 3]
    good &= length[:, first + 2] > 0
    twelve = before_noon | after_noon
    hour = np.where(twelve, hour % 12 + 12 * after_noon, hour)  # plain: hours of half a day
    packed = np.pad(length, ((0, 0), (0, 3)))[:, first + 4] == 4
    zone_minute = np.where(packed, zone_hour % 100, zone_minute)
    zone_hour = np.where(packed, zone_hour // 100, zone_hour)
    clock = hour * 3600 + minute * 60 + second + fraction / 10.0**decimals  # plain: of a clock
    clock = np.where(good, clock, np.nan)
    offset = np.where(np.abs(sign) == 2, 0.0, sign * (zone_hour * 3600.0 + zone_minute * 60.0))
    zone = offset if 2 * np.count_nonzero(sign[good]) > good.sum() else None
    if not form.order:
        return np.zeros(len(table), dtype=np.int64), clock, None
    year = date_of["y"] + np.where(date_of["y"] < _CENTURY, _THIS_CENTURY, 0)
    return (year * 100 + date_of["m"]) * 100 + date_of["d"], clock, zone


def _decode_digits(table: NDArray[np.uint8]) -> _Totals:
    """Stamps without signs between their digits, all as the first one has them."""
    digit = (table >= ord("0")) & (table <= ord("9"))
    places = np.flatnonzero(digit[0])
    good = (digit[:, places]).all(axis=1)
    numbers = np.where(digit, table - ord("0"), 0)[:, places].astype(np.int64)

    def number(begin: int, end: int) -> NDArray[np.int64]:
        worth = 10 ** np.arange(max(end - begin, 0))[::-1]  # plain: decimals
        return np.asarray(numbers[:, begin:end] @ worth)

    begin = 14  # plain: digits of year, month, day, hour, minute and second
    decimals = min(len(places) - begin, _PLACES)
    clock = number(8, 10) * 3600 + number(10, 12) * 60 + number(12, 14)  # plain: digits of a clock
    fraction = number(begin, begin + decimals) / 10.0**decimals  # plain: decimals
    return number(0, 8), np.where(good, clock + fraction, np.nan), None


def _read_fields(
    table: NDArray[np.uint8], second: int = _SECOND
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Runs of digits as numbers.

    Returns
    -------
    value, length
        (n, 9) each run's number and its count of digits.
    sign
        (n,) of the zone: 1, -1, 2 for Z, 0 for none.
    good
        (n,) bool, only signs that belong into a stamp.
    """
    count = len(table)
    rows = np.arange(count)
    value = np.zeros((count, _FIELDS), dtype=np.int64)
    length = np.zeros((count, _FIELDS), dtype=np.int64)
    sign = np.zeros(count, dtype=np.int64)
    good = np.ones(count, dtype=bool)
    field = np.full(count, -1)
    before = np.zeros(count, dtype=bool)
    for signs in table.T:
        digit = (signs >= ord("0")) & (signs <= ord("9"))
        zone = ((signs == ord("+")) | (signs == ord("-"))) & (field >= second)
        sign[zone] = np.where(signs[zone] == ord("-"), -1, 1)
        sign[signs == ord("Z")] = 2
        field[zone] = second + 1
        field += digit & ~before
        good &= (digit & (field < _FIELDS)) | np.isin(signs, np.frombuffer(b"\0-+:., TZ", dtype=np.uint8))
        use = rows[digit & (field < _FIELDS) & good]
        value[use, field[use]] = value[use, field[use]] * 10 + (signs[use] - ord("0"))  # plain: decimals
        length[use, field[use]] += 1
        before = digit
    return value, length, sign, good & (length.max(axis=1, initial=0) <= _PLACES)


def _assemble(
    code: NDArray[np.integer[Any]], clock: Floats, zone: NDArray[Any] | None, from_year: int
) -> TextStamps:
    """Days (as year, month and day in one number) and times of day -> seconds since the first midnight."""
    starts = np.concatenate([[0], np.flatnonzero(np.diff(code)) + 1])
    days = np.array([_day_number(int(code[start]), from_year) for start in starts])
    times = np.diff(starts, append=len(code))
    good = np.repeat(np.isfinite(days), times) & (clock < 86400 + 1)
    one = int(good.argmax())
    first = int(days[np.searchsorted(starts, one, side="right") - 1]) if good[one] else 0
    seconds = np.where(good, clock, np.nan)
    if len(days) > 1:
        seconds += np.repeat((days - first) * 86400.0, times)
    if zone is not None:
        seconds -= zone
    return TextStamps(first, seconds, float(zone[one]) if zone is not None and good[one] else None)


def _day_number(code: int, from_year: int) -> float:
    year, month, day = code // 1_00_00, code // 100 % 100, code % 100  # plain: a date as one number
    if year < from_year:
        return float("nan")
    try:
        return float(date(year, month, day).toordinal() - _EPOCH)
    except (ValueError, OverflowError):  # no calendar has it, or Python's has no room for it
        return float("nan")
