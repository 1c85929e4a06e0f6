"""What the recorder says of a board that it found, and what it writes down of place and time; no port, no waiting."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from firmware_io.record import Session, Wish, record
from firmware_io.wire.witmotion import CONFIGURE
from sleepjerk.reading import read_recording
from tests.firmware_io.test_other_boards import wit_sample


def told(folder: Path, packets: list[bytes], hz: float, **wish: object) -> list[str]:
    """All that is said while these come, so many a second."""
    said: list[str] = []
    session = Session(Wish(folder, **wish), said.append, 0.0)  # type: ignore[arg-type]
    for number, packet in enumerate(packets):
        session.take(number / hz, packet)
    if session.night is not None:
        session.refresh_sidecar("stopped")
        session.night.close(len(packets) / hz)
    return said


def test_a_witmotion_as_it_comes_is_told_with_its_10_hz_and_the_way_to_100(tmp_path: Path) -> None:
    found, _, warning = told(tmp_path, [wit_sample(3, n % 5, 2048) for n in range(60)], 10)
    assert "packets of WitMotion, without a time, about 10." in found
    assert "in steps of 0.49 mg" in found
    assert "only 10 samples a second come" in warning or "only 11 samples a second come" in warning
    assert "add --configure" in warning


def test_a_razor_is_told_with_its_columns_its_coarse_steps_and_its_filter(tmp_path: Path) -> None:
    lines = [
        f"{1000 + 10 * n}, {0.02 * (n % 3):.2f}, -0.01, {1 + 0.01 * (n % 2):.2f}, 0.31, -0.12, 0.06\r\n".encode()
        for n in range(300)
    ]
    found, _, warning = told(tmp_path, lines, 100)
    for words in (
        "lines of 7 numbers",
        "columns 2-4, unit g",
        "time in column 1",
        "about 100.0 lines a second",
        "steps of 10 mg",
    ):
        assert words in found
    assert "steps of 10 mg: print more digits" in warning
    assert "5 Hz" in warning


def test_lines_at_10_hz_are_told_to_come_faster(tmp_path: Path) -> None:
    lines = [f"{100 * n},{0.001 * (n % 7):.4f},0.0200,0.9900\n".encode() for n in range(80)]
    assert (
        "only 10 samples a second come: quick jerks will be missed, set 100 Hz"
        in told(tmp_path, lines, 10)[-1]
    )


def test_a_board_at_100_hz_with_fine_steps_gives_no_warning(tmp_path: Path) -> None:
    lines = [f"{10 * n},{0.001 * (n % 7):.4f},0.0200,0.9900\n".encode() for n in range(300)]
    assert len(told(tmp_path, lines, 100)) == 2


@pytest.mark.parametrize("format", ["auto", "frames"])
def test_after_5_seconds_it_is_said_once_that_nothing_is_understood(tmp_path: Path, format: str) -> None:
    noise = [bytes((0x80 + (n + k) % 100) for k in range(60)) for n in range(150)]
    at_5_s = told(tmp_path, noise[:51], 10, format=format)
    assert at_5_s == []
    (sentence,) = told(tmp_path, noise, 10, format=format)
    assert "can't be understood yet" in sentence
    assert "--baud" in sentence
    assert list(tmp_path.iterdir()) == []


class Mute:
    """A port on which nothing comes; what is sent to it is kept."""

    url = "mute"
    usb_serial = None

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def read(self) -> bytes:
        time.sleep(0.01)
        return b""

    def write(self, data: bytes) -> None:
        self.sent.append(data)

    def reopen(self, stopped: object) -> bool:
        return False

    def close(self) -> None:
        pass


@pytest.mark.parametrize("configure", [True, False])
def test_a_sensor_is_set_up_only_when_that_was_asked_for(tmp_path: Path, configure: bool) -> None:
    port = Mute()
    wish = Wish(tmp_path, configure=configure, duration_s=0.3)
    outcome = record(port, wish, threading.Event(), lambda text: None, lambda status: None)  # type: ignore[arg-type]
    assert outcome.path is None
    assert port.sent == (list(CONFIGURE) if configure else [b"?"])


@pytest.fixture
def zone(request: pytest.FixtureRequest) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield str(request.param)
    time.tzset()


@pytest.mark.parametrize(
    ("zone", "name"),
    [("America/New_York", "America/New_York"), ("JST-9", None), (":Asia/Kolkata", "Asia/Kolkata")],
    indirect=["zone"],
)
def test_a_traveller_s_zone_and_its_offset_are_written_down_and_read(
    tmp_path: Path, zone: str, name: str | None
) -> None:
    told(tmp_path, [f"{10 * n},{0.001 * (n % 7):.4f},0.02,0.9900\n".encode() for n in range(300)], 100)
    (path,) = (path for path in tmp_path.glob("*.csv") if not path.name.endswith(".clock.csv"))
    facts = json.loads(path.with_suffix(".json").read_text())
    assert facts["zone"] == name
    start = read_recording(path).start
    assert start is not None
    there = start.astimezone(ZoneInfo(name or "Asia/Tokyo"))
    assert facts["utc_offset_s"] == there.utcoffset().total_seconds()  # type: ignore[union-attr]
    assert start.replace(tzinfo=None) == there.replace(tzinfo=None)
    renamed = tmp_path / "night.csv"
    renamed.write_bytes(path.read_bytes())
    renamed.with_suffix(".json").write_text(path.with_suffix(".json").read_text())
    assert read_recording(renamed).start == start
    assert read_recording(renamed).start.utcoffset() == there.utcoffset()  # type: ignore[union-attr]
