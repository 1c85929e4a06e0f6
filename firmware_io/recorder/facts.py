"""What the sidecar says of a recording: when, where, who, and what the board is. Must not know bytes or files."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from firmware_io.assemble.frames import FrameAssembler
from firmware_io.recorder import host_clock
from firmware_io.recorder.listening import Stream
from firmware_io.recorder.options import Options


def facts_at_start(options: Options, usb_serial: str | None, stream: Stream) -> dict[str, Any]:
    """All that is known when the first sample has come."""
    start = datetime.fromtimestamp(host_clock.utc_s(stream.assembler.zero_host_s), UTC)
    return {
        "start_utc": start.isoformat(),
        "zone": _zone_name(),
        "utc_offset_s": _offset_s(start),
        "limb": options.limb,
        "side": options.side,
        "subject": options.subject,
        "sensor_name": options.sensor_name,
        "usb_serial": usb_serial,
        "ended": None,
        "ledger": {},
        "unsaved": 0,
        "format": stream.format,
        **_board_facts(stream),
    }


def _board_facts(stream: Stream) -> dict[str, Any]:
    if isinstance(stream.assembler, FrameAssembler):
        hello = stream.assembler.hello
        assert hello is not None, "rows need its scale"
        return {
            "sensor": hello.sensor,
            "board": hello.board,
            "firmware": hello.firmware,
            "range_g": hello.range_g,
            "rate_hz": hello.rate_hz,
            "step_g": 1 / hello.lsb_per_g,
        }
    layout = stream.assembler.layout
    return {
        "sensor": layout.sensor,
        "board": None,
        "firmware": None,
        "range_g": None,
        "rate_hz": round(layout.rate_hz, 3),
        "step_g": layout.step_g,
        "unit": layout.unit,
        "times": "count of samples and the host's clock" if layout.time_column is None else "device",
    }


def decimals(stream: Stream, step_g: float) -> int:
    """Digits after the point: as printed, else as many as keep two neighbours apart and a tenth of a step honest."""
    layout = None if isinstance(stream.assembler, FrameAssembler) else stream.assembler.layout
    if layout is not None and layout.unit == "g":
        return layout.decimals
    digits = 0
    while 10.0**-digits > step_g / 5 and digits < 6:
        digits += 1
    return digits


def _offset_s(moment: datetime) -> float:
    """How far local time is ahead of UTC then; it places a night where the zone has no name."""
    offset = moment.astimezone().utcoffset()
    assert offset is not None
    return offset.total_seconds()


def _zone_name() -> str | None:
    """The IANA name of the zone that this process goes by, where the system tells it."""
    if (wanted := os.environ.get("TZ", "").removeprefix(":")) != "":
        return wanted if "/" in wanted and not wanted.startswith("/") else None
    try:
        target = str(Path("/etc/localtime").resolve())
        if "zoneinfo/" in target:
            return target.split("zoneinfo/", 1)[1]
        return Path("/etc/timezone").read_text().strip()
    except OSError:
        return None
