"""Every sentence of the report.

Knows what may be said about a night; must not know HTML, nor compute a number.

Conventions
-----------
A sentence is a tuple of text and `Number`s: each number shown carries its exact value and can be found in
`night.json`. The report names no disease as a finding, recommends no medicine, and takes no quiet night as
proof of anything. On the wrist, movements in series are "periodic arm movements" at most, and only when
`periodic.said`.
"""

from dataclasses import dataclass

from sleepjerk.clock import Clock
from sleepjerk.events import Label, State
from sleepjerk.night import Night
from sleepjerk.verdict import Criterion


@dataclass(frozen=True, slots=True)
class Number:
    """A number as shown, with the value it stands for."""

    value: float
    text: str


Sentence = tuple[str | Number, ...]

# Label -> (one, many) for people.
LABELS = {
    Label.HYPNIC_JERK: ("jerk while falling asleep", "jerks while falling asleep"),
    Label.SLEEP_TWITCH: ("twitch in sleep", "twitches in sleep"),
    Label.PERIODIC_MOVEMENT: ("movement in a series", "movements in series"),
    Label.LIMB_MOVEMENT: ("single limb movement", "single limb movements"),
    Label.BODY_MOVEMENT: ("body movement", "body movements"),
    Label.POSTURE_CHANGE: ("change of posture", "changes of posture"),
    Label.RHYTHMIC_MOVEMENT: ("rhythmic movement", "rhythmic movements"),
    Label.UNCLASSIFIED: ("unclear movement", "unclear movements"),
}
STATES = {
    State.ONSET: "falling asleep",
    State.SLEEP: "asleep",
    State.WAKE: "awake",
    State.OFF_BODY: "off the body",
    State.UNKNOWN: "unknown",
}
BADGES = {
    "grey": "No verdict: one night is not enough data",
    "red": "Please show this page to a doctor soon",
    "amber": "Please discuss these nights at your next visit to a doctor",
    "green": "No rule was met in these nights",
}
MET = {True: "met", False: "not met", None: "can't be told"}
VERDICT_WORDS = {
    "supported": "supported",
    "partly": "partly supported",
    "contradicted": "contradicted",
    "silent": "nothing found",
}

DISCLAIMER = (
    "sleepjerk is not a medical device. It counts movements; it makes no diagnosis and can't replace a "
    "doctor."
)
LIMITS = (
    "The recorder sits on one {limb}. It can't see {unseen}, breathing or the brain, so sleep here "
    "means long "
    "stillness, and sleep stages stay unknown.",
    "The American Academy of Sleep Medicine recommends strongly against movement recorders like this "
    "one in place "
    "of EMG for the diagnosis of periodic limb movement disorder (Smith 2018).",
    "No published study has measured hypnic jerks with an accelerometer. The strength of a jerk at "
    "the wrist is a "
    "forward model here: peaks can be wrong by a factor of two.",
    "A bed partner, a pet, a vibrating bed or scratching can look like a twitch. The wave strips are "
    "there so "
    "that a person can check.",
    "What was not seen may still have happened: weaker than the smallest visible movement, in "
    "another part of "
    "the body, in a gap, or on another night.",
)
_LIMIT = {
    None: "it can't be seen",
    "rules": "a heartbeat or a bed is as strong",
    "noise": "the sensor's own noise hides it",
    "step": "one step of the sensor is as large",
    "bed": "the bed rang as strongly in this night",
}
RESPIRATORY = (
    "The intervals are as long as the breathing pauses of sleep apnoea. Snoring, breathing pauses or "
    "sleepiness by "
    "day are worth telling a doctor before anything else is made of these movements."
)
BREATHING_UNSEEN = (
    "The recorder can't see breathing, and movements after the breathing pauses of sleep apnoea make "
    "series, too."
)
RULE_SETS = {"wasm2016": "WASM 2016", "aasm": "AASM"}
SYMPTOMS = (
    "See a doctor, whatever this page shows, if you have pain, numbness, tingling, weakness or "
    "stiffness, if a "
    "muscle gets thinner, if you jerk by day too, if you act out dreams or get hurt at night, or if "
    "someone saw you "
    "shake, bite your tongue or be confused."
)
MEDICINE = (
    "If it began after a new or changed medicine, tell your doctor. Don't start or stop one because of "
    "this page."
)
BRING = "Bring this page: it shows the waves themselves, so that a doctor can judge."


def limb(night: Night) -> str:
    """The part of the body in plain words."""
    return "leg" if night.recording.limb == "ankle" else "arm"


