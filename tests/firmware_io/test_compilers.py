"""What compilers make of the boards' code: those of the boards' processors, and none for a board that isn't known.

The cores (Arduino's own code for a board) can't be had from a registry, but for the Uno's: in their place stand the few
lines of `arduino/*.h`, so syntax, types and warnings are shown, not that the core's own functions fit.
"""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.firmware_io.built import ROOM, built, skip
from tests.support.marks import a_few

SKETCH = ROOM / "firmware" / "sleepjerk_board"
FAKE = Path(__file__).parent / "arduino"
KNOWN = ("ATmega328P", "ESP32-S3", "ESP32-C3", "XIAO nRF52840 Sense")
MACHINES = {"esp32": "Tensilica Xtensa", "esp32s3": "Tensilica Xtensa", "esp32c3": "RISC-V", "xiao": "ARM"}


def refused(source: Path, *options: str, compiler: str = "g++") -> str:
    """What a compiler says first of all about a source that it doesn't take."""
    if shutil.which(compiler) is None:
        skip(f"{compiler} is missing")
    command = [compiler, "-std=gnu++11", "-fsyntax-only", f"-I{FAKE}", *options, "-x", "c++", str(source)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode != 0
    return next(line for line in done.stderr.splitlines() if "error" in line)


@pytest.mark.parametrize("board", a_few(sorted(MACHINES), of=4))
def test_the_compiler_of_the_boards_processor_takes_the_sketch_without_a_warning(board: str) -> None:
    objects = sorted(built(f"cross-{board}").glob("*.o"))
    assert len(objects) == 6
    for path in objects:
        header = path.read_bytes()[:20]
        assert header[:4] == b"\x7fELF"
        assert header[4] == 1, "32 bits"
        machine = {94: "Tensilica Xtensa", 243: "RISC-V", 40: "ARM"}[int.from_bytes(header[18:20], "little")]
        assert machine == MACHINES[board]


def test_the_hex_that_is_shipped_is_what_the_sources_make_to_the_byte_wherever_they_are_built(
    tmp_path: Path,
) -> None:
    shipped = (ROOM / "firmware" / "sleepjerk_board.hex").read_bytes()
    here = built("board.hex").read_bytes()
    wanted = re.search(r"HEX_BY := avr-gcc ([\d.]+)", (ROOM / "Makefile").read_text())
    assert wanted
    version = subprocess.run(
        ["avr-gcc", "-dumpversion"], capture_output=True, text=True, check=True
    ).stdout.strip()
    if version != wanted[1]:
        skip(f"it was made by avr-gcc {wanted[1]}, here is {version} (make hex, and write that into HEX_BY)")
    copy = tmp_path / "a folder of another length" / "firmware_io"
    shutil.copytree(ROOM, copy, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(["make", "-s", "-C", str(copy), "BUILD=b", "b/board.hex"], check=True)
    assert here == shipped, "make hex renews it"
    assert (copy / "b" / "board.hex").read_bytes() == shipped


@pytest.mark.parametrize("source", ["sleepjerk_board.ino", "src/arduino_main.cpp"])
@pytest.mark.parametrize(
    ("compiler", "options", "words"),
    [
        ("g++", ["-DARDUINO_ARCH_SAMD"], KNOWN),
        ("g++", [], KNOWN),
        ("g++", ["-DARDUINO_ARCH_RP2040"], ("Pico", "MicroPython", "sleepjerk firmware --board pico")),
        ("g++", ["-DARDUINO_ARCH_MBED"], ("Seeed nRF52 Boards", "mbed")),
        ("avr-g++", ["-mmcu=atmega2560", "-DARDUINO_ARCH_AVR", "-DF_CPU=16000000L"], KNOWN),
        (
            "avr-g++",
            ["-mmcu=atmega328p", "-DARDUINO_ARCH_AVR", "-DF_CPU=8000000L"],
            ("16 MHz", "Tools > Board"),
        ),
    ],
)
def test_a_board_that_is_not_known_ends_in_words(
    source: str, compiler: str, options: list[str], words: tuple[str, ...]
) -> None:
    said = refused(SKETCH / source, *options, compiler=compiler)
    assert "#error" in said
    assert [word for word in words if word not in said] == []


def test_another_esp32_or_nrf52_ends_in_words_unless_its_pins_are_given() -> None:
    esp32, xiao = SKETCH / "src" / "arduino_esp32.cpp", SKETCH / "src" / "arduino_xiao.cpp"
    s2 = ["-DARDUINO_ARCH_ESP32", "-DCONFIG_IDF_TARGET_ESP32S2"]
    assert "pins.h" in refused(esp32, *s2)
    assert "XIAO nRF52840 Sense" in refused(xiao, "-DARDUINO_ARCH_NRF52", "-DFAKE_OTHER_NRF52")
    given = [
        "g++",
        "-std=gnu++11",
        "-fsyntax-only",
        f"-I{FAKE}",
        *s2,
        "-DSLEEPJERK_PINS=1,2,3,4,5",
        str(esp32),
    ]
    subprocess.run(given, check=True)


@pytest.mark.parametrize(
    ("chip", "pins", "words"),
    [
        ("ESP32S3", "20,9,5,4,2", "GPIO 19 and 20 are the USB port of an ESP32-S3"),
        ("ESP32S3", "8,9,5,19,2", "GPIO 19 and 20 are the USB port of an ESP32-S3"),
        ("ESP32C3", "6,7,5,4,18", "GPIO 18 and 19 are the USB port of an ESP32-C3"),
        ("ESP32", "21,22,19", "five numbers"),
    ],
)
def test_pins_that_would_cut_the_usb_off_are_refused(chip: str, pins: str, words: str) -> None:
    options = ["-DARDUINO_ARCH_ESP32", f"-DCONFIG_IDF_TARGET_{chip}", f"-DSLEEPJERK_PINS={pins}"]
    assert words in refused(SKETCH / "src" / "arduino_esp32.cpp", *options)


@pytest.mark.parametrize(("chip", "usb"), [("ESP32S3", {19, 20}), ("ESP32C3", {18, 19})])
def test_the_usual_pins_are_none_of_the_usb_port(chip: str, usb: set[int]) -> None:
    text = (SKETCH / "src" / "arduino_esp32.cpp").read_text()
    found = re.search(rf"CONFIG_IDF_TARGET_{chip}\)\n.*\n#define USUAL_PINS ([\d, ]+)\n", text)
    assert found
    pins = [int(pin) for pin in found[1].split(",")]
    assert len(set(pins)) == 5
    assert not usb & set(pins)
    ino = (SKETCH / "sleepjerk_board.ino").read_text()
    column = ("ESP32-S3", "ESP32-C3").index(chip.replace("ESP32", "ESP32-"))
    rows = [
        re.findall(r"GPIO (\d+)", line)
        for line in ino.splitlines()
        if line.lstrip()[:3] in ("SDA", "SCL", "INT")
    ]
    wired = [int(row[1 + column]) for row in rows]
    assert wired == pins[:3], "the sketch's first page says the same"
