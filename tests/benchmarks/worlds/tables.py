"""One table a world: rows of what was asked, what was found with its interval, the goal, and whether it was met.

Knows the judged events, truths and nights of one world and the goals. Must not know how nights are made or analysed.

Intervals: Wilson's for shares, the exact Poisson interval for rates, the bootstrap over nights for medians. Events of
one night are taken as independent, which they are not quite.
"""

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from sleepjerk.evaluate import wilson_interval
from sleepjerk.judging.weeks import judge_week
from sleepjerk.night.verdict import NightLine
from tests.benchmarks.detection.rows import Row, rate, share
from tests.benchmarks.worlds.looked import Looked
from tests.worlds import score

ORDINARY = ("ordinary", "quiet")
ILL = ("p044", "p045", "p047")  # restless legs, and apnoea with hundreds of arousals
WEEKS = 300
CONFIDENCE_EDGES = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
CALLED_LEAST, AROUSAL_LEAST, FAINT_LEAST, PLANTED_LEAST = 0.95, 0.8, 0.9, 0.92
# False twitches in 8 h of true sleep, by the first of these words that the scenario's name holds.
FALSE_MOST = {
    "quiet": 0.0,
    "still": 0.0,
    "ordinary": 2.0,
    "partner": 4.0,
    "apnoea": 10.0,
    "cough": 10.0,
    "fidget": 1.0,
    "posture": 3.0,
    "flick": 3.0,
}
ONSET_MOST_MIN, END_MOST_MIN, END_P90_MOST_MIN = 20.0, 8.0, 40.0


@dataclass(frozen=True)
class Frames:
    """All nights of one world: events, truth, figures of nights, and their lines in a week in the same order."""

    events: pd.DataFrame
    truth: pd.DataFrame
    nights: pd.DataFrame
    lines: tuple[NightLine, ...]

    @classmethod
    def of(cls, looked: Sequence[Looked]) -> "Frames":
        """Of all that was looked at."""
        return cls(
            pd.concat([one.events for one in looked], ignore_index=True),
            pd.concat([one.truth for one in looked], ignore_index=True),
            pd.DataFrame([one.night for one in looked]),
            tuple(one.line for one in looked),
        )

    @property
    def world(self) -> str:
        """Its name."""
        return str(self.nights["world"].iloc[0])

    @property
    def scenarios(self) -> list[str]:
        """In the order of the nights."""
        return list(dict.fromkeys(self.nights["scenario"]))


def rows_of(frames: Frames) -> Iterator[Row]:
    """Every row that this world can tell."""
    yield from recall_rows(frames)
    yield from planted_rows(frames)
    yield from false_rows(frames)
    yield from wake_rows(frames)
    yield from onset_label_rows(frames)
    yield from sleep_rows(frames)
    yield from confidence_rows(frames)
    yield from visit_rows(frames)
    yield from verdict_rows(frames)


def strength_name(low_mg: float, high_mg: float) -> str:
    """A strength band in words."""
    return f">= {low_mg:g} mg" if high_mg >= 10_000 else f"{low_mg:g}-{high_mg:g} mg"


def within(truth: pd.DataFrame, low_mg: float, high_mg: float) -> pd.DataFrame:
    """The rows of a strength band."""
    peak_mg = 1000 * truth["peak_g"]
    return truth[(peak_mg >= low_mg) & (peak_mg < high_mg)]


def recall_rows(frames: Frames) -> Iterator[Row]:
    """Isolated twitches: by family with goals on ordinary nights, by strength, by scenario."""
    asked = frames.truth[frames.truth["asked"]]
    if frames.world == "lab" or asked.empty:
        return
    ordinary = asked[asked["scenario"].isin(ORDINARY)]
    for family, some in within(ordinary, 60, np.inf).groupby("family"):
        least = AROUSAL_LEAST if family == "then_arousal" else CALLED_LEAST
        yield share(f"ordinary, >= 60 mg, {family}: called", int(some["called"].sum()), len(some), least)
    faint = within(ordinary, 30, 60)
    yield share("ordinary, 30-60 mg: called", int(faint["called"].sum()), len(faint), FAINT_LEAST)
    yield from _strength_rows("ordinary", ordinary)
    yield from _strength_rows("all scenarios", asked)
    for scenario in frames.scenarios:
        some = within(asked[asked["scenario"] == scenario], 60, np.inf)
        if len(some):
            yield share(f"{scenario}, >= 60 mg: called", int(some["called"].sum()), len(some))