def limits(night: Night) -> tuple[str, ...]:
    """What this recording can't tell, whatever was found."""
    unseen = "the arms, the other leg" if night.recording.limb == "ankle" else "the legs, the other arm"
    return tuple(text.format(limb=night.recording.limb, unseen=unseen) for text in LIMITS)


def criterion(night: Night, name: str) -> Criterion | None:
    """The line of the criteria table with this id."""
    return next((item for item in night.verdict.criteria if item.id == name), None)


def headline(night: Night) -> Sentence:
    """What was seen, in one sentence."""
    jerks, twitches = night.counts.get(Label.HYPNIC_JERK, 0), night.counts.get(Label.SLEEP_TWITCH, 0)
    if night.verdict.level == "red":
        return (f"Strong, rhythmic shaking of your {limb(night)} was recorded",)
    if night.sleep.onset_s is None:
        return ("No sleep was found in this recording, so it can't tell about jerks in sleep",)
    if jerks and twitches:
        return (
            f"Your {limb(night)} jerked ",
            *_times(jerks),
            " while you fell asleep and ",
            *_times(twitches),
            " in your sleep",
        )
    if jerks:
        return (f"Your {limb(night)} jerked ", *_times(jerks), " while you fell asleep")
    if twitches:
        return (f"Your {limb(night)} twitched ", *_times(twitches), " in your sleep")
    return ("The recorder found no jerks in this night, which does not prove that there were none",)


def seen(night: Night, clock: Clock) -> list[Sentence]:
    """What was seen, with strengths; the clock turns a time into words."""
    if night.recording.hours <= 0:
        return [("Nothing was recorded.",)]
    shaking, cluster, woke = (criterion(night, name) for name in ("R1", "F1", "I3"))
    lines: list[Sentence] = []
    if shaking is not None and shaking.met and isinstance(shaking.value, float | int):
        lines.append(_shaking_line(night, shaking.value, clock))
    if night.sleep.onset_s is None:
        still = f"the {limb(night)} was never still for long enough, or too little was recorded"
        lines.append((f"No sleep period was found: {still}.",))
    else:
        lines.append(_twitch_line(night, Label.HYPNIC_JERK, "While you fell asleep: "))
        lines.append(_twitch_line(night, Label.SLEEP_TWITCH, "In your sleep: "))
        if cluster is not None and cluster.met is None:
            lines.append(("Falling asleep was not seen as it should be: ", cluster.note, "."))
    if woke is not None and woke.met and isinstance(woke.value, float | int):
        lines.append(
            ("After a twitch you moved on as if awake, for ", seconds(woke.value), " at the longest.")
        )
    lines += [_others_line(night), _series_line(night)]
    return [line for line in lines if line]


def sure(night: Night) -> list[Sentence]:
    """How sure that is."""
    recording, sleep = night.recording, night.sleep
    lines: list[Sentence] = []
    if sleep.analysed_h is None:
        lines.append((hours(recording.hours), " were recorded; none of it could be judged as sleep."))
    else:
        lines.append(
            (hours(sleep.analysed_h), " of sleep were looked at, of ", hours(recording.hours), " recorded.")
        )
        lines.append(("Sleep is told from stillness: lying awake quietly looks the same.",))
    if recording.gaps:
        gaps = plural(recording.gaps, "gap", "gaps")
        lines.append(
            (
                *gaps,
                " in the recording, ",
                seconds(recording.missing_s),
                " in all: what happened there is unknown.",
            )
        )
    if recording.off_body_h > 0:
        lines.append(("The recorder was off the body for ", hours(recording.off_body_h), "."))
    if recording.smallest_visible_g is not None:
        lines.append(
            (
                "A twitch weaker than ",
                milli(recording.smallest_visible_g),
                f" is not counted: {_LIMIT[recording.limited_by]}.",
            )
        )
    unseen = "your arms, your other leg" if recording.limb == "ankle" else "your legs, your other arm"
    lines.append((f"One {recording.limb} can't show {unseen}, breathing or the brain.",))
    return lines


