"""Judged windows as a labelled set that anybody may be given: a zip with tables of windows and samples.

Knows the files of a review. Of person, place and date nothing goes in: no name, no clock time, not even the time at
which an answer was given; moments count from the recording's first sample.
"""

import io
import json
import zipfile
from pathlib import Path

from sleepjerk.review.kept import JUDGES, read_review, signal_path
from sleepjerk.version import __version__


def labelled_set(stem: Path) -> bytes:
    """A zip: windows.csv with the answers, signal.csv with the samples, about.json with what both hold.

    Raises
    ------
    InputError
        There is no review, or it can't be read.
    """
    review = read_review(stem)
    answers = [review.answers(judge) for judge in JUDGES]
    lines = ["window,begin_s,duration_s,found,judge_1,judge_2"]
    for place, window in enumerate(review.windows):
        said = ",".join(every.get(place, "") for every in answers)
        lines.append(f"{place + 1},{window.begin_s:.4f},{review.window_s:g},{window.stratum},{said}")
    about = {
        "made_by": f"sleepjerk {__version__}",
        "rate_hz": review.rate_hz,
        "shown_before_and_after_s": review.margin_s,
        "still_below_g": review.least_g,
        "windows_of_the_night": review.windows_of,
        "windows.csv": "found: what the program had found, unknown to the judges; empty: not judged",
        "signal.csv": "t_s counts from the window's begin; g, gravity included; single spikes taken out",
    }
    held = {
        "windows.csv": "\n".join(lines) + "\n",
        "signal.csv": signal_path(stem).read_text(encoding="utf-8"),
        "about.json": json.dumps(about, indent=1) + "\n",
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in held.items():
            archive.writestr(
                zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED
            )  # a ZipInfo of a name alone is dated 1980
    return packed.getvalue()
