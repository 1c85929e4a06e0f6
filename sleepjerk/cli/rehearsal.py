"""What a few seconds of a board say of the night to come: usable or not, and why. Knows the words of `check`.

The rules are those of `check`, but for what only a night can show: how long it lasts, and whether it is worn.
"""

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sleepjerk.cli.check import describe, say_doubts, say_faults, sum_up
from sleepjerk.cli.screen import MOVED_G
from sleepjerk.errors import InputError

if TYPE_CHECKING:
    from firmware_io.recorder.messages import Ended
    from sleepjerk.recording import Recording

_LATER = frozenset({"short", "uncounted", "off_body"})
_NOISE = frozenset({"noise", "hidden_noise"})
_STILL_S = 2.0
_SHOWN = ("rate", "damage", "clipping", "step", "noise", "twitches", "constant")


def judge(ended: "Ended", heard: str, *, as_json: bool) -> bool:
    """Say whether a night like this can be used, and why.

    Parameters
    ----------
    ended
        The rehearsal; its files are still there.
    heard
        What was found out of the board's columns, in words.
    """
    facts: dict[str, Any] = {
        "columns": heard or None,
        "samples": ended.ledger.good,
        "lost": ended.ledger.lost,
    }
    lines = [("columns", heard)] if heard else []
    faults, doubts = [heard or "nothing came from the board"], list[str]()
    if ended.path is not None:
        try:
            faults, doubts = _look(ended, facts, lines)
        except InputError as error:
            faults = [str(error)]
    if as_json:
        answer = {"usable": not faults, "faults": faults, "doubts": doubts}
        print(json.dumps(facts | answer, allow_nan=False))
    else:
        for name, text in lines:
            print(f"{name:<12}{text}")
        print(sum_up(faults, doubts))
    return not faults


def _look(ended: "Ended", facts: dict[str, Any], lines: list[tuple[str, str]]) -> tuple[list[str], list[str]]:
    """Faults and doubts; what was measured goes into `facts` and `lines`."""
    from sleepjerk.night.quality import measure_quality, quality_document
    from sleepjerk.reading import read_recording
    from sleepjerk.rules import Rules

    assert ended.path is not None
    recording, rules = read_recording(ended.path, unit="g"), Rules()
    # So few seconds hold no whole window of a night's that nothing moved in.
    rules = replace(rules, movement=replace(rules.movement, noise_window_s=_STILL_S))
    quality = measure_quality(recording, rules)
    gravity_g, swing_g = _lengths(recording)
    moved = swing_g > MOVED_G
    facts |= quality_document(quality) | {"gravity_g": gravity_g, "moved": moved}
    told = dict(describe(quality))
    lines += [(name, told[name]) for name in _SHOWN]
    lines += [
        ("lost", f"{ended.ledger.lost} of {ended.ledger.expected} samples"),
        ("gravity", f"{gravity_g:.3f} g"),
        ("movement", f"seen ({swing_g:.2f} g)" if moved else "none"),
    ]
    # Whoever moves all the time hides the sensor's own noise.
    later = _LATER | (_NOISE if moved else frozenset())
    faults = say_faults(quality, rules, without=later)
    doubts = say_doubts(quality, rules, without=later)
    if swing_g == 0 and "dead" not in quality.faults(rules):
        faults.append("the values don't change, so the sensor is dead")
    off = abs(gravity_g - 1)
    if off > rules.reading.gravity_tolerance:
        wrong = faults if off > rules.reading.gravity_fails else doubts
        wrong.append(
            f"at rest it shows {gravity_g:.2f} g, where gravity is 1 g: unit or columns may be wrong"
        )
    if not moved:
        doubts.append("nothing moved, so nobody knows whether movement arrives: move your wrist meanwhile")
    elif _NOISE & {*quality.faults(rules), *quality.doubts(rules)}:
        doubts.append("it moved too much to know the noise: hold it still for half of the time")
    return faults, doubts


def _lengths(recording: "Recording") -> tuple[float, float]:
    """Of the acceleration, g: the median, and from the least to the most."""
    import numpy as np

    length_g = np.linalg.norm(recording.acceleration_g, axis=0)
    return float(np.nanmedian(length_g)), float(np.nanmax(length_g) - np.nanmin(length_g))
