"""The page among a person's programs. Knows where the three systems look; must not know the page.

Linux: a desktop entry (freedesktop.org, Desktop Entry Specification 1.5). macOS and Windows: a file to double-click in
the folder of a person's programs, as their makers describe it; we never ran those two.
"""

import os
import sys
from pathlib import Path

from sleepjerk.atomic import make_folder, write_whole

_IDLE = "1h"  # without a terminal there is no Ctrl-C: it ends by itself
_ENTRY = """[Desktop Entry]
Type=Application
Name=sleepjerk
Comment=Counts the twitches of a night
Comment[de]=Zählt die Zuckungen einer Nacht
Exec={command}
Terminal=false
Categories=Utility;
"""


def install_shortcut(home: Path | None, platform: str = sys.platform) -> Path:
    """Write it, over an older one; the path of the file.

    Parameters
    ----------
    home
        Folder of the person's files, if it isn't the usual one.
    """
    words = [sys.executable, "-m", "sleepjerk", "app", "--stop-when-idle", _IDLE]
    words += [] if home is None else ["--home", str(home.absolute())]
    if platform == "win32":
        programs = Path(os.environ.get("APPDATA", Path.home())) / "Microsoft/Windows/Start Menu/Programs"
        path, text = programs / "sleepjerk.cmd", '@start "" /min {command}\r\n'
        command = " ".join(f'"{word.replace("%", "%%")}"' for word in words)
    elif platform == "darwin":
        path, text = Path.home() / "Applications/sleepjerk.command", "#!/bin/sh\nexec {command}\n"
        command = " ".join("'" + word.replace("'", "'\\''") + "'" for word in words)
    else:
        told = os.environ.get("XDG_DATA_HOME", "")
        data = Path(told) if Path(told).is_absolute() else Path.home() / ".local/share"
        path, text = data / "applications/sleepjerk.desktop", _ENTRY
        command = " ".join(map(_desktop_word, words))
    make_folder(path.parent)
    write_whole(path, text.format(command=command))
    if platform == "darwin":
        path.chmod(0o700)
    return path


def _desktop_word(word: str) -> str:
    """A word of Exec: quoted, then escaped as a value is, and % is no field code."""
    for sign in '\\"`$':
        word = word.replace(sign, f"\\{sign}")
    return f'"{word}"'.replace("\\", "\\\\").replace("%", "%%")
