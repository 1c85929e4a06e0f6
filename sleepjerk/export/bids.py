"""BIDS: a folder as the motion extension of the Brain Imaging Data Structure wants it; another night goes beside it.

Knows the names and columns of BIDS 1.10. Its units are SI, so acceleration is in m/s^2; what was not recorded is n/a.
"""

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np

from sleepjerk.atomic import make_folder, whole_files
from sleepjerk.errors import InputError
from sleepjerk.night.model import Night, SaidSleep
from sleepjerk.recording import Recording

G = 9.80665
_BLOCK = 200_000  # rows that are turned into text at once
_OTHER_CHANNELS = ("ANGACCEL", "GYRO", "JNTANG", "LATENCY", "MAGN", "MISC", "ORNT", "POS", "VEL")
_README = """Nights of a wrist or ankle accelerometer, written by sleepjerk.

Each session is one night. The motion file holds the acceleration along three axes, gravity included; the events
file what sleepjerk found in it: onset and duration in seconds since the first sample, the label, the peak. Labels are
counts of movements by a sensor on one limb, no diagnosis. Time stamps of the sensor were brought onto a regular grid.
"""


def write_bids(recording: Recording, night: Night, folder: Path, participant: str) -> list[Path]:
    """Write one night as a session of one participant.

    Parameters
    ----------
    folder
        Of the data set; made when missing.
    participant
        Letters and digits.

    Raises
    ------
    InputError
        The participant is no BIDS label, or the session is there already.
    """
    if not re.fullmatch(r"[A-Za-z0-9]{1,40}", participant):
        raise InputError(f"{participant!r:.60}: a participant of BIDS is named by letters and digits alone")
    when = "unknown" if recording.start is None else recording.start.strftime("%Y%m%dT%H%M%S")
    place = folder / f"sub-{participant}" / f"ses-{when}"
    make_folder(folder)
    with whole_files(folder) as aside:  # also where it refuses: what a killed run left goes
        if place.exists():
            raise InputError(f"{place}: this session already exists")
        _top(folder, aside, participant, night)
        top = [folder / path.name for path in aside.iterdir()]
    with whole_files(folder, over=False) as aside:
        _session(recording, night, aside / place.relative_to(folder), f"sub-{participant}_ses-{when}")
    return [*top, *sorted(path for path in place.rglob("*") if path.is_file())]


def _session(recording: Recording, night: Night, folder: Path, name: str) -> None:
    """All files of one night."""
    motion = folder / "motion"
    motion.mkdir(parents=True)
    tracked = motion / f"{name}_task-sleep_tracksys-imu"
    _json(Path(f"{tracked}_motion.json"), _motion(recording))
    _channels(recording, Path(f"{tracked}_channels.tsv"))
    _samples(recording, Path(f"{tracked}_motion.tsv"))
    _events(night, motion / f"{name}_task-sleep_events.tsv")
    _json(motion / f"{name}_task-sleep_events.json", _EVENT_COLUMNS)
    if recording.start is not None:
        row = f"motion/{tracked.name}_motion.tsv\t{recording.utc_text(0.0).replace('+00:00', 'Z')}\n"
        (folder / f"{name}_scans.tsv").write_text("filename\tacq_time\n" + row, encoding="utf-8")


def _top(folder: Path, aside: Path, participant: str, night: Night) -> None:
    """What the data set has once, where it is missing; participants grow."""
    description = {
        "Name": "sleepjerk nights",
        "BIDSVersion": "1.10.0",
        "DatasetType": "raw",
        "GeneratedBy": [{"Name": "sleepjerk", "Version": night.version}],
    }
    if not (folder / "dataset_description.json").exists():
        _json(aside / "dataset_description.json", description)
    if not (folder / "README").exists():
        (aside / "README").write_text(_README, encoding="utf-8")
    people = folder / "participants.tsv"
    held = people.read_text(encoding="utf-8") if people.exists() else "participant_id\n"
    if f"sub-{participant}" not in held.split():
        held += f"sub-{participant}\n"
    (aside / people.name).write_text(held, encoding="utf-8")


def _motion(recording: Recording) -> dict[str, Any]:
    sensor = recording.device.sensor
    return {
        "TaskName": "sleep",
        "TaskDescription": "A night's sleep with an accelerometer on one limb",
        "SamplingFrequency": recording.rate_hz,
        "TrackingSystemName": "imu",
        "MotionChannelCount": 3,
        "SamplingFrequencyEffective": recording.rate_hz,
        "ACCELChannelCount": 3,
        **{f"{kind}ChannelCount": 0 for kind in _OTHER_CHANNELS},
        "TrackedPointsCount": 1,
        "RecordingDuration": recording.duration_s,
        "MissingValues": "n/a",
        **({"ManufacturersModelName": sensor} if sensor else {}),
    }


def _channels(recording: Recording, path: Path) -> None:
    worn = recording.placement
    point = f"{worn.side.capitalize() if worn.side else ''}{worn.limb.capitalize()}"
    rows = [
        f"accel_{axis}\t{axis}\tACCEL\t{point}\tm/s^2\t{recording.rate_hz:.10g}\n" for axis in ("x", "y", "z")
    ]
    head = "name\tcomponent\ttype\ttracked_point\tunits\tsampling_frequency\n"
    path.write_text(head + "".join(rows), encoding="utf-8")


def _samples(recording: Recording, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for first in range(0, recording.acceleration_g.shape[1], _BLOCK):
            block = recording.acceleration_g[:, first : first + _BLOCK].astype(np.float64) * G
            known = np.all(np.isfinite(block), axis=0)
            file.writelines(
                f"{x:.4f}\t{y:.4f}\t{z:.4f}\n" if there else "n/a\tn/a\tn/a\n"
                for there, x, y, z in zip(known.tolist(), *block.tolist(), strict=True)
            )


_EVENT_COLUMNS = {
    "trial_type": {
        "Description": "Label of the movement by sleepjerk; sleep and wake as a person said, where one did"
    },
    "peak_g": {"Description": "Peak of the vector norm, 2-20 Hz", "Units": "g"},
    "state": {"Description": "What a still or moving limb tells: onset, sleep, wake, off_body, unknown"},
    "isolated": {
        "Description": "Stands alone in calm minutes, true or false: of twitches only such are counted"
    },
    "detected": {
        "Description": "Where the label is a person's: what was detected, or missed; n/a where it is the program's"
    },
}


def _events(night: Night, path: Path) -> None:
    said = night.sleep.said or SaidSleep()
    spans = [(*span, "sleep") for span in ([said.sleep_s] if said.sleep_s else [])]
    spans += [(*span, "wake") for span in said.awake_s]
    rows = [
        (begin, f"{begin:.3f}\t{end - begin:.3f}\t{what}\tn/a\t{what}\tn/a\tmissed\n")
        for begin, end, what in spans
    ]
    names = ["onset_s", "duration_s", "label", "peak_g", "state", "isolated", "detected"]
    for onset_s, duration_s, label, peak_g, state, isolated, detected in night.events[names].itertuples(
        index=False
    ):
        lasting, peak = (
            "n/a" if math.isnan(value) else f"{value:.{digits}f}"
            for value, digits in ((duration_s, 3), (peak_g, 4))
        )
        cells = (label, peak, state, str(isolated).lower(), detected or "n/a")
        rows.append((onset_s, "\t".join((f"{onset_s:.3f}", lasting, *cells)) + "\n"))
    head = "\t".join(["onset", "duration", *_EVENT_COLUMNS])
    path.write_text(f"{head}\n" + "".join(row for _, row in sorted(rows)), encoding="utf-8")


def _json(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
