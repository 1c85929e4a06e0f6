"""A logger's file is read a piece at a time: the pieces are the whole, and what is damaged costs itself only."""

import contextlib
import errno
import os
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sleepjerk import InputError
from sleepjerk.reading import read_recording
from sleepjerk.reading.loggers import gt3x, pieces
from sleepjerk.reading.loggers.device import DeviceFile, read_device
from sleepjerk.reading.loggers.store import Store
from sleepjerk.recording import Samples
from tests.reading import made_loggers as made

_START = datetime(2026, 11, 22, 22, 31, 4)  # noqa: DTZ001 - a logger's clock has no zone
_COUNT = 12_000  # two minutes: 150 sectors, 40 pages, 120 records
_KINDS = {".cwa": "Axivity .cwa", ".bin": "GENEActiv .bin", ".gt3x": "ActiGraph .gt3x"}

Write = Callable[[NDArray[np.int64]], bytes]


def write_gt3x(samples: NDArray[np.int64]) -> bytes:
    """The file of some samples."""
    return made.made_gt3x(b"".join(made.made_records(samples, _START)), _START)


_WRITE: dict[str, Write] = {
    ".cwa": lambda samples: made.made_cwa(samples, _START),
    ".bin": lambda samples: made.made_bin(samples, _START),
    ".gt3x": write_gt3x,
}


def put(folder: Path, ending: str, data: bytes) -> Path:
    """A file of that kind."""
    path = folder / f"night{ending}"
    path.write_bytes(data)
    return path


def open_device(path: Path) -> DeviceFile:
    """What the logger wrote."""
    return read_device(path, _KINDS[path.suffix])


def read_steps(path: Path) -> tuple[Samples, NDArray[np.float64], int]:
    """(n, 3) samples in steps, (n,) seconds since the start, and how many blocks were left out."""
    with closing(open_device(path)) as found:
        since_s = (
            found.rows.stamps(0, found.rows.count) - np.datetime64(_START, "ns").astype(np.int64)
        ) / 1e9
        return found.rows.samples(0, found.rows.count).T * made.STEPS_PER_G, since_s, found.damaged


def pieces_of(path: Path, size: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """From now on pieces are that long; how many this file has."""
    monkeypatch.setattr(pieces, "_PIECE_BYTES", size)
    return sum(1 for _ in pieces.pieces_of(path, _KINDS[path.suffix]))


@pytest.mark.parametrize("ending", _KINDS)
@pytest.mark.parametrize("size", [1, 5_000, 40_000, 1 << 22])
def test_pieces_of_any_length_are_what_was_written(
    ending: str, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = made.steps(_COUNT)
    path = put(tmp_path, ending, _WRITE[ending](samples))
    assert (pieces_of(path, max(size, 512), monkeypatch) > 1) == (size < 1 << 22)
    found, since_s, damaged = read_steps(path)
    np.testing.assert_array_equal(found, samples)
    np.testing.assert_allclose(since_s, np.arange(_COUNT) / made.RATE_HZ, atol=1e-4)
    assert damaged == 0


@pytest.mark.parametrize("ending", _KINDS)
def test_a_file_without_any_block_is_refused(ending: str, tmp_path: Path) -> None:
    path = put(tmp_path, ending, _WRITE[ending](made.steps(0)))
    with pytest.raises(InputError, match="no samples"):
        read_recording(path)


def test_what_a_full_disk_costs_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Store, samples: Samples, stamps: NDArray[np.int64]) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Store, "add", full)
    with pytest.raises(InputError, match="TMPDIR"):
        read_recording(put(tmp_path, ".cwa", _WRITE[".cwa"](made.steps(800))))