def advice(night: Night) -> list[Sentence]:
    """What to do, by symptoms and never by counts alone."""
    lines: list[Sentence] = []
    if night.verdict.level == "red":
        lines.append(("Show this page to a doctor soon. One recording can't say what the shaking was.",))
        emergency = criterion(night, "R2")
        if emergency is not None and isinstance(emergency.threshold, float | int):
            lasting = Number(emergency.threshold, f"{emergency.threshold / 60:g} minutes")
            lines.append(
                (
                    "If anyone sees a convulsion that lasts ",
                    lasting,
                    " or more: call an ambulance at once.",
                )
            )
    lines.append((SYMPTOMS,))
    week = criterion(night, "W1")
    if week is not None and isinstance(week.threshold, float | int):
        nights = Number(week.threshold, f"{week.threshold:g} nights")
        lines.append(
            (
                "One night can't say whether this is frequent. Record at least ",
                nights,
                " of one week.",
            )
        )
    lines.append((BRING,))
    lines.append((MEDICINE,))
    return lines


def periodic_lines(night: Night) -> list[Sentence]:
    """The section about series."""
    periodic = night.periodic
    lines = [_series_found(night)]
    if periodic.periodicity_index is not None:
        index = Number(periodic.periodicity_index, f"{periodic.periodicity_index:.2f}")
        lines.append(("Periodicity index (Ferri 2006): ", index, ", from 0 to 1, of all intervals in sleep."))
    if periodic.sleep_interval_s is not None and periodic.sleep_intervals_per_h is not None:
        lines.append(
            (
                "Intervals in sleep that a series may have, in one or not: ",
                rate(periodic.sleep_intervals_per_h),
                ", half of them shorter than ",
                seconds(periodic.sleep_interval_s),
                ".",
            )
        )
    if periodic.respiratory_intervals:
        lines.append((RESPIRATORY,))
    elif periodic.respiratory_caveat:
        lines.append((BREATHING_UNSEEN,))
    if night.recording.limb != "ankle":
        lines.append(("The legs were not recorded. A night with the recorder on an ankle would show more.",))
    return lines


def _series_found(night: Night) -> Sentence:
    periodic = night.periodic
    if periodic.index_per_h is None or periodic.series is None or periodic.movements is None:
        return ("No sleep period was found, so movements in series were not counted.",)
    movements = plural(periodic.movements, "movement", "movements")
    series = Number(periodic.series, f"{periodic.series} series")
    if periodic.said:
        return (
            f"{_periodic_name(night)}: ",
            *movements,
            " in ",
            series,
            ", ",
            rate(periodic.index_per_h),
            ".",
        )
    if periodic.series:
        doubt = ", but not regularly enough to be more than chance makes."
        return (*movements, " followed one another in ", series, doubt)
    return ("No movements in series were found. That says nothing about other limbs.",)


def rule_rows(night: Night) -> list[tuple[str, list[Sentence]]]:
    """The table of both rule sets: name, then series, movements, an hour, median interval, share in series."""
    return [
        (
            RULE_SETS.get(count.rules, count.rules),
            [
                _known(count.series, "{:d}"),
                _known(count.movements, "{:d}"),
                _known(count.index_per_h, "{:.1f}"),
                _known(count.median_interval_s, "{:.0f} s"),
                _known(count.series_share, "{:.2f}"),
            ],
        )
        for count in night.periodic.by_rules
    ]


def _known(value: float | None, form: str) -> Sentence:
    return ("unknown",) if value is None else (Number(value, form.format(value)),)


def periodic_title(night: Night) -> str:
    """The heading of the section about series."""
    return _periodic_name(night) if night.periodic.said else "Movements in series"


def doubts(night: Night) -> list[Sentence]:
    """What was missing or doubtful about the recording itself."""
    recording = night.recording
    lines: list[Sentence] = [(text,) for text in night.warnings]
    damage = (
        (
            recording.clipped_samples,
            "sample at the end of the sensor's range",
            "samples at the end of the sensor's range",
        ),
        (recording.rejected_rows, "row that could not be read", "rows that could not be read"),
        (recording.repeated_stamps, "repeated time stamp", "repeated time stamps"),
        (recording.spikes, "single spike", "single spikes"),
    )
    lines += [(*plural(number, one, many), ".") for number, one, many in damage if number]
    if recording.start is None:
        lines.append(("The time of day at the start is unknown: times are counted from the first sample.",))
    if night.sleep.onset_s is None:
        lines.append(("No sleep period was found: nothing that needs one could be judged.",))
    return lines


def amount(value: float | str | None, unit: str) -> str:
    """A value with its unit."""
    if value is None:
        return "unknown"
    if isinstance(value, str):
        return value
    if unit == "share":
        return f"{100 * value:.3g} %"
    shown = f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
    return f"{shown} {unit.removesuffix('s') if value == 1 and len(unit) > 1 else unit}".strip()


