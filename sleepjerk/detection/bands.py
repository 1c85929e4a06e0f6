"""Zero-phase band-pass filters, a piece of a recording at a time.

Knows samples, segments and frequencies. Must not know what a band is good for.

A second-order Butterworth filter run forwards and backwards has no phase: it multiplies each frequency by its power
response, which has a closed form. So a piece is transformed once and taken back once for each band, and no filter is
designed. Pieces overlap by more than any band remembers, and fit into the cache.

Conventions
-----------
Samples are (3, n), g. A *segment* is a run of samples without a gap, given as (start, end) sample indices, end
excluded. At its ends a segment is continued by its mirror image through the outermost sample, and then stays there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from sleepjerk.recording import Floats, Samples, Spans
from sleepjerk.runtime import on_all_cores, parts_of
from sleepjerk.spans import lengths

Response = NDArray[Any]  # real, or complex where it shifts the phase

_BLOCK = 1 << 14  # samples transformed together
_BLOCKS = 8  # transformed side by side, as wide as a processor can
_TOP = 0.4  # plain: cycles a sample, what a digital filter can do; a 25 Hz recording has no 20 Hz


@dataclass(frozen=True, slots=True)
class Band:
    """A band-pass from low_hz to high_hz at fs samples a second."""

    fs: float
    low_hz: float
    high_hz: float

    @property
    def settling(self) -> int:
        """Samples that a segment is mirrored for at its ends, so that a step at the first one rings outside."""
        return int(self.fs / self.low_hz)

    @property
    def reach(self) -> int:
        """Samples on each side that shape a value; what lies further off is e^-30 of it."""
        return 8 * self.settling

    def response(self) -> Samples:
        """(f,) gain at the frequencies of a block, as the bilinear transformation has it."""
        at = np.tan(np.pi * np.minimum(fft.rfftfreq(_BLOCK), 0.4999))  # plain: short of infinity
        corners = self.low_hz / self.fs, min(self.high_hz / self.fs, _TOP)
        if corners[0] >= corners[1]:  # a recording this slow holds nothing of the band
            return np.zeros(len(at), dtype=np.float32)
        low, high = (np.tan(np.pi * corner) for corner in corners)
        aside = np.full(len(at), np.inf)
        aside[1:] = (at[1:] ** 2 - low * high) / (at[1:] * (high - low))
        return np.asarray(1 / (1 + aside**4), dtype=np.float32)


def matched(wave: Samples) -> Response:
    """(f,) response that correlates a block with a wave, each value standing at the wave's middle."""
    padded = np.zeros(_BLOCK, dtype=np.float32)
    padded[: len(wave)] = wave
    return np.asarray(np.conj(fft.rfft(np.roll(padded, -(len(wave) // 2)))))


@dataclass(frozen=True, slots=True)
class Piece:
    """Samples that are filtered together: a part of a long segment, or many short segments.

    Attributes
    ----------
    samples
        (3, n) the whole recording.
    segments, spans
        (k, 2) segments, and which samples of each are filtered.
    block
        Samples transformed together: fewer where whole segments fit into them, as where there are many gaps.
    reach
        Samples on both sides that are needed to filter these.
    settling
        Samples that a segment is mirrored for.
    margin
        Samples on both sides that are filtered, too; 0 where they lie beyond the segment.
    """

    samples: Samples
    segments: Spans
    spans: Spans
    block: int
    reach: int
    settling: int
    margin: int

    @property
    def width(self) -> int:
        """Samples of the longest span."""
        return int(lengths(self.spans).max())

    def filtered(self, *responses: Response) -> list[Samples]:
        """(3, k, width + 2 margin) for each response."""
        step, width = self.block - 2 * self.reach, self.width + 2 * self.margin
        count = -(-width // step)
        piece = self._continued(self.spans[:, :1] - self.margin - self.reach, (count - 1) * step + self.block)
        blocks = np.lib.stride_tricks.sliding_window_view(piece, self.block, axis=2)[:, :, ::step]
        # Without its mean a float32 keeps 24 bits for the motion instead of for gravity.
        spectra = fft.rfft(blocks - blocks.mean(axis=3, keepdims=True), axis=3)
        every = _BLOCK // self.block  # the frequencies of a shorter block are among those of a long one
        return [self._back(spectra * response[::every], width) for response in responses]

    def _back(self, spectra: NDArray[np.complexfloating], width: int) -> Samples:
        blocks = fft.irfft(spectra, axis=3)[..., self.reach : self.block - self.reach]
        moved = np.asarray(blocks.reshape(3, len(self.spans), -1)[:, :, :width])
        within = np.maximum(self.segments - self.spans[:, :1] + self.margin, 0)
        for row, (first, last) in enumerate(within.tolist()):
            moved[:, row, :first] = moved[:, row, last:] = 0
        return moved

    def _continued(self, first: Spans, width: int) -> Samples:
        """(3, k, width) samples from each of (k, 1) on, the segments continued at their ends."""
        (start, end), begin = self.segments.T[:, :, None], int(first[0, 0])
        if len(first) == 1 and start <= begin and begin + width <= end:
            return self.samples[:, None, begin : begin + width]
        wanted = first + np.arange(width)
        inside = np.clip(wanted, start, end - 1)
        far = np.minimum(self.settling, end - start - 1)
        mirrored = inside + np.clip(inside - wanted, -far, far)
        # Within a segment both are the sample itself, and so is this.
        outermost, other = (self.samples.take(index, axis=1) for index in (inside, mirrored))
        return np.asarray(2 * outermost - other, dtype=np.float32)

    def put(self, target: Samples, values: Floats | Samples) -> None:
        """Lay (..., k, width) values where the spans are in a (..., n) array."""
        for row, (begin, stop) in enumerate(self.spans.tolist()):
            target[..., begin:stop] = values[..., row, : stop - begin]


def in_pieces(
    work: Callable[[Piece], None],
    samples: Samples,
    segments: Spans,
    *,
    reach: int,
    settling: int,
    shortest: int,
    margin: int = 0,
) -> None:
    """Do some work on every piece of every segment longer than `shortest`, on all cores.

    What it makes of a piece must not depend on where pieces begin, but for rounding.
    """
    filtered = segments[np.argsort(lengths(segments), kind="stable")]  # alike in length side by side
    filtered = filtered[lengths(filtered) > shortest]
    blocks = _blocks(lengths(filtered) + 2 * (margin + reach))
    size = _BLOCKS * (_BLOCK - 2 * reach) - 2 * margin
    parts = [
        (filtered[[row]], np.array([[begin, min(begin + size, end)]]), _BLOCK)
        for row in np.flatnonzero(blocks > _BLOCK)
        for end in [int(filtered[row, 1])]
        for begin in range(int(filtered[row, 0]), end, size)
    ]
    for block in np.unique(blocks[blocks <= _BLOCK]).tolist():
        alike = filtered[blocks == block]
        together = parts_of(len(alike), _BLOCKS * _BLOCK // block)
        parts += [(alike[here], alike[here], block) for here in together]
    on_all_cores(work, [Piece(samples, *part, reach, settling, margin) for part in parts])


def _blocks(needed: Spans) -> Spans:
    """(k,) the least power of two that holds so many samples."""
    return np.asarray(1 << np.ceil(np.log2(needed)).astype(np.int64))


def band_pass(acceleration_g: Samples, fs: float, low_hz: float, high_hz: float, segments: Spans) -> Samples:
    """Zero-phase band-pass of each axis, segment by segment.

    Parameters
    ----------
    acceleration_g
        (3, n), g.
    low_hz, high_hz
        Corner frequencies; the upper one is lowered to 80 % of half the rate where it lies beyond.
    segments
        (k, 2).

    Returns
    -------
    Samples
        (3, n), g, 0 outside the segments and in segments too short to filter.
    """
    moved = np.zeros(acceleration_g.shape, dtype=np.float32)
    band = Band(fs, low_hz, high_hz)
    response = band.response()

    def fill(piece: Piece) -> None:
        piece.put(moved, piece.filtered(response)[0])

    in_pieces(
        fill, acceleration_g, segments, reach=band.reach, settling=band.settling, shortest=band.settling
    )
    return moved


def running_sums(first: Samples, second: Samples) -> tuple[Floats, Floats]:
    """(..., n + 1) sum of the first 0, 1, ... n of (..., n) squares, and the same of others.

    A processor adds one by one as each sum waits for the one before; as parts of complex numbers, two wait together.
    """
    total = np.zeros((*first.shape[:-1], first.shape[-1] + 1), dtype=np.complex128)
    total.real[..., 1:], total.imag[..., 1:] = first, second
    np.cumsum(total, axis=-1, out=total)
    return total.real, total.imag


def window_rms(total: Floats, window: int) -> Floats:
    """(..., n - window) root mean square in every window, from the (..., n) running sum of squares."""
    mean = total[..., window:] - total[..., :-window]  # never less than 0, as no square is
    mean /= window
    return np.sqrt(mean, out=mean)
