"""Parquet or Feather: samples and events as columns, with what is known of them in the file's metadata."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from sleepjerk.atomic import whole_files
from sleepjerk.errors import InputError
from sleepjerk.night.model import Night
from sleepjerk.recording import Recording


def write_arrow(recording: Recording, night: Night, path: Path, kind: str) -> list[Path]:
    """Write `<path>.<kind>` (t_s, x_g, y_g, z_g; what was not recorded has no row) and `<path>.events.<kind>`.

    Parameters
    ----------
    kind
        "parquet" or "feather".

    Raises
    ------
    InputError
        pyarrow is missing.
    """
    try:
        import pyarrow
        import pyarrow.feather
        import pyarrow.parquet
    except ImportError as error:
        raise InputError(
            f"{kind.capitalize()} needs the package pyarrow; type: pip install 'sleepjerk[export]'"
        ) from error
    write = pyarrow.parquet.write_table if kind == "parquet" else pyarrow.feather.write_feather
    there = np.isfinite(recording.acceleration_g).all(axis=0)
    times_s = np.flatnonzero(there) / recording.rate_hz
    samples = {
        "t_s": times_s,
        **{f"{name}_g": axis[there] for name, axis in zip("xyz", recording.acceleration_g, strict=True)},
    }
    events = pyarrow.Table.from_pandas(night.events, preserve_index=False)
    about = {"sleepjerk": json.dumps(_about(recording, night))}
    tables = {f"{path.name}.{kind}": pyarrow.table(samples), f"{path.name}.events.{kind}": events}
    with whole_files(path.parent, over=False) as aside:
        for name, table in tables.items():
            write(table.replace_schema_metadata(about), str(aside / name))
    return [path.with_name(name) for name in tables]


def _about(recording: Recording, night: Night) -> dict[str, Any]:
    return {
        "version": night.version,
        "settings_sha256": night.settings_sha256,
        "input_sha256": night.input_sha256,
        "start": night.recording.start,
        "zone": night.recording.zone,
        "rate_hz": recording.rate_hz,
        "limb": night.recording.placement.limb,
        "unit": "g",
        "sleep_s": [night.sleep.onset_s, night.sleep.end_s],
        "sleep_said": None if night.sleep.said is None else asdict(night.sleep.said),
    }
