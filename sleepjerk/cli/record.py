"""`sleepjerk record`: a night from a USB board to a CSV, until Ctrl-C. Imports nothing that is slow to import."""

import argparse
import contextlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sleepjerk.cli.durations import seconds_of
from sleepjerk.errors import InputError, refusing

if TYPE_CHECKING:
    from firmware_io.port import Port
    from firmware_io.recorder.control import Control
    from firmware_io.recorder.messages import Message, Progress
    from firmware_io.recorder.options import Asked, Options
    from firmware_io.wire.columns import Said
    from sleepjerk.cli.keys import Keys
    from sleepjerk.cli.screen import Screen

HELP = "record a night from a USB sensor board"

_INCOMPLETE = 5
_PATIENCE_S = 1.0  # an end takes less; a signal sent twice at once (by `timeout`, by npm) is one wish
_LEAST_ROOM = 3_000_000  # bytes: a quarter of an hour, in which nothing is learnt of a night


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("--port", help="device or pyserial URL (default: the only board that is plugged in)")
    parser.add_argument(
        "--format",
        choices=("auto", "frames", "csv", "witmotion", "bno08x-rvc"),
        default="auto",
        help="what the board sends",
    )
    parser.add_argument(
        "--baud", type=int, help="bits a second (default: 115200; bare WitMotion modules are set to 9600)"
    )
    parser.add_argument(
        "--configure",
        action="store_true",
        help="WitMotion: ask for 100 samples a second with the sensor's time, until its next power-on",
    )
    _configure_lines(parser)
    parser.add_argument("--out", type=Path, default=Path(), help="folder for the recording (default: here)")
    parser.add_argument("--duration", metavar="TIME", help="stop after this time, such as 8h, 45m or 1h30m")
    parser.add_argument(
        "--check",
        metavar="TIME",
        nargs="?",
        const="20s",
        help="a rehearsal (20s without a time): keep nothing, say whether a night like this can be used, and why",
    )
    parser.add_argument("--json", action="store_true", help="with --check, for programs: one JSON document")
    parser.add_argument("--limb", choices=("wrist", "ankle"), default="wrist")
    parser.add_argument("--side", choices=("left", "right"))
    parser.add_argument("--subject", help="free text, kept in the sidecar")
    parser.add_argument(
        "--sensor-name", metavar="NAME", help="which sensor this is, for boards without a serial number"
    )
    parser.add_argument(
        "--alarm",
        action="store_true",
        help="wake me when saving stops: ring the terminal's bell and show a message on the desktop",
    )
    parser.add_argument("--keep-raw", action="store_true", help="also keep every byte exactly as it came")
    parser.add_argument(
        "--control",
        metavar="DIR",
        type=Path,
        help="for programs: keep status.json in this folder; a file stop or lights made there is obeyed",
    )
    parser.epilog = (
        "example:\n  sleepjerk record --check\n  sleepjerk record --out nights --duration 9h\n\n"
        "exit codes: 0 done, 2 bad usage, 3 no device or no permission, 4 port busy, 5 recorded but incomplete,\n"
        "or (--check) not usable"
    )


def _configure_lines(parser: argparse.ArgumentParser) -> None:
    lines = parser.add_argument_group("lines of numbers (detected where words or gravity allow)")
    lines.add_argument(
        "--columns",
        metavar="[T,]X,Y,Z",
        help="time and axes: names, or their places among a line's numbers, from 1",
    )
    lines.add_argument(
        "--unit", metavar="U", help="unit of acceleration: g, mg, m/s2 or counts:PER_G (counts:16384)"
    )
    lines.add_argument("--rate", metavar="HZ", type=float, help="samples a second, if no column is a clock")
    lines.add_argument("--time-unit", choices=("s", "ms", "us"), help="unit of the time column")


def run(args: argparse.Namespace) -> int:
    """Record, and let another program see how that goes."""
    from firmware_io.recorder.control import Control
    from firmware_io.recorder.options import Asked

    asked, code = Asked(), 1
    with refusing(args.control, "no status can be kept here", "choose another --control"):
        control = Control(args.control, asked)
    try:
        code = _record(args, asked, control)
    except InputError as error:
        code = 2
        control.say(str(error))
        raise
    finally:
        control.end(code)
    return code


def _record(args: argparse.Namespace, asked: "Asked", control: "Control") -> int:
    """Open, record, say where it is."""
    from firmware_io.port import BAUD, Port, PortError
    from firmware_io.recorder.options import Options
    from sleepjerk.cli.keys import Keys

    duration = args.check or args.duration
    duration_s = None if duration is None else seconds_of(duration, "--check" if args.check else "--duration")
    said = _said(args)
    _check_folder(args.out)
    try:
        port = Port(args.port or _only_port(), args.baud or BAUD)
    except PortError as error:
        sentence = f"{error}{_held_by(args.port, error.exit_code)}"
        control.say(sentence)
        print(f"sleepjerk: {sentence}", file=sys.stderr)
        return error.exit_code
    control.opened(port.url)
    keys = Keys(lambda key: _press(key, asked))
    _stop_on_signals(asked, keys.restore)
    with contextlib.ExitStack() as stack:
        folder = args.out
        if args.check:  # on the disk of the night, which is rehearsed, too
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory("", ".sleepjerk-check-", folder)))
        options = Options(
            folder,
            args.format,
            duration_s,
            args.limb,
            args.side,
            args.subject,
            args.keep_raw,
            args.sensor_name,
            args.configure,
            said,
            asks=keys.live and sys.stderr.isatty(),
        )
        return _run_to_the_end(args, port, options, asked, control, keys)


