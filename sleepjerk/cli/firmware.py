"""`sleepjerk firmware`: a board's code, ready to open or to flash, and the steps. Must not know recordings or ports."""

import argparse
import shlex
import subprocess
import sys
from importlib import resources
from pathlib import Path

from sleepjerk.errors import InputError

HELP = "write the code for a board, and say how to get it onto the board"

_SKETCH, _HEX, _SCRIPT = "sleepjerk_board", "sleepjerk_board.hex", "main.py"
_WIRES = {
    "uno": "VCC to 5V, GND to GND, SDA to A4, SCL to A5, INT to D2",
    "nano": "VCC to 5V, GND to GND, SDA to A4, SCL to A5, INT to D2",
    "esp32": "VCC to 3V3 (never 5V), GND to GND, SDA to 21, SCL to 22, INT to 19 "
    "(S3: SDA 8, SCL 9, INT 5; C3: SDA 6, SCL 7, INT 5; others: pins.h)",
    "xiao": "none, the sensor is on the board",
    "pico": "VCC to 3V3 (never 5V), GND to GND, SDA to GP4, SCL to GP5, INT to GP6",
}
_AVRDUDE = "avrdude -p m328p -c arduino -b {baud} -P PORT -D -U {flash}"
_IDE = [
    "open {sketch} in the Arduino IDE (arduino.cc/en/software)",
    "{choose}; Tools > Port: the one that appears when you plug the board in; Upload (the arrow)",
]
_NO_IDE = "or without the IDE, PORT as sleepjerk ports names it:\n     {avrdude}"
_CHOOSE = {
    "uno": "Tools > Board > Arduino Uno",
    "nano": 'Tools > Board > Arduino Nano; if it answers "not in sync": '
    'Tools > Processor > "ATmega328P (Old Bootloader)"',
    "esp32": 'Boards Manager: "esp32 by Espressif"; Tools > Board: yours; an S3 or C3 on the chip\'s own USB: '
    "Tools > USB CDC On Boot > Enabled",
    "xiao": 'Boards Manager: "Seeed nRF52 Boards" (not the mbed ones); Tools > Board > Seeed XIAO nRF52840 Sense',
}
_PICO = [
    "hold BOOTSEL while you plug the Pico in; copy MicroPython's file (1.22 or newer, micropython.org/download) "
    "onto the drive that shows up",
    "pip install mpremote\n     mpremote cp {script} :main.py\n     mpremote reset",
    'or in Thonny: open {script}, File > Save as > Raspberry Pi Pico, name it "main.py", then unplug and plug in again',
]


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("--board", choices=tuple(_WIRES), required=True, help="the board you have")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write into")
    parser.add_argument("--force", action="store_true", help="replace files that are there and differ")
    parser.epilog = "example:\n  sleepjerk firmware --board nano --out board"


def run(args: argparse.Namespace) -> int:
    """Write, then say the steps."""
    from sleepjerk.atomic import make_folder, write_whole

    contents = {args.out / name: content for name, content in _files(args.board).items()}
    try:
        for path, content in contents.items():
            if not args.force and path.exists() and (path.is_dir() or path.read_bytes() != content):
                raise InputError(f"{path}: this is there already, with other content; --force replaces it")
        for path, content in contents.items():
            make_folder(path.parent)
            write_whole(path, content)
    except OSError as error:
        raise InputError(f"{args.out}: can't write here ({error.strerror}); choose another --out") from error
    print(f"wires of the sensor: {_WIRES[args.board]}")
    for number, step in enumerate(_steps(args.board, args.out), 1):
        print(f"{number}. {step}")
    print("No real board has run this code yet: see firmware_io/README.md for how it was tested.")
    return 0


def _files(board: str) -> dict[str, bytes]:
    """What this board needs, by path in the folder."""
    home = resources.files("firmware_io") / "firmware"
    if board == "pico":
        return {_SCRIPT: (home / "micropython" / _SCRIPT).read_bytes()}
    sketch = home / _SKETCH
    files = {f"{_SKETCH}/{file.name}": file.read_bytes() for file in sketch.iterdir() if file.is_file()}
    sources = (sketch / "src").iterdir()
    files |= {f"{_SKETCH}/src/{file.name}": file.read_bytes() for file in sources if file.is_file()}
    return files | ({_HEX: (home / _HEX).read_bytes()} if board in ("uno", "nano") else {})


def _steps(board: str, folder: Path) -> list[str]:
    sketch, script = (_quoted(folder / name) for name in (f"{_SKETCH}/{_SKETCH}.ino", _SCRIPT))
    flash = _quoted(f"flash:w:{folder / _HEX}:i")
    lines = [_AVRDUDE.format(baud=115200, flash=flash)]
    if board == "nano":
        lines.append(f"{_AVRDUDE.format(baud=57600, flash=flash)}     (old bootloader)")
    avrdude, choose = "\n     ".join(lines), _CHOOSE.get(board)
    steps = [*_IDE, _NO_IDE] if board in ("uno", "nano") else _PICO if board == "pico" else _IDE
    told = [step.format(sketch=sketch, script=script, choose=choose, avrdude=avrdude) for step in steps]
    return [*told, "sleepjerk record --check   (a rehearsal: says whether all is well)"]


def _quoted(text: str | Path) -> str:
    """For the command line of this system."""
    return subprocess.list2cmdline([str(text)]) if sys.platform == "win32" else shlex.quote(str(text))
