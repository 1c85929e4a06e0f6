"""What a week comes to in words: why, and what to do; for the morning's page and for that of many nights.

Knows a week in its lines, criteria and answers; must not know the movements of a night, nor compute a number.
"""

from sleepjerk.judging.claims import CLAIMS
from sleepjerk.judging.criteria import Kind, counted_by, ids, is_of
from sleepjerk.night.verdict import Week
from sleepjerk.report.catalogue import Catalogue, Number, Sentence
from sleepjerk.report.words import of_recording, question

TOLD_TO_DOCTOR = ("epilepsy", "kidney", "thyroid", "diabetes", "anaemia")
LEADS = ("jerks_on_waking", "urge_to_move", "snoring")  # each answer of yes leads to one sentence
_ADVICE = ("A22", "A24", "A25", "A21")  # what the article advises, by its claims


def reasons(week: Week, say: Catalogue) -> list[Sentence]:
    """The weekly criteria that were met, each by the nights that met it."""
    met = {line.id: line.value for line in week.verdict.criteria if line.met and is_of(line.id, Kind.WEEK)}
    if "W1" not in met:
        return []
    lines, told = [], [counted_by(name) for name in ("W2", "W5", "W6", "W7") if name in met]
    for name in (name for names in told for name in names):
        if nights := [line for line in week.nights if line.valid and line.met.get(name)]:
            named = say.listed([(say.weekday(line.night),) for line in nights])
            lines.append(say.count(f"reason.{name}", len(nights), nights=named))
    for name in ("W4", "W3", "W8"):
        if name in met and not (name == "W3" and "W4" in met):
            lines.append(say.count(f"reason.{name}", int(met[name] or 0)))
    return lines


def shaken(week: Week, say: Catalogue, but: str | None = None) -> list[Sentence]:
    """The nights in which the limb shook, but for one that is told elsewhere."""
    names = ids(kind=Kind.SHAKING)
    shook = [line.night for line in week.nights if any(line.met.get(name) for name in names)]
    return [say.say("todo.shaking_before", night=say.day(night)) for night in shook if night != but]


def coverage(week: Week, say: Catalogue) -> list[Sentence]:
    """How many nights count where that is too few, and whether they can be compared."""
    valid = next((line for line in week.verdict.criteria if line.id == "W1"), None)
    lines = []
    if valid is not None and not valid.met:
        numbers = (("valid", valid.value), ("needed", valid.threshold), ("days", week.verdict.week_nights))
        told = {name: Number(float(value or 0), f"{float(value or 0):g}") for name, value in numbers}
        lines.append(say.say("reason.few", **told))
    if len({line.settings_sha256 for line in week.nights}) > 1:
        lines.append(say.say("reason.settings"))
    return lines


def step(week: Week, say: Catalogue) -> list[Sentence]:
    """What to do next by the level, of a week that stands for itself."""
    met = {line.id: line.met for line in week.verdict.criteria if not of_recording(line)}
    if week.verdict.level == "grey":
        return [say.count("todo.grey", week.lacking) if week.lacking else say.say("todo.grey_open")]
    if week.verdict.level != "amber" and met.get("W2") and not met.get("W3"):
        return [say.say("todo.frequent")]
    if week.verdict.level == "green":
        found = {*met.values(), *(value for line in week.nights if line.valid for value in line.met.values())}
        name = "green_met" if True in found else "green_open" if None in found else "green"
        return [say.say(f"todo.{name}")]
    return [say.say("todo.amber")] if week.verdict.level == "amber" else []


def todo(week: Week | None, say: Catalogue, *, waves: bool = False) -> list[Sentence]:
    """What to do, by symptoms and answers and never by counts alone; `waves`: does the page show some?"""
    said = {} if week is None else week.answers
    lines = [say.say(f"todo.{key}") for key in LEADS if said.get(key) is True]
    if ill := [key for key in TOLD_TO_DOCTOR if said.get(key) is True]:
        lines.append(say.say("todo.known", list="; ".join(question(key, say) for key in ill)))
    lines.append(say.say("todo.symptoms"))
    if waves:
        lines.append(say.say("todo.bring"))
    lines.append(say.say("todo.medicine"))
    if week is not None and not week.mornings:
        lines.append(say.say("todo.diary"))
    return lines


def advice(say: Catalogue) -> list[tuple[str, str]]:
    """What the article advises, each with the verdict on that claim."""
    return [(say.text(f"advice.{claim}"), say.text(f"claims.{CLAIMS[claim].verdict}")) for claim in _ADVICE]