def _strength_rows(who: str, truth: pd.DataFrame) -> Iterator[Row]:
    """Found, called and counted of each strength, in one row each."""
    for low_mg, high_mg in score.STRENGTHS_MG:
        some = within(truth, low_mg, high_mg)
        if len(some):
            words = [f"{name} {some[name].mean():.3f}" for name in ("found", "called", "counted")]
            yield Row(f"{who}, {strength_name(low_mg, high_mg)}, n = {len(some)}", ", ".join(words))


def planted_rows(frames: Frames) -> Iterator[Row]:
    """Jerks planted into real nights, whatever moves around them, and where nothing does."""
    if frames.world != "lab" or "quiet" not in frames.truth:
        return
    planted = frames.truth[frames.truth["scenario"] == "planted"]
    strong = within(planted, 100, 400)
    yield share("planted, 100-400 mg: called", int(strong["called"].sum()), len(strong), PLANTED_LEAST)
    for family, some in strong.groupby("family"):
        yield share(f"planted, 100-400 mg, {family}: called", int(some["called"].sum()), len(some))
    for folder, some in strong.groupby(strong["name"].str.split("/").str[0]):
        yield share(f"planted, 100-400 mg, {folder}: called", int(some["called"].sum()), len(some))
    yield from _strength_rows("planted", planted)
    yield from _strength_rows("planted, nothing moves within 10 s", planted[planted["asked"]])


def false_most(scenario: str) -> float | None:
    """The goal of a scenario; None where none is set."""
    return next((most for word, most in FALSE_MOST.items() if word in scenario), None)


def false_rows(frames: Frames) -> Iterator[Row]:
    """Counted twitches in true sleep that are none, by scenario, and what they were."""
    events = frames.events
    counted = events[events["counted"] & events["true_state"].isin(score.ASLEEP)]
    for scenario in frames.scenarios:
        hours = float(frames.nights.loc[frames.nights["scenario"] == scenario, "sleep_h"].sum())
        some = counted[(counted["scenario"] == scenario) & ~counted["true_kind"].isin(score.JERKS)]
        if hours <= 0:
            continue
        unknown = frames.world in score.UNKNOWING_WORLDS
        what = "counted in sleep, not planted (true or false)" if unknown else "counted, false"
        row = rate(f"{scenario}: {what}, in 8 h", len(some), hours, None if unknown else false_most(scenario))
        yield dataclasses.replace(
            row, found=f"{row.found} {told(map(what_it_was, some.itertuples()))}".strip()
        )


def what_it_was(event: object) -> str:
    """Kind and family of what made an event."""
    kind, family = event.true_kind, event.true_family  # type: ignore[attr-defined]
    if kind in ("nothing", "unknown"):
        return f"{kind} beside {event.beside}" if event.beside else kind  # type: ignore[attr-defined]
    return kind if family == kind else f"{kind}/{family}"


def told(words: Iterable[str], most: int = 6) -> str:
    """How often each, the commonest first."""
    return ", ".join(f"{word} {number}" for word, number in Counter(words).most_common(most))


def wake_rows(frames: Frames) -> Iterator[Row]:
    """Counted twitches while truly awake."""
    events, hours = frames.events, float(frames.nights["far_awake_h"].sum())
    if hours <= 0:
        return
    some = events[events["counted"] & events["far_awake"] & ~(events["true_state"] == "falling_asleep")]
    row = rate("counted while truly awake, in 8 h", len(some), hours, 8.0)
    yield dataclasses.replace(row, found=f"{row.found} {told(map(what_it_was, some.itertuples()))}".strip())


def onset_label_rows(frames: Frames) -> Iterator[Row]:
    """Where `hypnic_jerk` labels lie against the true falling asleep."""
    labels = frames.events[frames.events["label"] == "hypnic_jerk"]
    if frames.world == "lab":
        labels = labels[labels["scenario"] == "bare"]
    far = labels["to_onset_s"].abs() > 600.0
    awake = labels["before_lights"] | ((labels["true_state"] == "wake") & far)
    yield share(
        "hypnic_jerk before lights off, or awake far from onset", int(awake.sum()), len(labels), most=0.10
    )
    strict = labels["before_sleep"] | far
    yield share("hypnic_jerk before sleep or > 10 min from falling asleep", int(strict.sum()), len(labels))
    yield said_row("hypnic_jerk: said, and within 10 min of falling asleep", labels["confidence"], ~far)
    if frames.world not in score.UNKNOWING_WORLDS:
        jerks = frames.truth[(frames.truth["kind"] == "onset_jerk") & frames.truth["found"]]
        right = int((jerks["label"] == "hypnic_jerk").sum())
        yield share("true jerks while falling asleep that were found: called hypnic_jerk", right, len(jerks))


