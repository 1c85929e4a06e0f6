"""Which nights are made: every scenario of every world that is there, with so many seeds each.

Knows the makers and how many nights a figure needs. Must not know the detector.
"""

import dataclasses
import hashlib
import importlib
import os
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import numpy as np

from tests.worlds import handed, lab, movements, own
from tests.worlds.made import MadeNight

ROOT = Path(__file__).resolve().parents[3]
Maker = Callable[[str, int], MadeNight]


@dataclass(frozen=True)
class World:
    """A maker and its scenarios; `why_absent` says in a sentence what is missing, "" when nothing is."""

    name: str
    scenarios: tuple[str, ...]
    make: Maker
    why_absent: str = ""


@dataclass(frozen=True, order=True)
class Task:
    """One night to make."""

    world: str
    scenario: str
    seed: int


def _bedside() -> World:
    try:
        module: Any = importlib.import_module("tests.worlds.bedside")
        return World("bedside", tuple(module.SCENARIOS), module.night)
    except (ImportError, AttributeError) as error:
        return World("bedside", (), own.make, f"the maker bedside isn't ready: {error}")


def worlds() -> dict[str, World]:
    """All worlds, those that are absent among them."""
    shared = "the shared data is not on this machine"
    every = [
        World("own", own.SCENARIOS, own.make),
        World("handed", handed.SCENARIOS, handed.make, "" if handed.maker_path() else shared),
        _bedside(),
        World("movements", movements.SCENARIOS, movements.make, "" if movements.folder() else shared),
        World("lab", lab.SCENARIOS, lab.make, "" if lab.paths() else shared),
    ]
    return {world.name: world for world in every}


# Nights of the table that is kept, where it isn't `NIGHTS`: a week of ordinary nights, every lab night. It takes a
# quarter of an hour on 2 cores; `--nights 24` of one world takes as long, and tells more of it.
NIGHTS = 2
FULL = {
    ("movements", "visits"): 10,
    ("movements", "shaking"): 17,
    ("own", "ordinary"): 7,
    ("bedside", "ordinary"): 7,
    ("handed", "ordinary"): 7,
}


def tasks(
    first_seed: int, nights: int | None = None, world: str | None = None, scenario: str | None = None
) -> list[Task]:
    """The nights to make, of one world or scenario alone if that is asked; `nights` of each, None for a full table."""
    return [
        Task(one.name, name, seed)
        for one in worlds().values()
        if not one.why_absent and world in (None, one.name)
        for name in one.scenarios
        if scenario in (None, name)
        for seed in range(first_seed, first_seed + (nights or _full(one.name, name)))
    ]


def _full(world: str, scenario: str) -> int:
    return len(lab.paths()) if world == "lab" else FULL.get((world, scenario), NIGHTS)


def make(task: Task, keep: Path | None = None) -> MadeNight:
    """The night of a task; from or into a folder of nights that are kept, if one is given (30 MB each)."""
    if keep is None:
        return worlds()[task.world].make(task.scenario, task.seed)
    path = keep / makers_sha256()[:12] / f"{task.world}-{task.scenario}-{task.seed}.pickle"
    if path.is_file():
        return cast(MadeNight, pickle.loads(path.read_bytes()))
    made = make(task)
    made = dataclasses.replace(
        made, acceleration_g=made.acceleration_g.astype(np.float32)
    )  # as a Recording has it
    path.parent.mkdir(parents=True, exist_ok=True)
    partly = path.with_suffix(f".{os.getpid()}")
    partly.write_bytes(pickle.dumps(made))
    partly.rename(path)
    return made


@cache
def makers_sha256() -> str:
    """What a kept night depends on: the code of all makers."""
    paths = [
        path
        for folder in ("tests/worlds", "sleepjerk/simulate")
        for path in sorted((ROOT / folder).rglob("*.py"))
    ]
    return hashlib.sha256(
        b"".join(path.read_bytes() for path in paths if "test_" not in path.name)
    ).hexdigest()
