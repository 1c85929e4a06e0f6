"""What a recording tells, in sentences for a person, and how often they are said. Must not know ports or files."""

import shlex
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime

from firmware_io.recorder.lights import Lights
from firmware_io.recorder.messages import Ended, Key, Message
from firmware_io.wire import Hello
from firmware_io.wire.columns import Choice
from firmware_io.wire.sniff import Sniffed

_ONCE = (
    Key.GRAVITY_GONE,
    Key.OTHER_RATE,
    Key.NOT_UNDERSTOOD,
    Key.SIDECAR_STALE,
    Key.MUCH_LOST,
    Key.NOT_KEPT_AWAKE,
)
_TROUBLES_A_MINUTE = 6  # that are said one by one: a loose cable comes and goes all night
_MINUTE_S = 60.0


class Words:
    """The sentences of one recording; knows what was said already."""

    def __init__(self) -> None:
        self._said: set[Key] = set()
        self._troubles_at_s: list[float] = []
        self._left_out = 0

    def of(self, message: Message) -> str | None:
        """A sentence; None where it was said often enough."""
        if message.key in _ONCE and message.key in self._said:
            return None
        self._said.add(message.key)
        form = _SENTENCES[message.key]
        text = form.format(**message.values) if isinstance(form, str) else form(**message.values)
        return self._with_time(text, message.values["at_s"]) if "at_s" in message.values else text

    def _with_time(self, text: str, now_s: float) -> str | None:
        self._troubles_at_s = [at_s for at_s in self._troubles_at_s if now_s - at_s < _MINUTE_S]
        if len(self._troubles_at_s) >= _TROUBLES_A_MINUTE:
            self._left_out += 1
            return None
        self._troubles_at_s.append(now_s)
        more = f" (and {self._left_out} more since the last line)" if self._left_out else ""
        self._left_out = 0
        return f"{text} at {datetime.now().astimezone():%H:%M:%S}{more}"


def _understood(found: Sniffed) -> str:
    layout = found.layout
    if layout is None:
        return f"the board sends frames ({found.reason})"
    steps = f"in steps of {1000 * layout.step_g:.2g} mg"
    if found.format != "csv":
        clock = "without a time" if layout.time_column is None else "with the sensor's own time"
        rate = f"about {layout.rate_hz:.1f} samples a second"
        return f"the sensor sends {found.reason}, {clock}, {rate}, {steps}"
    x, y, z = (place + 1 for place in layout.places)
    columns = f"{x}-{z}" if (y, z) == (x + 1, x + 2) else f"{x}, {y}, {z}"
    axes = f"acceleration in columns {columns} ({found.why}), unit {layout.unit}"
    clock = "no time column" if layout.time_column is None else f"time in column {layout.time_column + 1}"
    rate = f"about {layout.rate_hz:.1f} lines a second"
    return f"the board prints {found.reason}: {axes}, {clock}, {rate}, {steps}"


def _not_understood(found: Sniffed, wanted: str) -> str:
    kind = "" if wanted == "auto" else f" as {wanted}"
    return f"the board can't be understood yet{kind}: {found.reason}; still listening"


def _which_columns(choices: tuple[Choice, ...]) -> str:
    lines = ["which of these is the acceleration? Press its number; all that comes meanwhile is kept"]
    for number, choice in enumerate(choices, 1):
        shown = "; ".join(", ".join(f"{value:g}" for value in values) for values in choice.shown)
        lines.append(f"  {number}  columns {choice.columns}: {shown}")
    return "\n".join([*lines, "  0  none of these"])


def _coarse_steps(step_g: float) -> str:
    return (
        f"the board prints steps of {1000 * step_g:.0f} mg: print more digits or raw counts if you can "
        "(a SparkFun Razor: send it c, and mind that its filter lets only 5 Hz through)"
    )


def _slow_rate(rate_hz: float, format: str) -> str:
    how = "add --configure" if format == "witmotion" else "set 100 Hz"
    return f"only {rate_hz:.0f} samples a second arrive: quick jerks will be missed; {how}"


def _little_room(room_s: float, free_bytes: int) -> str:
    room = f"{room_s / 3600:.1f} h more ({free_bytes / 1e6:.0f} MB free)"
    return f"the disk has room for {room}: make room, or choose another --out"


def _much_lost(share: float, program: str | None) -> str:
    who = (
        "another program may be reading the port" if program is None else f"{program} is reading the port too"
    )
    return f"{100 * share:.0f} % of the last minute did not arrive: {who}; sleepjerk ports --doctor says more"


