"""A night from the port to the disk: the loop, its two threads, its ledger.

The reader thread reads and queues, nothing else, so that a slow disk never costs a sample. The writer loop decodes,
places, writes, and tells. Must not know arguments, terminals or exit codes.
"""

import os
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from firmware_io.assemble import FrameAssembler, Ledger, LineAssembler, Note, Row
from firmware_io.awake import Hold, keep_awake
from firmware_io.disk import drive_kind, free_bytes
from firmware_io.doctor import holder
from firmware_io.nightfile import NightFile, night_stem
from firmware_io.port import Port, PortError
from firmware_io.wire import Decoder, Item
from firmware_io.wire.lines import Layout
from firmware_io.wire.sniff import Sniffed, sniff
from firmware_io.wire.witmotion import CONFIGURE

_FLUSH_S = 0.1  # kill -9 loses this much and the batch on its way
_SUSPEND_S = 2.0  # shorter sleeps of the computer are none
_STEP_S = 0.5  # a wall clock that is put right by less is only slewed
_SNIFF_EVERY_S = 0.5
_SYNC_S = 1.0  # a power cut loses about this much
_CLOCK_S = 10.0
_SIDECAR_S = 60.0
_STATUS_S = 1.0
_MINUTE_S = 60.0
_TOLD_A_MINUTE = 6  # troubles of the port that are told one by one
_MUCH_LOST = 0.1  # of the last minute
_HELD_S = 2.0  # when a helper that can't keep the computer awake has given up
_BYTES_A_ROW = 36  # as a night's rows are on average
_RAW_BYTES_A_ROW = 8
_NIGHT_S = 10 * 3600.0  # what a night may take, where nobody said
_SHORT_S = 3600.0  # less room than for this long is worth a word each minute
_SILENCE_S = 3.0  # a stream of 100 Hz that is silent for so long is dead, even if the port says nothing
_LISTEN_S = 5.0  # for finding out what the board speaks
_MIN_LISTEN_S = 1.5
_FORGET_BYTES = 1 << 20
_BETWEEN_COMMANDS_S = (
    0.02  # WitMotion's own examples wait between two; nothing is lost meanwhile, it is buffered
)
_COARSE_G = 0.004  # steps above this hide the weaker twitches
_SLOW_HZ = 25.0  # below it quick jerks are missed

# Linux stops CLOCK_MONOTONIC while the computer sleeps; there only this clock goes on.
_BOOT_CLOCK: int | None = getattr(time, "CLOCK_BOOTTIME", None)

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person asked for."""

    folder: Path
    format: str = "auto"
    duration_s: float | None = None
    limb: str = "wrist"
    side: str | None = None
    subject: str | None = None
    keep_raw: bool = False
    sensor_name: str | None = None
    configure: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """How the recording is doing, once a second."""

    elapsed_s: float
    rate_hz: float
    ledger: Ledger
    age_s: float | None
    bytes_on_disk: int
    free_bytes: int | None
    supply_mv: int | None
    marks: int
    connected: bool
    trouble: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it. `path` is None when no sample ever came."""

    path: Path | None
    ledger: Ledger
    ended: str
    unsaved: int  # good samples that the disk never took


def host_s() -> float:
    """The host's clock: only ever forward, untouched by whoever sets the time, and on while the computer sleeps."""
    return time.monotonic() if _BOOT_CLOCK is None else time.clock_gettime(_BOOT_CLOCK)


def _wall_ahead_s() -> float:
    """The wall clock against the host's own: it changes only when somebody sets the wall clock."""
    return time.time() - host_s()


def _slept_s() -> float:
    """How long the computer has slept since it was started; 0 where it can't be told."""
    return host_s() - time.monotonic()


