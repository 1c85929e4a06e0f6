"""What happens when in a made night: a list of events and the night's frame. Knows no physics and no chance.

Conventions
-----------
Times are seconds since the first sample. Spans are (start, end).
"""

from dataclasses import dataclass
from enum import StrEnum

Span = tuple[float, float]


class Kind(StrEnum):
    """What the generator makes; several kinds may carry the same label of `events.Label`."""

    HYPNIC_JERK = "hypnic_jerk"
    REM_TWITCH = "rem_twitch"
    MYOCLONUS = "myoclonus"
    PERIODIC_ARM = "periodic_arm"
    MECHANICAL_MISS = "mechanical_miss"
    PERIODIC_LEG_COUPLED = "periodic_leg_coupled"
    BODY_MOVEMENT = "body_movement"
    POSITION_SHIFT = "position_shift"
    FAINT_TWITCHING = "faint_twitching"
    SCRATCHING = "scratching"
    TREMOR = "tremor"
    BED_RHYTHM = "bed_rhythm"
    PARTNER = "partner"
    CABLE_TUG = "cable_tug"
    RESUMPTION = "resumption"


TWITCHES = frozenset({Kind.HYPNIC_JERK, Kind.REM_TWITCH, Kind.FAINT_TWITCHING})
MOVEMENTS = frozenset({Kind.BODY_MOVEMENT, Kind.POSITION_SHIFT, Kind.RESUMPTION})


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedEvent:
    """One event to make.

    Attributes
    ----------
    onset_s
        Where the motion begins; the truth's onset, at 15 % of the peak, comes some ms later.
    peak_g
        Peak of the 2-20 Hz norm, as `events.csv` tells it; None leaves the strength to the kind.
    duration_s
        Length of the motion; None leaves it to the kind. Twitches and rings have their own length always.
    tilt_deg
        Net change of the arm's direction: of a position shift, a cable tug, and of a body movement or
        resumption (None: as it happens).
    rate_hz
        Of a rhythm; None leaves it to the kind.
    series
        Number of the periodic series it belongs to.
    """

    kind: Kind
    onset_s: float
    peak_g: float | None = None
    duration_s: float | None = None
    tilt_deg: float | None = None
    rate_hz: float | None = None
    series: int | None = None

    def __post_init__(self) -> None:
        if self.onset_s < 0:
            raise ValueError(f"onset_s is {self.onset_s}, expected seconds since the first sample, 0 or more")
        for name in ("peak_g", "duration_s", "rate_hz"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ValueError(f"{name} is {value}, expected a positive number or None")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A whole night before it is made.

    Attributes
    ----------
    duration_s
        Length of the recording.
    events
        In any order.
    sleep_s
        The sleep period; None when nobody sleeps.
    wake_s
        Wake bouts inside it.
    lights_s
        Lights off and lights up; None when nobody marked them.
    gaps_s
        Segments without samples.
    off_body_s
        Segments in which the sensor lies on a table: no breathing, no pulse, one position.
    apnoeas_s
        Segments in which breathing stops.
    living
        False for a sensor on a table all night: no breathing, no pulse.
    breath_lift
        Share by which breathing is deeper around body movements, e.g. 0.3.
    twitches
        False leaves the planned `TWITCHES` out of the night and changes nothing else, to the last bit: what
        a detector still calls a twitch is a false alarm. Fragmentary myoclonus stays: it is too faint.
    """

    duration_s: float
    events: tuple[PlannedEvent, ...] = ()
    sleep_s: Span | None = None
    wake_s: tuple[Span, ...] = ()
    lights_s: Span | None = None
    gaps_s: tuple[Span, ...] = ()
    off_body_s: tuple[Span, ...] = ()
    apnoeas_s: tuple[Span, ...] = ()
    living: bool = True
    breath_lift: float = 0.0
    twitches: bool = True

    def __post_init__(self) -> None:
        if not self.duration_s > 0:
            raise ValueError(f"duration_s is {self.duration_s}, expected a positive number of seconds")
        for event in self.events:
            if event.onset_s >= self.duration_s:
                raise ValueError(
                    f"{event.kind} at {event.onset_s} s lies behind the end ({self.duration_s} s)"
                )


# Falling asleep, as the truth counts it (2 and 6.3 of the science notes).
ONSET_AFTER_S = 900.0
ONSET_WINDOW_MAX_S = 5400.0
RE_ONSET_AFTER_S = 600.0


def falling_asleep(plan: Plan) -> tuple[Span, ...]:
    """The spans in which a twitch is a hypnic jerk: around sleep onset, and after each wake bout."""
    if plan.sleep_s is None:
        return ()
    onset_s, end_s = plan.sleep_s
    lights_off_s = 0.0 if plan.lights_s is None else plan.lights_s[0]
    last_s = onset_s + ONSET_AFTER_S
    first = (max(lights_off_s, last_s - ONSET_WINDOW_MAX_S), min(last_s, end_s))
    later = tuple((stop_s, min(stop_s + RE_ONSET_AFTER_S, end_s)) for _, stop_s in plan.wake_s)
    return (first, *later)


def inside(time_s: float, spans: tuple[Span, ...]) -> bool:
    """Does a moment lie in one of the spans?"""
    return any(start_s <= time_s < end_s for start_s, end_s in spans)


def asleep(time_s: float, plan: Plan) -> bool:
    """Is the person asleep at this moment: in the sleep period and in no wake bout?"""
    return plan.sleep_s is not None and inside(time_s, (plan.sleep_s,)) and not inside(time_s, plan.wake_s)
