"""The same night, the same machine, in turn with others: `taskset -c 0,1 python -m tests.benchmarks.peers`.

Each program, ours too, is installed into an environment of its own with no more than it asks for (downloads some
hundred MB into --keep). Nobody but sleepjerk
looks for twitches: wristpy and scikit-digital-health read, calibrate, find wear and sleep; actipy finds no sleep.
"""

import argparse
import subprocess
import tempfile
import venv
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd

from tests.benchmarks.measure import machine, run_in_turn, wall
from tests.benchmarks.speed import make_night

_RATE_HZ = 100
_ROOT = Path(__file__).resolve().parents[2]

# What each is told, as its own documentation does it.
_WRISTPY = """
import sys
from wristpy.core import orchestrator
orchestrator.run(input=sys.argv[1], output=sys.argv[2])
"""
_ACTIPY = """
import sys
import actipy, pandas
table = pandas.read_csv(sys.argv[1], parse_dates=["time"], index_col="time")
table.columns = ["x", "y", "z"]
actipy.process(table, sample_rate=100, verbose=False)
"""
_SKDH = """
import sys
from skdh.io import ReadCSV
from skdh.preprocessing import AccelThresholdWearDetection, CalibrateAccelerometer, GetDayWindowIndices
from skdh.sleep import Sleep
axes = {"accel": ["x_g", "y_g", "z_g"]}
night = ReadCSV(time_col_name="time", column_names=axes, ext_error="skip").predict(file=sys.argv[1])
night |= CalibrateAccelerometer(min_hours=1).predict(**night)
night |= AccelThresholdWearDetection().predict(**night)
night |= GetDayWindowIndices(bases=[12], periods=[24]).predict(**night)
Sleep(day_window=(12, 24)).predict(**night)
"""
_PEERS = {
    "wristpy": ("wristpy", _WRISTPY, "reads its own layout without times, calibrates, wear, sleep, activity"),
    "actipy": ("actipy", _ACTIPY, "reads, low-pass, calibrates, wear; no sleep"),
    "scikit-digital-health": (
        "scikit-digital-health",
        _SKDH,
        "reads, wear, sleep; calibrates from 12 h only",
    ),
}


def prepare(name: str, package: str, script: str, folder: Path) -> tuple[Path, Path]:
    """An environment with one program in it, and the script that runs it."""
    place = folder / name
    python = place / "bin" / "python"
    if not python.exists():
        venv.create(place, with_pip=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", package], check=True)
    elif package == str(_ROOT):  # as it is now
        subprocess.run([str(python), "-m", "pip", "install", "-q", "--no-deps", package], check=True)
    file = place / "night.py"
    file.write_text(script)
    return python, file


def write_actigraph(night: Path, path: Path) -> None:
    """The layout that wristpy reads: 14 lines of header, then x, y and z."""
    head = ["", "", "Start Time 22:31:04", "Start Date 22/11/2026", "Idle false", f"Rate {_RATE_HZ}"]
    table = pd.read_csv(night)[["x_g", "y_g", "z_g"]].to_numpy()
    with path.open("w") as file:
        file.write("\n".join(head + [""] * (14 - len(head))) + "\n")
        np.savetxt(file, table, fmt="%.4f", delimiter=",")


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--hours", type=float, default=8)
    parser.add_argument("--keep", type=Path, help="folder for the environments, to use them again")
    parser.add_argument("--peers", nargs="+", choices=sorted(_PEERS), default=sorted(_PEERS))
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kept = folder if args.keep is None else args.keep
        night, iso = make_night(folder, args.hours)
        write_actigraph(night, folder / "actigraph.csv")
        ours, _ = prepare("sleepjerk", str(_ROOT), "", kept)
        program = str(ours.with_name("sleepjerk"))
        jobs = {"sleepjerk": [program, "analyse", str(iso), "--out", str(folder / "out")]}
        for peer in args.peers:
            package, script, _ = _PEERS[peer]
            python, file = prepare(peer, package, script, kept)
            source = folder / "actigraph.csv" if peer == "wristpy" else iso
            jobs[peer] = [str(python), str(file), str(source), str(folder / "wristpy_out.csv")]
        found = run_in_turn(jobs, args.rounds)
    our = {
        kind: median(getattr(run, kind) for run in found["sleepjerk"])
        for kind in ("wall_s", "cpu_s", "peak_mb")
    }
    print(f"{machine()}; {args.hours:g} h at {_RATE_HZ} Hz, {args.rounds} rounds, whole processes, medians\n")
    print("| program | does | wall s | ours / its | processor s | ours / its | peak MB | ours / its |")
    print("|---|---|---|---|---|---|---|---|")
    for job, runs in found.items():
        does = (
            _PEERS[job][2] if job in _PEERS else "reads, calibrates, wear, sleep, movements, series, criteria"
        )
        theirs = {kind: median(getattr(run, kind) for run in runs) for kind in our}
        share = {kind: our[kind] / theirs[kind] for kind in our}
        print(
            f"| {job} | {does} | {wall(runs)} | {share['wall_s']:.2f} | {theirs['cpu_s']:.2f} | {share['cpu_s']:.2f} "
            f"| {theirs['peak_mb']:.0f} | {share['peak_mb']:.2f} |"
        )


if __name__ == "__main__":
    main()
