"""Ports: what is probably on them, the same device under another name, and what to do when one can't be opened."""

import errno
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import serial
from serial.tools.list_ports_common import ListPortInfo

from firmware_io.port import BUSY, NO_DEVICE, Port, PortError, find_ports
from sleepjerk.cli import main


def info(
    device: str, vid: int | None, pid: int | None, number: str | None = None, place: str = "1-1"
) -> ListPortInfo:
    port = ListPortInfo(device)
    port.vid, port.pid, port.serial_number, port.location = vid, pid, number, place
    return port


@pytest.fixture
def plugged(monkeypatch: pytest.MonkeyPatch) -> list[ListPortInfo]:
    """What the computer lists."""
    ports: list[ListPortInfo] = []
    monkeypatch.setattr("firmware_io.port.list_ports.comports", lambda: ports)
    return ports


class OpenedError(Exception):
    """Ends the opening where the hardware would begin; holds what pyserial was told."""


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(self: serial.Serial) -> None:
        raise OpenedError(self.port, self.dtr, self.rts, self.exclusive, self.write_timeout)

    monkeypatch.setattr("serial.Serial.open", stop)


def test_known_boards_come_first_and_the_computers_own_ports_not_at_all(plugged: list[ListPortInfo]) -> None:
    plugged += [
        info("/dev/ttyS0", None, None),
        info("/dev/ttyUSB0", 0x9999, 1),
        info("/dev/ttyUSB1", 0x1A86, 0x7523),
    ]
    found = find_ports()
    assert [port.device for port in found] == ["/dev/ttyUSB1", "/dev/ttyUSB0"]
    assert found[0].guess is not None
    assert found[0].guess.startswith("CH340")
    assert found[1].guess is None


def test_two_boards_without_a_number_differ_by_their_place(plugged: list[ListPortInfo]) -> None:
    plugged += [
        info("/dev/ttyUSB0", 0x1A86, 0x7523, place="1-1"),
        info("/dev/ttyUSB1", 0x1A86, 0x7523, place="1-2"),
    ]
    first, second = find_ports()
    assert first.identity != second.identity


def test_one_with_a_number_is_itself_in_any_place(plugged: list[ListPortInfo]) -> None:
    plugged += [info("/dev/ttyACM0", 0x2886, 0x8045, "A1B2C3D4", "1-1")]
    (before,) = find_ports()
    plugged[:] = [info("/dev/ttyACM1", 0x2886, 0x8045, "A1B2C3D4", "1-2")]
    (after,) = find_ports()
    assert before.identity == after.identity


@pytest.mark.parametrize("by_link", [False, True])
def test_a_bridge_is_opened_without_a_reset_also_by_a_link(
    plugged: list[ListPortInfo], told: None, tmp_path: Path, by_link: bool
) -> None:
    device = tmp_path / "ttyUSB0"
    device.touch()
    link = tmp_path / "usb-1a86_USB_Serial-if00-port0"
    link.symlink_to(device)
    plugged += [info(str(device), 0x1A86, 0x7523)]
    with pytest.raises(OpenedError) as opened:
        Port(str(link if by_link else device))
    _, dtr, rts, exclusive, write_timeout = opened.value.args
    assert (dtr, rts, exclusive) == (False, False, True)
    assert write_timeout is not None


