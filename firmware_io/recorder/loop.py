"""The loop of a recording: what the reader queued to the writer, and what comes round every so often, in order."""

from dataclasses import dataclass, field

from firmware_io.assemble.frames import FrameAssembler
from firmware_io.disk import free_bytes
from firmware_io.port import Port
from firmware_io.recorder import host_clock
from firmware_io.recorder.awake import Hold, keep_awake
from firmware_io.recorder.messages import Ended, Progress, Tell
from firmware_io.recorder.options import Asked, Options
from firmware_io.recorder.reader import Reader
from firmware_io.recorder.watcher import ClockWatch, DiskWatch, LossWatch
from firmware_io.recorder.writer import Writer
from firmware_io.wire.witmotion import CONFIGURE

_FLUSH_S = 0.1  # kill -9 loses this much and the batch on its way
_SECOND_S = 1.0  # a power cut loses about this much
_CLOCK_S = 10.0
_FIT_S = 20.0
_MINUTE_S = 60.0
_HELD_S = 2.0  # when a helper that can't keep the computer awake has given up
_RATE_OVER = 10  # seconds


def record(
    port: Port,
    options: Options,
    asked: Asked,
    tell: Tell,
) -> Ended:
    """Record until told to stop.

    Parameters
    ----------
    port
        Open.
    asked
        Takes from outside what ends the recording, and marks of the lights.
    tell
        Takes what happens, and once a second how it is going (`firmware_io.recorder.messages`).

    Raises
    ------
    OSError
        The files can't be made.
    """
    start_s = host_clock.now_s()
    writer = Writer(options, tell, port.usb_serial)
    writer.log.note(start_s, "open")
    reader = Reader(port, asked.stop, CONFIGURE if options.configure else (b"?",))
    thread = reader.start()
    hold = keep_awake()
    disk = DiskWatch(options, writer.log, tell)
    rounds = _Rounds(start_s, reader, writer, hold, ClockWatch(writer.log, tell), disk, LossWatch(tell))
    while not asked.stop.wait(_FLUSH_S):
        now_s = host_clock.now_s()
        _drain(reader, writer)
        if writer.night is not None:
            writer.night.flush(now_s)
        if options.duration_s is not None and now_s - start_s >= options.duration_s:
            asked.end("duration reached")
        while not asked.answers.empty():
            writer.answer(asked.answers.get())
        if asked.lights.is_set():
            asked.lights.clear()
            writer.mark_lights(now_s)
        rounds.go(now_s)
    thread.join(timeout=1.0)
    _drain(reader, writer)
    port.close()
    hold.release()
    return writer.finish(asked.because)


def _drain(reader: Reader, writer: Writer) -> None:
    for at_s, what in reader.waiting():
        writer.take(at_s, what)


@dataclass(slots=True)
class _Rounds:
    """What comes round every so many seconds."""

    start_s: float
    reader: Reader
    writer: Writer
    hold: Hold
    clocks: ClockWatch
    disk: DiskWatch
    loss: LossWatch
    _due_s: dict[float, float] = field(default_factory=dict)
    _counts: list[tuple[float, int]] = field(default_factory=list)  # of the last seconds

    def go(self, now_s: float) -> None:
        """Everything that is due."""
        writer = self.writer
        self.clocks.look(now_s)
        self.disk.look(now_s)
        if self._due(_CLOCK_S, now_s):
            writer.log.pair(writer.ledger)
        if self._due(_FIT_S, now_s):
            writer.fit.look(now_s, writer.ledger.good)
        if self._due(_MINUTE_S, now_s):
            writer.renew_sidecar()
            self.disk.look_for_room(now_s - self.start_s)
            self.loss.look(writer.ledger, self.reader.port.url)
        if self._due(_SECOND_S, now_s):
            writer.sync(now_s)
            if writer.log.is_fresh(now_s):
                writer.log.pair(writer.ledger)
            if now_s - self.start_s > _HELD_S and (refusal := self.hold.refusal()) is not None:
                writer.tell(refusal)
            writer.tell(self._progress(now_s))

    def _due(self, every_s: float, now_s: float) -> bool:
        if now_s < self._due_s.get(every_s, 0.0):
            return False
        self._due_s[every_s] = now_s + every_s
        return True

    def _progress(self, now_s: float) -> Progress:
        writer = self.writer
        good = writer.ledger.good
        self._counts = [*self._counts[-_RATE_OVER:], (now_s, good)]
        then_s, then = self._counts[0]
        frames = None if writer.stream is None else writer.stream.assembler
        board = frames if isinstance(frames, FrameAssembler) else None
        return Progress(
            elapsed_s=now_s - self.start_s,
            rate_hz=(good - then) / (now_s - then_s) if now_s > then_s else 0.0,
            ledger=writer.ledger,
            age_s=None if writer.log.row_s is None else now_s - writer.log.row_s,
            bytes_on_disk=0 if writer.night is None else writer.night.csv.written,
            free_bytes=free_bytes(writer.options.folder),
            supply_mv=None if board is None else board.supply_mv,
            marks=0 if board is None else board.marks,
            connected=self.reader.connected,
            trouble=None if writer.night is None else writer.night.trouble,
            trace_g=tuple(writer.trace_g),
            trace_hz=writer.trace_hz,
            lights=writer.lights,
            choices=0 if writer.listening.asked is None else len(writer.listening.asked.choices),
        )