def _not_kept_awake(program: str | None = None, status: int | None = None, error: str | None = None) -> str:
    why = error or "this computer has no program that could do it"
    if program is not None:
        why = f"{program} refused" if status is None else f"{program} gave up (status {status})"
    return f"can't keep this computer awake ({why}): turn its sleep off in the settings"


_FAULTS = {
    "not found": "no sensor found: check the wires SDA/SCL/VCC/GND",
    "INT wire silent": "the sensor is there but its INT wire is silent: check the wire INT",
    "settings not kept": "the sensor does not keep its settings: check the wires VCC/GND",
}


def sensor_fault(hello: Hello) -> str | None:
    """What is wrong with a board's sensor and what to check; None where it is well."""
    return None if hello.fault is None else f"{hello.board}: {hello.words or _FAULTS[hello.fault]}"


def _sensor(event: str, hello: Hello, at_s: float) -> str:
    if event == "sensor: self-test failed":
        changes = zip("xyz", hello.change_percent or (), strict=False)
        off = ", ".join(f"{axis} {change:+d} %" for axis, change in changes if change is not None)
        return f"{hello.board}: the sensor failed its self-test ({off}; 14 % is allowed): its readings may be wrong"
    fault = sensor_fault(hello)
    return (
        f"{hello.board}: the sensor is well again" if fault is None else f"{fault}; then it goes on by itself"
    )


def _lights(at: datetime, lights: Lights) -> str:
    clock = f"{at.astimezone():%H:%M:%S}"
    if lights.up is not None:
        return f"lights on at {clock}"
    assert lights.off is not None
    if lights.off == at:
        return f"lights off at {clock}"
    return f"lights off again at {clock}; the night still begins at {lights.off.astimezone():%H:%M:%S}"


_SENTENCES: dict[Key, str | Callable[..., str]] = {
    Key.UNDERSTOOD: _understood,
    Key.NOT_UNDERSTOOD: _not_understood,
    Key.WHICH_COLUMNS: _which_columns,
    Key.FILE_MADE: "recording to {path}",
    Key.COARSE_STEPS: _coarse_steps,
    Key.SLOW_RATE: _slow_rate,
    Key.PORT_CHANGED: "{what}",
    Key.ANOTHER_BOARD: "{event} is on the port: its samples are left out until the first one is back",
    Key.SENSOR: _sensor,
    Key.DISK_TROUBLE: "NOT SAVING, kept in memory and tried again: {reason}",
    Key.DISK_WELL: "the disk saves everything again",
    Key.FILE_DELETED: "{path} was deleted by somebody: it was written again, with all that it held",
    Key.SIDECAR_STALE: "the file beside the recording can't be updated ({reason})",
    Key.UNSAFE_DRIVE: "the recording goes to {kind}: a power cut may lose minutes there, "
    "this computer's own disk less",
    Key.LITTLE_ROOM: _little_room,
    Key.GRAVITY_GONE: "the readings have a length of {length_g:.2f} g, but gravity is 1 g: they may not be "
    "acceleration any more. Stop, and name the columns with --columns",
    Key.OTHER_RATE: "{rate_hz:.0f} samples a second arrive, where {before_hz:.0f} came before: other lines may be "
    "counted. Stop, and start again",
    Key.MUCH_LOST: _much_lost,
    Key.LIGHTS: _lights,
    Key.COMPUTER_SLEPT: "the computer slept for {slept_s:.0f} s: keep it awake, or that part of the night is lost",
    Key.NOT_KEPT_AWAKE: _not_kept_awake,
}


def last_words(ended: Ended, heard: str) -> list[str]:
    """How it ended, what is missing, and what to type in the morning; `heard`: what was said of the board's lines."""
    if ended.path is None and heard:
        return ["nothing was recorded: what stands in the way of understanding the board was said above"]
    if ended.path is None:
        return ["no sample arrived: nothing was recorded. Is the right board on the port, and is it sending?"]
    ledger = ended.ledger
    account = (
        f"{ended.reason}: {ledger.good} samples; {ledger.gap} lost on the way, {ledger.rejected} damaged, "
        f"{ledger.dropped} dropped by the board, {ledger.resets} resets"
        + (f", {ledger.bus_errors} errors on the sensor's wires" if ledger.bus_errors else "")
    )
    unsaved = f"{ended.unsaved} samples could not be written: the disk is full or failing"
    words = ["sleepjerk", "report", str(ended.path.absolute()), "--open"]
    line = subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)
    return [account, *([unsaved] if ended.unsaved else []), f"in the morning type: {line}"]
