"""`sleepjerk record`: a night from a USB board to a CSV, until Ctrl-C. Imports nothing that is slow to import."""

import argparse
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from sleepjerk.errors import InputError

if TYPE_CHECKING:
    from firmware_io.record import Outcome, Status

HELP = "record a night from a USB sensor board"

_INCOMPLETE = 5
_UNITS_S = {"h": 3600.0, "m": 60.0, "s": 1.0}
_ALARM_AFTER_S, _ALARM_EVERY_S = 15.0, 10.0  # a board that is plugged in again is back sooner
_PLAIN_EVERY_S = 60.0  # where stderr is no terminal, a line a minute is enough


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("--port", help="device or pyserial URL (default: the only board that is plugged in)")
    parser.add_argument(
        "--format",
        choices=("auto", "frames", "csv", "witmotion", "bno08x-rvc"),
        default="auto",
        help="what the board speaks",
    )
    parser.add_argument(
        "--baud", type=int, help="bits a second (default: 115200; bare WitMotion modules come with 9600)"
    )
    parser.add_argument(
        "--configure",
        action="store_true",
        help="WitMotion: ask for 100 samples a second with the sensor's time, until its next power-on",
    )
    parser.add_argument("--out", type=Path, default=Path(), help="folder for the recording (default: here)")
    parser.add_argument(
        "--duration", metavar="TIME", help="stop by itself after, for example, 8h, 45m or 1h30m"
    )
    parser.add_argument("--limb", choices=("wrist", "ankle"), default="wrist")
    parser.add_argument("--side", choices=("left", "right"))
    parser.add_argument("--subject", help="free text, kept in the sidecar")
    parser.add_argument(
        "--sensor-name", metavar="NAME", help="which sensor this is, for boards without a serial number"
    )
    parser.add_argument(
        "--alarm",
        action="store_true",
        help="wake me when nothing is saved any more: ring the terminal's bell and show a message on the desktop",
    )
    parser.add_argument("--keep-raw", action="store_true", help="also keep every byte exactly as it came")
    parser.epilog = (
        "example:\n  sleepjerk record --out nights --duration 9h\n\n"
        "exit codes: 0 done, 2 bad usage, 3 no device or no permission, 4 port busy, 5 recorded but incomplete"
    )


def run(args: argparse.Namespace) -> int:
    """Open, record, say where it is."""
    from firmware_io.port import BAUD, Port, PortError
    from firmware_io.record import Wish, record

    duration_s = None if args.duration is None else _seconds(args.duration)
    _check_folder(args.out)
    try:
        port = Port(args.port or _only_port(), args.baud or BAUD)
    except PortError as error:
        print(f"sleepjerk: {error}{_held_by(args.port, error.exit_code)}", file=sys.stderr)
        return error.exit_code
    wish = Wish(
        args.out,
        args.format,
        duration_s,
        args.limb,
        args.side,
        args.subject,
        args.keep_raw,
        args.sensor_name,
        args.configure,
    )
    stop, why = _stop_on_signals()
    screen = _Screen(_Alarm() if args.alarm else None)
    screen.say(f"listening on {port.url}; Ctrl-C ends the recording")
    try:
        outcome = record(port, wish, stop, screen.say, screen.show, lambda: why[0])
    except OSError as error:
        stop.set()
        screen.say(f"sleepjerk: {args.out}: the recording can't be written ({error.strerror})")
        return 1
    return _close(outcome, screen)


def _held_by(device: str | None, exit_code: int) -> str:
    """Who it is that holds a port, where that can be seen."""
    from firmware_io.doctor import holder
    from firmware_io.port import BUSY

    program = holder(device) if device is not None and exit_code == BUSY else None
    return "" if program is None else f"; it is {program}"


def _close(outcome: "Outcome", screen: "_Screen") -> int:
    ledger = outcome.ledger
    if outcome.path is None:
        screen.say("no sample came: nothing was recorded. Is the right board on the port, and does it send?")
        return _INCOMPLETE
    screen.say(
        f"{outcome.ended}: {ledger.good} samples; {ledger.gap} lost on the way, {ledger.rejected} damaged, "
        f"{ledger.dropped} dropped by the board, {ledger.resets} resets"
    )
    print(outcome.path)
    if not outcome.complete:
        screen.say("not everything could be written: the disk is full or failing")
        return _INCOMPLETE
    return 0


