"""Sentences of the command line as the page says them: an option has the name of its field.

Knows which field stands for which option; must not know what a sentence is about.
"""

import re

from sleepjerk.report.catalogue import Catalogue

_FIELDS = {  # option -> the words of its field
    "columns": "opening.name_columns",
    "unit": "opening.name_unit",
    "rate": "opening.name_rate_hz",
    "time-unit": "opening.name_time_unit",
    "rows": "opening.name_rows",
    "start": "opening.name_start",
    "zone": "opening.name_zone",
    "limb": "opening.name_limb",
    "port": "tonight.other",
    "baud": "tonight.baud",
    "sleep": "times.kind_sleep",
    "not-sleep": "times.kind_not_sleep",
    "slept": "times.kind_slept",
    "event": "moves.movement",
    "add": "moves.when",
    "duration": "moves.seconds",
    "label": "moves.what",
    "note": "moves.note",
}


def in_the_page(sentence: str, say: Catalogue) -> str:
    """A sentence with the page's names for options; an option without a field keeps its own."""

    def known(found: re.Match[str]) -> str:
        key = _FIELDS.get(found[1])
        return found[0] if key is None else say.text("opening.quoted", name=say.text(key))

    return re.sub(r"--([a-z]+(?:-[a-z]+)*)", known, sentence)
