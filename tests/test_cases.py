"""Files that people really have, each with its right answer: read right, or refused with what decides."""

import csv
import json
import shlex
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sleepjerk as sj
from tests.support.in_process import sleepjerk
from tests.support.marks import a_few
from tests.support.real_nights import shared_cases

CASES = shared_cases()
# Told from options of the command line to what a script would say.
OPTIONS = {"--columns": "columns", "--rate": "rate_hz", "--zone": "zone"}


def rows() -> list[dict[str, str]]:
    """All cases, each with its folder."""
    found = []
    for folder in ("reports", "phones") if CASES else ():
        with (CASES / folder / "expected.csv").open(newline="") as file:
            found += [row | {"folder": folder} for row in csv.DictReader(file)]
    return found


def values(told: Any, name: str) -> list[Any]:
    """What a document says under a name, wherever."""
    below = told.values() if isinstance(told, dict) else told if isinstance(told, list) else ()
    here = [told[name]] if isinstance(told, dict) and told.get(name) is not None else []
    return here + [value for each in below for value in values(each, name)]


def wrong(row: dict[str, str], path: Path, told: dict[str, Any]) -> list[str]:
    """What is read otherwise than it should be."""
    if row["verb"] == "periodic":
        rights = [dict(pair.split("=") for pair in one.split()) for one in row["result"].split("|")]
        fits = any(all(told[name] == float(value) for name, value in right.items()) for right in rights)
        return [] if fits or not row["result"] else [f"{told}"]
    faults = []
    for name in ("rate_hz", "hours"):
        if row[name] and not abs((values(told, name) or [np.nan])[0] / float(row[name]) - 1) <= 0.02:
            faults.append(f"{name} is {values(told, name)}")
    if (
        row["missing_s"]
        and not abs((values(told, "missing_s") or [np.nan])[0] - float(row["missing_s"])) <= 1
    ):
        faults.append(f"missing_s is {values(told, 'missing_s')}")
    if row["start"]:
        start = (values(told, "start") or [None])[0]
        right = datetime.fromisoformat(row["start"])
        if start is None or abs((datetime.fromisoformat(start) - right).total_seconds()) > 1.5:
            faults.append(f"start is {start}")
    return faults + (wrong_samples(row, path) if row["median_g"] else [])


def wrong_samples(row: dict[str, str], path: Path) -> list[str]:
    """What of the samples is otherwise than it should be."""
    words, faults = shlex.split(row["options"]), []
    said: dict[str, Any] = {OPTIONS[name]: value for name, value in zip(words[::2], words[1::2], strict=True)}
    said |= {"rate_hz": float(said["rate_hz"])} if "rate_hz" in said else {}
    samples = sj.read_recording(path, **said).acceleration_g
    median = np.nanmedian(samples, axis=1)
    if np.abs(median - np.array(row["median_g"].split(), dtype=float)).max() > 0.03:
        faults.append(f"median is {median}")
    # A stretch of zeros is held by the file, and missing from the recording.
    whole, held = int(np.isfinite(samples).all(axis=0).sum()), samples.shape[1]
    if row["n_samples"] and not any(abs(n / float(row["n_samples"]) - 1) <= 0.02 for n in (whole, held)):
        faults.append(f"{whole} samples")
    return faults


@pytest.mark.skipif(CASES is None, reason="the shared cases are not beside the project")
@pytest.mark.parametrize(
    "row", a_few(rows(), of=3), ids=lambda row: f"{row['file']} {row['options']}".strip()
)
def test_a_case_is_read_right_or_refused_with_what_decides(row: dict[str, str], tmp_path: Path) -> None:
    assert CASES is not None
    folder = CASES / row["folder"]
    options = [folder / word if (folder / word).is_file() else word for word in shlex.split(row["options"])]
    places = ["--out", tmp_path, "--no-diary"] if row["verb"] == "analyse" else []
    done = sleepjerk(row["verb"], folder / row["file"], *options, *places, "--json")
    said = (done.stdout + done.stderr).lower().replace(str(folder / row["file"]).lower(), "")
    named = any(word.lower() in said for word in row["must_name"].split("|"))
    assert done.returncode in (0, 2)
    outcome = row["outcome"]
    if outcome == "refused" or (outcome == "either" and done.returncode == 2):
        assert (done.returncode, named) == (2, True), done.stderr
    elif outcome == "said":
        assert named, said
    else:
        assert done.returncode == 0, done.stderr
        assert wrong(row, folder / row["file"], json.loads(done.stdout)) == []
