"""`sleepjerk app`: the local page. Knows options; the page itself is `sleepjerk.app`."""

import argparse
import os
import sys
import threading
from pathlib import Path

from sleepjerk.cli.durations import seconds_of
from sleepjerk.cli.shortcut import install_shortcut
from sleepjerk.errors import InputError

HELP = "record, open files, read reports and correct them in your browser (the local page)"

_HIGHEST_PORT = 65_535
_SCREENS = {
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "BROWSER",
}  # without one of them only a browser in the terminal would open


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("--listen", metavar="PORT", type=int, default=0, help="default: a free one")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    parser.add_argument("--home", metavar="DIR", type=Path, help="folder for nights, diary and sensors")
    parser.add_argument(
        "--stop-when-idle",
        metavar="TIME",
        help="end when no page was open for so long, such as 30m, and no night is recorded",
    )
    parser.add_argument(
        "--install-shortcut", action="store_true", help="put the page among your programs, and end"
    )
    parser.epilog = (
        "example:\n  sleepjerk app\n\n"
        "The page is for this computer alone: nothing leaves it, and only the address that is printed opens it, once.\n"
        "Type the command again for another browser."
    )


def run(args: argparse.Namespace) -> int:
    """Serve the page until Ctrl-C."""
    if not 0 <= args.listen <= _HIGHEST_PORT:
        raise InputError(f"--listen {args.listen}: expected the number of a port, at most {_HIGHEST_PORT}")
    if args.home is not None:
        os.environ["SLEEPJERK_HOME"] = str(
            args.home.expanduser().absolute()
        )  # for the processes that are started, too
    idle_s = None if args.stop_when_idle is None else seconds_of(args.stop_when_idle, "--stop-when-idle")
    if args.install_shortcut:
        print(install_shortcut(args.home))
        return 0
    try:
        import webbrowser

        from sleepjerk.app.server import serve
    except ImportError as error:
        raise InputError(
            f"the page needs the package {error.name}; type: pip install 'sleepjerk[app]'"
        ) from error

    def show(address: str, running: int | None) -> None:
        print(address, flush=True)
        told = "Ctrl-C ends the page; a recording goes on without it"
        if running is not None:
            told = "the page is running already; this address opens it, too"
            if args.listen not in (0, running):
                told += f", on its port {running}; end it there before --listen {args.listen} can hold"
        print(told, file=sys.stderr)
        screen = sys.platform in ("win32", "darwin") or _SCREENS & os.environ.keys()
        if screen and not args.no_browser:
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()

    serve(args.listen, show, idle_s)
    return 0