def said_row(what: str, confidence: pd.Series, right: pd.Series) -> Row:
    """What was said on average against how often it was right; met unless more was said than can be."""
    if len(right) == 0:
        return Row(what, "none to judge")
    low, high = wilson_interval(int(right.sum()), len(right)) or (0.0, 1.0)
    found = f"said {confidence.mean():.3f}, right {right.mean():.3f} ({low:.3f}-{high:.3f}), n = {len(right)}"
    return Row(what, found, "said <= right", bool(confidence.mean() <= high))


def sleep_rows(frames: Frames) -> Iterator[Row]:
    """Onset and end against the truth, and how often their ranges hold it."""
    nights = frames.nights[frames.nights["true_onset_s"].notna()]
    if frames.world == "lab":
        nights = nights[nights["scenario"] == "bare"]
    if nights.empty:
        return
    found = nights["onset_s"].notna()
    yield share("a sleep period is found", int(found.sum()), len(found))
    for name, most_min, p90_min in (("onset", ONSET_MOST_MIN, None), ("end", END_MOST_MIN, END_P90_MOST_MIN)):
        errors_min = ((nights[f"{name}_s"] - nights[f"true_{name}_s"]) / 60)[found].to_numpy(dtype=np.float64)
        yield error_row(f"{name} of sleep, min", errors_min, most_min, p90_min)
        ranges = nights[f"{name}_range_s"]
        if ranges.notna().any():
            inside = [
                told_s[0] <= true_s <= told_s[1]
                for told_s, true_s in zip(ranges, nights[f"true_{name}_s"], strict=True)
                if told_s is not None
            ]
            yield share(f"{name}: its range holds the truth", sum(inside), len(inside), 0.9)
    missed_min, awake_min = (60 * nights[name].mean() for name in ("slept_through_wake_h", "wake_bouts_h"))
    if awake_min > 0:
        yield Row("true wake bouts called sleep", f"{missed_min:.0f} of {awake_min:.0f} min a night")


def error_row(what: str, errors_min: np.ndarray, median_most: float, p90_most: float | None) -> Row:
    """Median and 90th percentile of absolute errors with the median's bootstrap interval over nights."""
    if len(errors_min) == 0:
        return Row(what, "none to judge")
    sizes = np.abs(errors_min)
    drawn = np.median(np.random.default_rng(1).choice(sizes, (2000, len(sizes))), axis=1)
    low, high = np.percentile(drawn, [2.5, 97.5])
    median, p90 = float(np.median(sizes)), float(np.percentile(sizes, 90))
    found = f"median {median:.1f} ({low:.1f}-{high:.1f}), p90 {p90:.0f}, signed {np.median(errors_min):+.1f}"
    met = median <= median_most and (p90_most is None or p90 <= p90_most)
    goal = f"median <= {median_most:g}" + ("" if p90_most is None else f", p90 <= {p90_most:g}")
    return Row(what, f"{found}, n = {len(sizes)}", goal, met)


def confidence_rows(frames: Frames) -> Iterator[Row]:
    """Is a twitch's confidence better than always saying this world's mean?"""
    if frames.world in score.UNKNOWING_WORLDS or not frames.truth["kind"].isin(score.JERKS).any():
        return
    twitches = frames.events[frames.events["label"].isin(score.TWITCH_LABELS)]
    counted = twitches[twitches["counted"]]
    groups = {
        "labelled twitches": twitches,
        "counted twitches": counted,
        "counted twitches of ordinary nights": counted[counted["scenario"].isin(ORDINARY)],
    }
    for what, some in groups.items():
        if len(some) == 0:
            continue
        right = score.right_twitches(some)
        said, plain = score.brier(some["confidence"].to_numpy(dtype=np.float64), right)
        found = f"{said:.4f}, of the mean {plain:.4f}; right {right.mean():.3f}, n = {len(some)}"
        yield Row(f"Brier score, {what}", found, "below that of the mean", said < plain)
    sure = twitches[twitches["confidence"] >= 0.9]
    yield said_row("twitches said with >= 0.9", sure["confidence"], pd.Series(score.right_twitches(sure)))


