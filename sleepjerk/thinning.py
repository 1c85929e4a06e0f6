"""Every n-th sample after a symmetric low-pass, or samples filled in. Must not know gaps, rules or what is measured.

As `scipy.signal.resample_poly` does it, whose import takes longer than analysing a night. To thin, the filter is
multiplied with the spectra of parts that overlap, which costs the same whatever the filter's length.
"""

import functools

import numpy as np
from scipy import fft

from sleepjerk.recording import Floats, Samples
from sleepjerk.runtime import on_all_cores, parts_of

_PART = 1 << 15  # plain: samples taken at once: their spectrum stays in the cache
_FILLED = 1 << 13  # plain: samples filled in at once, of each phase: they stay in the cache


@functools.cache
def low_pass(half: int, cutoff: float, beta: float) -> Floats:
    """(2 half + 1,) taps of a windowed sinc whose sum is 1.

    Parameters
    ----------
    cutoff
        Where it lets half of the amplitude through, as a share of half the sampling rate.
    beta
        Of the Kaiser window.
    """
    taps = np.sinc(cutoff * np.arange(-half, half + 1)) * np.kaiser(2 * half + 1, beta)
    taps /= taps.sum()
    taps.setflags(write=False)
    return np.asarray(taps, dtype=np.float64)


def thin(padded: Samples, taps: Floats, factor: int) -> Samples:
    """(3, m) every factor-th sample, the first of them under the middle tap.

    Parameters
    ----------
    padded
        (3, n), with as many samples more than it is about on each side as the filter has beside its middle.
    taps
        (2 half + 1,), symmetric.
    """
    size = max(_PART, fft.next_fast_len(4 * len(taps), real=True))
    size = min(size, fft.next_fast_len(padded.shape[1], real=True))  # a short segment is one part
    count = (padded.shape[1] - len(taps)) // factor + 1
    spectrum = fft.rfft(taps.astype(np.float32), size)
    made = np.empty((3, count), dtype=np.float32)

    def fill(part: slice) -> None:
        begin = part.start * factor
        within = fft.irfft(fft.rfft(padded[:, begin : begin + size], size) * spectrum, size)
        made[:, part] = within[:, len(taps) - 1 :: factor][:, : part.stop - part.start]

    on_all_cores(fill, parts_of(count, (size - len(taps)) // factor + 1))
    return made


def fill_in(samples: Samples, taps: Floats, up: int, down: int) -> Samples:
    """(3, m) samples at `up / down` of their rate; beyond their ends they go on along the line from first to last.

    Each is the sum of products that `scipy.signal.resample_poly` takes, in its order: equal to the last digit.

    Parameters
    ----------
    samples
        (3, n), n >= 2.
    taps
        (2 half + 1,) of a low-pass, symmetric, at `up` times the rate.
    """
    half, count = len(taps) // 2, -(-samples.shape[1] * up // down)
    exact, reach = samples.astype(np.float64), half // up + 1
    slope = (exact[:, [-1]] - exact[:, [0]]) / (samples.shape[1] - 1)
    outside = slope * np.arange(1, reach + down + 1)
    padded = np.concatenate((exact[:, [0]] - outside[:, reach - 1 :: -1], exact, exact[:, [-1]] + outside), 1)
    made = np.empty((3, count), dtype=np.float32)

    def fill(part: slice) -> None:
        for phase in range(up):
            total, size = np.zeros((3, part.stop - part.start)), down * (part.stop - part.start)
            for place in range(-((half - phase * down) // up), (half + phase * down) // up + 1):
                begin = reach + place + part.start * down
                tap = up * taps[half + phase * down - place * up]
                total += tap * padded[:, begin : begin + size : down]
            filled = made[:, part.start * up + phase : part.stop * up : up]
            filled[:] = total[:, : filled.shape[1]]

    on_all_cores(fill, parts_of(-(-count // up), _FILLED))
    return made
