"""Which windows people are asked about: all alike, by chance, and nothing in them tells what the program thinks."""

import dataclasses
from functools import cache

import numpy as np
import pytest

from sleepjerk.analysis import analyse
from sleepjerk.errors import InputError
from sleepjerk.events import ASLEEP, Label, isolated_twitches
from sleepjerk.night.model import Night
from sleepjerk.recording import Recording
from sleepjerk.review.choice import choose_windows, share_out, signal_of
from sleepjerk.review.kept import Review, Stratum
from sleepjerk.said import Correction
from sleepjerk.simulate import LOGGER_8BIT, simulate_night
from sleepjerk.spans import inside
from tests.support.marks import a_few

SEEDS = range(4)


@cache
def judged(gap: bool) -> tuple[Recording, Night]:
    """A made night with many movements, or the same with ten minutes lost in it."""
    recording = simulate_night(1.5, 3, "intensified", sensor=LOGGER_8BIT).recording
    if gap:
        samples, fs = recording.acceleration_g.copy(), recording.rate_hz
        samples[:, round(3000 * fs) : round(3600 * fs)] = np.nan
        recording = dataclasses.replace(
            recording, acceleration_g=samples, gaps_s=np.array([[3000.0, 3600.0]])
        )
    return recording, analyse(recording)


@cache
def choice(number: int, seed: int, gap: bool) -> Review:
    return choose_windows(*judged(gap), number, seed=seed)


def chosen(number: int = 1000, seed: int = 0, *, gap: bool = False) -> Review:
    return choice(number, seed, gap)


def begins(review: Review, *strata: Stratum) -> np.ndarray:
    return np.sort([window.begin_s for window in review.windows if window.stratum in (strata or Stratum)])


@pytest.mark.parametrize("seed", a_few(SEEDS, of=4))
@pytest.mark.parametrize("gap", a_few([True, False], of=2))
def test_windows_lie_in_sleep_beside_each_other_and_hold_samples(seed: int, gap: bool) -> None:
    review, (recording, night) = chosen(seed=seed, gap=gap), judged(gap)
    every, length = begins(review), review.window_s
    assert len(every) > 50
    assert np.all(np.diff(every) >= length - 0.02)
    asleep = np.array([(start, end) for start, end, state in night.timeline.states if state in ASLEEP])
    for edge in (every + 0.02, every + length - 0.02):
        assert inside(edge, asleep).all()
    wide = every[:, None] + [-review.margin_s, length + review.margin_s]
    assert all(
        np.all((wide[:, 1] <= start + 0.02) | (wide[:, 0] >= end - 0.02)) for start, end in recording.gaps_s
    )


@pytest.mark.parametrize("seed", a_few(SEEDS, of=4))
def test_a_stratum_says_what_was_found_in_a_window(seed: int) -> None:
    review, events = chosen(seed=seed), judged(False)[1].events
    onset, counted = events["onset_s"].to_numpy(), isolated_twitches(events)
    series = events["series"].notna().to_numpy()
    for window in review.windows:
        here = (onset >= window.begin_s) & (onset < window.begin_s + review.window_s)
        near = (onset >= window.begin_s - review.margin_s) & (
            onset < window.begin_s + review.window_s + review.margin_s
        )
        if window.stratum is Stratum.CALLED:
            assert counted[here].sum() == 1
        elif window.stratum is Stratum.UNCALLED:
            assert here.any()
            assert not counted[here].any()
            assert not series[here].any()
        else:
            assert not near.any()


@pytest.mark.parametrize("gap", [False, True])
def test_every_counted_twitch_of_sleep_has_its_window_or_is_left_out(gap: bool) -> None:
    review, night = chosen(gap=gap), judged(gap)[1]
    asleep = isolated_twitches(night.events) & night.events["state"].isin(ASLEEP)
    called = review.windows_of[Stratum.CALLED]
    assert called <= asleep.sum() <= called + review.left_out
    assert called == len(begins(review, Stratum.CALLED)) > 3


