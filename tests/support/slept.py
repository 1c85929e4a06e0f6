"""The made sample as if somebody had slept it: nothing beside it says that it is simulated, and a diary takes it."""

import json
import shutil
from pathlib import Path

_SAMPLE = Path(__file__).resolve().parents[2] / "sample_data" / "short_night.csv.gz"


def sidecar() -> str:
    """What stands beside it."""
    facts = json.loads(_SAMPLE.with_name("short_night.json").read_text(encoding="utf-8"))
    del facts["made_by"]
    return json.dumps(facts)


def lay_night(folder: Path, name: str = "short_night") -> Path:
    """Recording and sidecar in a folder."""
    (folder / f"{name}.json").write_text(sidecar(), encoding="utf-8")
    return Path(shutil.copy(_SAMPLE, folder / f"{name}.csv.gz"))