@dataclass(slots=True)
class Reader:
    """The thread that only reads: (monotonic seconds, bytes or event) into a queue."""

    port: Port
    stop: threading.Event
    greeting: tuple[bytes, ...] = (b"?",)  # said after each opening
    queue: "queue.SimpleQueue[tuple[float, bytes | str]]" = field(default_factory=queue.SimpleQueue)
    connected: bool = True

    def start(self) -> threading.Thread:
        """Begin reading."""
        thread = threading.Thread(target=self._run, name="sleepjerk-reader", daemon=True)
        thread.start()
        return thread

    def _run(self) -> None:
        heard_s = host_s()
        self._greet()
        while not self.stop.is_set():
            try:
                data = self.port.read()
            except PortError:
                heard_s = self._again("unplugged")
                continue
            now_s = host_s()
            if data:
                heard_s = now_s
                self.queue.put((now_s, data))
            elif now_s - heard_s > _SILENCE_S:
                heard_s = self._again("silence")

    def _again(self, event: str) -> float:
        """Tell, open the same device again, tell; returns the time."""
        self.connected = False
        self.queue.put((host_s(), event))
        if self.port.reopen(self.stop.is_set):
            self.connected = True
            self.queue.put((host_s(), "reconnect"))
            self._greet()
        return host_s()

    def _greet(self) -> None:
        for command in self.greeting:
            self.port.write(command)
            time.sleep(_BETWEEN_COMMANDS_S)


