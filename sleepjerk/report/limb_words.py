"""What wrist and ankle show together, in words. Knows the night and the catalogue; must not know HTML."""

from collections.abc import Sequence
from dataclasses import replace

from sleepjerk.events import Label
from sleepjerk.night.model import BothLimbs, Night
from sleepjerk.report.catalogue import Catalogue, Number, Sentence
from sleepjerk.report.words import hours, known, periodic_lines


def leg(night: Night, limbs: BothLimbs) -> Night:
    """The night with what the ankle shows of movements in series."""
    return replace(night, recording=limbs.recording, periodic=limbs.periodic, limbs=None)


def lines(limbs: BothLimbs, say: Catalogue) -> list[Sentence]:
    """When both recorded, how many movements were of one limb and how many of both, and by which clock."""
    asleep = "both.hours" if limbs.asleep_h is None else "both.hours_asleep"
    parts = {"both": hours(limbs.both_h, say), "asleep": hours(limbs.asleep_h or 0.0, say)}
    where = [row["limb"] for row in limbs.rows if row["both_recorded"]]
    moved = {limb: say.count("both.movements", where.count(limb)) for limb in ("wrist", "ankle", "both")}
    digits = 2 if limbs.unsure_s < 1 else 0
    unsure = Number(limbs.unsure_s, say.text("unit.seconds", value=say.decimal(limbs.unsure_s, digits)))
    return [
        say.say("both.sleep"),
        say.say(asleep, **parts),
        *([say.say("both.moved", **moved)] if limbs.both_h else []),
        say.say("both.clock_utc" if limbs.clock == "utc" else "both.clock_host", unsure=unsure),
        *((text,) for text in say.tell_all(limbs.messages, ())),
    ]


def rows(limbs: BothLimbs, say: Catalogue) -> list[list[Sentence]]:
    """Kind, of the arm alone, of the leg alone, of both, and an hour of sleep."""
    columns = [limbs.counts[limb] for limb in ("wrist", "ankle", "both")]
    found: list[list[Sentence]] = []
    for label in Label:
        numbers: Sequence[int | None] = [counts.get(label) for counts in columns]
        if any(number != 0 for number in numbers):
            rate = known(limbs.per_hour.get(label), 1, say)
            found.append(
                [(say.text(f"kinds.{label}"),), *(known(number, 0, say) for number in numbers), rate]
            )
    return found


def leg_lines(night: Night, limbs: BothLimbs, say: Catalogue) -> list[Sentence]:
    """What is said of the leg's movements in series."""
    return periodic_lines(leg(night, limbs), say)
