"""Files that attack by their names, columns and sidecars: what comes out is text, and lies where it was asked for."""

import csv
import io
import json
import re
from pathlib import Path

import pytest

from sleepjerk.cli import main
from tests.report.test_page import ADDRESSES, Page
from tests.support.hostile import FOREIGN, HOSTILE
from tests.support.marks import a_few

RATE_HZ = 50
ROWS = 20 * RATE_HZ
# What a file system takes as a name.
NAMES = [text for text in HOSTILE if not {"/", "\0"} & set(text) and len(text) < 200 and "\ud800" not in text]


def table(column: str) -> str:
    """20 s at rest with a knock in it, and a column of that name."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["t_us", "x_g", "y_g", "z_g", column])
    for row in range(ROWS):
        knock = 0.4 if row in (500, 501) else 0.0
        writer.writerow([row * 1_000_000 // RATE_HZ, f"{knock + row % 3 / 1000:.4f}", "0.0", "1.0", column])
    return buffer.getvalue()


def written(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def check_page(text: str) -> None:
    page = Page(text)
    assert page.unbalanced == []
    assert not FOREIGN & {tag for tag, _ in page.elements}
    inside = {f"#{attrs['id']}" for _, attrs in page.elements if "id" in attrs}
    assert {attrs["href"] for _, attrs in page.elements if "href" in attrs} <= ADDRESSES | inside
    assert not [key for _, attrs in page.elements for key in attrs if key.startswith("on")]
    assert page.inside
    assert re.search("<title>sleepjerk[^<]*</title>", text)


def check_events(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert cells
    for cell in cells:
        assert not cell.startswith(("=", "+", "@", "\t", "\r")), cell
        assert not cell.startswith("-") or float(cell) < 0


def test_there_are_fifty_hostile_texts_and_more() -> None:
    assert len(set(HOSTILE)) == len(HOSTILE) >= 50


@pytest.mark.parametrize("text", a_few(HOSTILE, of=8))
def test_a_hostile_column_subject_and_board_are_read_or_refused_and_never_more(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    sidecar = {
        "start_utc": "2026-11-22T21:31:04+00:00",
        "subject": text,
        "sensor": text,
        "board": text,
        "side": text,
    }
    (tmp_path / "night.json").write_text(json.dumps(sidecar), encoding="utf-8")
    (tmp_path / "night.csv").write_bytes(table(text).encode("utf-8", "surrogatepass"))
    before = written(tmp_path)
    code = main(["report", str(tmp_path / "night.csv"), "--no-diary"])
    if code == 0:
        made = {"night.events.csv", "night.night.json", "night.report.html"}
        assert written(tmp_path) == before | made
        check_page((tmp_path / "night.report.html").read_text(encoding="utf-8"))
        check_events(tmp_path / "night.events.csv")
    else:
        assert code == 2
        assert written(tmp_path) == before
        assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("name", a_few(NAMES, of=6))
def test_a_hostile_file_name_stays_a_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / f"{name}.csv").write_text(table("note"), encoding="utf-8")
    recording = str(folder / f"{name}.csv")
    assert main(["report", "--no-diary", "--out", str(tmp_path / "page.html"), "--", recording]) == 0
    stem = f"{name}.csv" if name in (".", "..") else name.removesuffix(".txt")  # a folder is no stem
    made = {f"{stem}.events.csv", f"{stem}.night.json"}
    assert written(tmp_path) - {"in", "page.html"} == {f"in/{name}.csv", *made}
    check_page((tmp_path / "page.html").read_text(encoding="utf-8"))
