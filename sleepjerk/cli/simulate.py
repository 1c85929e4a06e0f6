"""`sleepjerk simulate`: a made night with its truth beside it."""

import argparse
import sys
from pathlib import Path

HELP = "simulate a night whose truth is known, from a seed"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument(
        "--hours", type=float, metavar="H", help="length (default: the scenario's own, 7.5 or less)"
    )
    parser.add_argument(
        "--seed", type=int, default=1, metavar="N", help="a different number makes a different night"
    )
    parser.add_argument(
        "--scenario", default="healthy", metavar="NAME", help="kind of night (default: %(default)s)"
    )
    parser.add_argument(
        "--sensor", default="MPU-6050", metavar="NAME", help="the chip (default: %(default)s)"
    )
    parser.add_argument(
        "--without-twitches", action="store_true", help="leave the twitches out: then each one found is false"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="recording to write, .csv or .csv.gz"
    )
    parser.epilog = (
        "scenarios: healthy, intensified, periodic-arm, restless, awake, apnoea, partner, scratching, faint,\n"
        "everything, noise, bad-sensor, demo, sample, short\n"
        "sensors: MPU-6050, LSM6DS3, ADXL345, 8-bit\n"
        "Beside FILE go its sidecar (.json) and its truth (.truth.csv, .truth.json).\n\n"
        "example:\n  sleepjerk simulate --scenario healthy --seed 7 --out made.csv"
    )


def run(args: argparse.Namespace) -> int:
    """Draw, make, write; the recording's path is the result."""
    from sleepjerk.errors import InputError, refusing
    from sleepjerk.simulate import SENSORS, simulate_night, write_night_files

    if not args.out.name.endswith((".csv", ".csv.gz")):
        raise InputError(f"--out {args.out}: a recording's name ends in .csv or .csv.gz")
    if not args.out.absolute().parent.is_dir():
        raise InputError(f"--out {args.out}: there is no folder {args.out.parent}; make it first")
    stem = args.out.name.removesuffix(".gz").removesuffix(".csv")
    if args.out.exists() and not args.out.with_name(f"{stem}.truth.json").exists():
        raise InputError(
            f"--out {args.out}: this file already exists and was not written by simulate; choose another name"
        )
    chips = {name.casefold(): sensor for name, sensor in SENSORS.items()}
    if args.sensor.casefold() not in chips:
        raise InputError(f"--sensor {args.sensor}: there is no such chip; choose one of {', '.join(SENSORS)}")
    chip = chips[args.sensor.casefold()]
    night = simulate_night(
        args.hours, args.seed, args.scenario, sensor=chip, twitches=not args.without_twitches
    )
    with refusing(f"--out {args.out}", "can't write there", "choose another place"):
        written = write_night_files(night, args.out)
    for path in written[1:]:
        print(f"beside it: {path}", file=sys.stderr)
    print(written[0])
    return 0
