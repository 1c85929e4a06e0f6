"""`sleepjerk demo`: a made night through the whole job, so that anyone sees a report within a minute."""

import argparse
import sys
from pathlib import Path

HELP = "simulate a night, analyse it and write its report (needs no board)"

_HOURS = 7.5
_SEED = 20261122


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("sleepjerk-demo"),
        help="folder for night and report (default: %(default)s)",
    )
    parser.add_argument("--seed", type=int, default=_SEED, help="a different number makes a different night")
    parser.epilog = "example:\n  sleepjerk demo --out /tmp/first-night"


def run(args: argparse.Namespace) -> int:
    """Simulate, analyse, report, and judge the result against the truth that only a made night has."""
    from sleepjerk.atomic import make_folder
    from sleepjerk.cli import analyse
    from sleepjerk.errors import refusing
    from sleepjerk.evaluate import evaluate_events
    from sleepjerk.events import isolated_twitches
    from sleepjerk.report import write_report
    from sleepjerk.simulate import simulate_night, write_night_files

    path = args.out / "demo_night.csv"
    with refusing(args.out, "can't write the demo here", "choose a folder with --out"):
        make_folder(args.out)
        print(f"simulating a night of {_HOURS} h (seed {args.seed}) ...", file=sys.stderr)
        made = simulate_night(hours=_HOURS, seed=args.seed, scenario="demo")
        write_night_files(made, path)
    parser = argparse.ArgumentParser()
    analyse.configure(parser)
    made_of_it = next(analyse.analyse_file(path, parser.parse_args([str(path), "--no-diary"]), None))
    night, stem = made_of_it.night, made_of_it.stem
    report = Path(f"{stem}.report.html")
    write_report(night, report)
    twitches = night.events[isolated_twitches(night.events)]
    twitch = evaluate_events(twitches, made.truth).labels["twitch"]
    counts = night.counts
    print(f"recording  {path}")
    print(
        f"found      {counts['hypnic_jerk']} jerks while falling asleep, {counts['sleep_twitch']} twitches in sleep,"
    )
    print(
        f"           {counts['periodic_movement']} movements in series, {counts['posture_change']} changes of posture"
    )
    print(
        f"           {night.restless} twitches in restless minutes or weak among many, which are not counted"
    )
    beyond = len(twitches) - twitch.found
    print(
        f"truth      {twitch.matched} of {twitch.truth} simulated twitches found, {twitch.found - twitch.matched} false"
    )
    if beyond:  # `evaluate` holds them neither for nor against a detector
        print(
            f"           {beyond} more on simulated movements that hardly reach the wrist: neither right nor false"
        )
    print(f"report     {report.resolve()}")
    print(
        "Open the report in any browser. This night was simulated by a computer; nobody slept it.",
        file=sys.stderr,
    )
    return 0
