"""What was brought, looked at in a process of its own: `python -m sleepjerk.app.looking ARRIVAL LANGUAGE`.

Which of the files are recordings, what is detected in each and why, what is doubtful, and a picture of the trace; what
can't be told gets a picture for each answer that makes sense. Knows how refusals name the option that mends them. The
page shows what is written here; analyses nothing.
"""

import contextlib
import re
import shutil
import sys
import time
import zipfile
from collections.abc import Iterator
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from sleepjerk.app.arrivals import (
    MOST_BYTES,
    MOST_FILES,
    Arrival,
    as_recording,
    free_path,
    has_room,
    is_left_out,
    safe_path,
)
from sleepjerk.app.fields import in_the_page
from sleepjerk.app.nights import nights
from sleepjerk.atomic import make_folder, scratch
from sleepjerk.errors import InputError
from sleepjerk.filenames import is_recording, stem_of
from sleepjerk.hashing import sha256_of
from sleepjerk.history.options import Options
from sleepjerk.reading.archive import find_source
from sleepjerk.reading.layout import find_layout
from sleepjerk.reading.source import ZIP, ZIP_ODD, open_source
from sleepjerk.reading.units import still_length
from sleepjerk.recording import Recording
from sleepjerk.report.catalogue import Catalogue
from sleepjerk.report.svg import element, levels, line_path, picture, words_at
from sleepjerk.rules import Rules
from sleepjerk.session import open_session

# What the command line calls an option, and its name.
_OPTIONS = {
    **{name: name for name in ("columns", "unit", "rows", "start", "zone", "limb")},
    **{"time-unit": "time_unit", "rate": "rate_hz"},
}
# Answers that make sense without knowing more.
_ANSWERS = {
    "time_unit": ("s", "ms", "us", "ns", "dmy", "mdy"),
    "unit": ("g", "mg", "m/s2"),
    "rate_hz": ("25", "50", "100"),
}
_NUMBER = re.compile(r"[-+]?\d[\d.,]*(e[-+]?\d+)?", re.IGNORECASE)
_GRAVITY = re.compile(r"gravity amounts to ([1-9]\d*)")  # as a refusal says
_HEAD_BYTES = 1 << 20  # of a file, to try answers on
_MOST_CHOICES = 8
_REST_S = 600
_SOME_ZONE = Options(zone="UTC")  # where nobody said it yet
_FINGERPRINT = re.compile(rb'"input_sha256": ?"([0-9a-f]{64})"')
_BEGIN_BYTES = 4096
_LOOK_S = 0.05
_COPY_BYTES = 1 << 20
_MOST_UNPACKED = 4 * MOST_BYTES
_WIDTH, _HEIGHT, _LEFT, _TOP, _BASE = 420.0, 160.0, 40.0, 10.0, 134.0
_POINTS = 300


