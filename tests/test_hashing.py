"""The fingerprint of a file: the file's own, taken once while the file stays as it is."""

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

import sleepjerk as sj
from sleepjerk.errors import InputError
from sleepjerk.hashing import sha256_of
from sleepjerk.reading import table_file


@pytest.mark.parametrize("size", [0, 1, (1 << 23) + 7])
def test_it_is_that_of_all_bytes(tmp_path: Path, size: int) -> None:
    (tmp_path / "night.csv").write_bytes(data := b"\1" * size)
    assert sha256_of(tmp_path / "night.csv").result() == hashlib.sha256(data).hexdigest()


def test_it_is_taken_once_until_the_file_changes(tmp_path: Path) -> None:
    path = tmp_path / "night.csv"
    path.write_bytes(b"one")
    first = sha256_of(path)
    assert sha256_of(path) is first
    assert first.result() == hashlib.sha256(b"one").hexdigest()
    path.write_bytes(b"other")
    assert sha256_of(path).result() == hashlib.sha256(b"other").hexdigest()


def test_what_cannot_be_read_is_an_error_of_who_asks(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        sha256_of(tmp_path / "nowhere.csv")
    with pytest.raises(OSError, match="directory"):
        sha256_of(tmp_path).result()


@pytest.mark.parametrize("other", [b"two", b"longer", b""])
def test_a_file_that_is_overwritten_while_it_is_read_is_refused(tmp_path: Path, other: bytes) -> None:
    path = tmp_path / "night.csv"
    path.write_bytes(b"one")
    os.utime(path, (1, 1))  # a clock of files may tick slower than this test runs
    first = sha256_of(path)
    first.join()
    path.write_bytes(other)
    with pytest.raises(InputError, match="changed while it was read"):
        first.result()


def test_a_file_that_grows_is_touched_or_goes_while_it_is_read_is_not(tmp_path: Path) -> None:
    path = tmp_path / "night.csv"
    path.write_bytes(b"one")
    first = sha256_of(path)
    first.join()
    for change in (lambda: path.write_bytes(b"one more"), path.touch, path.unlink):
        change()
        assert first.result() == hashlib.sha256(b"one").hexdigest()


def test_a_night_that_is_overwritten_while_it_is_read_is_no_night(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "night.csv"
    rows = "".join(f"{n * 20_000},0.0{n % 7},0.0{n % 5},1.0{n % 3}\n" for n in range(3000))
    path.write_text(f"t_us,x_g,y_g,z_g\n{rows}")
    sj.read_recording(path)
    really = table_file.open_text

    def overwritten(*what: Any) -> Any:
        path.write_text(path.read_text().replace("1.02", "1.01"))
        return really(*what)

    monkeypatch.setattr("sleepjerk.reading.opening.open_text", overwritten)
    with pytest.raises(InputError, match="changed while it was read"):
        sj.read_recording(path)
