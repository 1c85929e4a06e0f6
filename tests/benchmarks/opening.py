"""How long from dropping a file until what was found in it is seen: `python -m tests.benchmarks.opening [HOURS]`.

A made night with ISO times is sent to a really started page over loopback, as a browser sends it, and its job asked for
twice a second, as the script of the page does. Printed: when the first word of progress came back, when the upload had
come, when the page with what was found was there, and the server's largest memory.
"""

import http.client
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd

from sleepjerk.simulate import simulate_night, write_night_files
from tests.app.conftest import Visitor, running_server

_PIECE = 1 << 16


def with_iso_times(folder: Path, hours: float) -> Path:
    """A made night as most programs write one."""
    table = pd.read_csv(write_night_files(simulate_night(hours, seed=7), folder / "made.csv")[0])
    moments = pd.Timestamp("2026-11-22T22:31:04") + pd.to_timedelta(table.pop("t_us"), unit="us")
    table.insert(0, "time", moments.dt.strftime("%Y-%m-%dT%H:%M:%S.%f"))
    table.to_csv(folder / "night.csv", index=False)
    return folder / "night.csv"


def send(visitor: Visitor, path: Path) -> str:
    """Send the file as a browser does; where the answer leads."""
    begin = b'--line\r\nContent-Disposition: form-data; name="files"; filename="night.csv"\r\n\r\n'
    end = b"\r\n--line--\r\n"

    def body() -> Iterator[bytes]:
        yield begin
        with path.open("rb") as file:
            while data := file.read(_PIECE):
                yield data
        yield end

    length = len(begin) + path.stat().st_size + len(end)
    headers = {
        "Content-Type": "multipart/form-data; boundary=line",
        "Content-Length": str(length),
        "Origin": visitor.address,
        "Cookie": "; ".join(f"{name}={value}" for name, value in visitor.cookies.items()),
    }
    with closing(http.client.HTTPConnection(urlsplit(visitor.address).netloc, timeout=600)) as line:
        line.request("POST", "/open", body(), headers)
        return line.getresponse().headers["location"]


def main() -> None:
    hours = float(sys.argv[1]) if len(sys.argv) > 1 else 8.0
    with tempfile.TemporaryDirectory() as folder, running_server(Path(folder) / "home") as server:
        path = with_iso_times(Path(folder), hours)
        visitor = server.visitor()
        print(f"{path.stat().st_size / 1e6:.0f} MB", flush=True)
        for _ in range(3):
            begun = time.monotonic()
            job = send(visitor, path)
            sent = time.monotonic() - begun
            while (answer := visitor.get(job)).status != 303:
                time.sleep(0.5)
            page = visitor.follow(answer)
            seen = time.monotonic() - begun
            assert "<svg" in page.text
            memory = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{server.process.pid}/status").read_text())
            assert memory is not None
            print(f"sent {sent:.2f} s, seen {seen:.2f} s, server {int(memory[1]) / 1024:.0f} MB", flush=True)
            visitor.post(answer.location, {"do": "remove"})


if __name__ == "__main__":
    main()
