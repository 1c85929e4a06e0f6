"""A night, an event and a week as matplotlib axes, for notebooks and papers. Computes and judges nothing.

Knows what is kept in a night and how people are used to see it. Must not know the report, its words or its colours.

Conventions
-----------
Colours are those of Okabe and Ito (2008), told apart by colour-blind people, too; each label has its own marker.
A figure made here is known to the caller alone: `plot_night(night).figure.savefig("night.png")`. For a window give
axes of `matplotlib.pyplot.subplots()`.
"""

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from sleepjerk.errors import InputError
from sleepjerk.events import Label, State, twitches_apart
from sleepjerk.night.model import Night
from sleepjerk.night.verdict import Week

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Label -> marker and colour.
MARKS = {
    Label.HYPNIC_JERK: ("o", "#d55e00"),
    Label.SLEEP_TWITCH: ("D", "#0072b2"),
    Label.PERIODIC_MOVEMENT: ("s", "#cc79a7"),
    Label.LIMB_MOVEMENT: ("^", "#009e73"),
    Label.BODY_MOVEMENT: ("P", "#e69f00"),
    Label.POSTURE_CHANGE: ("v", "#56b4e9"),
    Label.RHYTHMIC_MOVEMENT: ("X", "#000000"),
    Label.UNCLASSIFIED: ("h", "#777777"),
}
# State -> colour and hatch of its band: light, so that what lies on it can be seen.
BANDS = {
    State.ONSET: ("#e4d9f2", ""),
    State.SLEEP: ("#dceaf7", ""),
    State.WAKE: ("#fdeccb", ""),
    State.OFF_BODY: ("#e6e6e6", "xx"),
    State.UNKNOWN: ("#ffffff", "//"),
}
AXES = {"x": "#d55e00", "y": "#0072b2", "z": "#009e73"}


def plot_night(night: Night, ax: "Axes | None" = None) -> "Axes":
    """The night at a glance: strongest movement of each epoch, the states as bands, every event at its peak.

    Parameters
    ----------
    night
        What `analyse` or `read_night` gave.
    ax
        Where to draw; axes of a new figure when None.

    Returns
    -------
    Axes
        Hours since the first sample; mg, on a logarithmic scale.

    Raises
    ------
    InputError
        matplotlib is missing.
    """
    ax = _new_axes(10.0, 4.0) if ax is None else ax
    timeline, events = night.timeline, night.events
    named: set[str] = set()  # each state stands once in the legend
    for start_s, end_s, state in timeline.states:
        colour, hatch = BANDS[State(state)]
        label = "" if state in named else _plain(state)
        ax.axvspan(
            start_s / 3600,
            end_s / 3600,
            facecolor=colour,
            edgecolor="#bbbbbb",
            linewidth=0,
            hatch=hatch,
            label=label,
        )
        named.add(state)
    movement_mg = 1000 * np.array(timeline.movement_g, dtype=float)  # None becomes NaN: a gap in the line
    middle_h = (np.arange(len(movement_mg)) + 0.5) * timeline.epoch_s / 3600
    ax.plot(middle_h, movement_mg, color="#555555", linewidth=0.7, label="strongest movement")
    beside = twitches_apart(events)
    shown = [(str(kind), *mark, events[(events["label"] == kind) & ~beside]) for kind, mark in MARKS.items()]
    for kind, marker, colour, of_kind in (
        *shown,
        ("twitch, not counted", "X", "#9ecae1", events[beside]),
    ):
        if len(of_kind):
            ax.plot(
                of_kind["onset_s"] / 3600,
                1000 * of_kind["peak_g"],
                linestyle="none",
                marker=marker,
                color=colour,
                markersize=7,
                markeredgecolor="white",
                markeredgewidth=0.6,
                label=f"{_plain(kind)} ({len(of_kind)})",
            )
    ax.set_yscale("log")
    ax.yaxis.set_major_formatter("{x:g}")
    ax.set_xlim(0, max(night.recording.hours, 1 / 3600))
    ax.set_xlabel("time since the first sample (h)")
    ax.set_ylabel("movement (mg)")
    ax.set_title(night.recording.provenance.name)
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False)
    return ax


