"""The fingerprint of a file: the file's own, taken once while the file stays as it is."""

import hashlib
from pathlib import Path

import pytest

from sleepjerk.hashing import sha256_of


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
