"""The serial port, and the only place that knows pyserial: find, open, read what waits, open again by identity.

Must not know frames or files. A port that vanishes is nothing special here: `read` says so with `PortError`, and
`reopen` looks for the *same device*, whatever name it has got meanwhile.
"""

import contextlib
import errno
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import serial
from serial.tools import list_ports

try:
    import termios

    # On a vanished tty some calls raise termios.error, which is no OSError.
    _TROUBLE: tuple[type[BaseException], ...] = (serial.SerialException, OSError, termios.error)
except ImportError:  # Windows
    _TROUBLE = (serial.SerialException, OSError)

BAUD = 115200
_READ_TIMEOUT_S = 0.2
_WRITE_TIMEOUT_S = 0.5  # a board that takes no commands must not stop the reading
_MOST_AT_ONCE = 65536
_SHORTEST_SERIAL = 6  # engineering choice: a CP210x as it leaves the factory says 0001, every one of them
_BACK_OFF_S = (0.1, 0.25, 0.5, 1.0, 2.0)

NO_DEVICE, BUSY = 3, 4  # exit codes of the recorder

# What is probably behind an id; only the data can tell for sure. (Linux usb.ids, board files of Arduino and others.)
_BRIDGES = {
    (0x1A86, 0x7523): "CH340: Nano clone or WitMotion",
    (0x1A86, 0x5523): "CH341",
    (0x1A86, 0x55D4): "CH9102: ESP32 or M5Stick",
    (0x1A86, 0x55D3): "CH343",
    (0x10C4, 0xEA60): "CP210x: ESP32 or WitMotion",
    (0x0403, 0x6001): "FT232R",
    (0x0403, 0x6015): "FT231X: M5Stick",
    (0x2341, 0x0043): "Arduino Uno",
    (0x2341, 0x0001): "Arduino Uno",
    (0x2A03, 0x0043): "Arduino Uno",
    (0x2341, 0x0042): "Arduino Mega",
}
_VENDORS = {  # where the product isn't known; usb.ids names them
    0x239A: "Adafruit board",
    0x1B4F: "SparkFun board",
    0x0D28: "micro:bit, or another board with DAPLink",
    0x2886: "Seeed board",
    0x303A: "Espressif board: ESP32-S2, S3 or C3, also M5",
    0x2E8A: "board with an RP2040 or RP2350",
    0x2341: "Arduino",
    0x2A03: "Arduino",
    0x16C0: "Teensy",
}
_NATIVE = {
    (0x2341, 0x8036): "Arduino Leonardo",
    (0x2341, 0x8037): "Arduino Micro",
    (0x2341, 0x805A): "Arduino Nano 33 BLE",
    (0x2341, 0x8057): "Arduino Nano 33 IoT",
    (0x2886, 0x8045): "XIAO nRF52840 Sense",
    (0x2886, 0x8044): "XIAO nRF52840",
    (0x2E8A, 0x0005): "Raspberry Pi Pico, MicroPython",
    (0x2E8A, 0x000A): "Raspberry Pi Pico",
    (0x303A, 0x1001): "ESP32-S3 or C3",
    (0x04D8, 0x0057): "Axivity logger: copy its .CWA file instead",
}


class PortError(Exception):
    """A port that can't be opened or read; one sentence for a person, and the recorder's exit code."""

    def __init__(self, message: str, exit_code: int = NO_DEVICE) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@dataclass(frozen=True, slots=True)
class FoundPort:
    """A port of this computer. `guess` is what is probably on it; None for an unknown id."""

    device: str
    description: str
    vid: int | None
    pid: int | None
    serial_number: str | None
    location: str | None
    guess: str | None

    @property
    def identity(self) -> tuple[int | None, int | None, str | None, str | None]:
        """What stays the same when the name changes; two CH340s differ in their place only."""
        number = unique_serial(self.serial_number)
        return (self.vid, self.pid, number, self.location if number is None else None)


def find_ports() -> list[FoundPort]:
    """USB serial ports, those with a known id first."""
    found = []
    for port in list_ports.comports():
        key = (port.vid, port.pid)
        guess = _BRIDGES.get(key) or _NATIVE.get(key) or _VENDORS.get(port.vid or 0)
        who = (port.vid, port.pid, port.serial_number, port.location)
        found.append(FoundPort(port.device, port.description or "", *who, guess))
    # A computer's own UARTs (ttyS0...) have no USB id; nobody sleeps with one.
    usb = [port for port in found if port.vid is not None]
    return sorted(usb, key=lambda port: (port.guess is None, port.device))


