"""The power goes while a night is written: what was synced stays as it was, and what is left reads.

The disk is a model: what was handed over but not synced may be there, cut anywhere, cut at a sector, or as zeros.
"""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import firmware_io.nightfile
from firmware_io.nightfile import HEADER, AppendFile
from sleepjerk.reading import read_recording
from tests.support.marks import examples

SECTOR = 512
HZ = 100
FLUSH, SYNC = 10, 100  # rows between two, as the recorder does it: 0.1 s and 1 s


class Disk:
    """Remembers what was handed over and how much of it was synced; now and then it takes only a part."""

    def __init__(self, short: set[int]) -> None:
        self.held = bytearray()
        self.safe = 0
        self._short = short
        self._calls = 0

    def write(self, handle: int, data: bytes) -> int:
        self._calls += 1
        taken = bytes(data)[: len(data) // 2] if self._calls in self._short else bytes(data)
        self.held += taken
        return len(taken)

    def fdatasync(self, handle: int) -> None:
        self.safe = len(self.held)

    def after_cut(self, draw: st.DataObject) -> bytes:
        """What is found in the morning."""
        kept = draw.draw(st.integers(self.safe, len(self.held)))
        how = draw.draw(st.sampled_from(["cut", "sector", "zeros"]))
        if how == "sector":
            kept = max(self.safe, kept // SECTOR * SECTOR)
        tail = bytes(len(self.held) - kept) if how == "zeros" else b""
        return bytes(self.held[:kept]) + tail


def row(number: int) -> bytes:
    return (
        f"{10_000 * number},{number % 997 / 1e4:.4f},{-(number % 89) / 1e4:.4f},0.9{number % 10}00\n".encode()
    )


def write_night(path: Path, disk: Disk, rows: int, patch: pytest.MonkeyPatch) -> None:
    """As the recorder does: flush every 0.1 s, sync every second."""
    patch.setattr(firmware_io.nightfile.os, "write", disk.write)
    patch.setattr(firmware_io.nightfile.os, "fdatasync", disk.fdatasync)
    file = AppendFile(path)
    file.append(HEADER)
    for number in range(rows):
        file.append(row(number))
        if number % FLUSH == FLUSH - 1:
            file.flush(number / HZ)
        if number % SYNC == SYNC - 1:
            file.sync()
    os.close(file._handle)  # nothing more of it is written; 2,000 open files are too many for select()


def one_history(folder: Path, data: st.DataObject) -> None:
    rows = data.draw(st.integers(2 * SYNC, 6 * SYNC))
    disk = Disk(data.draw(st.sets(st.integers(1, 60), max_size=3)))
    path = folder / "night.csv"
    path.unlink(missing_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        write_night(path, disk, rows, patch)
    found = disk.after_cut(data)
    path.write_bytes(found)
    recording = read_recording(path)
    values = recording.acceleration_g[2]
    kept = values.shape[0]
    expected = np.array([0.9 + number % 10 / 100 for number in range(kept)], dtype=np.float32)
    np.testing.assert_allclose(values, expected, atol=1e-6)
    assert path.read_bytes() == found, "reading repairs nothing on disk"
    refused = any(call <= rows // FLUSH for call in disk._short)
    if not refused:
        assert rows - kept <= 2 * HZ


@settings(
    max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_power_cut_costs_two_seconds_at_most_and_no_earlier_row(
    tmp_path: Path, data: st.DataObject
) -> None:
    one_history(tmp_path, data)


@pytest.mark.slow
@settings(max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_2000_power_cuts_cost_two_seconds_at_most_each(tmp_path: Path, data: st.DataObject) -> None:
    one_history(tmp_path, data)
