"""A night: everything that is known of it after analysis.

Knows the names and types of the numbers; computes none of them, and no file. Whatever shows a night (report, trend)
reads it from here, so that every number shown exists in `night.json`. Unknown is None, never 0.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sleepjerk.events import Row, table_of
from sleepjerk.messages import Message
from sleepjerk.night.verdict import Verdict, Week
from sleepjerk.parts import Damage, Device, Placement, Provenance, html_table

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "sleepjerk.night/1"
Span = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingSummary:
    """What was recorded, and how well: the recording's own parts, and what analysis found of it.

    `hours` counts from first to last sample, gaps included; all times count from the night's own first sample.
    `hidden_by`: what hides so many twitches that they can't be counted ("rate", "noise", "step", "bed"); None where
    they can.
    """

    provenance: Provenance = field(default_factory=Provenance)
    placement: Placement = field(default_factory=Placement)
    device: Device = field(default_factory=Device)
    damage: Damage = field(default_factory=Damage)
    start: str | None = None
    zone: str | None = None
    hours: float
    rate_hz: float
    gaps: int
    missing_s: float
    noise_g: float | None = None
    off_body_h: float
    calibration: str
    calibration_error_g: float | None = None
    smallest_visible_g: float | None = None
    limited_by: str | None = None
    calibration_error_before_g: float | None = None
    calibration_windows: int | None = None
    calibration_gain_shift: float | None = None
    hidden_by: str | None = None


@dataclass(frozen=True, slots=True)
class SaidSleep:
    """What a person said of the sleep: the period, and when they were awake and when asleep in it; spans, s."""

    sleep_s: Span | None = None
    awake_s: tuple[Span, ...] = ()
    asleep_s: tuple[Span, ...] = ()

    @classmethod
    def of(cls, sleep_s: Span | None, *spans_s: Iterable[Span]) -> "SaidSleep | None":
        """The same from any spans; None where nothing was said."""
        sleep, *others = (
            tuple((round(float(begin), 2), round(float(end), 2)) for begin, end in spans)
            for spans in ([] if sleep_s is None else [sleep_s], *spans_s)
        )
        found = cls(sleep[0] if sleep else None, *others)
        return None if found == cls() else found


@dataclass(frozen=True, slots=True, kw_only=True)
class SleepSummary:
    """The sleep period; every field of it None where none was found.

    `analysed_h` is the sleep period without wake bouts, gaps and time off the body: the denominator of
    `per_hour`. `onset_range_s` and `end_range_s`: between which moments onset and end lie in nine nights of ten, since
    a wrist can't tell lying awake from sleep. `quiet_h` leaves out of the analysed time what lies before the end of
    `onset_range_s` and 30 s around body movements: the denominator of the twitch rate in the criteria. `message` says
    what decided onset and end, `method` is that in English. `others_s`: (start, end) of further rests that would pass
    for a sleep period by themselves and are not analysed. `begins_asleep`, `ends_asleep`: the recording begins, ends
    within the period. `out_of_bed_s` and `shaking_s`: (start, end) of getting up and walking, and of strong rhythmic
    shaking in bed, whenever it was; known without a sleep period, too. `visits`: how many of the former lie in the
    sleep period. `said`: None where a person said nothing of the sleep; an onset or end that they said has no range.
    """

    onset_s: float | None = None
    end_s: float | None = None
    period_h: float | None = None
    analysed_h: float | None = None
    onset_range_s: tuple[float, float] | None = None
    end_range_s: tuple[float, float] | None = None
    quiet_h: float | None = None
    wake_bouts: int | None = None
    wake_s: float | None = None
    onset_utc: str | None = None
    end_utc: str | None = None
    method: str | None = None
    message: Message | None = None
    others_s: tuple[tuple[float, float], ...] = ()
    begins_asleep: bool | None = None
    ends_asleep: bool | None = None
    visits: int | None = None
    out_of_bed_s: tuple[tuple[float, float], ...] | None = None
    shaking_s: tuple[tuple[float, float], ...] | None = None
    said: SaidSleep | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number with its range; None where it can't be told, and `message` says why."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    message: Message | None = None


@dataclass(frozen=True, slots=True)
class SleepEstimates:
    """What a sleep laboratory would report, estimated from movement.

    `total_sleep_h`: still within the sleep period, without what is not known (`analysed_h`). `latency_min`: from lights
    off to onset. `awake_min`: wake bouts after onset. `efficiency`: share of the time from lights off to lights up that
    was sleep. The ranges follow from those of onset and end; gaps may have been sleep or not, and of the still hours as
    much may have been waking as on nine of ten nights of a clinic (`sleep.still_asleep`).
    """

    total_sleep_h: Estimate = field(default_factory=Estimate)
    latency_min: Estimate = field(default_factory=Estimate)
    awake_min: Estimate = field(default_factory=Estimate)
    efficiency: Estimate = field(default_factory=Estimate)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesCount:
    """Series in sleep by one literal rule set; None where no sleep period was found.

    `index_per_h`: movements in series per analysed hour. `median_interval_s`: within series. `series_share`:
    movements in series / all candidate movements, another thing that some scorers also call periodicity index.
    """

    rules: str
    series: int | None = None
    movements: int | None = None
    index_per_h: float | None = None
    median_interval_s: float | None = None
    series_share: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodicSummary:
    """Periodic series: the numbers of the chosen rule set, and in `by_rules` those of both.

    `rules` to `median_interval_s` are as in `SeriesCount`. `periodicity_index`: Ferri 2006, None below 10
    movements/h. `said`: may the report use the word "periodic"? `intervals_s`: onset-to-onset intervals of
    candidate movements in sleep, for the histogram. `sleep_interval_s`: median of those the series rule allows,
    in a series or not, and `sleep_intervals_per_h` how many an analysed hour. `respiratory_caveat`: must the
    report say that movements after pauses in breathing look the same? `respiratory_intervals`: are the intervals
    as long as those pauses make them? `like_breathing`: regular enough for the word, but with
    so few short intervals that it can't be told from those pauses, so that the word isn't said. `moved_per_h`:
    movements of limb and body in sleep, an analysed hour.
    """

    rules: str
    series: int | None
    movements: int | None
    index_per_h: float | None
    periodicity_index: float | None
    series_share: float | None
    median_interval_s: float | None
    said: bool
    respiratory_caveat: bool
    other_rules: str | None = None
    other_index_per_h: float | None = None
    by_rules: tuple[SeriesCount, ...] = ()
    sleep_interval_s: float | None = None
    sleep_intervals_per_h: float | None = None
    respiratory_intervals: bool = False
    like_breathing: bool = False
    moved_per_h: float | None = None
    intervals_s: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SteadyVibration:
    """A machine's line: its frequency, the sine's amplitude, how much of the time, how much in one direction."""

    frequency_hz: float
    amplitude_g: float
    time_share: float
    direction_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What shook the bed from outside.

    `vibrations`: machines; None where no segment was long enough to tell. `rings`: short ringing of the bed in
    sleep that left the arm as it was, `rings_per_h` an analysed hour; None where there was no sleep period or the
    sensor can't show it. `shared_bed`: are these so many that somebody else probably moved in it?
    """

    vibrations: tuple[SteadyVibration, ...] | None = None
    rings: int | None = None
    rings_per_h: float | None = None
    shared_bed: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The night in epochs, for pictures: strongest movement and arm angle of each; None in gaps.

    `states`: (start_s, end_s, state) spans that cover the recording.
    """

    epoch_s: float
    movement_g: tuple[float | None, ...]
    angle_deg: tuple[float | None, ...]
    states: tuple[tuple[float, float, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """The wave around one event, gravity taken off: three axes in mg from `start_s` on.

    `event` is the row of the event in the table, counted from 0.
    """

    event: int
    start_s: float
    rate_hz: float
    axes_mg: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BothLimbs:
    """What the boards on wrist and ankle of one night show together.

    `recording`, `periodic` and `input_sha256` are the ankle's, its series counted in the wrist's sleep. `apart_s`: when
    its first sample was, by the wrist's recording; `clock`: by the computer's own clock ("host"), or the wall clocks of
    two computers ("utc"), and `unsure_s` how far off that may be. `both_h`: hours in which both recorded and were worn;
    `asleep_h` those of them that were analysed sleep. Only there is anything counted, a movement of both limbs once:
    `counts` and `restless` by limb ("wrist" or "ankle" alone, "both"), `per_hour` of all three in `asleep_h`; None
    where one of the sensors can't show it. `messages`: what was missing or doubtful of the ankle and of the clocks.
    `rows` are the events of both, one row a movement; `wrist_rows` is the row of each event of the wrist. `said_utc`:
    when the labels were said that a person gave to movements of the ankle.
    """

    recording: RecordingSummary
    periodic: PeriodicSummary
    input_sha256: str
    apart_s: float
    clock: str
    unsure_s: float
    both_h: float
    asleep_h: float | None
    counts: dict[str, dict[str, int | None]]
    restless: dict[str, int | None]
    per_hour: dict[str, float | None]
    messages: tuple[Message, ...] = ()
    rows: tuple[Row, ...] = ()
    wrist_rows: tuple[int, ...] = ()
    said_utc: tuple[str, ...] = ()

    @property
    def events(self) -> "pd.DataFrame":
        """The table of `events.csv`: that of one limb, and its columns `events.OF_LIMBS`."""
        return table_of(self.rows)


@dataclass(frozen=True, kw_only=True, eq=False)
class Night:
    """One analysed night.

    `counts`: events by label, of twitches those that stand alone; None for twitches that the sensor can't show.
    `restless`: the other twitches, which nothing else counts: in restless minutes, or weak ones among many. `per_hour`:
    what is counted during the sleep period per analysed hour; None there, too, and where there is no sleep period;
    `per_hour_interval` the exact Poisson interval of each. `week`: the last nights together, None where none were kept;
    `verdict` is then that of the week. `options` is what a person said of the recording and its rules, by name of the
    option; what isn't there was not said. `messages`: what was missing or doubtful; `warnings` are their English words,
    empty until `report` gave them. `limbs`: where a second board sat on the ankle, what both show; all else is told by
    the wrist alone, as on every other night. `rows` are the events, `events` the same as a table. `unknown`: what
    another version wrote into its `night.json`, to be written there again.
    """

    version: str
    settings_sha256: str
    input_sha256: str
    recording: RecordingSummary
    sleep: SleepSummary
    counts: dict[str, int | None]
    restless: int | None = None
    per_hour: dict[str, float | None]
    periodic: PeriodicSummary
    verdict: Verdict
    warnings: tuple[str, ...] = ()
    timeline: Timeline
    surroundings: Surroundings = field(default_factory=Surroundings)
    estimates: SleepEstimates = field(default_factory=SleepEstimates)
    per_hour_interval: dict[str, tuple[float, float]] = field(default_factory=dict)
    strips: tuple[Strip, ...] = ()
    rows: tuple[Row, ...] = ()
    confidence_edges: dict[str, float] = field(default_factory=dict)
    week: Week | None = None
    options: dict[str, Any] = field(default_factory=dict)
    messages: tuple[Message, ...] = ()
    limbs: BothLimbs | None = None
    unknown: dict[Any, Any] = field(default_factory=dict)
    schema: str = SCHEMA

    @property
    def events(self) -> "pd.DataFrame":
        """A new table of the events each time: what is changed in it changes no night (`rows` are the night's)."""
        return table_of(self.rows)

    @property
    def all_rows(self) -> tuple[Row, ...]:
        """The events, those of both limbs where there were two boards, with the columns `events.OF_LIMBS`."""
        return self.rows if self.limbs is None else self.limbs.rows

    @property
    def table(self) -> "pd.DataFrame":
        """What `events.csv` holds: the table of `all_rows`."""
        return self.events if self.limbs is None else self.limbs.events

    def __repr__(self) -> str:
        return f"<Night {self.recording.provenance.name}: {', '.join(self.found()) or 'no events'}>"

    def found(self) -> list[str]:
        """The counts but those of nothing, as words."""
        told = {**self.counts, "twitches not counted": self.restless or 0}
        return [
            f"{'unknown' if count is None else count} {what}" for what, count in told.items() if count != 0
        ]

    def _repr_html_(self) -> str:
        """A small table for a notebook."""
        analysed_h = self.sleep.analysed_h
        rows = {
            "night": self.recording.provenance.name,
            "start": self.recording.start or "unknown",
            "analysed": "no sleep period" if analysed_h is None else f"{analysed_h:.2f} h of sleep",
            "verdict": self.verdict.level,
            "found": ", ".join(self.found()),
        }
        return html_table(rows)
