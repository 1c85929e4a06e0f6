"""What the reader hands over -> the files of a night. Must not know the port, the disk or the computer's sleep."""

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

from firmware_io.assemble.frames import FrameAssembler
from firmware_io.assemble.lines import LineAssembler
from firmware_io.assemble.timeline import Ledger, Note, Row
from firmware_io.nightfile import NightFile, night_stem
from firmware_io.recorder import host_clock
from firmware_io.recorder.clock_log import ClockLog
from firmware_io.recorder.facts import decimals, facts_at_start
from firmware_io.recorder.lights import Lights
from firmware_io.recorder.listening import Listening, Stream
from firmware_io.recorder.messages import Ended, Key, Message, Tell
from firmware_io.recorder.options import Options
from firmware_io.recorder.watcher import FitWatch

_COARSE_G = 0.004  # steps above this hide the weaker twitches
_TRACE_HZ, _TRACE_S = 20.0, 10.0  # what is looked at for gravity, and shown as movement
_SLOW_HZ = 25.0  # below it quick jerks are missed


@dataclass(slots=True)
class Writer:
    """The writer's side of one recording: it listens, then decodes, places and writes."""

    options: Options
    tell: Tell
    usb_serial: str | None = None
    log: ClockLog = field(default_factory=ClockLog)
    fit: FitWatch = field(init=False)
    listening: Listening = field(init=False)
    stream: Stream | None = None
    night: NightFile | None = None
    lights: Lights = field(default_factory=Lights)
    trace_hz: float | None = None
    trace_g: deque[float] = field(default_factory=deque)
    _thin: int = 1  # one row of so many goes into the trace
    _rows: int = 0
    _raw: list[bytes] = field(default_factory=list)  # came before the files were made

    def __post_init__(self) -> None:
        self.fit = FitWatch(self.log, self.tell)
        self.listening = Listening(self.options.format, self.tell, self.options.said, self.options.asks)

    @property
    def ledger(self) -> Ledger:
        """The ledger so far."""
        return Ledger() if self.stream is None else self.stream.assembler.ledger

    def take(self, now_s: float, what: bytes | str) -> None:
        """One thing from the reader."""
        if isinstance(what, str):
            self.log.note(now_s, what)
            self.tell(Message(Key.PORT_CHANGED, {"at_s": now_s, "what": what}))
            if self.stream is None:
                self.listening.interrupt(now_s)
            else:
                self._write(now_s, self.stream.interrupt(now_s))
        elif self.stream is not None:
            self._feed(self.stream, now_s, what)
        else:
            self._begin(self.listening.hear(now_s, what))

    def answer(self, number: int) -> None:
        """What a person said who was asked which columns it is."""
        self._begin(self.listening.answer(number))

    def _begin(self, stream: Stream | None) -> None:
        if stream is None:
            return
        self.stream = stream
        heard, self.listening.heard = self.listening.heard, []
        self._write(heard[0][0], stream.interrupt(heard[0][0]))
        for at_s, piece in heard:
            self._feed(stream, at_s, piece)

    def _feed(self, stream: Stream, now_s: float, data: bytes) -> None:
        self._write(now_s, stream.feed(now_s, data))
        if self.options.keep_raw:
            self._raw.append(data)
            if self.night is not None:
                self.night.append_raw(b"".join(self._raw))
                self._raw.clear()

    def _write(self, now_s: float, results: Iterable[Row | Note]) -> None:
        assembler = None if self.stream is None else self.stream.assembler
        for result in results:
            if isinstance(result, Note):
                self.log.note(now_s, result.event, result.t_us)
                if result.event.startswith("another board"):
                    self.tell(Message(Key.ANOTHER_BOARD, {"event": result.event}))
                elif result.event.startswith("sensor: ") and isinstance(assembler, FrameAssembler):
                    told = {"at_s": now_s, "event": result.event, "hello": assembler.said.last}
                    self.tell(Message(Key.SENSOR, told))
                continue
            if self.night is None:
                self.night = self._open_night()
            self.night.append_row(result.t_us, result.x_g, result.y_g, result.z_g)
            self.log.arrived(now_s, result.t_us)
            self._rows += 1
            if self._rows % self._thin == 0:
                length_g = math.hypot(result.x_g, result.y_g, result.z_g)
                self.fit.see(length_g)
                self.trace_g.append(length_g)

    def _open_night(self) -> NightFile:
        """Files are made when it is known what goes into them: the first sample's scale decides the digits."""
        assert self.stream is not None
        facts = facts_at_start(self.options, self.usb_serial, self.stream) | self.lights.facts()
        start = datetime.fromisoformat(facts["start_utc"]).astimezone()
        digits = decimals(self.stream, facts["step_g"])
        while True:
            try:
                stem = night_stem(self.options.folder, start)
                night = NightFile(stem, digits, facts, keep_raw=self.options.keep_raw)
                break
            except FileExistsError:
                continue  # another recorder took this name a moment ago
        self.tell(Message(Key.FILE_MADE, {"path": night.csv.path}))
        if facts["step_g"] > _COARSE_G:
            self.tell(Message(Key.COARSE_STEPS, {"step_g": facts["step_g"]}))
        if facts["rate_hz"] < _SLOW_HZ:
            self.tell(Message(Key.SLOW_RATE, {"rate_hz": facts["rate_hz"], "format": facts["format"]}))
        self.log.begin(night)
        self._thin = max(1, math.ceil(facts["rate_hz"] / _TRACE_HZ))
        self.trace_hz = facts["rate_hz"] / self._thin
        self.trace_g = deque(maxlen=max(1, round(_TRACE_S * self.trace_hz)))
        return night

    def mark_lights(self, now_s: float) -> None:
        """They went off, or on again."""
        at = datetime.fromtimestamp(host_clock.utc_s(now_s), UTC)
        self.lights = self.lights.pressed(at)
        self.log.note(now_s, "lights off" if self.lights.up is None else "lights up")
        self.tell(Message(Key.LIGHTS, {"at": at, "lights": self.lights}))
        self.renew_sidecar()

    def sync(self, now_s: float) -> None:
        """Ask the disk to keep what it was given, and see what somebody did to the files meanwhile."""
        if self.night is None:
            return
        self.night.sync()
        for file in self.night.files():
            if file.deleted:
                file.deleted = False
                self.log.note(now_s, f"{file.path.suffix} deleted and made again")
                self.tell(Message(Key.FILE_DELETED, {"path": file.path}))

    def renew_sidecar(self, ended: str | None = None) -> None:
        """Bring the ledger in the sidecar up to date."""
        if self.night is None:
            return
        self.night.facts |= self.lights.facts()
        self.night.facts["ledger"] = {"expected": self.ledger.expected, **asdict(self.ledger)}
        if self.stream is not None and isinstance(self.stream.assembler, FrameAssembler):
            self.night.facts["board_said"] = self.stream.assembler.said.facts()
        self.night.facts["unsaved"] = self.night.csv.unsaved_lines
        self.night.facts["ended"] = ended
        self.night.write_sidecar()
        if self.night.sidecar_trouble is not None:
            self.tell(Message(Key.SIDECAR_STALE, {"reason": self.night.sidecar_trouble}))

    def finish(self, reason: str) -> Ended:
        """Everything to the disk, once more."""
        if self.stream is not None and isinstance(self.stream.assembler, LineAssembler):
            self._write(host_clock.now_s(), self.stream.assembler.finish())
        self.answer(0)
        if self.night is None:
            return Ended(None, self.ledger, reason, unsaved=0)
        self.log.pair(self.ledger, "end")
        self.night.close(host_clock.now_s())
        self.renew_sidecar(reason)
        return Ended(self.night.csv.path, self.ledger, reason, self.night.csv.unsaved_lines)
