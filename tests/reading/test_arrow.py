"""Parquet, Feather and zstd: the same night as its CSV, sample by sample."""

import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import zstandard
from pyarrow import parquet

from sleepjerk import InputError
from sleepjerk.reading import read_nights, read_recording
from sleepjerk.reading.loggers.blocks import even_blocks
from sleepjerk.rules import LoggerRules

ROWS = 3000


def table() -> pd.DataFrame:
    """30 s at 100 Hz, gravity on z, values as a 16-bit sensor of +-16 g has them."""
    rng = np.random.default_rng(1)
    still = rng.integers(-20, 20, (3, ROWS)) / 2048 + np.array([[0.0], [0.0], [1.0]])
    axes = dict(zip(("x_g", "y_g", "z_g"), still, strict=True))
    return pd.DataFrame({"t_us": np.arange(ROWS) * 10_000, **axes})


def write(rows: pd.DataFrame, path: Path) -> Path:
    if path.suffix == ".parquet":
        rows.to_parquet(path, index=False)
    else:
        rows.to_feather(path)
    return path


@pytest.mark.parametrize("ending", [".parquet", ".feather"])
def test_columns_are_read_as_the_csv_is(tmp_path: Path, ending: str) -> None:
    rows = table()
    rows.to_csv(tmp_path / "night.csv", index=False)
    expected = read_recording(tmp_path / "night.csv")
    found = read_recording(write(rows, tmp_path / f"night{ending}"))
    np.testing.assert_array_equal(found.acceleration_g, expected.acceleration_g)
    assert found.rate_hz == expected.rate_hz


@pytest.mark.parametrize("ending", [".parquet", ".feather"])
def test_moments_with_a_zone_are_the_start(tmp_path: Path, ending: str) -> None:
    rows = table()
    start = datetime(2026, 11, 22, 21, 30, tzinfo=UTC)
    rows["time"] = [start + timedelta(milliseconds=10 * row) for row in range(ROWS)]
    rows = rows.drop(columns="t_us")
    assert read_recording(write(rows, tmp_path / f"night{ending}")).start == start


def test_moments_without_a_zone_need_one(tmp_path: Path) -> None:
    rows = table()
    rows["time"] = pd.Timestamp("2026-11-22T22:30:00") + pd.to_timedelta(rows.pop("t_us"), unit="us")
    path = write(rows, tmp_path / "night.parquet")
    assert read_recording(path).start is None
    start = read_recording(path, zone="Europe/Berlin").start
    assert start is not None
    assert start.isoformat() == "2026-11-22T22:30:00+01:00"


def test_rows_without_values_are_counted(tmp_path: Path) -> None:
    rows = table()
    rows.loc[1000:1004, "y_g"] = np.nan
    recording = read_recording(write(rows, tmp_path / "night.parquet"))
    assert recording.damage.rejected_rows == 5


def test_a_torn_parquet_is_refused_in_one_sentence(tmp_path: Path) -> None:
    path = write(table(), tmp_path / "night.parquet")
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(InputError, match="this Parquet file can't be read"):
        read_recording(path)


def test_without_pyarrow_the_line_to_type_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(table(), tmp_path / "night.parquet")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"pip install 'sleepjerk\[export\]'"):
        read_recording(path)


@pytest.mark.parametrize("ending", [".parquet", ".feather"])
def test_a_name_that_is_there_twice_is_refused_only_where_it_is_wanted(ending: str, tmp_path: Path) -> None:
    rows = table()
    columns = pa.Table.from_pandas(rows, preserve_index=False)
    twice = columns.add_column(0, "id", columns["x_g"]).add_column(0, "id", columns["x_g"])
    path = tmp_path / f"night{ending}"
    write_columns(twice, path)
    assert read_recording(path).acceleration_g.shape == (3, ROWS)
    write_columns(columns.append_column("x_g", columns["y_g"]), path)
    with pytest.raises(InputError, match="2 columns are called 'x_g'"):
        read_recording(path, columns="t_us,x_g,y_g,z_g")


def write_columns(columns: pa.Table, path: Path) -> None:
    if path.suffix == ".parquet":
        parquet.write_table(columns, path)
    else:
        with pa.ipc.new_file(path, columns.schema) as file:
            file.write_table(columns)


def test_times_of_which_some_are_unknown_still_tell_their_unit(tmp_path: Path) -> None:
    rows = table().rename(columns={"t_us": "time"})
    rows["time"] = (rows["time"] / 1e6).where(np.arange(ROWS) % 2 == 0)
    (night,) = read_nights(write(rows, tmp_path / "night.parquet"))
    assert night.damage.rejected_rows == ROWS // 2
    assert night.rate_hz == pytest.approx(50)


@pytest.mark.parametrize("frames", [1, 3])
def test_zstd_is_unpacked(tmp_path: Path, frames: int) -> None:
    text = table().to_csv(index=False).encode()
    (tmp_path / "night.csv").write_bytes(text)
    cuts = np.linspace(0, len(text), frames + 1).astype(int)
    parts = [zstandard.compress(text[first:last]) for first, last in pairwise(cuts.tolist())]
    (tmp_path / "night.csv.zst").write_bytes(b"".join(parts))
    expected = read_recording(tmp_path / "night.csv")
    found = read_recording(tmp_path / "night.csv.zst")
    np.testing.assert_array_equal(found.acceleration_g, expected.acceleration_g)


def test_a_zstd_that_was_cut_off_is_read_up_to_its_last_whole_line(tmp_path: Path) -> None:
    packer = zstandard.ZstdCompressor().compressobj()
    text = table().to_csv(index=False).encode()
    packed = b""
    for first in range(0, len(text), 5000):
        packed += packer.compress(text[first : first + 5000]) + packer.flush(
            zstandard.COMPRESSOBJ_FLUSH_BLOCK
        )
    path = tmp_path / "night.csv.zst"
    path.write_bytes(packed[: len(packed) // 2])
    recording = read_recording(path)
    assert 0.3 * ROWS < recording.acceleration_g.shape[1] < 0.7 * ROWS
    assert any("damage" in note for note in recording.provenance.notes)


def test_without_zstandard_the_line_to_type_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "night.csv.zst"
    path.write_bytes(zstandard.compress(table().to_csv(index=False).encode()))
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(InputError, match=r"pip install 'sleepjerk\[devices\]'"):
        read_recording(path)


def test_stamped_blocks_are_spread_evenly_and_pauses_stay() -> None:
    """Blocks of 120 samples counted on at 100 Hz by a sensor that really runs at 98.8."""
    stamps = np.concatenate([np.arange(50) * 120 / 98.8, 100 + np.arange(50) * 120 / 98.8])
    written = (stamps[:, None] + np.arange(120) / 100).ravel()
    step = np.diff(even_blocks(written, LoggerRules()))
    inside = np.delete(step, 50 * 120 - 1)
    np.testing.assert_allclose(np.delete(inside, np.s_[49 * 120 - 1 : 50 * 120 - 1]), 1 / 98.8, rtol=2e-3)
    assert step[50 * 120 - 1] == pytest.approx(100 - 50 * 120 / 98.8, rel=0.01)