def _seconds(text: str) -> float:
    """`8h`, `1h30m`, `45m`, `90s` or plain seconds."""
    parts = re.findall(r"(\d+(?:\.\d+)?)([hms])", text)
    if parts and "".join(number + unit for number, unit in parts) == text:
        seconds = sum(float(number) * _UNITS_S[unit] for number, unit in parts)
    elif re.fullmatch(r"\d+(\.\d+)?", text):
        seconds = float(text)
    else:
        raise InputError(f"--duration {text}: this is no time like 8h, 1h30m, 45m or 600 (seconds)")
    if seconds <= 0:
        raise InputError(f"--duration {text}: there is nothing to record in no time")
    return seconds


def _check_folder(folder: Path) -> None:
    """Fail before bedtime, not at the first sample."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(
            f"{folder}: can't write recordings here ({error.strerror}); choose another --out"
        ) from error


def _only_port() -> str:
    from firmware_io.port import PortError, find_ports

    ports = find_ports()
    if not ports:
        raise PortError("no USB serial port was found; plug the board in, or name it with --port")
    known = [port for port in ports if port.guess is not None] or ports
    if len(known) > 1:
        names = ", ".join(f"{port.device} ({port.guess or port.description})" for port in known)
        raise InputError(f"several boards are plugged in: {names}; choose one with --port")
    return known[0].device


def _stop_on_signals() -> tuple[threading.Event, list[str]]:
    """An event that the usual signals set, and the name of the one that did."""
    stop, why = threading.Event(), ["stopped"]

    def ask(number: int, frame: object) -> None:
        why[0] = f"stopped by {signal.Signals(number).name}"
        stop.set()

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), ask)
    return stop, why


class _Screen:
    """What the person sees: one line that stays on a terminal, else a line a minute. Never stops a recording."""

    def __init__(self, alarm: "_Alarm | None" = None) -> None:
        self._live = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._next_s = 0.0
        self._alarm = alarm

    def say(self, text: str) -> None:
        self._put(("\r\x1b[K" if self._live else "") + f"{text}\n")

    def show(self, status: "Status") -> None:
        if self._alarm is not None and self._alarm.due(status):
            self._put("\a")
            self._alarm.tell(_state(status))
        if self._live:
            self._put(f"\r\x1b[K{_line(status)}")
        elif status.elapsed_s >= self._next_s:
            self._next_s = status.elapsed_s + _PLAIN_EVERY_S
            self._put(f"{_line(status)}\n")

    def _put(self, text: str) -> None:
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except OSError:
            self._live, self._next_s = False, float("inf")


class _Alarm:
    """Rings when nothing has been saved for a while, again and again until it is."""

    def __init__(self) -> None:
        self._saved_s = 0.0
        self._rang_s = 0.0

    def due(self, status: "Status") -> bool:
        """Whether to ring now."""
        if _state(status) == "SAVING":
            self._saved_s = status.elapsed_s
        silent = status.elapsed_s - self._saved_s > _ALARM_AFTER_S
        if not silent or status.elapsed_s - self._rang_s < _ALARM_EVERY_S:
            return False
        self._rang_s = status.elapsed_s
        return True

    def tell(self, state: str) -> None:
        """On the desktop, where there is a program for it."""
        program = shutil.which("notify-send")
        if program is not None:
            command = [
                program,
                "--urgency=critical",
                "sleepjerk",
                f"The night is not being saved: {state.lower()}",
            ]
            with contextlib.suppress(OSError):
                subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _state(status: "Status") -> str:
    if not status.connected:
        return "UNPLUGGED"
    fresh = status.age_s is not None and status.age_s < 3
    return "SAVING" if fresh and status.trouble is None else "NOT SAVING"


def _line(status: "Status") -> str:
    """Is the night being saved? At a glance."""
    hours, rest = divmod(int(status.elapsed_s), 3600)
    age = "no sample yet" if status.age_s is None else f"last sample {status.age_s:.1f} s ago"
    free = "?" if status.free_bytes is None else f"{status.free_bytes / 1e9:.1f} GB free"
    supply = "" if status.supply_mv is None else f"  {status.supply_mv / 1000:.2f} V"
    marks = f"  {status.marks} marks" if status.marks else ""
    trouble = f"  {status.trouble}" if status.trouble else ""
    return (
        f"{_state(status)}  {hours}:{rest // 60:02d}:{rest % 60:02d}  {status.rate_hz:.1f} Hz  "
        f"lost {status.ledger.lost}  {age}  {status.bytes_on_disk / 1e6:.2f} MB on disk  {free}{supply}{marks}{trouble}"
    )