def reliability(frames: Frames) -> str:
    """The share of right twitches by confidence, as a table."""
    if frames.world in score.UNKNOWING_WORLDS:
        return ""
    some = frames.events[frames.events["label"].isin(score.TWITCH_LABELS)]
    place = np.clip(np.digitize(some["confidence"], CONFIDENCE_EDGES) - 1, 0, len(CONFIDENCE_EDGES) - 2)
    lines = ["| confidence of twitches | n | said | right (95 % interval) |", "|---|---|---|---|"]
    for number in np.unique(place):
        part = some[place == number]
        right = score.right_twitches(part)
        low, high = wilson_interval(int(right.sum()), len(part)) or (0.0, 1.0)
        edges = f"{CONFIDENCE_EDGES[number]:g}-{CONFIDENCE_EDGES[number + 1]:g}"
        said = part["confidence"].mean()
        lines.append(f"| {edges} | {len(part)} | {said:.3f} | {right.mean():.3f} ({low:.3f}-{high:.3f}) |")
    return "\n".join([*lines, ""]) if len(some) else ""


def visit_rows(frames: Frames) -> Iterator[Row]:
    """Visits out of bed, and a minute of shaking or of what resembles it."""
    if frames.world != "movements":
        return
    nights, events = frames.nights, frames.events
    visits = int(nights.loc[nights["scenario"] == "visits", "visits"].sum())
    if visits:
        counted = events[(events["scenario"] == "visits") & events["counted"]]
        false = counted[(counted["true_kind"] == "visit") | (counted["beside"] == "visit")]
        met = nights.loc[nights["scenario"] == "visits", "r1_met"]
        number = int((met == True).sum())  # noqa: E712  None is neither
        yield share("visits: nights with R1 met, of visits", number, visits, most=0.001)
        yield share("visits: counted twitches in them, of visits", len(false), visits, most=0.05)
    for scenario in frames.scenarios:
        met = nights.loc[nights["scenario"] == scenario, "r1_met"]
        if scenario == "visits" or len(met) == 0:
            continue
        number = int((met == True).sum())  # noqa: E712
        shaking = scenario == "shaking"
        yield share(
            f"60 s of {scenario}: R1 met",
            number,
            len(met),
            0.9 if shaking else None,
            None if shaking else 0.0,
        )


def verdict_rows(frames: Frames) -> Iterator[Row]:
    """What is said of whole nights and weeks."""
    nights = frames.nights
    if frames.world == "movements":
        return
    usual = nights["scenario"] == ("bare" if frames.world == "lab" else "ordinary")
    healthy = nights[usual & ~nights["name"].str.endswith(ILL)]
    for what, name in (
        ("significant (I1, I2 or I3)", "significant"),
        *((f"{i} met", f"{i.lower()}_met") for i in ("I1", "I2", "I3")),
    ):
        number = int((healthy[name] == True).sum())  # noqa: E712
        yield share(
            f"ordinary nights: {what}", number, len(healthy), most=0.2 if name == "significant" else None
        )
    lines = [line for line, mine in zip(frames.lines, usual, strict=True) if mine]
    if frames.world != "lab":
        yield amber_row(lines)
    red = nights[nights["r1_met"] == True]  # noqa: E712
    row = share("nights with R1 met", len(red), len(nights), most=0.0)
    yield dataclasses.replace(row, found=f"{row.found} {told(red['scenario'])}".strip())
    without = nights[~nights["has_series"]]
    said = without[without["said_periodic"]]
    row = share("periodic is said without a series", len(said), len(without), most=0.0)
    yield dataclasses.replace(row, found=f"{row.found} {told(said['scenario'])}".strip())
    if nights["has_series"].any():
        some = nights[nights["has_series"]]
        yield share("periodic is said with a series", int(some["said_periodic"].sum()), len(some))


def amber_row(lines: Sequence[NightLine]) -> Row:
    """Weeks drawn from these nights, seven different ones each: how many are amber?"""
    what = "weeks of ordinary nights that are amber"
    if len(lines) < 7:
        return Row(what, f"{len(lines)} nights make no week", "<= 0.02")
    rng, first = np.random.default_rng(1), date(2026, 11, 16)
    amber = 0
    for _ in range(WEEKS):
        chosen = rng.choice(len(lines), 7, replace=False)
        days = [str(first + timedelta(days=day)) for day in range(7)]
        week = [dataclasses.replace(lines[at], night=day) for at, day in zip(chosen, days, strict=True)]
        amber += judge_week(week, {}, days[-1]).verdict.level == "amber"
    found = f"{amber}/{WEEKS} = {amber / WEEKS:.3f}, drawn from {len(lines)} nights"
    return Row(what, found, "<= 0.02", amber / WEEKS <= 0.02)