def test_a_board_with_its_own_usb_is_opened_with_dtr_because_it_waits_for_it(
    plugged: list[ListPortInfo], told: None
) -> None:
    plugged += [info("/dev/ttyACM0", 0x2886, 0x8045)]
    with pytest.raises(OpenedError) as opened:
        Port("/dev/ttyACM0")
    assert opened.value.args[1] is True


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [
        (errno.ENOENT, NO_DEVICE, "no such port"),
        (errno.EBUSY, BUSY, "another program holds this port"),
        (errno.EAGAIN, BUSY, "another program holds this port"),
        (errno.EACCES, NO_DEVICE, "no permission; type: sudo usermod -aG "),
    ],
)
def test_what_keeps_a_port_shut_is_one_sentence_with_the_way_out(
    plugged: list[ListPortInfo],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    number: int,
    code: int,
    words: str,
) -> None:
    device = tmp_path / "ttyACM0"
    device.touch()

    def refuse(self: serial.Serial) -> None:
        raise serial.SerialException(number, os.strerror(number))

    monkeypatch.setattr("serial.Serial.open", refuse)
    with pytest.raises(PortError, match=words) as raised:
        Port(str(device))
    assert raised.value.exit_code == code
    if number == errno.EACCES:
        import grp

        assert grp.getgrgid(device.stat().st_gid).gr_name in str(raised.value)


def test_only_what_waits_is_read_and_nothing_is_no_error() -> None:
    port = Port("loop://")
    port.write(b"12,0.1,0.2,0.97\r\n")
    assert read_bytes(port, 17) == b"12,0.1,0.2,0.97\r\n"
    assert port.read() == b""
    port.close()


def read_bytes(port: Port, count: int) -> bytes:
    """So many bytes, in however many pieces they come."""
    received = b""
    while len(received) < count:
        received += port.read()
    return received


def read_until_gone(port: Port) -> None:
    while True:
        port.read()


def test_the_same_device_is_found_again_under_another_name(
    plugged: list[ListPortInfo], tmp_path: Path
) -> None:
    first, second = os.openpty(), os.openpty()
    old, new = os.ttyname(first[1]), os.ttyname(second[1])
    plugged += [info(old, 0x2886, 0x8045, "A1B2C3D4")]
    port = Port(old)
    os.close(first[0])
    os.close(first[1])
    plugged[:] = [info(new, 0x2886, 0x8045, "A1B2C3D4")]
    with pytest.raises(PortError, match="gone"):
        read_until_gone(port)
    assert port.reopen(lambda: False)
    os.write(second[0], b"again")
    assert read_bytes(port, 5) == b"again"
    port.close()
    for handle in second:
        os.close(handle)


def opened(plugged: list[ListPortInfo], monkeypatch: pytest.MonkeyPatch, url: str) -> tuple[Port, list[str]]:
    """An open port without hardware, and every name that was tried."""
    tried: list[str] = []

    class Line:
        def close(self) -> None:
            pass

    def take(url: str, baud: int) -> Line:
        tried.append(url)
        if url not in [port.device for port in plugged]:
            raise PortError("not there")
        return Line()

    monkeypatch.setattr("firmware_io.port._open", take)
    return Port(url), tried


def tries(count: int) -> Callable[[], bool]:
    """Gives up after so many questions."""
    left = iter(range(count))
    return lambda: next(left, None) is None


UNO, XIAO, CP210 = (0x2341, 0x0043), (0x2886, 0x8045), (0x10C4, 0xEA60)


