"""The files in which a person's word is kept: beside the night and among the person's own files.

Knows their form; what a correction does is `detection.corrections`.
"""

import contextlib
import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from sleepjerk.atomic import checksum, write_whole
from sleepjerk.errors import InputError, why
from sleepjerk.said import Correction, Kind

SCHEMA = 1
_NAMES = ("schema", "input_sha256", *Kind)  # a list for each kind: who knows but the first keeps the others


def corrections_path(stem: Path) -> Path:
    """The file beside the night."""
    return Path(f"{stem}.corrections.json")


def write_corrections(path: Path, input_sha256: str, corrections: Sequence[Correction]) -> None:
    """Write them whole or not at all; without any the file goes, unless it holds what a newer version wrote."""
    newer: dict[str, Any] = {}
    with contextlib.suppress(OSError, ValueError, AttributeError, RecursionError):
        found = json.loads(path.read_bytes())
        newer = {name: value for name, value in found.items() if name not in (*_NAMES, "checksum")}
    if not corrections and not newer:
        path.unlink(missing_ok=True)
        return
    kept: dict[str, Any] = {"schema": SCHEMA, "input_sha256": input_sha256, Kind.EVENT: []}
    for said in corrections:
        item = {
            name: value for name, value in asdict(said).items() if value is not None and value is not False
        }
        kept.setdefault(item.pop("kind"), []).append(item | item.pop("newer"))
    document = kept | newer
    text = json.dumps(document | {"checksum": checksum(document)}, indent=1, allow_nan=False)
    write_whole(path, text + "\n")


def was_changed(path: Path) -> bool:
    """Does a file differ from its own checksum? One without, as older versions wrote it, does not."""
    with contextlib.suppress(OSError, ValueError, AttributeError, RecursionError):
        document = json.loads(path.read_bytes())
        return document.pop("checksum", None) not in (None, checksum(document))
    return False


def read_corrections(path: Path, input_sha256: str) -> list[Correction]:
    """The corrections of one recording; none where there is no file.

    Raises
    ------
    InputError
        The file can't be read, is damaged, or belongs to another recording.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path}: can't read these corrections ({why(error)}); move the file away"
        ) from error
    try:
        document = json.loads(text)
        if document["schema"] != SCHEMA:
            raise InputError(f"{path}: these corrections have schema {document['schema']!r}, not {SCHEMA}")
        belongs = document["input_sha256"]
        lists = {Kind.EVENT: document["corrections"]} | {kind: document.get(kind, []) for kind in Kind}
        found = [_correction(kind, item) for kind, items in lists.items() for item in items]
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise InputError(
            f"{path}: these corrections are damaged ({error}); repair or delete the file"
        ) from error
    if belongs != input_sha256:
        raise InputError(f"{path}: these corrections belong to another recording; move or delete the file")
    return found


def _correction(kind: Kind, item: dict[str, Any]) -> Correction:
    names = {one.name for one in fields(Correction)} - {"kind", "newer"}
    known = {name: value for name, value in item.items() if name in names}
    return Correction(
        kind=kind, **known, newer={name: value for name, value in item.items() if name not in names}
    )
