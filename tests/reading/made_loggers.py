"""Loggers' own files, byte by byte from what their makers publish of them. Knows nothing of their reader."""

import io
import struct
import zipfile
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import xor

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 100
STEPS_PER_G = 256
CWA_SAMPLES, CWA_HEAD_BYTES, CWA_BLOCK_BYTES = 80, 1024, 512
BIN_SAMPLES = 300
_TICKS_PER_S = 10**7  # since year 1, of ActiGraph's dates


def steps(count: int, seed: int = 5) -> NDArray[np.int64]:
    """(n, 3) samples in steps of 1/256 g, any two of them different enough to be told apart."""
    return np.random.default_rng(seed).integers(-900, 900, (count, 3))


def made_cwa(samples: NDArray[np.int64], start: datetime) -> bytes:
    """An Axivity AX3: a head of 1,024 bytes, and sectors of 80 samples that each carry their time and a sum.

    Parameters
    ----------
    samples
        (n, 3) steps of 1/256 g, n a multiple of 80.
    start
        When the first of them was taken; whole seconds.
    """
    head = bytearray(b"\xff" * CWA_HEAD_BYTES)
    head[:11] = struct.pack("<2sHBHI", b"MD", 0x3FC, 0, 4711, 1)
    head[36] = 0x4A  # 100 Hz, 8 g
    blocks = samples.reshape(len(samples) // CWA_SAMPLES, CWA_SAMPLES, 3)
    # A sector's time is of whole seconds with a fraction in 1/32768, at its first sample.
    number = np.arange(len(blocks))
    hundredths = number * CWA_SAMPLES
    seconds = np.datetime64(start, "s") + (hundredths // RATE_HZ).astype("m8[s]")
    rows = np.zeros((len(blocks), CWA_BLOCK_BYTES // 2), dtype="<u2")
    rows[:, 0], rows[:, 1] = int.from_bytes(b"AX", "little"), CWA_BLOCK_BYTES - 4
    fraction = hundredths % RATE_HZ * 32768 // RATE_HZ
    rows[:, 2] = 0x8000 | fraction
    rows[:, 5], rows[:, 6] = number & 0xFFFF, number >> 16
    clock = _packed(seconds)
    rows[:, 7], rows[:, 8] = clock & 0xFFFF, clock >> 16
    rows[:, 12] = 0x4A | 0x32 << 8  # 100 Hz; three axes of two bytes
    # The fraction is counted in samples, too: readers go back by so many to the whole second.
    rows[:, 13] = (-(fraction * RATE_HZ >> 15)).astype(np.int16).view("<u2")
    rows[:, 14] = CWA_SAMPLES
    rows[:, 15:255] = blocks.reshape(len(blocks), 3 * CWA_SAMPLES).astype("<i2").view("<u2")
    rows[:, 255] = -rows[:, :255].sum(axis=1, dtype=np.int64) & 0xFFFF
    return bytes(head) + rows.tobytes()


def _packed(seconds: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Year since 2000, month, day, hour, minute and second in 6, 4, 5, 5, 6 and 6 bits."""
    days, months = seconds.astype("M8[D]"), seconds.astype("M8[M]")
    of_day = (seconds - days).astype(np.int64)
    parts = (
        (seconds.astype("M8[Y]").astype(np.int64) - 30, 26),
        (months.astype(np.int64) % 12 + 1, 22),
        ((days - months).astype(np.int64) + 1, 17),
        (of_day // 3600, 12),
        (of_day // 60 % 60, 6),
        (of_day % 60, 0),
    )
    return np.asarray(sum(part << places for part, places in parts))


def made_bin(samples: NDArray[np.int64], start: datetime) -> bytes:
    """A GENEActiv: 59 lines of head, and pages of ten lines, the last with 300 samples as 12 signs each.

    Parameters
    ----------
    samples
        (n, 3) steps of 1/256 g, n a multiple of 300.
    """
    pages = [
        _page(page, number, start)
        for number, page in enumerate(samples.reshape(len(samples) // BIN_SAMPLES, BIN_SAMPLES, 3))
    ]
    head = [
        *("Device Identity", "Device Unique Serial Code:004711", "Device Type:GENEActiv", "", ""),
        *("Device Capabilities", "Accelerometer Range:-8 to 8", "", "Configuration Info"),
        *(
            f"Measurement Frequency:{RATE_HZ} Hz",
            "Start Time:" + _bin_time(start),
            "Time Zone:GMT +01:00",
            "",
        ),
        *("Calibration Data", *(f"{axis} {what}" for axis in "xyz" for what in ("gain:25600", "offset:0"))),
        *("Volts:100", "Lux:1000", "", "Memory Status", f"Number of Pages:{len(pages)}"),
    ]
    head += [""] * (59 - len(head))
    return "".join(f"{line}\r\n" for line in [*head, *(line for page in pages for line in page)]).encode()


def _page(samples: NDArray[np.int64], number: int, start: datetime) -> list[str]:
    moment = start + timedelta(seconds=number * BIN_SAMPLES / RATE_HZ)
    twelve_bits = "".join(
        "".join(f"{value & 0xFFF:03X}" for value in row) + "000" for row in samples.tolist()
    )
    return [
        *("Recorded Data", "Device Unique Serial Code:004711", f"Sequence Number:{number}"),
        *("Page Time:" + _bin_time(moment), "Unassigned:", "Temperature:30.0", "Battery voltage:4.1000"),
        *("Device Status:Recording", f"Measurement Frequency:{RATE_HZ}.0", twelve_bits),
    ]


def _bin_time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}:{moment.microsecond // 1000:03}"


def made_records(samples: NDArray[np.int64], start: datetime) -> list[bytes]:
    """What an ActiGraph logs of (n, 3) steps of 1/256 g.

    Its settings, and a record of 100 samples a second, each of y, x and z in 12 bits.
    """
    begin = int(start.replace(tzinfo=UTC).timestamp())
    pairs = (samples[:, [1, 0, 2]] & 0xFFF).reshape(len(samples) // RATE_HZ, RATE_HZ * 3 // 2, 2)
    both = pairs[..., 0] << 12 | pairs[..., 1]
    three = np.stack((both >> 16, both >> 8 & 0xFF, both & 0xFF), axis=-1).astype(np.uint8)
    # How many steps a g has stands in a number of its own making: 9 doublings of a half.
    settings = struct.pack("<HHIHHI", 0, 55, 9 << 24 | 1 << 22, 1, 10, RATE_HZ)
    return [
        made_record(21, begin, settings),
        *(made_record(0, begin + number, each.tobytes()) for number, each in enumerate(three)),
    ]


def made_record(kind: int, second: int, said: bytes) -> bytes:
    """A record: all its bytes together, each bit counted, come to ones."""
    framed = struct.pack("<BBIH", 0x1E, kind, second, len(said)) + said
    return framed + bytes([reduce(xor, framed) ^ 0xFF])


def made_gt3x(log: bytes, start: datetime) -> bytes:
    """The archive around a log."""
    first = (start.replace(tzinfo=UTC) - datetime(1, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    lines = (
        *("Serial Number: MOS004711", "Device Type: wGT3XBT", "Firmware: 1.9.2", f"Sample Rate: {RATE_HZ}"),
        *(f"Start Date: {first * (_TICKS_PER_S // 10**6)}", "TimeZone: 01:00:00"),
        *(f"Acceleration Scale: {STEPS_PER_G}.0", "Acceleration Min: -8.0", "Acceleration Max: 8.0", ""),
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("log.bin", log)
        archive.writestr("info.txt", "\r\n".join(lines))
    return packed.getvalue()
