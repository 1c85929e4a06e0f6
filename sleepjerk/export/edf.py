"""EDF+: the signal with the events as annotations, as EDFbrowser opens it. The only module that talks to edfio.

EDF has no time zone and no missing values. The start is the local clock at the start; what was not recorded, behind the
end too, holds the value before it, which no filter takes for a movement, and an annotation "not recorded" says so. Its
records are long, because their duration has eight signs in the header: ten seconds or more keep the time of a night
right within two milliseconds.
"""

import contextlib
import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sleepjerk.atomic import whole_files
from sleepjerk.errors import InputError
from sleepjerk.events import twitches_apart
from sleepjerk.night.model import Night, SaidSleep
from sleepjerk.recording import Recording

if TYPE_CHECKING:
    import edfio

_RECORD_S = range(10, 60)
_NAME = 40  # signs of a name that leave room for the rest of the header's field
_LOWEST, _HIGHEST = -32768, 32767
_UNKNOWN_RANGE_G = 16.0


def write_edf(recording: Recording, night: Night, path: Path, *, with_subject: bool = False) -> list[Path]:
    """Write one EDF+ file.

    Parameters
    ----------
    recording, night
        The samples and what was found in them.
    path
        The file; none is written over.
    with_subject
        Put the subject's name into the header; it stays out otherwise.

    Raises
    ------
    InputError
        edfio is missing, or nothing was recorded.
    """
    try:
        import edfio  # noqa: F401 (is it there?)
    except ImportError as error:
        raise InputError("EDF needs the package edfio; type: pip install 'sleepjerk[export]'") from error
    if recording.acceleration_g.shape[1] == 0:
        raise InputError(f"{recording.provenance.name}: nothing was recorded, so there is nothing to export")
    with whole_files(path.parent, over=False) as aside:
        for record_s in _RECORD_S:
            per_record = max(1, round(recording.rate_hz * record_s))
            # edfio compares the lengths of its signals as floats, and some miss by the last bit. Whole seconds, because
            # other readers refuse the times of longer fractions.
            with contextlib.suppress(ValueError):
                _edf(recording, night, per_record, with_subject).write(aside / path.name)
                return [path]
        raise InputError(f"{recording.provenance.name}: no EDF can hold a rate of {recording.rate_hz} Hz")


def _edf(recording: Recording, night: Night, per_record: int, with_subject: bool) -> "edfio.Edf":
    import edfio

    duration_s = float(f"{per_record / recording.rate_hz:.8g}"[:8])
    low, high = _limits(recording)
    signals = [
        edfio.EdfSignal(
            _padded(axis.astype(np.float64), per_record, high),
            per_record / duration_s,
            label=f"accel {name}",
            transducer_type=_plain(recording.device.sensor or "accelerometer")[:80],
            physical_dimension="g",
            physical_range=(low, high),
            digital_range=(_LOWEST, _HIGHEST),
        )
        for name, axis in zip("xyz", recording.acceleration_g, strict=True)
    ]
    start = recording.start
    return edfio.Edf(
        signals,
        patient=edfio.Patient(
            name=_plain(recording.placement.subject or "X")[:_NAME] if with_subject else "X"
        ),
        recording=edfio.Recording(
            startdate=None if start is None else start.date(),
            equipment_code=_plain(f"sleepjerk-{night.version}"),
            additional=() if start is None else (f"UTC_{recording.utc_text(0.0)}",),
        ),
        starttime=None if start is None else start.timetz().replace(tzinfo=None),
        data_record_duration=duration_s,
        annotations=[edfio.EdfAnnotation(*note) for note in _annotations(recording, night, duration_s)],
    )


def _limits(recording: Recording) -> tuple[float, float]:
    """Physical range, so that a step of the file is the sensor's own where it has 16 bits."""
    known = np.abs(recording.acceleration_g[np.isfinite(recording.acceleration_g)])
    most = float(known.max()) if known.size else _UNKNOWN_RANGE_G
    range_g = recording.device.range_g or 0.0
    while range_g < most:
        range_g = max(2.0 * range_g, 2.0)
    return -range_g, float(f"{range_g * _HIGHEST / -_LOWEST:.7g}"[:8])


def _padded(axis: NDArray[np.float64], per_record: int, high: float) -> NDArray[np.float64]:
    """Whole records; where nothing was recorded the last value before it, and before the first one that."""
    size = -(-len(axis) // per_record) * per_record
    known = np.flatnonzero(np.isfinite(axis))
    if len(known) == 0:
        return np.zeros(size)
    last = np.searchsorted(known, np.arange(size), side="right") - 1
    return np.asarray(np.minimum(axis[known[np.maximum(last, 0)]], high))


def _annotations(
    recording: Recording, night: Night, record_s: float
) -> list[tuple[float, float | None, str]]:
    """(onset_s, duration_s, text) of events, sleep, and what was not recorded; by onset, and whose word it is."""
    columns = [night.events[name].tolist() for name in ("onset_s", "duration_s", "label", "peak_g")]
    beside = np.where(twitches_apart(night.events), ", not counted", "")
    said = np.where(night.events["detected"] != "", ", as a person said", "")
    found: list[tuple[float, float | None, str]] = [
        (
            onset_s,
            None if math.isnan(lasting_s) else lasting_s,
            label + ("" if math.isnan(peak_g) else f", {1000 * peak_g:.0f} mg") + where + whose,
        )
        for onset_s, lasting_s, label, peak_g, where, whose in zip(*columns, beside, said, strict=True)
    ]
    end_s = recording.duration_s
    missing = [*recording.gaps_s.tolist(), (end_s, math.ceil(round(end_s / record_s, 6)) * record_s)]
    found += [(begin, end - begin, "not recorded") for begin, end in missing if end > begin]
    sleep, theirs = night.sleep, night.sleep.said or SaidSleep()
    whose = ", as a person said" if theirs.sleep_s else ""
    for time_s, text in ((sleep.onset_s, "sleep onset"), (sleep.end_s, "end of sleep")):
        if time_s is not None:
            found.append((time_s, None, text + whose))
    found += [(begin, end - begin, "awake, as a person said") for begin, end in theirs.awake_s]
    return sorted(found, key=lambda note: note[0])


def _plain(text: str) -> str:
    """What a header can hold: ASCII without blanks."""
    kept = "".join(sign if sign.isascii() and sign.isprintable() else "_" for sign in text)
    return kept.replace(" ", "_") or "X"
