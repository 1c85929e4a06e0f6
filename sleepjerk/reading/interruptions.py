"""Why a board stopped during a night: a brown-out, a pulled plug, or a reset by the computer.

Knows the events of the recorder's clock log (`<stem>.clock.csv`) alone. Must not know samples. Without a log nothing
is known.
"""

import csv
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from sleepjerk.filenames import stem_of

_START = "start: "
# As the board says why it started (W5 of the boards' README) -> what is counted of it.
_CAUSES = {"brown-out": "brown_outs", "asked for": "computer_resets", "watchdog": "board_resets"}


def read_interruptions(path: Path) -> dict[str, int]:
    """How often each came, by the fields of `Damage`; nothing where no log says it."""
    try:
        with Path(f"{stem_of(path)}.clock.csv").open(encoding="utf-8", errors="replace", newline="") as log:
            return count_interruptions(row[3] for row in csv.reader(log) if len(row) > 3)
    except (OSError, csv.Error):
        return {}


def count_interruptions(events: Iterable[str]) -> dict[str, int]:
    """What a log's events come to, in order.

    A start behind a lost connection is its consequence, unless the board says that its supply sagged: a board with its
    own USB vanishes by that, too. A start for want of power with the connection still there is a supply that failed.
    """
    found = Counter(dict.fromkeys(("brown_outs", "unplugged", "computer_resets", "board_resets"), 0))
    away = False
    for event in events:
        if event == "unplugged":
            found["unplugged"] += away
            away = True
        elif event.startswith(_START):
            causes = event.removeprefix(_START).split(" and ")
            if away and "brown-out" not in causes:
                found["unplugged"] += 1
            else:
                known = [name for cause, name in _CAUSES.items() if cause in causes]
                found[known[0] if known else "brown_outs" if "power" in causes else "board_resets"] += 1
            away = False
    found["unplugged"] += away
    return dict(found)
