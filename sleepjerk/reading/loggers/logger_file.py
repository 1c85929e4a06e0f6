"""A logger's own file: samples in g, with the local time of each.

Knows what a logger's clock is and isn't. Must not know bytes, or how the makers' formats differ.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, timedelta

import numpy as np
from numpy.typing import NDArray

from sleepjerk.errors import InputError
from sleepjerk.parts import Damage
from sleepjerk.reading.loggers.blocks import even_blocks, in_order
from sleepjerk.reading.loggers.device import DeviceFile, read_device
from sleepjerk.reading.options import ReadingOptions
from sleepjerk.reading.recording_file import Extent, RecordingFile, Span
from sleepjerk.reading.sidecar import read_sidecar
from sleepjerk.reading.source import Source
from sleepjerk.reading.timestamps import Stamps, moment_of, possible_period
from sleepjerk.recording import Recording
from sleepjerk.rules import Rules


@dataclass(kw_only=True)
class LoggerFile(RecordingFile):
    """What a logger wrote, unpacked."""

    rows: DeviceFile

    def extent(self) -> Extent:
        """When its samples were recorded."""
        seeker = self.rows.seeker()
        local_start = moment_of(self.rows.local_ns(0) / 1e9).replace(tzinfo=self.zone)
        return Extent(seeker, *seeker.span_s(), local_start)

    def read(self, span: Span, within: Extent | None = None) -> Recording:
        """As `RecordingFile.read`."""
        rows, notes = self.rows, self.rows.notes
        first_ns, here_ns = rows.local_ns(0), rows.local_ns(span[0])
        from_s = (here_ns - first_ns) / 1e9
        start = None
        if self.zone is None:
            local = f"{moment_of(here_ns / 1e9):%Y-%m-%d %H:%M:%S}"
            notes = (*notes, f"time: local time from {local}; the start is unknown without --zone")
        else:
            # A logger's clock goes on as it was set, also when the clocks around it change.
            first = moment_of(first_ns / 1e9).replace(tzinfo=self.zone)
            start = (first.astimezone(UTC) + timedelta(seconds=from_s)).astimezone(self.zone)
        time_s, acceleration_g = rows.read(*span)
        kept = in_order(time_s, self.rules.logger)
        if wrong := self._count_wrong(kept):
            time_s, acceleration_g = time_s[kept], acceleration_g[:, kept]
            notes = (*notes, f"damage: {wrong} samples with a wrong time were left out")
        time_s = even_blocks(time_s, self.rules.logger)
        # Times count from the first sample, also where that one is left out.
        period_s = possible_period(self.path, time_s - time_s[0], self.rules.reading)
        stamps = Stamps(time_s, None, start=start, first_s=from_s, period_s=period_s)
        damage = Damage(rejected_rows=rows.damaged + wrong)
        return self._assemble(acceleration_g, stamps, damage, from_s, notes, file_first_s=0.0)

    def _count_wrong(self, kept: NDArray[np.bool_]) -> int:
        """How many samples have a wrong time; refuse when they are many."""
        wrong = len(kept) - int(kept.sum())
        if wrong > self.rules.reading.max_damaged_share * len(kept):
            raise InputError(
                f"{self.path}: its clock was set back, or {wrong} of {len(kept)} samples have a wrong time; export "
                "the raw samples as CSV and split them there"
            )
        return wrong


@contextmanager
def open_logger(source: Source, kind: str, options: ReadingOptions, rules: Rules) -> Iterator[LoggerFile]:
    """Unpack a logger's own file; raises as `read_device` does."""
    with closing(read_device(source.path, kind)) as rows:
        sidecar = read_sidecar(source.path).over(source.known).over(rows.known)
        yield LoggerFile(path=source.path, rows=rows, sidecar=sidecar, options=options, rules=rules)
