"""A night at the bedside: one person, one bed, one board, and all that happens to the wrist.

`night` is bit for bit the same for the same arguments. The person, the bed and the board hang on the seed alone, so
the same person can be seen in several scenarios and, with another `device`, through several boards. `leave_out`
names a row of the truth of the whole night and makes the same night without it; what that movement would have left
turned for good (a turn, an arm that came back only partly) is then missing until morning.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tests.worlds.bedside import disturbances, movements, quiet, through_bed, twitches
from tests.worlds.bedside.board import Board, draw_board, fault, recorded
from tests.worlds.bedside.events import Event, stream
from tests.worlds.bedside.motion import Motion, grown_to
from tests.worlds.bedside.people import Bed, Person, Place, draw_bed, draw_person
from tests.worlds.bedside.scenarios import SCENARIOS
from tests.worlds.bedside.schedule import all_events
from tests.worlds.bedside.sleeping import Sleeping, draw_sleeping
from tests.worlds.bedside.stage import Stage, end_of
from tests.worlds.bedside.turning import BODY_HZ, Array, any_direction, band_peak_g
from tests.worlds.made import TRUTH_COLUMNS, MadeNight

WAVES = twitches.WAVES | movements.WAVES | through_bed.WAVES
LASTING = ("turn", "visit")  # after these the wrist lies anew, and breathing reaches it otherwise


@dataclass(frozen=True)
class Plan:
    scenario: str
    seed: int
    person: Person
    bed: Bed
    sleeping: Sleeping
    events: list[Event]


def plan(scenario: str, seed: int, hours: float = 8.0, visits: int | None = None) -> Plan:
    """What will happen, before anything is made."""
    rates = SCENARIOS[scenario]
    person, bed = draw_person(stream(seed, "person")), draw_bed(stream(seed, "bed"))
    sleeping = draw_sleeping(stream(seed, scenario, "sleeping"), rates, hours * 3600.0, visits)
    events = all_events(seed, scenario, rates, sleeping, person, bed)
    return Plan(scenario, seed, person, bed, sleeping, events)


def board_of(seed: int, device: str = "good") -> Board:
    return draw_board(stream(seed, "board", device), device)


def made(plan: Plan, number: int, up: Array) -> Motion:
    event = plan.events[number]
    rng = stream(plan.seed, plan.scenario, "event", number)
    motion = WAVES[event.wave](rng, Place(plan.person, plan.bed, up), event.details)
    return motion if event.peak_g is None else grown_to(motion, up, event.peak_g)


def played(plan: Plan, leave_out: int | None) -> tuple[Stage, list[quiet.Rest], list[tuple[float, float]]]:
    """The movements of the night, how the wrist lay between turns, and (offset, peak) of each event."""
    up = any_direction(stream(plan.seed, plan.scenario, "posture"))
    stage = Stage(round(plan.sleeping.night_s * BODY_HZ), up)
    rests, ends = [quiet.Rest(0.0, up)], []
    for number, event in enumerate(plan.events):
        start = round(event.onset_s * BODY_HZ)
        if event.wave == "fault":
            ends.append((start / BODY_HZ + max(event.details["duration_s"], 1.0 / BODY_HZ), np.nan))
            continue
        here = stage.up_at(start)
        motion = made(plan, number, here)
        ends.append((start / BODY_HZ + end_of(motion, here), band_peak_g(motion.force_g(here))))
        if number == leave_out:
            continue
        stage.play(motion, start)
        if event.wave in LASTING:
            stop = start + len(motion.rotation_rad)
            rests.append(quiet.Rest(stop / BODY_HZ, stage.up_at(stop)))
    stage.finish()
    return stage, sorted(rests, key=lambda rest: rest.since_s), ends


def felt(plan: Plan, stage: Stage, rests: list[quiet.Rest]) -> Array:
    """The specific force at the wrist, breathing and heart and all, before any sensor."""
    time_s = np.arange(len(stage.up)) / BODY_HZ
    pauses = disturbances.pauses(plan.seed, plan.scenario, SCENARIOS[plan.scenario], plan.sleeping)
    rng = stream(plan.seed, plan.scenario, "quiet")
    up = stage.up + quiet.tilts(rng, plan.person, time_s, rests, pauses)
    up /= np.sqrt(np.einsum("ij,ij->i", up, up))[:, None]
    force: Array = up + stage.pushes_g + quiet.kicks(rng, plan.person, time_s, rests)
    return force


def faults_g(plan: Plan, samples: int, rate_hz: float, leave_out: int | None) -> Array | None:
    if not any(event.wave == "fault" for event in plan.events):
        return None
    values = np.zeros((samples, 3))
    for number, event in enumerate(plan.events):
        if event.wave != "fault" or number == leave_out:
            continue
        rng = stream(plan.seed, plan.scenario, "event", number)
        wave = fault(rng, event.family, event.details["duration_s"], rate_hz)
        at = round(event.onset_s * rate_hz)
        until = samples if event.family == "step" else min(at + len(wave), samples)
        values[at:until] += wave[: until - at]
    return values


def truth_of(plan: Plan, ends: list[tuple[float, float]], leave_out: int | None) -> pd.DataFrame:
    rows = []
    for number, (event, (offset_s, peak_g)) in enumerate(zip(plan.events, ends, strict=True)):
        if number != leave_out:
            onset_s = round(event.onset_s * BODY_HZ) / BODY_HZ
            state = plan.sleeping.state(onset_s)
            rows.append((onset_s, offset_s, event.kind, event.family, peak_g, state))
    truth = pd.DataFrame(rows, columns=list(TRUTH_COLUMNS))
    return truth.astype({"onset_s": float, "offset_s": float, "peak_g": float})


def night(
    scenario: str,
    seed: int,
    hours: float = 8.0,
    rate_hz: float = 100.0,
    device: str = "good",
    *,
    visits: int | None = None,
    leave_out: int | None = None,
) -> MadeNight:
    """One night; `visits` out of bed (None: as chance has it), `leave_out` a row of the truth to do without."""
    planned = plan(scenario, seed, hours, visits)
    stage, rests, ends = played(planned, leave_out)
    force_g = felt(planned, stage, rests)
    board = board_of(seed, device)
    faults = faults_g(planned, round(hours * 3600.0 * rate_hz), rate_hz, leave_out)
    sleeping = planned.sleeping
    return MadeNight(
        world="bedside",
        scenario=scenario,
        seed=seed,
        rate_hz=rate_hz,
        acceleration_g=recorded(force_g, board, rate_hz, stream(seed, scenario, "noise", device), faults),
        truth=truth_of(planned, ends, leave_out),
        sleep_s=sleeping.sleep_s,
        wake_s=np.array(sleeping.wake_s, dtype=float).reshape(-1, 2),
        lights_off_s=sleeping.lights_off_s,
    )
