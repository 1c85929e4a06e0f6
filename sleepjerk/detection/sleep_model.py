"""How sure is it, at every moment, that the sleep period has begun, and that it has ended?

Knows how far the arm turned in each half minute and how long it moved, and the constants of the model. Must not know
samples, marks or events.

A hidden Markov model: the person is awake, falls asleep, may be up for a while, and gets up in the end; a nap long
before or after the night is a rest of its own. Each half minute speaks for sleep or against it by how far the arm
turned and how long it moved. What comes out is no single night but a probability for every moment, so nothing jumps
where two readings are about as likely: the range becomes wide instead.

A wrist sees stillness, not sleep, and stillness comes first: the moment of falling asleep is that of becoming still and
a delay, for which laboratory nights give a distribution. Constants: `tests/benchmarks/sleep_period.py`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sleepjerk.recording import Floats
from sleepjerk.rules import SleepRules

_AWAKE, _NAP_BEFORE, _ASLEEP, _UP, _RISEN, _NAP_AFTER = _STATES = tuple(range(6))  # plain: numbers of states
# Where the lines of the rules have their corners.
_TURNED_DEG, _MOVED_S = (2, 4, 8, 16, 32), (0, 1, 3, 8, 16)  # plain: names of fields
_SLEEPING = [_NAP_BEFORE, _ASLEEP, _NAP_AFTER]


@dataclass(frozen=True, slots=True)
class Likely:
    """Probabilities at n moments, a step apart, each field (n,).

    Attributes
    ----------
    still_from, until
        That the sleeper's stillness begins at this moment, and that the sleep period ends there.
    asleep, napping
        That the person rests in the sleep period at this moment, or in a rest apart from it.
    """

    still_from: Floats
    until: Floats
    asleep: Floats
    napping: Floats

    @property
    def surest(self) -> int:
        """The moment that lies in the sleep period with the highest probability."""
        return int(np.argmax(np.cumsum(self.still_from) - np.cumsum(self.until[:-1])))


def evidence(turn_deg: Floats, moved_s: Floats, rules: SleepRules) -> Floats:
    """(...) what each half minute says for sleep, log likelihood ratio against waking; 0 where nothing is known.

    Parameters
    ----------
    turn_deg, moved_s
        (...) how far the arm turned in it, and for how many seconds it moved; NaN where unknown.
    """
    turned = (
        rules.turned_2_deg,
        rules.turned_4_deg,
        rules.turned_8_deg,
        rules.turned_16_deg,
        rules.turned_32_deg,
    )
    moved = (0.0, rules.moved_1_s, rules.moved_3_s, rules.moved_8_s, rules.moved_16_s)
    said = np.interp(np.log2(np.maximum(turn_deg, _TURNED_DEG[0])), np.log2(_TURNED_DEG), turned)
    said += np.interp(np.log2(1 + moved_s), np.log2(1 + np.array(_MOVED_S)), moved)
    return np.where(np.isfinite(turn_deg), said, 0.0)


def how_likely(
    said: Floats, allowed: NDArray[np.bool_], rules: SleepRules, within: int | None = None
) -> Likely:
    """The posterior of the sleep period.

    Parameters
    ----------
    said
        (n, p) evidence of n half minutes, seen p times: each time the half minutes begin a step later, so that it
        doesn't matter where the recording begins.
    allowed
        (n, p) bool: may the person be asleep?
    within
        A half minute that is known to lie in the sleep period.

    Returns
    -------
    Likely
        At n x p moments, in order; `until` holds one moment more, the end of the recording.
    """
    change = _changes(rules)
    likelihood = np.ones((*said.shape, len(change)))
    likelihood[..., _SLEEPING] = np.where(allowed, np.exp(said), 0.0)[..., None]
    if within is not None:
        likelihood[within][:, [_AWAKE, _NAP_BEFORE, _RISEN, _NAP_AFTER]] = 0.0
    start = np.zeros(len(change))
    start[[_AWAKE, _ASLEEP]] = 1 - rules.begins_asleep, rules.begins_asleep
    before, after = _both_ways(start, change, likelihood)
    states = before * after
    states /= states.sum(axis=-1, keepdims=True)
    ahead = likelihood[1:] * after[1:]
    every = np.sum((before[:-1] @ change) * ahead, axis=-1)

    def moved(origin: int, goal: int) -> Floats:
        return np.asarray(before[:-1, :, origin] * change[origin, goal] * ahead[..., goal] / every)

    begun = np.concatenate((states[:1, :, _ASLEEP], moved(_AWAKE, _ASLEEP)))
    ended = np.concatenate((np.zeros_like(states[:1, :, 0]), moved(_ASLEEP, _RISEN)))
    open_end = states[-1][:, [_ASLEEP, _UP]].sum()
    share = said.shape[1]
    return Likely(
        still_from=begun.ravel() / share,
        until=np.append(ended.ravel(), open_end) / share,
        asleep=states[..., _ASLEEP].ravel(),
        napping=(states[..., _NAP_BEFORE] + states[..., _NAP_AFTER]).ravel(),
    )


def _changes(rules: SleepRules) -> Floats:
    """(6, 6) chance of each state to follow each within half a minute."""
    falls, wakes, rises, returns = (
        rules.falls_asleep_chance,
        rules.wakes_chance,
        rules.rises_chance,
        rules.returns_chance,
    )
    nap = falls * rules.nap_chance
    change = np.zeros((len(_STATES), len(_STATES)))
    change[_AWAKE, [_AWAKE, _ASLEEP, _NAP_BEFORE]] = 1 - falls - nap, falls, nap
    change[_NAP_BEFORE, [_NAP_BEFORE, _AWAKE]] = (1 - wakes - rises) * rules.nap_stays, wakes + rises
    change[_ASLEEP, [_ASLEEP, _UP, _RISEN]] = 1 - wakes - rises, wakes, rises
    change[_UP, [_UP, _ASLEEP]] = 1 - returns, returns
    # Time awake weighs the same before and after the night, or the earlier of two rests would be the night.
    change[_RISEN, [_RISEN, _NAP_AFTER]] = 1 - falls - nap, nap
    change[_NAP_AFTER, [_NAP_AFTER, _RISEN]] = (1 - wakes - rises) * rules.nap_stays, wakes + rises
    return change


def _both_ways(start: Floats, change: Floats, likelihood: Floats) -> tuple[Floats, Floats]:
    """(n, p, 6) each state by what was seen up to each half minute; and what is seen after it, given the state in it.

    The latter is up to a factor. A step on from the first half minute and one back from the last are taken together.
    """
    seen, steps = np.empty((2, *likelihood.shape)), np.stack((change, change.T))
    now = np.ones_like(seen[:, 0])
    now[0] = start * likelihood[0]
    now[0] /= now[0].sum(axis=-1, keepdims=True)
    seen[:, 0] = now
    for row in range(1, len(likelihood)):
        now[1] *= likelihood[-row]
        now = now @ steps
        now[0] *= likelihood[row]
        now /= now.sum(axis=-1, keepdims=True)
        seen[:, row] = now
    return seen[0], seen[1, ::-1]


def delayed(still_from: Floats, step_s: float, rules: SleepRules) -> Floats:
    """(n,) chance of falling asleep at each moment from that of becoming still; what falls behind the last stays there.

    Some fall asleep as they become still, the others after a time that has no memory.
    """
    waited = np.exp(-np.arange(0.0, rules.delay_most_s, step_s) / rules.delay_s)
    delay = rules.delayed_share * waited / waited.sum()
    delay[0] += 1 - rules.delayed_share
    asleep = np.convolve(still_from, delay)
    last = len(still_from) - 1
    return np.append(asleep[:last], asleep[last:].sum())


def blurred(chance: Floats, step_s: float, rules: SleepRules) -> Floats:
    """(n,) the same, as unsure as a laboratory's clock and scorer are themselves."""
    spread = ndimage.gaussian_filter1d(chance, rules.truth_sd_s / step_s, mode="constant")
    return np.asarray(spread / spread.sum())


def middle(chance: Floats, step_s: float, rules: SleepRules) -> float:
    """One moment for all: the mean of the middle half, s."""
    low, high = (1 - rules.middle_share) / 2, (1 + rules.middle_share) / 2
    return float(np.mean(_quantiles(chance, step_s, np.linspace(low, high, 100))))


def range_of(chance: Floats, step_s: float, share: float) -> tuple[float, float]:
    """Between which moments the event lies with a probability of `share`, s."""
    low, high = _quantiles(chance, step_s, np.array([(1 - share) / 2, (1 + share) / 2]))
    return float(low), float(high)


def _quantiles(chance: Floats, step_s: float, shares: Floats) -> Floats:
    """(k,) moments before which the event has happened with these probabilities, s."""
    sure = np.cumsum(chance)
    return np.asarray(np.interp(shares, sure / sure[-1], np.arange(len(chance)) * step_s))