class Port:
    """An open port, given as a device path or any pyserial URL (socket://, rfc2217://, loop://, spy://)."""

    def __init__(self, url: str, baud: int = BAUD) -> None:
        self.url = url
        self._baud = baud
        known = _known(url)
        self._identity = None if known is None else known.identity
        self._others = {port.identity for port in find_ports()} - {self._identity}
        self.usb_serial = None if known is None else unique_serial(known.serial_number)
        self._serial = _open(url, baud)

    def read(self) -> bytes:
        """What waits, or b"" when nothing came within 0.2 s.

        Asking for more than what waits would lose what has come when the port dies meanwhile.

        Raises
        ------
        PortError
            The port is gone.
        """
        try:
            waiting = min(max(1, self._serial.in_waiting), _MOST_AT_ONCE)
            return bytes(self._serial.read(waiting))
        except _TROUBLE as error:
            raise PortError(f"{self.url}: the port is gone ({error})") from error

    def write(self, data: bytes) -> None:
        """Send a command; a port that doesn't take it will say so at the next read."""
        with contextlib.suppress(*_TROUBLE):
            self._serial.write(data)

    def close(self) -> None:
        """Let go of the port, whatever state it is in."""
        with contextlib.suppress(*_TROUBLE):
            self._serial.close()

    def reopen(self, stopped: Callable[[], bool]) -> bool:
        """Close, and try again with growing pauses until the same device is back or `stopped` says to give up."""
        self.close()
        tries = 0
        while not stopped():
            try:
                self._serial = _open(self._present_name(), self._baud)
                return True
            except PortError:
                _pause(_BACK_OFF_S[min(tries, len(_BACK_OFF_S) - 1)], stopped)
                tries += 1
        return False

    def _present_name(self) -> str:
        """Where the device is now; another one that took its name meanwhile is not it."""
        if self._identity is None:
            return self.url
        ports = find_ports()
        names = [port.device for port in ports if port.identity == self._identity]
        moved = self._moved(ports)
        if not names and len(moved) == 1:
            names = [moved[0].device]
        if not names:
            raise PortError(f"{self.url}: the device is not back")
        return self.url if self.url in names else names[0]

    def _moved(self, ports: list[FoundPort]) -> list[FoundPort]:
        """Boards without a number that came into another socket, and weren't there before."""
        assert self._identity is not None
        kind, number = self._identity[:2], self._identity[2]
        new = [port for port in ports if port.identity not in self._others]
        return [
            port for port in new if number is None and port.identity[:2] == kind and port.identity[2] is None
        ]


def _pause(seconds: float, stopped: Callable[[], bool]) -> None:
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s and not stopped():
        time.sleep(0.05)


def _open(url: str, baud: int) -> serial.Serial:
    try:
        port = serial.serial_for_url(url, baudrate=baud, timeout=_READ_TIMEOUT_S, do_not_open=True)
        port.write_timeout = _WRITE_TIMEOUT_S
        if "://" not in url and os.name == "posix":
            port.exclusive = True
        if _is_bridge(url):
            # Asserting DTR resets boards behind a bridge; native USB boards send nothing without it.
            port.dtr = False
            port.rts = False
        port.open()
    except ValueError as error:
        raise PortError(f"{url}: this is no port or URL that pyserial knows ({error})") from error
    except _TROUBLE as error:
        raise _explained(url, error) from error
    return port


def _is_bridge(url: str) -> bool:
    known = _known(url)
    return known is not None and (known.vid, known.pid) in _BRIDGES


def unique_serial(serial_number: str | None) -> str | None:
    """A serial number that names one board; None for those that a factory gives to all of them ("0001")."""
    if serial_number is None or len(serial_number) < _SHORTEST_SERIAL or len(set(serial_number)) == 1:
        return None
    return serial_number


def _known(url: str) -> FoundPort | None:
    """The port behind a device path, also behind a link like those in /dev/serial/by-id."""
    device = url if "://" in url else os.path.realpath(url)
    return next((port for port in find_ports() if port.device in (url, device)), None)


def _explained(url: str, error: BaseException) -> PortError:
    code = getattr(error, "errno", None)
    if code in (errno.EACCES, errno.EPERM):
        return PortError(f"{url}: no permission; {_permission_line(url)}")
    if code in (errno.EAGAIN, errno.EBUSY, errno.EWOULDBLOCK) or "exclusively lock" in str(error):
        return PortError(
            f"{url}: another program holds this port; close it (or the other recorder) first", BUSY
        )
    if code == errno.ENOENT or not Path(url).exists():
        names = (
            ", ".join(f"{port.device}, {port.guess or port.description}" for port in find_ports()) or "none"
        )
        return PortError(f"{url}: there is no such port (ports found: {names})")
    if Path(url).is_dir():
        return PortError(f"{url}: this is a folder, no port")
    why = error if code is None else os.strerror(code)  # pyserial says its own number twice
    return PortError(f"{url}: can't be opened ({why})")


def _permission_line(url: str) -> str:
    try:
        import grp

        group = grp.getgrgid(Path(url).stat().st_gid).gr_name
    except (ImportError, OSError, KeyError):
        return "run as a user who may use it"
    return f'type: sudo usermod -aG {group} "$USER"   then log out and in again'
