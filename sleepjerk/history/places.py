"""Where a person's own files are kept. Knows the three systems' customs; must not know what is in the files."""

import os
import sys
from pathlib import Path

from sleepjerk.errors import InputError


def own_folder(platform: str = sys.platform) -> Path:
    """The folder for sensors and diary: SLEEPJERK_HOME decides, else the system's folder for a person's data.

    Raises
    ------
    InputError
        There is no home folder, and SLEEPJERK_HOME is not set.
    """
    told = os.environ.get("SLEEPJERK_HOME")
    if told:
        return Path(told)
    try:
        if platform == "darwin":
            return Path.home() / "Library" / "Application Support" / "sleepjerk"
        variable, usual = (
            ("APPDATA", "AppData/Roaming") if platform == "win32" else ("XDG_DATA_HOME", ".local/share")
        )
        told = os.environ.get(variable, "")
        # The XDG specification: a relative path there is to be ignored.
        return (Path(told) if Path(told).is_absolute() else Path.home() / usual) / "sleepjerk"
    except RuntimeError as error:
        raise InputError("there is no home folder; say where files are kept with SLEEPJERK_HOME") from error
