"""How good is the program on this person? What follows from answers to a few windows for the whole night.

Knows counts alone, plain Python. Must not know windows, files or words.

Of each stratum some windows were drawn by chance from a known number. What is unknown is how many of the *others* this
judge would call twitches: given a neutral prior (Kerman 2011) that is beta-binomial, and a stratum of which all is
judged is known exactly. Precision and recall are ratios of such counts; their intervals are central ones of the exact
distribution, open to 0 or all where no answer speaks against that. Windows of which a judge couldn't tell count for
neither side: the low end is what the least favourable answers would give, the high end the most favourable.

What is estimated is what this judge would have said of the whole night. Where two have judged, windows on which they
differ are unknown like those; then the interval is that of a judge without error, as far as two don't err alike.
"""

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from operator import mul

from sleepjerk.review.kept import JUDGES, Answer, Review, Stratum
from sleepjerk.rules import Rules

_ASKED = (Stratum.CALLED, Stratum.UNCALLED, Stratum.QUIET)
_NOTHING = 1e-12  # probabilities below it are left out
_ROUNDING = 1e-9
_HALVINGS = 40  # of the unit interval, far below what anybody reads
_DRAWS = 4000  # of kappa; its interval's ends are steady to 0.01


@dataclass(frozen=True, slots=True)
class Counts:
    """Of a stratum: how many windows there are, were judged, hold a twitch, and of how many nobody could tell."""

    windows: int
    judged: int = 0
    twitches: int = 0
    unsure: int = 0

    @property
    def told(self) -> bool:
        """Does anybody know anything of it?"""
        return self.windows == 0 or self.judged > self.unsure

    @property
    def scaled(self) -> float:
        """How many windows of the stratum hold a twitch, if all are like those that somebody could tell."""
        return self.windows * self.twitches / max(1, self.judged - self.unsure)

    def settled(self, *, twitch: bool) -> "Counts":
        """The same, with a twitch in each window of which nobody could tell, or in none."""
        return Counts(self.windows, self.judged, self.twitches + self.unsure * twitch)


@dataclass(frozen=True, slots=True)
class Share:
    """A figure and its interval; all None where not enough was judged to tell."""

    value: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimates:
    """What follows for the night.

    Attributes
    ----------
    precision
        Of what the program counted, how much the judge calls a twitch.
    recall
        Of what the judge calls a twitch, how much the program counted.
    twitches
        How many twitches the judge would have seen in the night.
    """

    precision: Share
    recall: Share
    twitches: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Of windows that two people judged: how many, how many alike (twitch or not), of how many one couldn't tell, and
    Cohen's kappa."""

    windows: int
    alike: int
    unsure: int
    kappa: Share


def count(review: Review, judges: Sequence[int] = JUDGES[:1]) -> dict[Stratum, Counts]:
    """Answers by stratum; of several judges what all of them judged, unsure where they differ."""
    answers = [review.answers(judge) for judge in judges]
    counts = {stratum: Counts(review.windows_of.get(stratum, 0)) for stratum in (*_ASKED, Stratum.STILL)}
    for place, window in enumerate(review.windows):
        if all(place in every for every in answers):
            said = {_twitch(every[place]) for every in answers}
            held = said.pop() if len(said) == 1 else None
            now = counts[window.stratum]
            counts[window.stratum] = Counts(
                now.windows, now.judged + 1, now.twitches + (held is True), now.unsure + (held is None)
            )
    return counts


def _twitch(answer: Answer) -> bool | None:
    return None if answer is Answer.UNSURE else answer is Answer.TWITCH


def estimate(counts: Mapping[Stratum, Counts], rules: Rules | None = None) -> Estimates:
    """Precision, recall and number of twitches of the night."""
    rules = Rules() if rules is None else rules
    limits = rules.review.prior, (1 - rules.criteria.confidence) / 2
    asked = tuple(counts[stratum] for stratum in _ASKED)
    least, most = (tuple(one.settled(twitch=twitch) for one in asked) for twitch in (False, True))
    called, numbers = asked[0], [one.scaled for one in asked]
    precision = recall = twitches = Share()
    if called.windows and called.told:
        low, high = (_number_limits(every[:1], *limits) for every in (least, most))
        precision = Share(numbers[0] / called.windows, low[0] / called.windows, high[1] / called.windows)
    if all(one.told for one in asked):
        low, high = (_number_limits(every, *limits) for every in (least, most))
        twitches = Share(sum(numbers), low[0], high[1])
        if called.windows and any(one.twitches for one in most):
            lowest = _recall_limits((least[0], *most[1:]), *limits)
            highest = _recall_limits((most[0], *least[1:]), *limits)
            recall = Share(numbers[0] / sum(numbers) if sum(numbers) else None, lowest[0], highest[1])
    return Estimates(precision=precision, recall=recall, twitches=twitches)


