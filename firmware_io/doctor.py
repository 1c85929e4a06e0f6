"""Why a board can't be used on this computer, each with the line to type. Knows Linux's /proc, /sys and udev files.

Must not know files of nights. It only looks, and asks a board who it is; nothing is changed.
"""

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from firmware_io.port import FoundPort, Port, PortError
from firmware_io.wire import Hello
from firmware_io.wire.frames import FrameDecoder

_PATIENCE_S = 3.0  # a board that is reset by the opening of its port needs 2
_BRLTTY_RULES = ("usr/lib/udev/rules.d", "lib/udev/rules.d", "etc/udev/rules.d")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, and what to type against it; both are sentences for a person."""

    what: str
    line: str


def examine(ports: list[FoundPort], root: Path = Path("/")) -> list[Finding]:
    """Everything that may stand in the way of these ports.

    Parameters
    ----------
    root
        Where `proc`, `sys`, `dev` and `usr` are; another one in tests.
    """
    found = [finding for port in ports for finding in _of_port(port, root)]
    return [*found, *_of_programs(ports, root)]


def ask(url: str) -> Hello | None:
    """What a board with our firmware says of itself; None where nobody answers, or another program has the port."""
    with contextlib.suppress(PortError), contextlib.closing(Port(url)) as port:
        decoder, end_s = FrameDecoder(), time.monotonic() + _PATIENCE_S
        port.write(b"?")
        while time.monotonic() < end_s:
            for item in decoder.feed(port.read()):
                if isinstance(item, Hello):
                    return item
    return None


def holder(device: str, root: Path = Path("/")) -> str | None:
    """Which program has this device open, as far as this user may see it: "screen (process 4711)"."""
    real = os.path.realpath(device)
    for process in sorted((root / "proc").glob("[0-9]*")):
        try:
            open_files = {os.path.realpath(handle) for handle in (process / "fd").iterdir()}
        except OSError:
            continue  # another user's, or just ended
        if real in open_files and int(process.name) != os.getpid():
            return f"{_name(process)} (process {process.name})"
    return None


def _of_port(port: FoundPort, root: Path) -> Iterator[Finding]:
    node = root / port.device.lstrip("/")
    if node.exists() and not os.access(node, os.R_OK | os.W_OK):
        yield Finding(
            f"{port.device}: you may not use it; it belongs to the group {_group(node)}",
            f'sudo usermod -aG {_group(node)} "$USER"   (then log out and in again)',
        )
    program = holder(str(node), root)
    if program is not None:
        number = program.rpartition(" ")[2].rstrip(")")
        yield Finding(f"{port.device}: {program} has it open", f"kill {number}   (or close that program)")
    control = _usb_folder(port, root) / "power" / "control"
    if port.location and _text(control) == "auto":
        yield Finding(
            f"{port.device}: the computer may switch its USB socket off to save power",
            f"echo on | sudo tee {control}",
        )


def _of_programs(ports: list[FoundPort], root: Path) -> Iterator[Finding]:
    running = {_name(process) for process in (root / "proc").glob("[0-9]*")}
    vendors = sorted({f"{port.vid:04x}" for port in ports if port.vid is not None})
    if "ModemManager" in running:
        rules = "\\n".join(
            f'ATTRS{{idVendor}}=="{vendor}", ENV{{ID_MM_DEVICE_IGNORE}}="1"' for vendor in vendors
        )
        yield Finding(
            "ModemManager probes every new serial port for a modem, and holds it for half a minute",
            f"printf '{rules}\\n' | sudo tee /etc/udev/rules.d/99-sleepjerk.rules && sudo udevadm control --reload"
            if vendors
            else "sudo systemctl mask --now ModemManager   (if you have no modem)",
        )
    takers = [rule for folder in _BRLTTY_RULES for rule in sorted((root / folder).glob("*brltty*.rules"))]
    taken = [vendor for vendor in vendors if any(vendor in _text(rule).lower() for rule in takers)]
    if taken or "brltty" in running:
        yield Finding(
            "brltty mistakes boards with these USB chips for braille displays",
            "sudo apt remove brltty   (if nobody here reads braille)",
        )


def _usb_folder(port: FoundPort, root: Path) -> Path:
    """Of the device itself: the location of a port may go on to one of its interfaces, behind a colon."""
    return root / "sys/bus/usb/devices" / (port.location or "none").partition(":")[0]


def _group(node: Path) -> str:
    try:
        import grp

        return grp.getgrgid(node.stat().st_gid).gr_name
    except (ImportError, OSError, KeyError):
        return "dialout"


def _name(process: Path) -> str:
    return _text(process / "comm") or "a program"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
