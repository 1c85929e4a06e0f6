"""Says which code belongs to which result: `python -m tests.benchmarks.fingerprint`, after any change of code.

It renews `sleepjerk/rules/fingerprint.json`. Then it looks at the frozen tables, each of which carries a stamp: the
thresholds and the code it judges, and the events of a few witness nights. A table whose thresholds or code changed must
be made again, and this says how. After a mere move or renaming `--moved` gives it the new stamp instead: you say that
no result can have changed, and the witness nights must say so too, to the last digit.
"""

import argparse
import dataclasses
import hashlib
import json
import re
import sys
from functools import cache
from pathlib import Path

from sleepjerk.analysis import analyse
from sleepjerk.events import events_text
from sleepjerk.rules import AASM_SERIES, Rules
from sleepjerk.rules.fingerprint import (
    ROOT,
    SHIPPED,
    code_sha256,
    night_modules,
    sources_sha256,
    values_sha256,
)
from sleepjerk.simulate import LOGGER_8BIT, MPU6050, SCENARIOS, simulate_night

FROZEN = {name: Path(__file__).with_name(f"{name}.md") for name in ("worlds",)}
# What the tables tell of: where movements are and what they are called. How files are read and what follows from
# the events has tests of its own.
JUDGED_GROUPS = (
    "damage",
    "calibration",
    "movement",
    "non_wear",
    "sleep",
    "detection",
    "vibration",
    "classification",
    "twitch",
    "confidence",
    "series",
    "periodicity",
)
_JUDGED = ("analysis", "artefacts", "detection", "events", "evaluate", "recording", "simulate", "spans")
_STAMP = re.compile(r"thresholds (\w{64}),\ncode (\w{64}),\nwitness nights (\w{64})")


def renewed() -> str:
    """What the shipped file must hold: the modules that decide a night's result, and hashes of both their forms."""
    paths = night_modules()
    modules = [path.relative_to(ROOT).as_posix() for path in paths]
    held = {"modules": modules, "sources": sources_sha256(paths), "code": code_sha256(paths)}
    return json.dumps(held, indent=1) + "\n"


def judged_thresholds_sha256() -> str:
    """The fingerprint of the thresholds that the frozen tables judge."""
    rules = dataclasses.asdict(Rules())
    return values_sha256(
        {name: rules[name] for name in JUDGED_GROUPS} | {"aasm": dataclasses.asdict(AASM_SERIES)}
    )


@cache
def judged_code_sha256() -> str:
    """The fingerprint of the code that the frozen tables judge."""
    package = ROOT / "sleepjerk"
    paths = (path for path in package.rglob("*.py") if path.relative_to(package).parts[0] in _JUDGED)
    files = (package / f"{name}.py" for name in _JUDGED)
    return code_sha256(sorted({*paths, *(path for path in files if path.exists())}))


def witness_sha256() -> str:
    """The fingerprint of the truth and the events of an hour of every scenario, with a good and a coarse sensor."""
    whole = hashlib.sha256()
    for sensor in (MPU6050, LOGGER_8BIT):
        for scenario in SCENARIOS:
            made = simulate_night(1.0, 31, scenario, sensor=sensor)
            night = analyse(made.recording)
            times_s = (night.sleep.onset_s, night.sleep.end_s, night.sleep.analysed_h)
            said = (made.truth.to_csv(), events_text(night.events), times_s, night.recording.limited_by)
            whole.update("\n".join(map(str, said)).encode())
    return whole.hexdigest()


def stamp(witness: str | None = None) -> str:
    """Which thresholds and code a table made now tells of."""
    witness = witness_sha256() if witness is None else witness
    return f"thresholds {judged_thresholds_sha256()},\ncode {judged_code_sha256()},\nwitness nights {witness}"


def stamped(text: str) -> tuple[str, str, str]:
    """The thresholds, the code and the witness nights that a table says it tells of."""
    found = _STAMP.search(text)
    return ("", "", "") if found is None else (found[1], found[2], found[3])


def main() -> int:
    """Renew what may be renewed without a new table; the exit status says whether one is needed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--moved", action="store_true", help="code was only moved: ask the witness nights")
    moved = parser.parse_args().moved
    SHIPPED.write_text(renewed(), encoding="utf-8")
    texts = {name: path.read_text(encoding="utf-8") for name, path in FROZEN.items() if path.exists()}
    now = (judged_thresholds_sha256(), judged_code_sha256())
    old = {name: text for name, text in texts.items() if stamped(text)[:2] != now}
    witness = witness_sha256() if old and moved else ""
    lacking = [name for name, text in old.items() if stamped(text)[2] != witness]
    for name in old.keys() - set(lacking):
        FROZEN[name].write_text(_STAMP.sub(stamp(witness), old[name]), encoding="utf-8")
    for name in lacking:
        found = "the witness nights differ" if moved else "if code was only moved, add --moved; otherwise"
        print(f"{name}.md tells of other code: {found}: run `python -m tests.benchmarks.{name} --freeze`")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
