"""What the recorder says of a board that it found, and what it writes down of place and time; no port, no waiting."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from firmware_io.recorder.lights import Lights
from firmware_io.recorder.loop import record
from firmware_io.recorder.messages import Key, Message, Progress
from firmware_io.recorder.options import Asked, Options
from firmware_io.recorder.writer import Writer
from firmware_io.wire.columns import Choice
from firmware_io.wire.witmotion import CONFIGURE
from sleepjerk.cli.record_words import Words
from sleepjerk.reading import read_recording
from tests.firmware_io.board_frames import encode_hello
from tests.firmware_io.recorder_process import Said
from tests.firmware_io.test_other_boards import wit_sample
from tests.firmware_io.test_wire import hello


def told(folder: Path, packets: list[bytes], hz: float, **options: object) -> list[str]:
    """All that is said while these come, so many a second."""
    said = Said()
    writer = Writer(Options(folder, **options), said.tell)  # type: ignore[arg-type]
    for number, packet in enumerate(packets):
        writer.take(number / hz, packet)
    writer.finish("stopped")
    return said.sentences


def test_a_witmotion_as_it_comes_is_told_with_its_10_hz_and_the_way_to_100(tmp_path: Path) -> None:
    found, _, warning = told(tmp_path, [wit_sample(3, n % 5, 2048) for n in range(60)], 10)
    assert "packets of WitMotion, without a time, about 10." in found
    assert "in steps of 0.49 mg" in found
    assert "only 10 samples a second arrive" in warning or "only 11 samples a second arrive" in warning
    assert "add --configure" in warning


def test_a_razor_is_told_with_its_columns_its_coarse_steps_and_its_filter(tmp_path: Path) -> None:
    lines = [
        f"{1000 + 10 * n}, {0.02 * (n % 3):.2f}, -0.01, {1 + 0.01 * (n % 2):.2f}, 0.31, -0.12, 0.06\r\n".encode()
        for n in range(300)
    ]
    found, _, warning = told(tmp_path, lines, 100)
    for words in (
        "lines of 7 numbers",
        "columns 2-4 (of a length that gravity has), unit g",
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
        "only 10 samples a second arrive: quick jerks will be missed; set 100 Hz"
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


MOMENT = datetime(2026, 11, 22, 22, 45, tzinfo=UTC)
SENTENCES = [
    (Key.GRAVITY_GONE, {"length_g": 0.316}, "the readings have a length of 0.32 g, but gravity is 1 g"),
    (
        Key.OTHER_RATE,
        {"rate_hz": 200.2, "before_hz": 100.1},
        "200 samples a second arrive, where 100 came before",
    ),
    (Key.WHICH_COLUMNS, {"choices": (Choice("1,2,3", ((0.0, 0.1, 0.9),)),)}, "which of these is the acceler"),
    (Key.FILE_MADE, {"path": "a.csv"}, "recording to a.csv"),
    (Key.PORT_CHANGED, {"at_s": 1.0, "what": "unplugged"}, "unplugged at "),
    (
        Key.ANOTHER_BOARD,
        {"event": "another board (Uno)"},
        "another board (Uno) is on the port: its samples are left",
    ),
    (
        Key.DISK_TROUBLE,
        {"at_s": 1.0, "reason": "no room"},
        "NOT SAVING, kept in memory and tried again: no room at ",
    ),
    (Key.DISK_WELL, {"at_s": 1.0}, "the disk saves everything again at "),
    (
        Key.FILE_DELETED,
        {"path": "a.csv"},
        "a.csv was deleted by somebody: it was written again, with all that it held",
    ),
    (Key.SIDECAR_STALE, {"reason": "no room"}, "the file beside the recording can't be updated (no room)"),
    (
        Key.UNSAFE_DRIVE,
        {"kind": "a memory stick"},
        "the recording goes to a memory stick: a power cut may lose min",
    ),
    (
        Key.LITTLE_ROOM,
        {"room_s": 5400.0, "free_bytes": 2e7},
        "the disk has room for 1.5 h more (20 MB free): make",
    ),
    (
        Key.MUCH_LOST,
        {"share": 0.25, "program": None},
        "25 % of the last minute did not arrive: another program may",
    ),
    (Key.LIGHTS, {"at": MOMENT, "lights": Lights(MOMENT)}, "lights off at "),
    (Key.LIGHTS, {"at": MOMENT, "lights": Lights(MOMENT, MOMENT)}, "lights on at "),
    (
        Key.LIGHTS,
        {"at": MOMENT + timedelta(hours=4), "lights": Lights(MOMENT)},
        f"lights off again at {MOMENT.astimezone() + timedelta(hours=4):%H:%M:%S}; the night still begins at ",
    ),
    (
        Key.COMPUTER_SLEPT,
        {"slept_s": 62.0},
        "the computer slept for 62 s: keep it awake, or that part of the night",
    ),
    (
        Key.NOT_KEPT_AWAKE,
        {"program": "Windows"},
        "can't keep this computer awake (Windows refused):",
    ),
]
NO_SENSOR = encode_hello(
    replace(hello(protocol=2, sensor_id=0, trouble=1), words="no sensor found at 0x68 or 0x69")
)


def test_a_board_without_its_sensor_is_understood_and_told_in_one_sentence(tmp_path: Path) -> None:
    older = encode_hello(replace(hello(sensor_id=0), sensor="none"))
    for wire, why in (
        (NO_SENSOR, "no sensor found at 0x68 or 0x69"),
        (older, "no sensor found: check the wires"),
    ):
        understood, sensor = told(tmp_path, [wire, *[b""] * 5], 2)
        assert "the board sends frames (1 frame with" in understood
        assert sensor.startswith(f"Nano: {why}")


TOLD_ABOVE = {Key.SENSOR, Key.UNDERSTOOD, Key.NOT_UNDERSTOOD, Key.COARSE_STEPS, Key.SLOW_RATE}


@pytest.mark.parametrize(("key", "values", "words"), SENTENCES)
def test_a_message_is_a_sentence_for_a_person(key: Key, values: dict[str, object], words: str) -> None:
    sentence = Words().of(Message(key, values))
    assert sentence is not None
    assert sentence.startswith(words)


def test_there_is_a_sentence_for_everything_that_can_be_told() -> None:
    assert {key for key, _, _ in SENTENCES} | TOLD_ABOVE == set(Key)


@pytest.mark.parametrize(
    ("changes", "event", "sentence"),
    [
        (
            {"trouble": 1, "sensor_id": 0},
            "not found",
            "Nano: no sensor found: check the wires SDA/SCL/VCC/GND; then",
        ),
        ({"trouble": 2}, "INT wire silent", "Nano: the sensor is there but its INT wire is silent"),
        ({"trouble": 3}, "settings not kept", "Nano: the sensor does not keep its settings"),
        ({"trouble": 250}, "settings not kept", "Nano: the sensor does not keep its settings"),
        ({"trouble": 0}, "well again", "Nano: the sensor is well again at"),
        (
            {"trouble": 0, "change_percent": (20, -3, None)},
            "self-test failed",
            "Nano: the sensor failed its self-test (x +20 %, y -3 %; 14 % is allowed): its readings may be wrong at",
        ),
    ],
)
def test_what_is_wrong_with_the_sensor_is_one_sentence(
    changes: dict[str, Any], event: str, sentence: str
) -> None:
    values = {"at_s": 0.0, "event": f"sensor: {event}", "hello": hello(protocol=2, **changes)}
    said = Words().of(Message(Key.SENSOR, values))
    assert said is not None
    assert said.startswith(sentence)


def test_a_loose_cable_is_told_six_times_a_minute_and_then_how_often_it_was_not() -> None:
    words = Words()
    told = [words.of(Message(Key.PORT_CHANGED, {"at_s": float(s), "what": "unplugged"})) for s in range(20)]
    assert [sentence is not None for sentence in told] == [True] * 6 + [False] * 14
    later = words.of(Message(Key.DISK_WELL, {"at_s": 70.0}))
    assert later is not None
    assert later.endswith(" (and 14 more since the last line)")


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
    options = Options(tmp_path, configure=configure, duration_s=0.3)
    ended = record(port, options, Asked(), lambda message: None)  # type: ignore[arg-type]
    assert ended.path is None
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


def test_that_gravity_is_gone_or_twice_the_rate_comes_is_told_and_logged(tmp_path: Path) -> None:
    told: list[Message | Progress] = []
    fit = Writer(Options(tmp_path), told.append).fit
    for look in range(4):
        for _ in range(200):
            fit.see(1.0 if look < 2 else 0.316)
        fit.look(20.0 * look, (0, 2000, 4000, 4200)[look])
    keys = [message.key for message in told if isinstance(message, Message)]
    assert keys == [Key.GRAVITY_GONE, Key.GRAVITY_GONE, Key.OTHER_RATE]
    assert [event for _, event in fit.log.early] == ["gravity 0.32 g", "gravity 0.32 g", "rate 10.0 Hz"]