def limit(line: Criterion) -> str:
    """The threshold with its direction: a night that counts has less missing, all else counts upwards."""
    if isinstance(line.threshold, str):
        return line.threshold
    return f"{'<' if line.id in ('V2', 'V3') else '≥'} {amount(line.threshold, line.unit)}"


def strength(night: Night, peak_g: float) -> str:
    """The strength word of a peak; empty where the night holds no edges."""
    words = [word for word, edge in night.verdict.strength_edges_g.items() if peak_g >= edge]
    return words[-1] if words else ""


def strength_legend(night: Night) -> str:
    """What the strength words mean."""
    edges = night.verdict.strength_edges_g
    return ", ".join(f"{word} from {1000 * edge:g} mg" for word, edge in edges.items() if edge > 0)


def surety(night: Night, confidence: float) -> str:
    """The word for how sure a label is; empty where the night holds no words or the confidence is unknown."""
    words = [word for word, edge in night.confidence_edges.items() if confidence >= edge]
    return words[-1] if words else ""


def surety_legend(night: Night) -> str:
    """What the words for confidence mean."""
    edges = [(word, edge) for word, edge in night.confidence_edges.items() if edge > 0]
    return ", ".join(f"{word}: {100 * edge:.0f} of 100 such names or more" for word, edge in reversed(edges))


def hours(value: float) -> Number:
    """Hours, or minutes where an hour would say too little."""
    if value * 60 < 90:
        return Number(value, f"{int(value * 60)} min")
    return Number(value, f"{value:.1f} h")


def seconds(value: float) -> Number:
    """A duration that may be a second or an hour."""
    if value < 10:
        return Number(value, f"{value:.1f} s")
    if value < 180:
        return Number(value, f"{value:.0f} s")
    return Number(value, f"{value / 60:.0f} min")


def milli(value_g: float) -> Number:
    """An acceleration in mg."""
    return Number(value_g, f"{1000 * value_g:.0f} mg")


def rate(value: float) -> Number:
    """A rate an hour."""
    return Number(value, f"{value:.1f} an hour")


def plural(number: int, one: str, many: str) -> Sentence:
    """A count with its noun."""
    return (Number(number, str(number)), f" {one if number == 1 else many}")


def _times(number: int) -> Sentence:
    return (Number(number, "once" if number == 1 else f"{number} times"),)


def _counted(night: Night, label: Label) -> Sentence:
    return plural(night.counts[label], *LABELS[label])


def _listed(items: list[Sentence]) -> Sentence:
    parts: list[str | Number] = []
    for index, item in enumerate(items):
        if index:
            parts.append(" and " if index == len(items) - 1 else ", ")
        parts.extend(item)
    return tuple(parts)


def _twitch_line(night: Night, label: Label, intro: str) -> Sentence:
    number = night.counts.get(label, 0)
    noun = ("jerk", "jerks") if label is Label.HYPNIC_JERK else ("twitch", "twitches")
    if number == 0:
        return (intro, f"no {noun[1]} found.")
    words = {word: count for word, count in night.verdict.strengths.get(label, {}).items() if count}
    strengths = _listed([(Number(count, str(count)), f" {word}") for word, count in words.items()])
    line: Sentence = (intro, *plural(number, *noun), *((" (", *strengths, ")") if words else ()))
    per_hour = night.per_hour.get(label)
    if label is Label.SLEEP_TWITCH and per_hour is not None:
        return (*line, ", ", rate(per_hour), ".")
    return (*line, ".")


def _others_line(night: Night) -> Sentence:
    own = (Label.HYPNIC_JERK, Label.SLEEP_TWITCH)
    others = [_counted(night, label) for label in LABELS if label not in own and night.counts.get(label)]
    return ("Other movements: ", *_listed(others), ".") if others else ()


def _shaking_line(night: Night, lasting_s: float, clock: Clock) -> Sentence:
    rows = night.events[night.events["label"] == Label.RHYTHMIC_MOVEMENT]
    onsets = rows.loc[rows["duration_s"].round(4) == lasting_s, "onset_s"].tolist()
    when: Sentence = ("At ", Number(onsets[0], clock.second(onsets[0])), " your") if onsets else ("Your",)
    return (*when, f" {limb(night)} shook strongly and in rhythm for ", seconds(lasting_s), ".")


def _periodic_name(night: Night) -> str:
    return "Periodic limb movements (PLM)" if night.recording.limb == "ankle" else "Periodic arm movements"


def _series_line(night: Night) -> Sentence:
    if not night.periodic.said or night.periodic.index_per_h is None:
        return ()
    return (f"{_periodic_name(night)}: ", rate(night.periodic.index_per_h), "; see below.")
