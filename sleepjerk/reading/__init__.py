"""Any file -> Recording. (First working version for the native CSV; being refined.)"""

import dataclasses
import hashlib
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from sleepjerk.errors import InputError
from sleepjerk.recording import Facts, Recording

__all__ = ["read_recording"]


def read_recording(
    path: str | Path,
    *,
    unit: str | None = None,
    time_unit: str | None = None,
    rate_hz: float | None = None,
    columns: str | None = None,
    zone: str | None = None,
    limb: str | None = None,
) -> Recording:
    """Read a native recording."""
    import json

    import pandas as pd

    path = Path(path)
    try:
        table = pd.read_csv(path, dtype={"t_us": "int64", "x_g": "f4", "y_g": "f4", "z_g": "f4"})
        time_s = table["t_us"].to_numpy() / 1e6
        xyz = table[["x_g", "y_g", "z_g"]].to_numpy(dtype="f4").T
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{path}: can't read this ({error})") from error
    time_s -= time_s[0]
    steps = np.diff(time_s)
    device = 1 / float(np.median(steps))
    holes = np.flatnonzero(steps > 0.1)
    good = steps[steps <= 0.1]
    device = len(good) / float(good.sum())
    rate = device / max(1, round(device / 100)) if device > 120 else device
    grid = np.arange(int(np.floor(time_s[-1] * rate + 0.5)) + 1) / rate
    out = np.stack([np.interp(grid, time_s, axis) for axis in xyz]).astype(np.float32)
    gaps = np.column_stack([time_s[holes], time_s[holes + 1]]) if len(holes) else np.empty((0, 2))
    for begin, end in gaps:
        out[:, int(np.ceil(begin * rate + 0.5)) : int(np.floor(end * rate + 0.5))] = np.nan
    facts = Facts(name=path.name, input_sha256=digest, limb=limb or "wrist", device_rate_hz=device)
    start = None
    stem = path.name.removesuffix(".gz").removesuffix(".csv")
    try:
        side = json.loads((path.parent / f"{stem}.json").read_text(encoding="utf-8"))
        zone_info = ZoneInfo(zone or side.get("zone") or "UTC")
        if side.get("start_utc"):
            start = datetime.fromisoformat(side["start_utc"]).astimezone(zone_info)
        facts = dataclasses.replace(facts, limb=limb or side.get("limb") or "wrist", range_g=side.get("range_g"))
        marks = {
            key: datetime.fromisoformat(side[key]).astimezone(zone_info)
            for key in ("lights_off", "lights_up")
            if side.get(key)
        }
        facts = dataclasses.replace(facts, **marks)
    except (OSError, ValueError, KeyError):
        pass
    return Recording(out, rate, gaps, start, facts)
