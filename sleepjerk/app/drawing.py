"""The waves of a night's movements as pictures: `python -m sleepjerk.app.drawing STEM LANGUAGE FILE`.

One line a movement: its onset, a space, the picture. From the recording where that is there, else from what the night
keeps of it.
"""

import sys
from dataclasses import replace
from pathlib import Path

from sleepjerk.app.nights import find_night, number_of
from sleepjerk.atomic import write_whole
from sleepjerk.correcting import refuse_another
from sleepjerk.errors import InputError
from sleepjerk.history.options import Options
from sleepjerk.night.document import read_night
from sleepjerk.night.evidence import make_strips
from sleepjerk.night.model import Night, Strip
from sleepjerk.report.catalogue import Catalogue
from sleepjerk.report.pictures import draw_strip
from sleepjerk.session import open_session


def draw(stem: str, language: str) -> str:
    """The pictures of all movements of a night.

    Raises
    ------
    InputError
        The night or its recording can't be used.
    """
    files = find_night(stem)
    if files is None or files.results is None:
        raise InputError(f"{stem}: there is no such night")
    night, say = read_night(files.results), Catalogue(language)
    strips = night.strips if files.recording is None else _strips(night, files.recording, stem)
    # Alone in its night a strip is drawn with all its points.
    return "".join(
        f"{night.rows[strip.event]['onset_s']:.3f} "
        f"{draw_strip(replace(night, strips=(strip,)), strip, 0, say)}\n"
        for strip in strips
    )


def _strips(night: Night, path: Path, stem: str) -> tuple[Strip, ...]:
    session = open_session(path, Options())
    recording = next(session.read(number_of(stem)))
    refuse_another(path, recording, night)
    # Where both limbs were recorded, this is the wrist's recording, which shows nothing of what the ankle did alone.
    rows = [
        row for row, limb in enumerate(night.events.get("limb", [""] * len(night.events))) if limb != "ankle"
    ]
    return make_strips(
        recording.acceleration_g, recording.rate_hz, night.events, session.rules.evidence, rows
    )


if __name__ == "__main__":
    try:
        write_whole(Path(sys.argv[3]), draw(sys.argv[1], sys.argv[2]))
    except InputError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
