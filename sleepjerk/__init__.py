"""sleepjerk: the twitches of a night, counted from a wrist accelerometer and reported honestly.

    import sleepjerk as sj

    recording = sj.read_recording("sample_data/short_night.csv.gz")
    night = sj.analyse(recording)
    sj.write_report(night, "report.html")

`night.events` is a table, one row an event. Every step of the analysis is a function on plain arrays, listed in
`__all__` in the order of the story. Names are imported when first used, so that the command line starts at once.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sleepjerk.errors import InputError
from sleepjerk.version import __version__

if TYPE_CHECKING:
    from sleepjerk.analysis import analyse
    from sleepjerk.night import Night, read_night, write_night
    from sleepjerk.reading import read_recording
    from sleepjerk.recording import Facts, Recording
    from sleepjerk.report import write_report
    from sleepjerk.rules import Rules, list_thresholds, read_rules

# Name -> the module that defines it. The test of the public face pins this list.
_HOMES = {
    "Facts": "recording",
    "Night": "night",
    "Recording": "recording",
    "Rules": "rules",
    "analyse": "analysis",
    "list_thresholds": "rules",
    "read_night": "night",
    "read_recording": "reading",
    "read_rules": "rules",
    "write_night": "night",
    "write_report": "report",
}

__all__ = [
    "Facts",
    "InputError",
    "Night",
    "Recording",
    "Rules",
    "__version__",
    "analyse",
    "list_thresholds",
    "read_night",
    "read_recording",
    "read_rules",
    "write_night",
    "write_report",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'sleepjerk' has no attribute {name!r}")
    return getattr(import_module(f"sleepjerk.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
