"""What stands in the way of a board is named, with the line to type; on made computers, and on this one."""

import json
import os
import pty
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from firmware_io.doctor import examine, holder
from firmware_io.port import FoundPort
from firmware_io.wire import Hello
from sleepjerk.cli import main
from tests.firmware_io.simulated_board import SimulatedBoard, night_counts

NANO = FoundPort("/dev/ttyUSB0", "USB Serial", 0x1A86, 0x7523, None, "1-2", "CH340")


def write(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def computer(root: Path, *programs: str, power: str = "on") -> Path:
    """A Linux with a Nano plugged in and these programs running."""
    write(root / "dev/ttyUSB0")
    write(root / "sys/bus/usb/devices/1-2/power/control", f"{power}\n")
    (root / "proc").mkdir()
    for number, name in enumerate(programs, start=100):
        write(root / f"proc/{number}/comm", f"{name}\n")
        (root / f"proc/{number}/fd").mkdir()
    return root


def test_a_computer_without_fault_has_no_findings(tmp_path: Path) -> None:
    assert examine([NANO], computer(tmp_path, "bash", "firefox")) == []


def test_autosuspend_is_named_with_the_file_to_write(tmp_path: Path) -> None:
    (finding,) = examine([NANO], computer(tmp_path, power="auto"))
    assert finding.line == f"echo on | sudo tee {tmp_path}/sys/bus/usb/devices/1-2/power/control"


def test_the_usb_device_is_found_behind_its_interface(tmp_path: Path) -> None:
    port = FoundPort("/dev/ttyUSB0", "", 0x1A86, 0x7523, None, "1-2:1.0", None)
    assert len(examine([port], computer(tmp_path, power="auto"))) == 1


def test_modem_manager_is_told_to_leave_this_maker_s_boards_alone(tmp_path: Path) -> None:
    (finding,) = examine([NANO], computer(tmp_path, "ModemManager"))
    assert 'ATTRS{idVendor}=="1a86", ENV{ID_MM_DEVICE_IGNORE}="1"' in finding.line
    shown = subprocess.run(
        ["sh", "-c", finding.line.partition("|")[0]], capture_output=True, text=True, check=True
    )
    assert shown.stdout == 'ATTRS{idVendor}=="1a86", ENV{ID_MM_DEVICE_IGNORE}="1"\n'
    (without_board,) = examine([], tmp_path)
    assert "systemctl mask" in without_board.line


@pytest.mark.parametrize("folder", ["usr/lib/udev/rules.d", "etc/udev/rules.d"])
def test_brltty_is_named_only_where_its_rules_take_this_chip(tmp_path: Path, folder: str) -> None:
    root = computer(tmp_path)
    rules = write(root / folder / "90-brltty-device.rules", 'ENV{PRODUCT}=="403/6001/*", GOTO="brltty"\n')
    assert examine([NANO], root) == []
    rules.write_text('ENV{PRODUCT}=="1A86/7523/*", ENV{BRLTTY_BRAILLE_DRIVER}="bm"\n')
    (finding,) = examine([NANO], root)
    assert finding.line.startswith("sudo apt remove brltty")


def test_the_program_that_holds_a_port_is_named() -> None:
    master, slave = pty.openpty()
    name = os.ttyname(slave)
    assert holder(name) is None
    code = f"import sys; port = open({name!r}, 'rb'); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        assert str(other.pid) in str(holder(name))
        other.communicate("")
    assert holder(name) is None
    os.close(master)
    os.close(slave)


def test_the_command_says_so_when_nothing_stands_in_the_way_or_what_does() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sleepjerk", "ports", "--doctor"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip()


class WithoutSensor(SimulatedBoard):
    """A board that tells only that its sensor is missing."""

    def _hello(self, row: int) -> Hello:
        told = "no sensor found at 0x68 or 0x69: check the wires SDA/SCL/VCC/GND"
        return replace(super()._hello(row), protocol=2, sensor_id=0, address=0, trouble=1, words=told)


def test_what_a_board_says_of_its_sensor_is_told_with_the_next_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing, well, nobody = (tmp_path / name for name in ("missing", "well", "nobody"))
    with WithoutSensor(missing, "frames", night_counts(20)), SimulatedBoard(well, "frames", night_counts(20)):
        for port in (missing, well, nobody):
            assert main(["doctor", "--port", str(port)]) == 0
    told = capsys.readouterr().out
    assert f"{missing}: simulated: no sensor found at 0x68 or 0x69: check the wires SDA/SCL/VCC/GND" in told
    assert f"sleepjerk record --check --port {missing}" in told
    assert f"{well}:" not in told
    assert f"{nobody}: no board with sleepjerk's firmware answers" in told


def test_disk_and_clock_are_looked_at_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("firmware_io.disk.free_bytes", lambda folder: 5_000_000)
    monkeypatch.setattr("firmware_io.disk.drive_kind", lambda folder: "a network drive")
    program = tmp_path / "timedatectl"
    program.write_text("#!/bin/sh\necho no\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert main(["doctor", "--out", str(tmp_path / "not" / "there")]) == 0
    told = capsys.readouterr().out
    for words in (
        "5 MB are free, but a night of ten hours takes 130 MB",
        "a network drive",
        "timedatectl set-ntp true",
    ):
        assert words in told
    assert not (tmp_path / "not").exists()
    assert main(["doctor", "--json"]) == 0
    assert all(set(finding) == {"what", "line"} for finding in json.loads(capsys.readouterr().out))