def plot_event(night: Night, event: int, ax: "Axes | None" = None) -> "Axes":
    """The wave of one event: three axes without gravity, the event's duration shaded.

    Parameters
    ----------
    night
        What `analyse` or `read_night` gave.
    event
        Row of `night.events`, counted from 0; `[strip.event for strip in night.strips]` are those with a wave.
    ax
        Where to draw; axes of a new figure when None.

    Returns
    -------
    Axes
        Seconds from the event's onset; mg.

    Raises
    ------
    InputError
        There is no such event, the night keeps no wave of it, or matplotlib is missing.
    """
    if not 0 <= event < len(night.events):
        raise InputError(f"there is no event {event}: the night has {len(night.events)}, counted from 0")
    row = night.events.iloc[event]
    name = f"event {event} ({_plain(row['label'])})"
    strip = next((strip for strip in night.strips if strip.event == event), None)
    if strip is None:
        raise InputError(f"the night keeps no wave of {name}: see night.strips for those it keeps")
    ax = _new_axes(7.0, 3.5) if ax is None else ax
    ax.axvspan(0, row["duration_s"], color="#e6e6e6", label="event")
    for (axis, colour), wave_mg in zip(AXES.items(), strip.axes_mg, strict=True):
        from_onset_s = strip.start_s - row["onset_s"] + np.arange(len(wave_mg)) / strip.rate_hz
        ax.plot(from_onset_s, wave_mg, color=colour, linewidth=1, label=axis)
    ax.margins(x=0)
    ax.set_xlabel("time from onset (s)")
    ax.set_ylabel("acceleration without gravity (mg)")
    ax.set_title(name)
    ax.legend(loc="upper right", frameon=False)
    return ax


def plot_week(week: Week | None, ax: "Axes | None" = None) -> "Axes":
    """Twitches of each of the week's seven dates; a date without a recording has no bar.

    Parameters
    ----------
    week
        `night.week` of a night that a diary knows.
    ax
        Where to draw; axes of a new figure when None.

    Returns
    -------
    Axes
        Date of the evening; twitches a night.

    Raises
    ------
    InputError
        There is no week, or matplotlib is missing.
    """
    if week is None:
        raise InputError(
            "this night has no week: `sleepjerk report` keeps a night in the diary and judges it with its week"
        )
    ax = _new_axes(8.0, 3.5) if ax is None else ax
    first, nights = date.fromisoformat(week.first), week.nights
    days = [
        str(first + timedelta(days=day)) for day in range((date.fromisoformat(week.last) - first).days + 1)
    ]
    places = [days.index(line.night) for line in nights]
    jerks = np.array([line.jerks for line in nights], dtype=float)  # None becomes NaN, which draws nothing
    twitches = np.array([line.twitches for line in nights], dtype=float)
    ax.bar(places, jerks, color=MARKS[Label.HYPNIC_JERK][1], label="hypnic jerks")
    ax.bar(places, twitches - jerks, bottom=jerks, color=MARKS[Label.SLEEP_TWITCH][1], label="other twitches")
    for place in np.flatnonzero(np.isnan(twitches)):
        ax.text(places[place], 0.0, "unknown", rotation=90, ha="center", va="bottom")
    uncounted = [
        (place, number)
        for place, number, line in zip(places, twitches, nights, strict=True)
        if not line.valid and not np.isnan(number)
    ]
    if uncounted:
        where, heights = zip(*uncounted, strict=True)
        ax.bar(
            where,
            heights,
            facecolor="none",
            edgecolor="#222222",
            hatch="//",
            label="night that doesn't count",
        )
    if week.usual is not None:
        ax.axhline(week.usual.median, color="#000000", linewidth=1, label="usual (median)")
        ax.axhline(week.usual.limit, color="#000000", linewidth=1, linestyle="--", label="stands out above")
    ax.set_xticks(range(len(days)), [day[5:] for day in days])
    ax.set_xlim(-0.6, len(days) - 0.4)
    ax.locator_params(axis="y", integer=True)
    ax.set_xlabel("evening (month-day)")
    ax.set_ylabel("twitches (per night)")
    ax.set_title(f"{week.first} to {week.last}")
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False)
    return ax


def _new_axes(width_in: float, height_in: float) -> "Axes":
    """Axes of a figure that pyplot doesn't know, so nothing is kept and nothing pops up."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise InputError(
            "pictures need the package matplotlib; type: pip install 'sleepjerk[plot]'"
        ) from error
    return Figure(figsize=(width_in, height_in), layout="constrained").add_subplot()


def _plain(word: str) -> str:
    return word.replace("_", " ")
