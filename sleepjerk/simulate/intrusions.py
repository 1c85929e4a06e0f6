"""When something from outside reaches the wrist: legs and feet through the bed, a partner, a pulled cable."""

from sleepjerk.simulate.draft import Draft, hours
from sleepjerk.simulate.kinds import BED_RHYTHM_S, body_duration
from sleepjerk.simulate.movements import settled_tilt
from sleepjerk.simulate.plan import Kind

# 7.2 of the science notes, unless marked as our choice.
COUPLED_SHARE = 0.30
COUPLED_G = (0.003, 0.020)
RING_ROOM_S = 1.0  # longer than the longest ring
BED_RHYTHM_G = (0.005, 0.020)
PARTNER_G = (0.003, 0.040)
PARTNER_CLEAR_S = 1.5  # our choice: a partner doesn't wait until all is still
ANSWER_SHARE = 0.20
ANSWER_AFTER_S = (2.0, 30.0)
TUG_ROOM_S = 1.0  # longer than a tug


def draw_legs(draft: Draft) -> None:
    """Leg movements themselves don't reach the wrist; 30 % of them shake the bed."""
    rng = draft.rng("legs")
    rate_per_h = rng.uniform(*draft.scenario.legs_per_h)
    for _ in range(rng.poisson(COUPLED_SHARE * rate_per_h * draft.sleep_h)):
        start_s = draft.calendar.place(rng, draft.sleeping(), RING_ROOM_S)
        peak_g = float(rng.uniform(*COUPLED_G))
        if start_s is not None:
            draft.add(Kind.PERIODIC_LEG_COUPLED, start_s, peak_g=peak_g)


def draw_bed_rhythms(draft: Draft) -> None:
    """Runs of rhythmic feet movements, felt through the mattress."""
    rng = draft.rng("bed rhythms")
    for _ in range(rng.poisson(rng.uniform(*draft.scenario.bed_rhythms_per_h) * draft.sleep_h)):
        length_s, peak_g = float(rng.uniform(*BED_RHYTHM_S)), float(rng.uniform(*BED_RHYTHM_G))
        start_s = draft.calendar.place(rng, draft.sleeping(), length_s)
        if start_s is not None:
            draft.add(Kind.BED_RHYTHM, start_s, duration_s=length_s, peak_g=peak_g)


def draw_cable_tugs(draft: Draft) -> None:
    """Pulls at the cable of a wired recorder, any time in bed."""
    rng = draft.rng("cable tugs")
    for _ in range(draft.scenario.cable_tugs(rng)):
        start_s = draft.calendar.place(rng, draft.in_bed(), TUG_ROOM_S)
        if start_s is not None:
            draft.add(Kind.CABLE_TUG, start_s)


def draw_partner(draft: Draft) -> None:
    """Somebody else in the bed: rings of the mattress, some answered by an own body movement."""
    rng, windows = draft.rng("partner"), draft.in_bed()
    for _ in range(rng.poisson(rng.uniform(*draft.scenario.partner_per_h) * hours(windows))):
        peak_g, answered = float(rng.uniform(*PARTNER_G)), rng.random() < ANSWER_SHARE
        after_s, length_s = float(rng.uniform(*ANSWER_AFTER_S)), body_duration(rng)
        tilt_deg = settled_tilt(rng)
        room_s = max(RING_ROOM_S, after_s + length_s) if answered else RING_ROOM_S
        start_s = draft.calendar.place(rng, windows, room_s, clear_s=PARTNER_CLEAR_S)
        if start_s is None:
            continue
        draft.add(Kind.PARTNER, start_s, peak_g=peak_g)
        if answered:
            draft.add(Kind.BODY_MOVEMENT, start_s + after_s, duration_s=length_s, tilt_deg=tilt_deg)
