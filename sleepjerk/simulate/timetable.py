"""Scenario -> plan: draws what happens when in a night. Knows the order of drawing and nothing else.

The order is that of importance: what is rare and must have room comes first, faint myoclonus last. Faint
twitching fills what is left after that, so that it leaves the rest of a night alone.
Every concern draws from a stream of its own, so that its rate can change and the others stay where they can.
"""

from sleepjerk.simulate import frame, intrusions, movements, twitches
from sleepjerk.simulate.draft import Draft
from sleepjerk.simulate.plan import Plan
from sleepjerk.simulate.scenarios import Scenario

STEPS = (
    *(frame.draw_frame, frame.draw_gaps, frame.draw_off_body),
    *(
        twitches.draw_onset_jerks,
        movements.draw_arm_series,
        movements.draw_apnoeas,
        twitches.draw_extra_jerks,
    ),
    *(movements.draw_shifts, twitches.draw_rem, movements.draw_tremor, movements.draw_scratching),
    *(movements.draw_wake_movements, movements.draw_body_movements),
    *(intrusions.draw_legs, intrusions.draw_bed_rhythms, intrusions.draw_cable_tugs, intrusions.draw_partner),
    *(twitches.draw_myoclonus, twitches.draw_faint_twitching),
)


def draw_plan(scenario: Scenario, hours: float, seed: int) -> Plan:
    """A night of a scenario.

    Parameters
    ----------
    hours
        Length of the recording.
    seed
        The same scenario, length and seed give the same plan.
    """
    draft = Draft(scenario, seed, hours * 3600)
    for step in STEPS:
        step(draft)
    return draft.plan()
