"""Scenario -> plan: draws what happens when in a night. Knows the order of drawing and nothing else.

The order is that of importance: what is rare and must have room comes first, faint myoclonus last. Faint
twitching fills what is left after that, so that it leaves the rest of a night alone.
Every concern draws from a stream of its own, so that its rate can change and the others stay where they can.
"""

from sleepjerk.simulate.draft import Draft
from sleepjerk.simulate.frame import draw_frame, draw_gaps, draw_off_body
from sleepjerk.simulate.intrusions import draw_bed_rhythms, draw_cable_tugs, draw_legs, draw_partner
from sleepjerk.simulate.movements import (
    draw_apnoeas,
    draw_arm_series,
    draw_body_movements,
    draw_scratching,
    draw_shifts,
    draw_tremor,
    draw_wake_movements,
)
from sleepjerk.simulate.plan import Plan
from sleepjerk.simulate.scenarios import Scenario
from sleepjerk.simulate.twitches import (
    draw_extra_jerks,
    draw_faint_twitching,
    draw_myoclonus,
    draw_onset_jerks,
    draw_rem,
)

STEPS = (
    draw_frame,
    draw_gaps,
    draw_off_body,
    draw_onset_jerks,
    draw_arm_series,
    draw_apnoeas,
    draw_extra_jerks,
    draw_shifts,
    draw_rem,
    draw_tremor,
    draw_scratching,
    draw_wake_movements,
    draw_body_movements,
    draw_legs,
    draw_bed_rhythms,
    draw_cable_tugs,
    draw_partner,
    draw_myoclonus,
    draw_faint_twitching,
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