def _chances(one: Counts, prior: float) -> list[float]:
    """Of each number of twitches in a stratum, from 0 on, how likely it is."""
    rest = one.windows - one.judged
    yes, no = one.twitches + prior, one.judged - one.twitches + prior
    weights = [1.0]
    for k in range(rest):
        weights.append(weights[-1] * (rest - k) * (k + yes) / ((k + 1) * (rest - k - 1 + no)))
    whole = sum(weights)
    chances = [0.0] * one.twitches + [weight / whole for weight in weights]
    while chances[-1] < _NOTHING:
        chances.pop()
    return chances


def tells(share: Share, rules: Rules | None = None) -> bool:
    """Is the interval of a share so narrow that it tells anything?"""
    rules = Rules() if rules is None else rules
    return share.low is not None and share.high is not None and share.high - share.low <= rules.review.widest


@lru_cache(maxsize=4096)
def _sum_chances(every: tuple[Counts, ...], prior: float) -> tuple[float, ...]:
    """Of each number of twitches in several strata together, how likely it is."""
    total = [1.0]
    for one in every:
        more = _chances(one, prior)
        padded, turned = [0.0] * (len(more) - 1), more[::-1]
        long = [*padded, *total, *padded]
        total = [sum(map(mul, long[k : k + len(more)], turned)) for k in range(len(total) + len(more) - 1)]
        while total[-1] < _NOTHING:
            total.pop()
    return tuple(total)


@lru_cache(maxsize=4096)
def _number_limits(every: tuple[Counts, ...], prior: float, tail: float) -> tuple[int, int]:
    """Between which numbers of twitches the truth lies, what lies on an end counted half (mid-p)."""
    chances = _sum_chances(every, prior)
    middles = [below - chance / 2 for below, chance in zip(accumulate(chances), chances, strict=True)]
    within = [number for number, middle in enumerate(middles) if tail <= middle <= 1 - tail]
    low = 0 if not any(one.twitches for one in every) else within[0]
    full = all(one.twitches == one.judged for one in every)
    return low, sum(one.windows for one in every) if full else within[-1]


@lru_cache(maxsize=4096)
def _recall_limits(every: tuple[Counts, ...], prior: float, tail: float) -> tuple[float, float]:
    """Between which shares of all twitches those in the first stratum lie."""
    called, missed = _chances(every[0], prior), _sum_chances(every[1:], prior)
    at_least = [*accumulate(reversed(missed))][::-1]  # of each number: so many missed, or more
    whole = 1 - called[0] * missed[0]  # where there is no twitch at all there is no share of them

    def up_to(share: float) -> float:
        """How likely it is that the share is no larger."""
        total = called[0] * (at_least[1] if len(missed) > 1 else 0.0)
        for number, chance in enumerate(called[1:], 1):
            fewest = math.ceil(number * (1 - share) / share - _ROUNDING) if share > 0 else len(missed)
            total += chance * at_least[fewest] if fewest < len(missed) else 0.0
        return total / whole

    low = 0.0 if every[0].twitches == 0 else _crossing(up_to, tail)
    high = 1.0 if not any(one.twitches for one in every[1:]) else _crossing(up_to, 1 - tail)
    return low, high


def _crossing(up_to: Callable[[float], float], level: float) -> float:
    """The least share up to which at least so much of the chance lies."""
    low, high = 0.0, 1.0
    if up_to(low) >= level:
        return low
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if up_to(middle) >= level else (middle, high)
    return high


def agree(review: Review, rules: Rules | None = None) -> Agreement:
    """How far two judges say the same of the windows that both judged.

    Kappa is None where nobody can tell: too few windows, or everybody said the same of all. Its interval follows from
    the same neutral prior of each of the four kinds of pairs.
    """
    first, second = (review.answers(judge) for judge in JUDGES)
    pairs = [(_twitch(first[place]), _twitch(second[place])) for place in first if place in second]
    kinds = [pairs.count(pair) for pair in ((True, True), (True, False), (False, True), (False, False))]
    kappa = agree_of(tuple(kinds), rules)
    return Agreement(
        windows=len(pairs), alike=kinds[0] + kinds[3], unsure=len(pairs) - sum(kinds), kappa=kappa
    )


@lru_cache(maxsize=4096)
def agree_of(kinds: tuple[int, ...], rules: Rules | None = None) -> Share:
    """Cohen's kappa of pairs: how many both yes, only the first, only the second, both no."""
    rules = Rules() if rules is None else rules
    value = _kappa(kinds)
    if value is None:
        return Share()
    chance = random.Random(0)
    shapes = [kind + rules.review.prior for kind in kinds]
    draws = ([chance.gammavariate(shape, 1.0) for shape in shapes] for _ in range(_DRAWS))
    drawn = sorted(found for draw in draws if (found := _kappa(draw)) is not None)
    tail = round((1 - rules.criteria.confidence) / 2 * len(drawn))
    return Share(value, drawn[tail], drawn[-1 - tail] if kinds[1] + kinds[2] else 1.0)


def _kappa(kinds: Sequence[float]) -> float | None:
    whole = sum(kinds)
    if not whole:
        return None
    both, one, other, none = (kind / whole for kind in kinds)
    by_chance = (both + one) * (both + other) + (none + one) * (none + other)
    return (both + none - by_chance) / (1 - by_chance) if by_chance < 1 else None
