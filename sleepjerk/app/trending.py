"""The nights together, in a process of its own: `python -m sleepjerk.app.trending LANGUAGE STAMP`.

Writes what the page of the weeks shows, as JSON and as the whole page of each limb, beside the stamp of what it was
made from. Judges and words nothing itself: that is `judging` and `report`.
"""

import contextlib
import json
import sys
from typing import Any

from sleepjerk.app.nights import nights, number_of
from sleepjerk.app.weeks import page_of, weeks_folder
from sleepjerk.atomic import make_folder, write_whole
from sleepjerk.history.database import History, default_path
from sleepjerk.judging.trend import Trend, make_trend
from sleepjerk.night.clock import Clock
from sleepjerk.report import trend_words, write_trend
from sleepjerk.report.catalogue import Catalogue, Sentence
from sleepjerk.report.nights import draw_trend
from sleepjerk.report.pictures import NARROW, WIDE, draw_badge
from sleepjerk.report.words import plain

_LIMBS = ("wrist", "ankle")
_HEADS = ("week_of", "level", "valid", "frequent", "median")


def collect(language: str, stamp: str) -> None:
    """Write what is known of all nights."""
    make_folder(weeks_folder())
    say, trends, doubts = Catalogue(language), [], []
    if default_path().exists():
        with History(default_path()) as history:
            lines, mornings = {limb: history.nights(limb) for limb in _LIMBS}, history.mornings()
            doubts = history.doubts
        for limb in _LIMBS:
            if lines[limb]:
                others = sum(len(kept) for other, kept in lines.items() if other != limb)
                trend = make_trend(lines[limb], mornings, others=others)
                write_trend(trend, page_of(limb, language), language)
                trends.append(_told(trend, say))
    sys.stderr.write("60 %\n")
    told = {"stamp": stamp, "trends": trends, "doubts": doubts, "nights": _nights()}
    write_whole(weeks_folder() / f"{language}.json", json.dumps(told, allow_nan=False))


def _told(trend: Trend, say: Catalogue) -> dict[str, Any]:
    """One limb's weeks in words and pictures."""

    def texts(sentences: list[Sentence]) -> list[str]:
        return [plain(sentence) for sentence in sentences]

    layouts = (WIDE, NARROW) if len(trend.nights) > 1 else ()
    return {
        "limb": trend.limb,
        "level": trend.week.verdict.level,
        "badge": draw_badge(trend.week.verdict.level),
        "answer": texts(trend_words.answer(trend, say)),
        "pictures": [
            (layout.name, draw_trend(trend.nights, trend.raised_per_h, layout, say)) for layout in layouts
        ],
        "heads": [say.text(f"trend.{name}") for name in _HEADS],
        "weeks": [texts(trend_words.week_row(line, say)) for line in trend.weeks],
        "spread": texts(trend_words.spread(trend, say)),
        "together": texts(trend_words.together(trend, say)),
    }


def _nights() -> dict[str, Any]:
    """Of each night that was analysed its evening and how the diary names it; what didn't change isn't read again."""
    path = weeks_folder() / "nights.json"
    before: dict[str, Any] = {}
    with contextlib.suppress(OSError, ValueError):
        before = json.loads(path.read_text(encoding="utf-8"))
    found: dict[str, Any] = {}
    for night in nights():
        if night.results is None:
            continue
        changed_ns = night.results.stat().st_mtime_ns
        found[night.stem] = before.get(night.stem, {})
        if found[night.stem].get("changed_ns") != changed_ns:
            document, number = night.document(), number_of(night.stem)
            recording = document.get("recording", {})
            sha = document.get("input_sha256", "")
            found[night.stem] = {
                "changed_ns": changed_ns,
                "evening": Clock.at(recording.get("start"), recording.get("zone")).evening,
                "key": f"{sha}/{number}" if number else sha,
                "level": document.get("verdict", {}).get("level"),
            }
    write_whole(path, json.dumps(found))
    return found


if __name__ == "__main__":
    collect(sys.argv[1], sys.argv[2])
