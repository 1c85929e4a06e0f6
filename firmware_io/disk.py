"""The disk that a night goes to: how much room it has, and what kind it is. Must not know ports or samples."""

import os
import shutil
from pathlib import Path

# What may hold back what it was given, so that a power cut or a lost network costs minutes (Linux' names).
_SLOW_TO_KEEP = {
    "vfat": "a memory stick",
    "exfat": "a memory stick",
    "msdos": "a memory stick",
    "nfs": "a network drive",
    "nfs4": "a network drive",
    "cifs": "a network drive",
    "smb3": "a network drive",
    "9p": "a drive of another computer",
    "fuse.sshfs": "a network drive",
    "fuse.rclone": "a network drive",
}
_ESCAPES = {"\\040": " ", "\\011": "\t", "\\012": "\n", "\\134": "\\"}


def free_bytes(folder: Path) -> int | None:
    """Room that is left for this user; None where it can't be told."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def drive_kind(folder: Path, mounts: Path = Path("/proc/self/mounts")) -> str | None:
    """What the folder lies on when that is no disk of this computer: "a memory stick" and so on; else None.

    Parameters
    ----------
    folder
        Where the recording goes.
    mounts
        Linux' table of file systems; where there is none, nothing is known.
    """
    try:
        table = mounts.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None
    real = os.path.realpath(folder)
    best, kind = "", ""
    for line in table.splitlines():
        words = line.split(" ")
        if len(words) < 3:
            continue
        place = _unescaped(words[1])
        inside = real == place or real.startswith(place.rstrip("/") + "/")
        if inside and len(place) >= len(best):  # the last of the same place hides the ones before
            best, kind = place, words[2]
    return _SLOW_TO_KEEP.get(kind)


def _unescaped(text: str) -> str:
    for code, sign in _ESCAPES.items():
        text = text.replace(code, sign)
    return text
