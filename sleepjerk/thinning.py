"""Every n-th sample after a symmetric low-pass. Must not know gaps, rules or where the samples come from.

As `scipy.signal.upfirdn` does it, whose import takes longer than analysing a night; here the filter is multiplied with
the spectra of parts that overlap, which costs the same whatever the filter's length.
"""

import numpy as np
from scipy import fft

from sleepjerk.recording import Floats, Samples
from sleepjerk.runtime import on_all_cores, parts_of

_PART = 1 << 15  # plain: samples taken at once: their spectrum stays in the cache


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
    return np.asarray(taps / taps.sum(), dtype=np.float64)


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
    count = (padded.shape[1] - len(taps)) // factor + 1
    spectrum = fft.rfft(taps.astype(np.float32), size)
    made = np.empty((3, count), dtype=np.float32)

    def fill(part: slice) -> None:
        begin = part.start * factor
        within = fft.irfft(fft.rfft(padded[:, begin : begin + size], size) * spectrum, size)
        made[:, part] = within[:, len(taps) - 1 :: factor][:, : part.stop - part.start]

    on_all_cores(fill, parts_of(count, (size - len(taps)) // factor + 1))
    return made