@pytest.mark.parametrize(
    ("ours", "others", "later", "found"),
    [
        # Another board with a number of its own took the name.
        (("ttyACM0", *XIAO, "AAAA1111", "1-1"), [], [("ttyACM0", *XIAO, "BBBB2222", "1-1")], None),
        # A board of another make took the name.
        (("ttyUSB0", *UNO, None, "1-1"), [], [("ttyUSB0", *CP210, "0001", "1-1")], None),
        # A board without a number came into another socket, under another name.
        (("ttyUSB0", *UNO, None, "1-1"), [], [("ttyUSB1", *UNO, None, "1-3")], "ttyUSB1"),
        (("ttyUSB0", *CP210, "0001", "1-1"), [], [("ttyUSB1", *CP210, "0001", "1-3")], "ttyUSB1"),
        # The other of two that look alike was there all the time.
        (
            ("ttyUSB0", *CP210, "0001", "1-1"),
            [("ttyUSB1", *CP210, "0001", "1-2")],
            [("ttyUSB1", *CP210, "0001", "1-2")],
            None,
        ),
        (
            ("ttyUSB0", *UNO, None, "1-1"),
            [("ttyUSB1", *UNO, None, "1-2")],
            [("ttyUSB1", *UNO, None, "1-2"), ("ttyUSB2", *UNO, None, "1-1")],
            "ttyUSB2",
        ),
        # Two new ones: which is ours can't be known.
        (
            ("ttyUSB0", *UNO, None, "1-1"),
            [],
            [("ttyUSB1", *UNO, None, "1-2"), ("ttyUSB2", *UNO, None, "1-3")],
            None,
        ),
    ],
)
def test_only_the_board_of_the_night_is_opened_again(
    plugged: list[ListPortInfo],
    monkeypatch: pytest.MonkeyPatch,
    ours: tuple[Any, ...],
    others: list[tuple[Any, ...]],
    later: list[tuple[Any, ...]],
    found: str | None,
) -> None:
    plugged += [info(*ours), *(info(*other) for other in others)]
    port, tried = opened(plugged, monkeypatch, ours[0])
    plugged[:] = [info(*one) for one in later]
    monkeypatch.setattr("firmware_io.port._pause", lambda seconds, stopped: None)
    assert port.reopen(tries(3)) == (found is not None)
    assert tried == [ours[0]] + ([] if found is None else [found])


def test_a_board_that_stays_away_is_looked_for_less_and_less_often(
    plugged: list[ListPortInfo], monkeypatch: pytest.MonkeyPatch
) -> None:
    plugged += [info("ttyACM0", *XIAO, "AAAA1111")]
    port, _ = opened(plugged, monkeypatch, "ttyACM0")
    plugged.clear()
    pauses_s: list[float] = []
    monkeypatch.setattr("firmware_io.port._pause", lambda seconds, stopped: pauses_s.append(seconds))
    assert not port.reopen(tries(8))
    assert pauses_s == [0.1, 0.25, 0.5, 1.0, 2.0, 2.0, 2.0, 2.0]


def test_a_name_that_is_not_there_brings_those_that_are(plugged: list[ListPortInfo]) -> None:
    plugged += [info("/dev/ttyUSB7", *UNO)]
    with pytest.raises(PortError, match="ports found: /dev/ttyUSB7, Arduino Uno"):
        Port("/dev/ttyUSB8")


def test_the_list_of_ports_tells_by_what_a_board_is_known(
    plugged: list[ListPortInfo], capsys: pytest.CaptureFixture[str]
) -> None:
    plugged += [info("/dev/ttyACM3", *XIAO, "AAAA1111"), info("/dev/ttyUSB7", *UNO)]
    assert main(["ports"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert "/dev/ttyACM3" in first
    assert "2886:8045, number AAAA1111" in first
    assert "2341:0043)" in second


def test_a_serial_number_that_every_board_has_names_none() -> None:
    from firmware_io.port import unique_serial

    assert unique_serial("AB12CD34") == "AB12CD34"
    for shared in (None, "", "0001", "00000000"):
        assert unique_serial(shared) is None


def test_an_open_port_knows_the_serial_number_of_its_board(monkeypatch: pytest.MonkeyPatch) -> None:
    from firmware_io.port import FoundPort

    board = FoundPort("loop://", "a board", 0x2886, 0x8045, "AB12CD34", "1-2", None)
    monkeypatch.setattr("firmware_io.port.find_ports", lambda: [board])
    port = Port("loop://")
    port.close()
    assert port.usb_serial == "AB12CD34"


def test_a_board_behind_the_network_that_hangs_up_is_called_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        port = Port(f"socket://127.0.0.1:{server.getsockname()[1]}")
        first, _ = server.accept()
        with first:
            first.sendall(b"before")
            assert read_bytes(port, 6) == b"before"
        with pytest.raises(PortError, match="gone"):
            read_until_gone(port)
        assert port.reopen(lambda: False)
        second, _ = server.accept()
        with second:
            second.sendall(b"after")
            assert read_bytes(port, 5) == b"after"
        port.close()
