"""How much of what there is in each scenario: ranges of rates, from which each night draws its own.

Source or guess for each number:
- turns 1-3 an hour: Skarpsno et al. 2017 (Nat Sci Sleep 9:267): 1.6, SD 0.7, over 664 people.
- scratching 13 s an hour: as ordered by the brief; in bouts of 4 s in the middle.
- twitches 1-5 an hour, "jerky" 4-20: a guess about the wrist; onset jerks 0-3 a night: 60-70 % of people know them,
  a tenth daily (textbook), "jerky" 3-10: a guess.
- limb 1-4 and body movements 0.5-3 an hour: a guess about published 3-10 movements of all kinds an hour.
- resumed breaths 30-60 an hour in cycles of 25-60 s: as ordered (moderate to grave apnoea).
- coughs in bouts of 1-8, 0.3-1 s apart: as ordered; Holt et al. 2024 count as one bout what is within 3 s.
- the rest (partner 10-30 an hour, fidget clusters of 10-120 s, tugs, faults): as ordered or a guess.
"""

from dataclasses import dataclass, replace

Range = tuple[float, float]
NONE = (0.0, 0.0)


@dataclass(frozen=True)
class Scenario:
    """Rates an hour unless a name says otherwise."""

    twitch: Range = (1.0, 5.0)
    onset_jerks_night: Range = (0.0, 3.0)
    pair: Range = (0.0, 0.5)
    limb: Range = (1.0, 4.0)
    turn: Range = (1.0, 3.0)
    flick_share: float = 0.5
    body: Range = (0.5, 3.0)
    scratch_s: Range = (6.0, 20.0)  # seconds of it an hour, about 13
    fidget: Range = (0.0, 0.4)
    bed: Range = (0.0, 4.0)
    bed_hz: Range = (3.0, 20.0)
    apnoea: Range = NONE
    cough_bout: Range = (0.0, 0.2)
    cough_alone: Range = (0.0, 0.3)
    rem_clump_min: Range = (0.0, 0.03)  # clumps a minute of REM sleep
    cable: Range = NONE
    fault: Range = NONE
    series_night: Range = NONE
    wake_bouts_night: Range = (1.0, 4.0)
    wakes_with_movement: bool = True
    awake: str = ""  # "night" or "middle": a long time awake


ORDINARY = Scenario()

SCENARIOS = {
    "still": Scenario(
        twitch=NONE,
        onset_jerks_night=NONE,
        pair=NONE,
        limb=NONE,
        flick_share=0.0,
        body=NONE,
        scratch_s=NONE,
        fidget=NONE,
        bed=NONE,
        cough_bout=NONE,
        cough_alone=NONE,
        rem_clump_min=NONE,
        wake_bouts_night=NONE,
        wakes_with_movement=False,
    ),
    "ordinary": ORDINARY,
    "partner_low": replace(ORDINARY, bed=(10.0, 30.0), bed_hz=(3.0, 9.0)),
    "partner_high": replace(ORDINARY, bed=(10.0, 30.0), bed_hz=(8.0, 20.0)),
    "apnoea": replace(ORDINARY, apnoea=(30.0, 60.0)),
    "cough": replace(ORDINARY, cough_bout=(2.0, 8.0), cough_alone=(2.0, 6.0)),
    "fidget": replace(ORDINARY, fidget=(2.0, 6.0)),
    "posture_flick": replace(ORDINARY, turn=(3.0, 6.0), flick_share=1.0),
    "sensor": replace(ORDINARY, fault=(3.0, 12.0)),
    "cable": replace(ORDINARY, cable=(2.0, 8.0)),
    "rem": replace(ORDINARY, rem_clump_min=(0.15, 0.5)),
    "jerky": replace(ORDINARY, twitch=(4.0, 20.0), onset_jerks_night=(3.0, 10.0), pair=(0.3, 1.5)),
    "periodic": replace(ORDINARY, series_night=(3.0, 9.0)),
    "awake": replace(ORDINARY, awake="night"),
    "sleepless_middle": replace(ORDINARY, awake="middle"),
}
