"""What speaks on a port when it is no accelerometer. Knows a few devices by their words; pure."""

import re

_STRANGERS = (
    (rb"(?m)^\$(G[PNLAB]|BD)[A-Z]{3},", "a GPS receiver"),
    (rb"(?m)^(Marlin|echo:|ok T:|start\r?$|T:\d+\.\d+ /)", "a 3-D printer"),
    (rb"(?m)^(>>> |MicroPython v|Adafruit CircuitPython)", "a Python prompt: is main.py on the board?"),
    (
        rb"(?m)^(ets [A-Z][a-z]{2} |rst:0x|ESP-ROM:|boot:0x)",
        "an ESP32 that starts but runs no sketch of ours",
    ),
    (rb"(?m)^(AT[+\r\n]|\+CM[ES] |RING\r)", "a modem"),
    (rb"(?m)^(login: |Password: |[^\r\n]{0,40}[$#] $)", "the console of a computer"),
)
BAUDS = "9600, 38400, 57600, 230400 or 921600"


def stranger(data: bytes) -> str | None:
    """What this sounds like; None when nothing is recognised."""
    return next((name for pattern, name in _STRANGERS if re.search(pattern, data)), None)