@dataclass(slots=True)
class Session:
    """The writer's side of one recording."""

    wish: Wish
    say: Say
    start_s: float
    decoder: Decoder | None = None
    format: str | None = None
    assembler: FrameAssembler | LineAssembler | None = None
    night: NightFile | None = None
    heard: list[tuple[float, bytes]] = field(default_factory=list)
    last_row_s: float | None = None
    last_t_us: int | None = None
    paired_s: float | None = None  # arrival of the sample in the clock log's last pair
    recent: list[tuple[float, int]] = field(default_factory=list)
    complained: bool = False
    sniffed_s: float = 0.0
    unsaved_raw: list[bytes] = field(default_factory=list)
    early: list[tuple[float, str]] = field(default_factory=list)
    usb_serial: str | None = None
    space_checked: bool = False
    minute_ago: tuple[int, int] = (0, 0)  # samples lost and expected
    told_loss: bool = False
    told_sidecar: bool = False
    told_disk: str | None = None
    repeated: int = 0  # samples that came twice, as far as the clock log tells of them
    told_at_s: list[float] = field(default_factory=list)  # of troubles of the port
    untold: int = 0

    @property
    def ledger(self) -> Ledger:
        """The ledger so far."""
        return Ledger() if self.assembler is None else self.assembler.ledger

    def take(self, now_s: float, what: bytes | str) -> None:
        """One thing from the queue."""
        if isinstance(what, str):
            self._log(now_s, what)
            self._tell_trouble(now_s, what)
            self._interrupt(now_s)
            return
        if self.decoder is None:
            self._listen(now_s, what)
            return
        self._decode(now_s, what)
        self._keep_raw(what)

    def _tell_trouble(self, now_s: float, what: str) -> None:
        """A loose cable comes and goes all night: the log holds each time, the talk a line a minute."""
        self.told_at_s = [at_s for at_s in self.told_at_s if now_s - at_s < _MINUTE_S]
        if len(self.told_at_s) >= _TOLD_A_MINUTE:
            self.untold += 1
            return
        self.told_at_s.append(now_s)
        more = f" (and {self.untold} times more since the last line)" if self.untold else ""
        self.untold = 0
        self.say(f"{what} at {datetime.now().astimezone():%H:%M:%S}{more}")

    def _keep_raw(self, data: bytes) -> None:
        """Bytes that came before the file was made wait for it."""
        self.unsaved_raw.append(data)
        if self.night is not None:
            for piece in self.unsaved_raw:
                self.night.append_raw(piece)
            self.unsaved_raw.clear()

    def _decode(self, now_s: float, data: bytes) -> None:
        assert self.decoder is not None
        self._assemble(now_s, self.decoder.feed(data))

    def _interrupt(self, now_s: float) -> None:
        """What comes next may begin in the middle of a line, and what came last may have no end."""
        if self.decoder is None:
            self.heard.clear()
        else:
            self._assemble(now_s, self.decoder.interrupt())

    def _assemble(self, now_s: float, items: Iterable[Item]) -> None:
        assert self.assembler is not None
        for item in items:
            self._write(now_s, self.assembler.feed(item, now_s))

    def _listen(self, now_s: float, data: bytes) -> None:
        """Collect until it is clear what the board speaks."""
        self.heard.append((now_s, data))
        seconds = now_s - self.heard[0][0]
        if seconds < _MIN_LISTEN_S or now_s - self.sniffed_s < _SNIFF_EVERY_S:
            return
        self.sniffed_s = now_s
        found = sniff(b"".join(piece for _, piece in self.heard), seconds)
        if found.decoder is None or self.wish.format not in ("auto", found.format):
            self._not_understood(found, seconds)
            return
        self.say(_described(found))
        assert found.decoder is not None
        self.format, self.decoder = found.format, found.decoder()
        self.assembler = FrameAssembler() if found.layout is None else LineAssembler(found.layout)
        heard, self.heard = self.heard, []
        self._interrupt(heard[0][0])
        for at_s, piece in heard:
            self._decode(at_s, piece)
            self._keep_raw(piece)

    def _not_understood(self, found: Sniffed, seconds: float) -> None:
        if seconds <= _LISTEN_S and sum(len(piece) for _, piece in self.heard) <= _FORGET_BYTES:
            return
        self.heard.clear()
        if not self.complained:
            self.complained = True
            wanted = "" if self.wish.format == "auto" else f" as {self.wish.format}"
            self.say(f"the board can't be understood yet{wanted}: {found.reason}; still listening")

    def _write(self, now_s: float, results: Iterable[Row | Note]) -> None:
        for result in results:
            if isinstance(result, Note):
                self._log(now_s, result.event, result.t_us)
                if result.event.startswith("another board"):
                    self.say(
                        f"{result.event} is on the port: its samples are left out until the first one is back"
                    )
                continue
            if self.night is None:
                self.night = self._open_night()
            self.night.append_row(result.t_us, result.x_g, result.y_g, result.z_g)
            self.last_row_s, self.last_t_us = now_s, result.t_us

    def _open_night(self) -> NightFile:
        """Files are made when it is known what goes into them: the first sample's scale decides the digits."""
        layout = self.assembler.layout if isinstance(self.assembler, LineAssembler) else None
        facts, step_g = self._facts(layout)
        decimals = _decimals(step_g) if layout is None or layout.unit != "g" else layout.decimals
        night = self._claim_files(decimals, facts)
        self.say(f"recording to {night.csv.path}")
        if step_g > _COARSE_G:
            self.say(
                f"the board prints steps of {1000 * step_g:.0f} mg: print more digits or raw counts if you can "
                "(a SparkFun Razor: send it c, and mind that its filter lets only 5 Hz through)"
            )
        if facts["rate_hz"] < _SLOW_HZ:
            how = "add --configure" if self.format == "witmotion" else "set 100 Hz"
            self.say(f"only {facts['rate_hz']:.0f} samples a second come: quick jerks will be missed, {how}")
        for at_s, event in self.early:
            night.append_clock(None, at_s, _utc_s(at_s), event)
        return night

    def _claim_files(self, decimals: int, facts: dict[str, Any]) -> NightFile:
        while True:
            stem = night_stem(self.wish.folder, self._start_utc().astimezone())
            try:
                return NightFile(stem, decimals, facts, keep_raw=self.wish.keep_raw)
            except FileExistsError:
                continue  # another recorder took this name a moment ago

    def _start_utc(self) -> datetime:
        """When the first sample was taken."""
        assert self.assembler is not None
        return datetime.fromtimestamp(_utc_s(self.assembler.zero_host_s), UTC)

    def _facts(self, layout: Layout | None) -> tuple[dict[str, Any], float]:
        hello = self.assembler.hello if isinstance(self.assembler, FrameAssembler) else None
        facts: dict[str, Any] = {
            "start_utc": self._start_utc().isoformat(),
            "zone": _zone_name(),
            "utc_offset_s": _offset_s(self._start_utc()),
            "limb": self.wish.limb,
            "side": self.wish.side,
            "subject": self.wish.subject,
            "sensor_name": self.wish.sensor_name,
            "usb_serial": self.usb_serial,
            "lights_off": None,
            "lights_up": None,
            "ended": None,
            "ledger": {},
            "unsaved": 0,
        }
        if hello is not None:
            facts |= {
                "format": "frames",
                "sensor": hello.sensor,
                "board": hello.board,
                "firmware": hello.firmware,
            }
            facts |= {"range_g": hello.range_g, "rate_hz": hello.rate_hz, "step_g": 1 / hello.lsb_per_g}
            return facts, 1 / hello.lsb_per_g
        assert layout is not None
        facts |= {
            "format": self.format,
            "sensor": layout.sensor,
            "board": None,
            "firmware": None,
            "range_g": None,
        }
        times = "device" if layout.time_column is not None else "count of samples and the host's clock"
        facts |= {
            "rate_hz": round(layout.rate_hz, 3),
            "step_g": layout.step_g,
            "unit": layout.unit,
            "times": times,
        }
        return facts, layout.step_g

    def _log(self, now_s: float, event: str, t_us: int | None = None) -> None:
        if self.night is None:
            self.early.append((now_s, event))
            return
        self.night.append_clock(self.last_t_us if t_us is None else t_us, now_s, _utc_s(now_s), event)

    def tick(self, event: str = "") -> None:
        """A pair of clocks for the log; while nothing comes, the last pair isn't said again."""
        if self.night is None or self.last_row_s is None or (not event and self.last_row_s == self.paired_s):
            return
        again, self.repeated = self.ledger.repeated - self.repeated, self.ledger.repeated
        if again:
            self._log(self.last_row_s, f"duplicate {again} samples")
        self._log(self.last_row_s, event)
        self.paired_s = self.last_row_s

    def woke(self, now_s: float, slept_s: float) -> None:
        """The computer slept."""
        self._log(now_s, f"suspend {slept_s:.0f} s")
        self.say(f"the computer slept for {slept_s:.0f} s: keep it awake, or that part of the night is lost")

    def stepped(self, now_s: float, step_s: float) -> None:
        """Somebody set the wall clock; no sample moves by it."""
        self._log(now_s, f"clock step {step_s:+.1f} s")

    def refresh_sidecar(self, ended: str | None = None) -> None:
        """Bring the ledger in the sidecar up to date."""
        if self.night is not None:
            ledger = self.ledger
            self.night.facts["ledger"] = {"expected": ledger.expected, **asdict(ledger)}
            self.night.facts["unsaved"] = self.night.csv.unsaved_lines
            self.night.facts["ended"] = ended
            self.night.write_sidecar()
            if self.night.sidecar_trouble is not None and not self.told_sidecar:
                self.told_sidecar = True
                self.say(f"the file beside the recording can't be renewed ({self.night.sidecar_trouble})")

    def look_at_files(self, now_s: float) -> None:
        """What somebody did to the files meanwhile."""
        for file in self.night.files() if self.night is not None else []:
            if file.deleted:
                file.deleted = False
                self._log(now_s, f"{file.path.suffix} deleted and made again")
                self.say(f"{file.path} was deleted by somebody: it is made again, with all that it held")

    def disk_trouble(self) -> str | None:
        """Why the disk doesn't take or keep one of the night's files; None where all is well."""
        files = [] if self.night is None else self.night.files()
        return next((file.trouble for file in files if file.trouble), None)

    def look_at_disk(self, now_s: float) -> None:
        """Say and log at once that the disk doesn't take or keep the night, and when it does again."""
        trouble = self.disk_trouble()
        if trouble == self.told_disk:
            return
        self.told_disk = trouble
        self._log(now_s, f"disk: {trouble or 'well again'}")
        how = "the disk takes and keeps everything again"
        self._tell_trouble(
            now_s, how if trouble is None else f"NOT SAVING, kept in memory, tried again: {trouble}"
        )

    def check_space(self, now_s: float) -> None:
        """Say so when the disk won't take the rest of the night."""
        free = free_bytes(self.wish.folder)
        if free is None:
            return
        rate_hz = 100.0 if self.night is None else float(self.night.facts["rate_hz"])
        room_s = free / (rate_hz * (_BYTES_A_ROW + _RAW_BYTES_A_ROW * self.wish.keep_raw))
        left_s = (self.wish.duration_s or _NIGHT_S) - (now_s - self.start_s)
        first, self.space_checked = not self.space_checked, True
        kind = drive_kind(self.wish.folder) if first else None
        if kind is not None:
            self.say(
                f"the recording goes to {kind}: a power cut may cost minutes there, this computer's own disk less"
            )
        if room_s < _SHORT_S or (first and room_s < left_s):
            self.say(
                f"the disk has room for {room_s / 3600:.1f} h more ({free / 1e6:.0f} MB free): make room, or choose "
                "another --out"
            )

    def check_loss(self, device: str) -> None:
        """Say so, once, when much of the last minute was lost on the way: somebody else may be reading the port."""
        ledger = self.ledger
        lost, expected = ledger.gap - self.minute_ago[0], ledger.expected - self.minute_ago[1]
        self.minute_ago = (ledger.gap, ledger.expected)
        if self.told_loss or expected <= 0 or lost / expected < _MUCH_LOST or ledger.gap == 0:
            return
        self.told_loss = True
        program = holder(device)
        who = "another program may read the port" if program is None else f"{program} reads the port, too"
        share = f"{100 * lost / expected:.0f} %"
        self.say(f"{share} of the last minute did not arrive: {who}; sleepjerk ports --doctor tells more")

    def status(self, now_s: float, connected: bool) -> Status:
        """How it is going."""
        self.recent = [*self.recent[-10:], (now_s, self.ledger.good)]
        (then_s, then), (_, good) = self.recent[0], self.recent[-1]
        rate_hz = (good - then) / (now_s - then_s) if now_s > then_s else 0.0
        trouble = self.disk_trouble()
        board = self.assembler if isinstance(self.assembler, FrameAssembler) else None
        return Status(
            elapsed_s=now_s - self.start_s,
            rate_hz=rate_hz,
            ledger=self.ledger,
            age_s=None if self.last_row_s is None else now_s - self.last_row_s,
            bytes_on_disk=0 if self.night is None else self.night.csv.written,
            free_bytes=free_bytes(self.wish.folder),
            supply_mv=None if board is None else board.supply_mv,
            marks=0 if board is None else board.marks,
            connected=connected,
            trouble=trouble,
        )


