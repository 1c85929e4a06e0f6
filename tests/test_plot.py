"""Pictures for notebooks and papers carry the night's own numbers, and leave nothing behind."""

import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import sleepjerk as sj
from sleepjerk.events import twitches_apart
from sleepjerk.plot import MARKS
from tests.support.made_weeks import judge

mpl.use("agg")
SAMPLE = Path(__file__).resolve().parents[1] / "sample_data" / "short_night.csv.gz"
WEEK = judge("f . r x - . f " * 3)  # the last seven: f . r x - . f


@cache
def night() -> sj.Night:
    return sj.analyse(sj.read_recording(SAMPLE))


def with_a_wave() -> int:
    return night().strips[-1].event


# What each picture is drawn by, and the units that its labels must name.
PICTURES: dict[str, tuple[Callable[[Axes | None], Axes], str, str]] = {
    "night": (lambda ax: sj.plot_night(night(), ax), "(h)", "(mg)"),
    "event": (lambda ax: sj.plot_event(night(), with_a_wave(), ax), "(s)", "(mg)"),
    "week": (lambda ax: sj.plot_week(WEEK, ax), "(month-day)", "(per night)"),
}


def lines(ax: Axes) -> dict[str, np.ndarray]:
    """Label -> (2, n) what is drawn."""
    return {str(line.get_label()): np.array(line.get_data(), dtype=float) for line in ax.get_lines()}


@pytest.mark.parametrize("kind", PICTURES)
def test_a_picture_goes_into_the_axes_that_are_given_and_else_into_a_figure_nobody_else_knows(
    kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(plt, "show", lambda *_, **__: pytest.fail("a picture was shown"))
    settings = dict(mpl.rcParams)
    draw = PICTURES[kind][0]
    given = Figure().add_subplot()
    assert draw(given) is given
    own = draw(None)
    assert own.figure is not given.figure
    assert isinstance(own.figure, Figure)
    own.figure.savefig(tmp_path / "picture.png")  # a warning of a layout that doesn't fit would be an error
    assert (tmp_path / "picture.png").stat().st_size > 5000
    assert plt.get_fignums() == []
    assert dict(mpl.rcParams) == settings


@pytest.mark.parametrize("kind", PICTURES)
def test_a_picture_names_its_units_and_every_colour(kind: str) -> None:
    draw, x_unit, y_unit = PICTURES[kind]
    ax = draw(None)
    assert ax.get_xlabel().endswith(x_unit)
    assert ax.get_ylabel().endswith(y_unit)
    named = ax.get_legend_handles_labels()[1]
    assert len(named) == len(set(named)) >= 3
    legend = ax.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == named


def test_a_night_is_drawn_with_its_own_movement_states_and_events() -> None:
    ax, timeline, events = sj.plot_night(night()), night().timeline, night().events
    drawn, beside = lines(ax), twitches_apart(events)
    assert f"twitch, not counted ({beside.sum()})" in drawn or not beside.any()
    drawn.pop(f"twitch, not counted ({beside.sum()})", None)
    movement = [np.nan if value is None else 1000 * value for value in timeline.movement_g]
    middle = (np.arange(len(movement)) + 0.5) * timeline.epoch_s / 3600
    np.testing.assert_allclose(drawn.pop("strongest movement"), [middle, movement])
    bands = [(band.get_x() * 3600, band.get_width() * 3600) for band in ax.patches]
    np.testing.assert_allclose(bands, [(start, end - start) for start, end, _ in timeline.states])
    counted = {f"{kind.replace('_', ' ')} ({count})": kind for kind, count in night().counts.items() if count}
    assert set(drawn) == set(counted)
    for label, kind in counted.items():
        rows = events[(events["label"] == kind) & ~beside]
        np.testing.assert_allclose(drawn[label], [rows["onset_s"] / 3600, 1000 * rows["peak_g"]])


def test_every_label_has_a_marker_and_a_colour_of_its_own() -> None:
    for of_label in zip(*MARKS.values(), strict=True):
        assert len(set(of_label)) == len(night().counts)


def test_an_event_is_drawn_with_its_own_wave_from_its_onset() -> None:
    for strip in night().strips:
        ax, row = sj.plot_event(night(), strip.event), night().events.iloc[strip.event]
        drawn = lines(ax)
        assert list(drawn) == ["x", "y", "z"]
        for (from_onset_s, mg), wave in zip(drawn.values(), strip.axes_mg, strict=True):
            assert mg.tolist() == list(wave)
            assert from_onset_s[0] + row["onset_s"] == pytest.approx(strip.start_s)
            np.testing.assert_allclose(np.diff(from_onset_s), 1 / strip.rate_hz)
        (shaded,) = ax.patches
        assert (shaded.get_x(), shaded.get_width()) == (0, pytest.approx(row["duration_s"]))


@pytest.mark.parametrize("event", [-1, 10_000])
def test_an_event_that_is_not_there_is_said_in_one_sentence(event: int) -> None:
    with pytest.raises(
        sj.InputError, match=f"there is no event {event}: the night has {len(night().events)}"
    ):
        sj.plot_event(night(), event)


def test_an_event_without_a_wave_is_said_in_one_sentence() -> None:
    kept = {strip.event for strip in night().strips}
    event = next(row for row in range(len(night().events)) if row not in kept)
    with pytest.raises(sj.InputError, match=rf"keeps no wave of event {event} \("):
        sj.plot_event(night(), event)


def test_a_night_without_a_week_is_one_sentence() -> None:
    with pytest.raises(sj.InputError, match="this night has no week"):
        sj.plot_week(night().week)


def test_a_week_is_drawn_with_its_own_twitches_on_their_dates() -> None:
    ax = sj.plot_week(WEEK)
    days = [f"{text.get_text()}" for text in ax.get_xticklabels()]
    assert days == ["11-16", "11-17", "11-18", "11-19", "11-20", "11-21", "11-22"]
    top = {days[round(bar.get_center()[0])]: bar.get_y() + bar.get_height() for bar in ax.containers[1]}
    assert top == {line.night[5:]: line.twitches for line in WEEK.nights}
    assert "11-20" not in top
    jerks = {days[round(bar.get_center()[0])]: bar.get_height() for bar in ax.containers[0]}
    assert jerks == {line.night[5:]: line.jerks for line in WEEK.nights}
    assert [days[round(bar.get_center()[0])] for bar in ax.containers[2]] == ["11-19"]
    assert WEEK.usual is not None
    assert set(lines(ax)["usual (median)"][1]) == {WEEK.usual.median}
    assert set(lines(ax)["stands out above"][1]) == {WEEK.usual.limit}


@pytest.mark.parametrize("kind", PICTURES)
def test_without_matplotlib_one_sentence_says_what_to_type(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(sj.InputError, match=r"type: pip install 'sleepjerk\[plot\]'"):
        PICTURES[kind][0](None)
