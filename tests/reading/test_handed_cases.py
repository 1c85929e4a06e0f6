"""Each file of ../shared/cases/{reports,phones} is read as expected.csv says, or refused with what it must name."""

import csv
import json
import shlex
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sleepjerk as sj
from sleepjerk.cli import main
from tests.support.real_nights import shared_cases

CASES = shared_cases()
READER = {"--columns": "columns", "--rate": "rate_hz", "--zone": "zone"}


def rows() -> list[dict[str, str]]:
    found = []
    for folder in ("reports", "phones") if CASES else ():
        with (CASES / folder / "expected.csv").open(newline="") as file:
            found += [row | {"folder": folder} for row in csv.DictReader(file)]
    return found


def flat(found: Any) -> dict[str, Any]:
    """All keys of nested objects, the outermost first."""
    if not isinstance(found, dict):
        return {}
    inner = [flat(value) for value in found.values()]
    return {key: value for one in reversed(inner) for key, value in one.items()} | found


def faults(row: dict[str, str], path: Path, options: list[str], out: str) -> list[str]:
    """Which values differ from the right ones."""
    found = flat(json.loads(out))
    wrong = []
    for key, tolerance in (("rate_hz", 0.02), ("hours", 0.02)):
        if row[key] and abs(found[key] / float(row[key]) - 1) > tolerance:
            wrong.append(f"{key} {found[key]}")
    if row["missing_s"] and abs(found["missing_s"] - float(row["missing_s"])) > 1:
        wrong.append(f"missing_s {found['missing_s']}")
    if row["start"]:
        told = datetime.fromisoformat(found["start"] or "1970-01-01T00:00:00Z")
        if abs((told - datetime.fromisoformat(row["start"])).total_seconds()) > 1.5:
            wrong.append(f"start {told}")
    if row["median_g"]:
        said = {READER[name]: value for name, value in zip(options[::2], options[1::2], strict=True)}
        recording = sj.read_recording(path, **{k: float(v) if k == "rate_hz" else v for k, v in said.items()})
        middle = np.nanmedian(recording.acceleration_g, axis=1)
        if np.abs(middle - [float(value) for value in row["median_g"].split()]).max() > 0.03:
            wrong.append(f"median {middle}")
    results = [dict(one.split("=") for one in some.split()) for some in row["result"].split("|") if some]
    if results and not any(all(found[k] == float(v) for k, v in one.items()) for one in results):
        wrong.append(f"not {row['result']}")
    return wrong


@pytest.mark.skipif(CASES is None, reason="../shared/cases is not beside the project")
@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row['file']} {row['options']}".strip())
def test_a_handed_file_gives_what_is_true_of_it(
    row: dict[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert CASES is not None
    monkeypatch.setenv("SLEEPJERK_HOME", str(tmp_path))
    monkeypatch.chdir(CASES / row["folder"])
    path, options = CASES / row["folder"] / row["file"], shlex.split(row["options"])
    where = ["--out", str(tmp_path)] if row["verb"] == "analyse" else []
    code = main([row["verb"], str(path), *options, *where, "--json"]) or 0
    out, err = capsys.readouterr()
    named = not row["must_name"] or any(
        word.lower() in (out + err).replace(str(path), "").lower() for word in row["must_name"].split("|")
    )
    outcome = row["outcome"]
    if outcome == "said":
        assert code in (0, 2)
        assert named, err
    elif outcome == "refused" or (outcome == "either" and code == 2):
        assert code == 2, out
        assert named, err
    else:
        assert code == 0, err
        assert faults(row, path, options, out) == []