def _utc_s(at_s: float) -> float:
    """The wall clock at a moment of the host's clock."""
    return time.time() - (host_s() - at_s)


def _offset_s(moment: datetime) -> float:
    """How far local time is ahead of UTC then; it places a night where the zone has no name."""
    offset = moment.astimezone().utcoffset()
    assert offset is not None
    return offset.total_seconds()


def _described(found: Sniffed) -> str:
    if found.layout is None:
        return f"the board speaks frames ({found.reason})"
    layout = found.layout
    if found.format != "csv":
        clock = "without a time" if layout.time_column is None else "with the sensor's own time"
        rate = f"about {layout.rate_hz:.1f} samples a second"
        return f"the sensor sends {found.reason}, {clock}, {rate}, {_steps(layout)}"
    axes = f"acceleration in columns {layout.first_axis + 1}-{layout.first_axis + 3}, unit {layout.unit}"
    clock = "no time column" if layout.time_column is None else f"time in column {layout.time_column + 1}"
    rate = f"about {layout.rate_hz:.1f} lines a second"
    return f"the board prints {found.reason}: {axes}, {clock}, {rate}, {_steps(layout)}"


def _steps(layout: Layout) -> str:
    return f"in steps of {1000 * layout.step_g:.2g} mg"


def _decimals(step_g: float) -> int:
    """Digits after the point that keep two neighbouring values apart, and a tenth of a step honest."""
    digits = 0
    while 10.0**-digits > step_g / 5 and digits < 6:
        digits += 1
    return digits


