"""The process of a job: runs the module that its folder names, and writes down what it says and how it ends."""

import json
import os
import runpy
import sys
import threading
import time
import traceback
from pathlib import Path

from sleepjerk.app.holding import hold
from sleepjerk.app.jobs import CANCEL
from sleepjerk.atomic import write_whole

_LOOK_S = 0.2
_CANCELLED = 130  # as of what Ctrl-C ends


def work(folder: Path) -> int:
    """Run the module as `python -m` would, with its output in files of the folder."""
    for number, name in ((1, "out"), (2, "err")):
        handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(handle, number)
        os.close(handle)
    module, *sys.argv[1:] = json.loads((folder / "job.json").read_text(encoding="utf-8"))["words"]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        if ended.code is None or isinstance(ended.code, int):
            return ended.code or 0
        sys.stderr.write(f"{ended.code}\n")
        return 1
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _end_when_asked(folder: Path) -> None:
    """End at once when somebody asks: all that is kept is written whole or not at all."""
    while not (folder / CANCEL).exists():
        time.sleep(_LOOK_S)
    write_whole(folder / "ended", str(_CANCELLED))
    os._exit(_CANCELLED)


if __name__ == "__main__":
    os.umask(0o077)  # what a job makes is nobody else's
    place = Path(sys.argv[1])
    held = hold(place / "alive", wait=True)
    threading.Thread(target=_end_when_asked, args=(place,), daemon=True).start()
    code = work(place)
    sys.stdout.flush()
    sys.stderr.flush()
    write_whole(place / "ended", str(code))