def _press(key: str, asked: "Asked") -> None:
    if key == "l":
        asked.lights.set()
    elif key in "0123456789":
        asked.answers.put(int(key))


def _run_to_the_end(
    args: argparse.Namespace,
    port: "Port",
    options: "Options",
    asked: "Asked",
    control: "Control",
    keys: "Keys",
) -> int:
    """Record with a screen and keys, then say what became of it."""
    from firmware_io.recorder.loop import record
    from sleepjerk.cli.record_words import last_words
    from sleepjerk.cli.screen import Alarm, Screen

    with Screen(Alarm() if args.alarm else None) as screen, keys:
        teller = _Teller(screen, control, rehearsal=bool(args.check))
        marks = ", l marks lights off and on" if keys.live and not args.check else ""
        screen.say(f"listening on {port.url}; Ctrl-C ends the recording{marks}")
        try:
            ended = record(port, options, asked, teller.tell)
        except OSError as error:
            asked.stop.set()
            teller.say(f"sleepjerk: {args.out}: the recording can't be written ({error.strerror})")
            return 1
        control.take(ended)
        if not args.check:
            for sentence in last_words(ended, teller.heard):
                teller.say(sentence)
    if args.check:
        from sleepjerk.cli.rehearsal import judge

        return 0 if judge(ended, teller.heard, as_json=args.json) else _INCOMPLETE
    if ended.path is not None:
        print(ended.path)
    return _INCOMPLETE if ended.path is None or ended.unsaved else 0


class _Teller:
    """What the recording tells is said in words, and kept for another program."""

    def __init__(self, screen: "Screen", control: "Control", *, rehearsal: bool) -> None:
        from sleepjerk.cli.record_words import Words

        self._screen, self._control, self._words, self._rehearsal = screen, control, Words(), rehearsal
        self.heard = ""  # of the board's columns

    def say(self, sentence: str) -> None:
        self._control.say(sentence)
        self._screen.say(sentence)

    def tell(self, message: "Message | Progress") -> None:
        from firmware_io.recorder.messages import Key, Progress

        self._control.take(message)
        if isinstance(message, Progress):
            self._screen.show(message)
        elif (sentence := self._words.of(message)) is not None:
            if message.key in (Key.UNDERSTOOD, Key.NOT_UNDERSTOOD, Key.SENSOR):
                self.heard = sentence
            if not (self._rehearsal and message.key is Key.FILE_MADE):
                self.say(sentence)


def _said(args: argparse.Namespace) -> "Said":
    """What was said of the columns of lines."""
    from firmware_io.wire.columns import Said, unit_per_g

    try:
        unit_per_g(args.unit or "g")
    except ValueError as error:
        raise InputError(
            f"--unit {args.unit}: expected g, mg, m/s2, or counts:PER_G such as counts:16384"
        ) from error
    if args.rate is not None and not 0 < args.rate < float("inf"):
        raise InputError(f"--rate {args.rate:g}: expected samples per second, such as 100")
    return Said(args.columns, args.unit, args.rate, args.time_unit)


def _held_by(device: str | None, exit_code: int) -> str:
    """Who it is that holds a port, where that can be seen."""
    from firmware_io.doctor import holder
    from firmware_io.port import BUSY

    program = holder(device) if device is not None and exit_code == BUSY else None
    return "" if program is None else f"; it is held by {program}"


def _check_folder(folder: Path) -> None:
    """Fail before bedtime, not at the first sample."""
    from firmware_io.disk import free_bytes
    from sleepjerk.atomic import make_folder

    try:
        make_folder(folder)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(
            f"{folder}: can't write recordings here ({error.strerror}{_owner(folder)}); choose another --out"
        ) from error
    free = free_bytes(folder)
    if free is not None and free < _LEAST_ROOM:
        raise InputError(
            f"{folder}: the disk is full ({free / 1e6:.1f} MB free, a night takes about 130 MB); make room, or "
            "choose another --out"
        )


def _owner(folder: Path) -> str:
    """Whose folder it is, where that can be told."""
    try:
        return f", it belongs to {folder.owner()}"
    except (OSError, KeyError, NotImplementedError):
        return ""


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


def _stop_on_signals(asked: "Asked", leave: Callable[[], None]) -> None:
    """The usual signals end the recording. A second one, later, ends at once."""
    asked_s: list[float] = []

    def ask(number: int, frame: object) -> None:
        if asked_s and time.monotonic() - asked_s[0] > _PATIENCE_S:
            # What is in the file is whole lines; a disk that hangs must not hold a person.
            leave()
            os._exit(128 + number)
        asked_s.append(time.monotonic())
        asked.end(f"stopped by {signal.Signals(number).name}")

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), ask)