def _zone_name() -> str | None:
    """The IANA name of the zone that this process goes by, where the system tells it."""
    if (wanted := os.environ.get("TZ", "").removeprefix(":")) != "":
        return wanted if "/" in wanted and not wanted.startswith("/") else None
    try:
        target = str(Path("/etc/localtime").resolve())
        return (
            target.split("zoneinfo/", 1)[1]
            if "zoneinfo/" in target
            else Path("/etc/timezone").read_text().strip()
        )
    except OSError:
        return None


def record(
    port: Port,
    wish: Wish,
    stop: threading.Event,
    say: Say,
    show: Callable[[Status], None],
    ended_by: Callable[[], str] = lambda: "stopped",
) -> Outcome:
    """Record until told to stop.

    Parameters
    ----------
    port
        Open.
    stop
        Set from outside to end the recording.
    say, show
        Take a sentence now and then, and the status once a second.
    ended_by
        Why `stop` was set, for the sidecar.
    """
    reader = Reader(port, stop, CONFIGURE if wish.configure else (b"?",))
    session = Session(wish, say, host_s(), usb_serial=port.usb_serial)
    session.early.append((session.start_s, "open"))
    thread = reader.start()
    ended = None
    hold = keep_awake()
    chores = Chores(session, reader, show, hold)
    for now_s in _beats(stop):
        _drain(reader, session)
        if session.night is not None:
            session.night.flush(now_s)
        if wish.duration_s is not None and now_s - session.start_s >= wish.duration_s:
            ended = "duration reached"
            stop.set()
        chores.do(now_s)
    thread.join(timeout=1.0)
    _drain(reader, session)
    port.close()
    hold.release()
    return _finish(session, ended or ended_by())


