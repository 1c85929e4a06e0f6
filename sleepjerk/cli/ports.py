"""`sleepjerk ports`: which serial ports are there, and what is probably on them."""

import argparse
import json
import sys
from dataclasses import asdict

HELP = "list serial ports and what is probably on them"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument(
        "--doctor",
        action="store_true",
        help="what keeps them from being used, and what to type",
    )
    parser.epilog = "examples:\n  sleepjerk ports\n  sleepjerk ports --doctor"


def run(args: argparse.Namespace) -> int:
    """List them; none is an answer too."""
    from firmware_io.port import find_ports

    ports = find_ports()
    if args.json:
        print(json.dumps([asdict(port) for port in ports], indent=1))
        return 0
    if not ports:
        print(
            "no USB serial port found: is the board plugged in, and is the cable one that carries data?",
            file=sys.stderr,
        )
    for port in ports:
        number = "" if port.serial_number is None else f", number {port.serial_number}"
        known_by = f"{port.vid or 0:04x}:{port.pid or 0:04x}{number}"
        print(f"{port.device:20} {port.guess or 'unknown board'}  ({port.description}, {known_by})")
    if args.doctor:
        from firmware_io.doctor import examine
        from sleepjerk.cli.doctor import sensor_findings, tell

        tell([*examine(ports), *sensor_findings()])
    return 0
