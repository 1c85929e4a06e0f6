"""`sleepjerk doctor`: why a board, port, disk or clock doesn't work, each with the exact line to type. Only looks."""

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from firmware_io.doctor import Finding

HELP = "find out why a board, port, disk or clock doesn't work, and what to type"

_NIGHT_BYTES = 10 * 3600 * 100 * 36  # ten hours at 100 Hz, as rows are on average
_PATIENCE_S = 5.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("--out", type=Path, default=Path(), help="where recordings go (default: here)")
    parser.add_argument(
        "--port", help="also ask the board on this port (default: boards that are known by their id)"
    )
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.epilog = "example:\n  sleepjerk doctor --out nights"


def run(args: argparse.Namespace) -> int:
    """Look at everything, say what was found."""
    findings = [*port_findings(), *sensor_findings(args.port), *_disk(args.out), *_clock()]
    if args.json:
        print(json.dumps([asdict(finding) for finding in findings], indent=1))
        return 0
    tell(findings)
    return 0


def port_findings() -> "list[Finding]":
    """What stands in the way of the ports of this computer."""
    from firmware_io.doctor import Finding, examine
    from firmware_io.port import find_ports

    ports = find_ports()
    missing = Finding(
        "no USB serial port was found",
        "plug the board in, with a cable that carries data; then: sleepjerk ports",
    )
    return [*([] if ports else [missing]), *examine(ports)]


def sensor_findings(url: str | None = None) -> "list[Finding]":
    """What boards with our firmware say of their sensors: those on known ports, or the one that is named."""
    from firmware_io.doctor import Finding, ask
    from firmware_io.port import find_ports
    from sleepjerk.cli.record_words import sensor_fault

    urls = [port.device for port in find_ports() if port.guess is not None] if url is None else [url]
    told = {name: hello for name in urls if (hello := ask(name)) is not None}
    faults = {name: sensor_fault(hello) for name, hello in told.items()}
    line = "then: sleepjerk record --check --port"
    found = [
        Finding(f"{name}: {fault}", f"{line} {name}") for name, fault in faults.items() if fault is not None
    ]
    if url is not None and not told:
        found.append(
            Finding(f"{url}: no board with sleepjerk's firmware answers", "sleepjerk firmware --help")
        )
    return found


def tell(findings: "list[Finding]") -> None:
    """Each with its line; that nothing was found is an answer too."""
    for finding in findings:
        print(f"\n{finding.what}\n    {finding.line}")
    if not findings:
        print("\nno problem was found")


def _disk(folder: Path) -> "Iterator[Finding]":
    from firmware_io.disk import drive_kind, free_bytes
    from firmware_io.doctor import Finding

    existing = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    free, kind = free_bytes(existing), drive_kind(existing)
    if free is not None and free < _NIGHT_BYTES:
        yield Finding(
            f"{folder}: {free / 1e6:.0f} MB are free, but a night of ten hours takes {_NIGHT_BYTES / 1e6:.0f} MB",
            "make room, or record with another --out",
        )
    if kind is not None:
        yield Finding(
            f"{folder}: recordings would go to {kind}, where a power cut may lose minutes",
            'sleepjerk record --out "$HOME/nights"',
        )


def _clock() -> "Iterator[Finding]":
    """Whether the clock is set by the network, where systemd tells it."""
    from firmware_io.doctor import Finding

    if sys.platform != "linux" or shutil.which("timedatectl") is None:
        return
    try:
        told = subprocess.run(
            ["timedatectl", "show", "--property=NTPSynchronized", "--value"],
            capture_output=True,
            text=True,
            timeout=_PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return
    if told.stdout.strip() == "no":
        yield Finding(
            "the clock of this computer is not set by the network: a night may get a wrong date",
            "sudo timedatectl set-ntp true",
        )