def _beats(stop: threading.Event) -> Iterator[float]:
    while not stop.wait(_FLUSH_S):
        yield host_s()


def _drain(reader: Reader, session: Session) -> None:
    while True:
        try:
            at_s, what = reader.queue.get_nowait()
        except queue.Empty:
            return
        session.take(at_s, what)


@dataclass(slots=True)
class Chores:
    """What comes round every so many seconds."""

    session: Session
    reader: Reader
    show: Callable[[Status], None]
    hold: Hold
    told_hold: bool = False
    due_s: dict[str, float] = field(default_factory=dict)
    slept_s: float = field(default_factory=_slept_s)
    wall_ahead_s: float = field(default_factory=_wall_ahead_s)

    def do(self, now_s: float) -> None:
        """Everything that is due."""
        session = self.session
        slept_s = _slept_s()
        if slept_s - self.slept_s > _SUSPEND_S:
            session.woke(now_s, slept_s - self.slept_s)
        self.slept_s = slept_s
        wall_ahead_s = _wall_ahead_s()
        if abs(wall_ahead_s - self.wall_ahead_s) > _STEP_S:
            session.stepped(now_s, wall_ahead_s - self.wall_ahead_s)
        self.wall_ahead_s = wall_ahead_s
        session.look_at_disk(now_s)
        if session.night is not None and self._due("sync", _SYNC_S, now_s):
            session.night.sync()
            session.look_at_files(now_s)
        if self._due("clock", _CLOCK_S, now_s):
            session.tick()
        if self._due("sidecar", _SIDECAR_S, now_s):
            session.refresh_sidecar()
        if self._due("space", _MINUTE_S, now_s):
            session.check_space(now_s)
            session.check_loss(self.reader.port.url)
        if not self.told_hold and now_s - session.start_s > _HELD_S:
            self._look_at_hold()
        if self._due("status", _STATUS_S, now_s):
            self.show(session.status(now_s, self.reader.connected))

    def _look_at_hold(self) -> None:
        trouble = self.hold.trouble()
        self.told_hold = trouble is not None
        if trouble is not None:
            self.session.say(
                f"can't keep this computer from falling asleep ({trouble}): switch that off in its settings"
            )

    def _due(self, chore: str, every_s: float, now_s: float) -> bool:
        if now_s < self.due_s.get(chore, 0.0):
            return False
        self.due_s[chore] = now_s + every_s
        return True


def _finish(session: Session, ended: str) -> Outcome:
    if session.night is None:
        return Outcome(None, session.ledger, ended, unsaved=0)
    session.tick("end")
    night = session.night
    night.close(host_s())
    session.refresh_sidecar(ended)
    return Outcome(night.csv.path, session.ledger, ended, night.csv.unsaved_lines)
