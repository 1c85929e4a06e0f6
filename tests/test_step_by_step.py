"""The tutorial beside the sample night is true: its steps give the events of `analyse`."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import sleepjerk as sj

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).resolve().parents[1]
SCRIPT = PROJECT / "sample_data" / "step_by_step.py"
SAME = "The table is equal to that of sj.analyse."


def run(script: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", str(script)]
    environment = os.environ | {"PYTHONPATH": str(PROJECT)}
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment)


def test_the_steps_of_the_tutorial_give_the_events_of_analyse() -> None:
    done = run(SCRIPT)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(f"{SAME}\n")
    counts = sj.analyse(sj.read_recording(SCRIPT.with_name("short_night.csv.gz"))).counts
    said = {kind: int(count) for kind, count in re.findall(r"^(\w+) +(\d+)$", done.stdout, re.MULTILINE)}
    assert said == {kind: count for kind, count in counts.items() if count}


def test_a_step_that_is_changed_is_seen(tmp_path: Path) -> None:
    for path in SCRIPT.parent.glob("short_night*"):
        (tmp_path / path.name).symlink_to(path)
    changed = tmp_path / SCRIPT.name
    code = SCRIPT.read_text(encoding="utf-8")
    changed.write_text(
        code.replace("threshold_g, limited_by =", "threshold_g = 0.3\n_, limited_by ="), "utf-8"
    )
    done = run(changed)
    assert done.returncode == 1
    assert "The events differ from those of sj.analyse" in done.stderr
    assert SAME not in done.stdout