def test_the_same_seed_chooses_the_same_windows_and_another_one_others() -> None:
    again = [choose_windows(*judged(False), 30, seed=5) for _ in range(2)]
    assert again[0] == again[1]
    assert signal_of(judged(False)[0], again[0]) == signal_of(judged(False)[0], again[1])
    assert len({chosen(30, seed).windows for seed in SEEDS}) == len(SEEDS)
    free = {choose_windows(*judged(False), 20).seed for _ in range(3)}
    assert len(free) == 3


def test_what_was_found_begins_anywhere_in_its_window() -> None:
    places: dict[Stratum, list[float]] = {Stratum.CALLED: [], Stratum.UNCALLED: []}
    onset = judged(False)[1].events["onset_s"].to_numpy()
    for seed in SEEDS:
        for window in chosen(seed=seed).windows:
            if window.stratum in places:
                places[window.stratum].append(onset[onset >= window.begin_s].min() - window.begin_s)
    for leads in places.values():
        assert np.histogram(leads, bins=4, range=(1, 8))[0].min() > 0.1 * len(leads)


def test_the_order_tells_nothing_of_the_stratum() -> None:
    orders = [[window.stratum for window in chosen(30, seed).windows] for seed in SEEDS]
    assert len({order[0] for order in orders}) > 1
    places = [place for order in orders for place, stratum in enumerate(order) if stratum == Stratum.CALLED]
    assert abs(np.mean(places) - 14.5) < 3.5  # half of a review away from its middle is 7


def test_what_a_person_put_right_changes_no_stratum() -> None:
    recording, night = judged(False)
    rows = night.events.index[isolated_twitches(night.events)][:2]
    said = [
        Correction(
            onset_s=float(night.events["onset_s"][row]),
            label=Label.BODY_MOVEMENT,
            detected=str(night.events["label"][row]),
            said_utc=f"2026-11-29T07:00:0{row % 10}+00:00",
        )
        for row in rows
    ]
    corrected = analyse(recording, corrections=said)
    assert corrected.counts != night.counts
    again = choose_windows(recording, corrected, 1000, seed=0)
    assert again.windows_of[Stratum.CALLED] == chosen().windows_of[Stratum.CALLED]


def test_a_review_asks_of_each_stratum_in_parts_and_of_all_where_there_are_few() -> None:
    parts = {Stratum.CALLED: 2, Stratum.UNCALLED: 3, Stratum.QUIET: 2}
    many = dict.fromkeys(parts, 1000)
    assert list(share_out(28, many, parts).values()) == [8, 12, 8]
    assert list(share_out(28, many | {Stratum.CALLED: 3}, parts).values()) == [3, 15, 10]
    assert list(share_out(99, dict.fromkeys(parts, 5), parts).values()) == [5, 5, 5]
    assert len(chosen(30).windows) == 30
    assert [window.stratum for window in chosen(30).windows].count(Stratum.STILL) == 3
    there, most = chosen().windows_of, len(chosen().windows)
    assert most == sum(there.values()) - there[Stratum.SERIES]  # no more than there are


def test_still_windows_hold_nothing_that_stands_out() -> None:
    (recording, _), review = judged(False), chosen()
    still, fs = begins(review, Stratum.STILL), recording.rate_hz
    quiet = begins(review, Stratum.QUIET)
    assert len(still)
    stirring = [
        np.std(recording.acceleration_g[:, round(begin * fs) : round((begin + 10) * fs)], axis=1).max()
        for begin in np.concatenate((still, quiet))
    ]
    assert np.mean(stirring[: len(still)]) < np.mean(stirring[len(still) :])


def test_a_night_without_sleep_has_nothing_to_ask_about() -> None:
    made = simulate_night(0.25, 12, "intensified").recording
    restless = np.random.default_rng(1).normal(0, 0.5, made.acceleration_g.shape).astype(np.float32)
    recording = dataclasses.replace(made, acceleration_g=restless + made.acceleration_g)
    with pytest.raises(InputError, match="no sleep in this night"):
        choose_windows(recording, analyse(recording), 30)
