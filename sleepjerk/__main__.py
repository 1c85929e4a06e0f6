"""`python -m sleepjerk` and the command `sleepjerk`: Ctrl-C ends them quietly, also while all else is being imported.

Must not know verbs.
"""

import signal
import sys


def run() -> int:
    """Run what was typed.

    Returns
    -------
    int
        The exit code.
    """
    pressed = False

    def interrupt(*_: object) -> None:
        nonlocal pressed
        pressed = True
        raise KeyboardInterrupt

    try:
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # where it is ignored, it stays so
            signal.signal(signal.SIGINT, interrupt)
        from sleepjerk.cli import main

        return main()
    except (Exception, KeyboardInterrupt):
        if not pressed:  # else whatever it is: numpy makes an ImportError of it
            raise
        sys.stderr.write("sleepjerk: interrupted\n")
        return 130


if __name__ == "__main__":
    sys.exit(run())