def test_a_sector_whose_sum_is_wrong_costs_that_sector(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples, data = made.steps(_COUNT), bytearray(_WRITE[".cwa"](made.steps(_COUNT)))
    for sector in (3, 97):
        data[made.CWA_HEAD_BYTES + sector * made.CWA_BLOCK_BYTES + 100] ^= 0x10
    path = put(tmp_path, ".cwa", bytes(data))
    assert pieces_of(path, 10_000, monkeypatch) > 1
    found, _, damaged = read_steps(path)
    left = np.delete(samples.reshape(-1, made.CWA_SAMPLES, 3), [3, 97], axis=0)
    np.testing.assert_array_equal(found, left.reshape(-1, 3))
    assert damaged == 2
    assert any("2 blocks" in note for note in read_recording(path).provenance.notes)


@pytest.mark.parametrize("size", [10_000, 1 << 22])
@pytest.mark.parametrize("harm", ["a line's end", "signs", "the mark", "lines"])
def test_a_damaged_page_costs_that_page(
    harm: str, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages are lines, and the reader counts lines: one that is lost would cost all pages behind it."""
    samples = made.steps(_COUNT)
    head, *pages = _WRITE[".bin"](samples).split(b"Recorded Data")
    pages[7] = {
        "a line's end": pages[7].replace(b"\r\nTemperature", b"\0\0Temperature"),
        "signs": pages[7][:1000] + b"\0" * 100 + pages[7][1100:],
        "the mark": pages[7][2:],
        "lines": pages[7][:20] + pages[7][300:],
    }[harm]
    marks = [b"Recorded Data"] * len(pages)
    marks[7] = b"\xff" * 15 if harm == "the mark" else marks[7]
    path = put(
        tmp_path, ".bin", head + b"".join(mark + page for mark, page in zip(marks, pages, strict=True))
    )
    pieces_of(path, size, monkeypatch)
    found, since_s, damaged = read_steps(path)
    left = np.delete(samples.reshape(-1, made.BIN_SAMPLES, 3), 7, axis=0).reshape(-1, 3)
    np.testing.assert_array_equal(found, left)
    assert np.diff(since_s).max() == pytest.approx((made.BIN_SAMPLES + 1) / made.RATE_HZ)
    assert damaged == 1


@pytest.mark.parametrize("size", [10_000, 1 << 22])
@pytest.mark.parametrize("harm", ["what it says", "the mark", "the length", "the sum", "its middle"])
def test_a_damaged_record_costs_that_record(
    harm: str, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = made.steps(_COUNT)
    records = made.made_records(samples, _START)
    hurt = bytearray(records[31])  # the first one tells the settings
    hurt[{"what it says": 200, "the mark": 0, "the length": 6, "the sum": -1}.get(harm, 8)] ^= 0x55
    records[31] = records[31][:50] + records[31][150:] if harm == "its middle" else bytes(hurt)
    path = put(tmp_path, ".gt3x", made.made_gt3x(b"".join(records), _START))
    pieces_of(path, size, monkeypatch)
    found, since_s, damaged = read_steps(path)
    left = np.delete(samples.reshape(-1, made.RATE_HZ, 3), 30, axis=0).reshape(-1, 3)
    np.testing.assert_array_equal(found, left)
    assert np.diff(since_s).max() == pytest.approx(1 + 1 / made.RATE_HZ)
    assert damaged == 1
    recording = read_recording(path)
    assert recording.missing_s == pytest.approx(1, abs=0.02)
    assert any("1 block of its log left out" in note for note in recording.provenance.notes)


@given(st.data())
def test_records_away_from_any_damage_are_found_whole(data: st.DataObject) -> None:
    """Bytes replaced, removed or put in anywhere; read in parts of any length."""
    records = made.made_records(made.steps(1_000), _START)
    log = b"".join(records)
    begin = data.draw(st.integers(0, len(log)))
    end = min(len(log), begin + data.draw(st.integers(0, 900)))
    hurt = log[:begin] + data.draw(st.binary(max_size=900)) + log[end:]
    step = data.draw(st.integers(1, 3_000))
    parts = [hurt[place : place + step] for place in range(0, len(hurt), step)]
    found = [record for _, record in gt3x.read_records(iter(parts)) if record is not None]
    ends = np.cumsum([len(record) for record in records])
    starts = ends - [len(record) for record in records]
    before = [record for record, stop in zip(records, ends, strict=True) if stop <= begin]
    # A record that looks sound by chance may reach into the next one, so two behind the damage are given up.
    behind = [record for record, start in zip(records, starts, strict=True) if start >= end][2:]
    assert found[: len(before)] == before
    assert found[len(found) - len(behind) :] == behind


@pytest.mark.parametrize(
    ("page", "wrong"),
    [
        (21, "2027-11-22 22:32:07"),
        (100, "2016-11-22 22:32:07"),
        (21, "2026-11-22 22:00:00"),
        (100, "2026-11-22 22:33:25"),
        (0, "2026-11-22 22:35:04"),
        (199, "2026-11-22 22:35:04"),
    ],
)
def test_a_page_with_a_wrong_time_costs_that_page(page: int, wrong: str, tmp_path: Path) -> None:
    path = put(tmp_path, ".bin", with_time(page, wrong))
    recording = read_recording(path)
    assert recording.damage.rejected_rows == made.BIN_SAMPLES
    lost_s = made.BIN_SAMPLES / made.RATE_HZ
    assert recording.duration_s == pytest.approx(600 - (lost_s if page in (0, 199) else 0), abs=0.02)
    assert recording.missing_s == pytest.approx(0 if page in (0, 199) else lost_s, abs=0.02)
    assert any("300 samples with a wrong time" in note for note in recording.provenance.notes)


def test_a_last_page_of_another_year_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="span 365"):
        read_recording(put(tmp_path, ".bin", with_time(199, "2027-11-22 22:41:01")))


def with_time(page: int, wrong: str) -> bytes:
    """200 pages, one of them with a wrong time."""
    parts = _WRITE[".bin"](made.steps(200 * made.BIN_SAMPLES)).split(b"Page Time:")
    parts[page + 1] = wrong.encode() + parts[page + 1][19:]
    return b"Page Time:".join(parts)


def test_a_clock_that_was_set_back_is_refused_in_one_sentence(tmp_path: Path) -> None:
    first, second = (
        made.made_records(made.steps(_COUNT), start) for start in (_START, _START - timedelta(hours=5))
    )
    path = put(tmp_path, ".gt3x", made.made_gt3x(b"".join([*first, *second[1:]]), _START))
    with pytest.raises(InputError, match="set back") as caught:
        read_recording(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("size", [0, 3, 100, 1019, 1020, 1024, 1500])
def test_a_cwa_that_was_cut_off_early_is_refused(size: int, tmp_path: Path) -> None:
    data = _WRITE[".cwa"](made.steps(800))[: 4 + size]
    with pytest.raises(InputError, match=r"night\.cwa"):
        read_recording(put(tmp_path, ".cwa", data))


@pytest.mark.parametrize("sector", [0, 20, 60])
def test_a_sector_without_its_rate_spoils_no_other(
    sector: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader tells by the first sector of a piece how all are to be read: each of these would begin one."""
    samples, data = made.steps(_COUNT), bytearray(_WRITE[".cwa"](made.steps(_COUNT)))
    begin = made.CWA_HEAD_BYTES + sector * made.CWA_BLOCK_BYTES
    data[begin + 24 : begin + 26] = bytes(2)
    path = put(tmp_path, ".cwa", bytes(data))
    pieces_of(path, 20 * made.CWA_BLOCK_BYTES, monkeypatch)
    found, _, damaged = read_steps(path)
    # The reader doesn't ask for the sum of such a sector, whose samples are sound here.
    left = np.delete(samples.reshape(-1, made.CWA_SAMPLES, 3), [sector] if damaged else [], axis=0)
    np.testing.assert_array_equal(found, left.reshape(-1, 3))


def directory_entry(data: bytes, name: bytes) -> int:
    """Where an archive's directory tells of a member."""
    return data.index(b"PK\x01\x02", data.rindex(name) - 50)


@pytest.mark.parametrize(
    ("place", "value", "width"),
    [
        (8, 1, 2),
        (8, 1 << 5, 2),
        (8, 1 << 6, 2),
        (10, 9, 2),
        (10, 14, 2),
        (10, 99, 2),
        (42, 10**6, 4),
        (20, 50, 4),
    ],
    ids=["locked", "patched", "locked well", "deflate64", "lzma", "unknown", "elsewhere", "short"],
)
def test_an_odd_archive_is_read_or_refused_in_one_sentence(
    place: int, value: int, width: int, tmp_path: Path
) -> None:
    data = bytearray(write_gt3x(made.steps(_COUNT)))
    entry = directory_entry(bytes(data), b"log.bin")
    data[entry + place : entry + place + width] = value.to_bytes(width, "little")
    path = put(tmp_path, ".gt3x", bytes(data))
    with contextlib.suppress(InputError):  # no other kind of error
        assert read_recording(path).acceleration_g.shape[1] <= _COUNT


def test_a_wrong_sum_of_the_archive_alone_costs_nothing(tmp_path: Path) -> None:
    samples = made.steps(_COUNT)
    data = bytearray(write_gt3x(samples))
    data[directory_entry(bytes(data), b"log.bin") + 16] ^= 0xFF
    found, _, damaged = read_steps(put(tmp_path, ".gt3x", bytes(data)))
    np.testing.assert_array_equal(found, samples)
    assert damaged == 0


def test_without_the_record_that_tells_the_scale_nothing_is_guessed(tmp_path: Path) -> None:
    records = made.made_records(made.steps(_COUNT), _START)
    hurt = bytearray(records[0])
    hurt[12] ^= 1
    with pytest.raises(InputError, match="scale is damaged"):
        read_recording(put(tmp_path, ".gt3x", made.made_gt3x(b"".join([bytes(hurt), *records[1:]]), _START)))


@pytest.mark.parametrize("fill", [b"\0", b"\xff", b"\x55"])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_an_archive_that_was_spoilt_is_read_up_to_there(fill: bytes, share: float, tmp_path: Path) -> None:
    samples = made.steps(_COUNT)
    data = bytearray(write_gt3x(samples))
    begin = round(len(data) * share)
    data[begin : begin + 40] = fill * 40
    found, _, _ = read_steps(put(tmp_path, ".gt3x", bytes(data)))
    # Noise hardly packs: a record is lost that was begun, and a read of 4 KB before the break.
    assert share * _COUNT - 2_000 < len(found) <= share * _COUNT + 100
    np.testing.assert_array_equal(found, samples[: len(found)])