def look(arrival: Arrival, say: Catalogue) -> None:
    """Look at all of it, and write down what was found."""
    _tell(5, say.text("opening.stage_names"))
    recordings, refused = _sorted_out(arrival.files, say)
    options = Options.of(arrival.read("said"))
    found: list[dict[str, Any]] = []
    known = _known(recordings)
    for number, path in enumerate(recordings):
        share = f"{number + 1}/{len(recordings)}" if len(recordings) > 1 else ""
        _tell(10 + 85 * number // len(recordings), f"{say.text('opening.stage_reading')} {share}")
        one: dict[str, Any] = {
            "file": path.relative_to(arrival.files).as_posix(),
            "same": None,
            "refused": None,
        }
        try:
            one |= _look_at(path, options, say, f"{number}")
        except InputError as error:
            asked = asked_for(str(error))
            one |= {"refused": plainly(error, path, say), "doubtful": asked}
            one["choices"] = _choices(arrival, path, options, asked, say)
        else:
            if "zone" in one["doubtful"]:
                one["doubtful"] += _doubts_then(arrival, path, options)
            if "time_unit" in one["doubtful"]:  # which of its numbers is the day
                one["choices"] = _choices(arrival, path, options, ["time_unit"], say)
            one["same"] = known.get(one["sha256"])
            known.setdefault(one["sha256"], stem_of(path).name)
        found.append(one)
    arrival.write("found", {"language": say.language, "recordings": found, "refused": refused})


def _tell(percent: int, words: str) -> None:
    sys.stderr.write(f"{percent} % {words}\n")


def _known(recordings: list[Path]) -> dict[str, str]:
    """The nights that are there, by the fingerprints of their recordings."""
    sizes, found = {path.stat().st_size for path in recordings}, {}
    for night in nights():
        sha = None
        if night.results is not None:
            with night.results.open("rb") as file:  # near its begin; all of it takes long with many nights
                sha = _FINGERPRINT.search(file.read(_BEGIN_BYTES))
        elif night.recording is not None and night.recording.stat().st_size in sizes:
            found[sha256_of(night.recording).result()] = night.stem
        if sha is not None:
            found[sha[1].decode()] = night.stem
    return found


# Which files are recordings.


def _sorted_out(folder: Path, say: Catalogue) -> tuple[list[Path], list[str]]:
    """The recordings among the files, and why others that were brought are none."""
    while len(inside := list(folder.iterdir())) == 1 and inside[0].is_dir():
        folder = inside[0]
    if len(inside) == 1:
        return _of_file(inside[0].rename(as_recording(inside[0])), say)
    refused: list[str] = []
    return list(_of_folder(folder, refused, say)), refused


def _of_file(path: Path, say: Catalogue) -> tuple[list[Path], list[str]]:
    """A file, or what lies in an archive of several nights."""
    try:
        if open_source(path).kind != ZIP:
            return [path], []
        _refuse_too_much(path)
        try:
            find_source(path)
        except InputError:
            inside = _unpacked(path)
            if inside is None:
                raise
            refused: list[str] = []
            return list(_of_folder(inside, refused, say)), refused
    except InputError as error:
        return [], [plainly(error, path, say)]
    return [path], []


def _of_folder(folder: Path, refused: list[str], say: Catalogue) -> Iterator[Path]:
    """Recordings in a folder: it is one where an app wrote it, else each file may be one, and each folder in it."""
    try:
        whole = find_source(folder)
    except InputError as error:
        before = len(refused)
        inside = False
        for path in sorted(folder.iterdir()):
            if path.is_dir():
                inside = True
                yield from _of_folder(path, refused, say)
            elif is_recording(path.name):
                inside = True
                made, why = _of_file(path, say)
                refused += why
                yield from made
        if not inside and len(refused) == before:
            refused.append(plainly(error, folder, say))
        return
    beside = [path for path in folder.rglob("*") if path.is_file()]
    stem = f"{stem_of(whole.path).name}."
    alone = [path for path in beside if is_recording(path.name)] == [whole.path]
    if alone and all(path.name.startswith(stem) for path in beside if path.parent == whole.path.parent):
        yield whole.path
    else:
        yield _packed(folder, beside)


def _packed(folder: Path, files: list[Path]) -> Path:
    """What an app wrote as several files is one as an archive, the same for the same files."""
    root = folder.parent.name != "files" and folder.name == "files"
    path = (
        free_path(folder, Path("recording.zip"))
        if root
        else free_path(folder.parent, Path(f"{folder.name}.zip"))
    )
    with zipfile.ZipFile(path, "x") as archive:
        for file in sorted(files):
            entry = zipfile.ZipInfo(file.relative_to(folder).as_posix())
            entry.file_size = file.stat().st_size
            with file.open("rb") as source, archive.open(entry, "w") as place:
                shutil.copyfileobj(source, place, _COPY_BYTES)
    for file in files:
        file.unlink()
    return path


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    return [item for item in archive.infolist() if not (item.is_dir() or is_left_out(item.filename))]


def _refuse_too_much(path: Path) -> None:
    """Refuse an archive that says it holds more than there is room for, or than anybody's nights."""
    with contextlib.suppress(*ZIP_ODD), zipfile.ZipFile(path) as archive:
        members = _members(archive)
        size = sum(item.file_size for item in members)
        if len(members) > MOST_FILES or size > _MOST_UNPACKED or not has_room(size):
            holds = f"{len(members)} files of {size / 1e9:.1f} GB together"
            raise InputError(f"{path}: this holds {holds}, which is too much")


def _unpacked(path: Path) -> Path | None:
    """The folder into which an archive was unpacked, which then goes; None where it holds no recordings."""
    folder = free_path(path.parent, Path(stem_of(path).name))
    try:
        with zipfile.ZipFile(path) as archive:
            members = _members(archive)
            if not any(is_recording(item.filename) for item in members):
                return None
            for item in members:
                place = free_path(folder, safe_path(item.filename))
                make_folder(place.parent)
                with archive.open(item) as source, place.open("xb") as file:
                    shutil.copyfileobj(source, file, _COPY_BYTES)
    except ZIP_ODD:
        shutil.rmtree(folder, ignore_errors=True)
        return None
    path.unlink()
    return folder


# What is in a recording.


def _look_at(path: Path, options: Options, say: Catalogue, name: str) -> dict[str, Any]:
    """What was found in the first night of a recording."""
    first = next(open_session(path, options).read())
    known, start = first.provenance, first.start
    notes: dict[str, list[str]] = {}
    for note in (in_the_page(note, say) for note in known.notes):
        about, _, text = note.rpartition(": ") if note.count(": ") == 1 else note.partition(": ")
        notes.setdefault(about, []).append(text)
    shown = {
        "columns": "",
        "unit": "",
        "rate": f"{say.decimal(first.rate_hz, 2)} Hz",
        "time": "",
        "start": _moment(start, say),
        "zone": "" if start is None or start.tzinfo is None else str(start.tzinfo),
        "limb": say.text(f"limb.{first.placement.limb}"),
    }
    return {
        "sha256": first.input_sha256,
        "nights": known.nights or 1,
        "lasts": _lasting(first, say),
        "facts": [
            (about, value, "; ".join(notes.pop(about, [])))
            for about, value in shown.items()
            if value or about in notes or about in ("start", "zone")
        ],
        "also": [f"{about}: {text}" for about, texts in notes.items() for text in texts],
        "doubtful": asked_for(" ".join(known.notes)) or ([] if start else ["start"]),
        "choices": [],
    } | _seen(first, name, say)


def _moment(start: datetime | None, say: Catalogue) -> str:
    return "" if start is None else f"{say.day(str(start.date()), year=True)}, {start:%H:%M:%S}"


def _lasting(recording: Recording, say: Catalogue) -> str:
    """How long it is, in a unit that tells it."""
    for unit, unit_s in (("hours", 3600), ("minutes", 60)):
        if recording.duration_s > 2 * unit_s:
            return say.text(f"unit.{unit}", value=say.decimal(recording.duration_s / unit_s, 1))
    return say.text("unit.seconds", value=say.decimal(recording.duration_s, 1))


def _seen(recording: Recording, name: str, say: Catalogue) -> dict[str, Any]:
    """The trace, and what the sensor says at rest: gravity, which is 1 g where the unit is right."""
    values = recording.acceleration_g[:, : int(_REST_S * recording.rate_hz)]
    values = values[:, np.isfinite(values[0])]
    rest_g = still_length(values, Rules().reading) if values.size else float("nan")
    shown = say.decimal(rest_g, 2) if np.isfinite(rest_g) else None
    begun = _moment(recording.start, say)
    return {"rest_g": shown, "begun": begun, "picture": draw(recording, f"trace-{name}", say)}


def _choices(
    arrival: Arrival, path: Path, options: Options, asked: list[str], say: Catalogue
) -> list[dict[str, Any]]:
    """Those answers to what is asked that make sense of the first rows, each with what it makes of them."""
    found: list[dict[str, Any]] = []
    with scratch(arrival.folder) as folder:
        head = _head(path, folder) if asked else path
        for name in asked:
            for answer in _answers(head, name, options):
                said = Options.of({name: float(answer) if name == "rate_hz" else answer}).over(options)
                first, error = _tried(head, said.over(_SOME_ZONE))
                if first is None and (not asked_for(error) or name in asked_for(error)):
                    continue
                alone = first is not None
                if (gravity := _GRAVITY.search(error)) and not alone:  # to show how it looks, in any unit
                    first, _ = _tried(head, Options(unit=f"counts:{gravity[1]}").over(said.over(_SOME_ZONE)))
                seen = {"picture": None} if first is None else _seen(first, f"{name}-{len(found)}", say)
                found.append({"name": name, "answer": answer, "alone": alone} | seen)
    best = [one for one in found if one["alone"]]  # the others still need another answer
    return (best or found)[:_MOST_CHOICES]


def _doubts_then(arrival: Arrival, path: Path, options: Options) -> list[str]:
    """What else is doubtful when the zone is known: asked for at once, not one after the other."""
    with scratch(arrival.folder) as folder:
        first, _ = _tried(_head(path, folder), options.over(_SOME_ZONE))
    return [] if first is None else asked_for(" ".join(first.provenance.notes))


def _tried(path: Path, options: Options) -> tuple[Recording | None, str]:
    """A recording read so, or why it can't be."""
    try:
        return next(open_session(path, options).read()), ""
    except InputError as error:
        return None, str(error)


def asked_for(sentence: str) -> list[str]:
    """The options that a refusal says would mend it, in its own order."""
    named = dict.fromkeys(re.findall(r"--([a-z-]+)", sentence))
    return [_OPTIONS[name] for name in named if name in _OPTIONS]


def _answers(path: Path, name: str, options: Options) -> list[str]:
    """Those that anybody would try; of columns any three numbers side by side, the first column being the time."""
    if name == "unit":
        gravity = _GRAVITY.search(_tried(path, options)[1])
        return [*_ANSWERS[name], *([f"counts:{gravity[1]}"] if gravity else ())]
    if name != "columns":
        return list(_ANSWERS.get(name, ()))
    try:
        cells = find_layout(path, find_source(path).text(), Rules().reading).cells
    except InputError:
        return []
    numbers = [place for place, cell in enumerate(cells, 1) if place > 1 and _NUMBER.fullmatch(cell)]
    return [f"1,{x},{y},{z}" for x, y, z in zip(numbers, numbers[1:], numbers[2:], strict=False)]


def _head(path: Path, folder: Path) -> Path:
    """The beginning of a text as a file of its own; any other file itself."""
    with contextlib.suppress(InputError):
        source = find_source(path)
        if source.kind is None:
            text = source.text(_HEAD_BYTES)
            (folder / "head.csv").write_text(text[: text.rfind("\n") + 1], encoding="utf-8")
            return folder / "head.csv"
    return path


def plainly(error: InputError, path: Path, say: Catalogue) -> str:
    """A refusal without the way to the file."""
    return in_the_page(str(error).replace(f"{path.parent}/", ""), say)


# The picture of a trace.


def draw(recording: Recording, name: str, say: Catalogue) -> str:
    """Three axes of a recording, thinned, in g over hours or minutes."""
    values = recording.acceleration_g
    size = max(1, values.shape[1] // _POINTS)
    count = values.shape[1] // size
    thinned = values[:, : count * size : size]
    top: float = float(np.ceil(np.nanmax(np.abs(thinned)) * 2) / 2) if np.isfinite(thinned).any() else 1.0
    right = _WIDTH - 30  # the last mark stands below its end

    def across(place: float) -> float:
        return float(_LEFT + (right - _LEFT) * place / max(1, count))

    def up(value: float) -> float:
        return _TOP + (_BASE - _TOP) * (1 - (value / top + 1) / 2)

    inside = [*levels({say.decimal(value, 1): value for value in (top, 0.0, -top)}, up, _LEFT, right)]
    for axis, row in zip("xyz", thinned, strict=True):
        points = (
            (across(place), up(float(value))) if np.isfinite(value) else None
            for place, value in enumerate(row)
        )
        inside.append(element("path", class_=f"axis {axis}", d=line_path(points)))
    unit_s, unit = (3600.0, "hours") if recording.duration_s > 7200 else (60.0, "minutes")
    if recording.duration_s < 300:  # plain: where minutes tell nothing
        unit_s, unit = 1.0, "seconds"
    lasting = recording.duration_s / unit_s
    step = next((step for step in (1, 2, 5, 10, 20, 60, 120) if lasting / step <= 6), 240)
    for mark in range(0, int(lasting) + 1, step):
        x = across(mark / lasting * count)
        anchor = "middle" if mark else None
        inside.append(words_at(say.text(f"unit.{unit}", value=str(mark)), x, _HEIGHT - 8, anchor=anchor))
    inside.append(words_at("g", 0.0, _BASE + 4))
    title = say.text("opening.trace")
    about = say.text("opening.trace_about", lasting=_lasting(recording, say))
    return picture(_WIDTH, _HEIGHT, name, title, about, inside)


def _await(arrival: Arrival, say: Catalogue) -> bool:
    """Get ready while it comes; whether it came."""
    _tell(1, say.text("opening.sending"))
    while arrival.is_coming:
        import_module("pandas")  # the slowest of what is needed
        time.sleep(_LOOK_S)
    return arrival.files.is_dir()


if __name__ == "__main__":
    brought, words = Arrival(sys.argv[1]), Catalogue(sys.argv[2], "sleepjerk.app")
    if _await(brought, words):
        look(brought, words)
