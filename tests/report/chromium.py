"""A real Chromium for the tests, driven through chromedriver by a tiny client: no package is needed.

Where Chromium or its driver is missing the tests skip and say what to install; on CI they fail instead.
"""

import base64
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import pytest

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
T = TypeVar("T")
_LOCAL = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Browser:
    """One tab. Only what the tests ask for."""

    def __init__(self, address: str, session: str) -> None:
        self._url = f"{address}/session/{session}"

    def open(self, page: Path | str, *, width: int, height: int = 900, dark: bool = False) -> None:
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 500,
        )
        scheme = "dark" if dark else "light"
        self.devtools(
            "Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}]
        )
        self.messages()  # what another page said
        _call(f"{self._url}/url", {"url": page if isinstance(page, str) else page.as_uri()})

    def devtools(self, command: str, **parameters: Any) -> Any:
        return _call(f"{self._url}/goog/cdp/execute", {"cmd": command, "params": parameters})

    def evaluate(self, script: str) -> Any:
        return _call(f"{self._url}/execute/sync", {"script": f"return {script}", "args": []})

    def messages(self) -> list[dict[str, Any]]:
        return list(_call(f"{self._url}/se/log", {"type": "browser"}))

    def screenshot(self, path: Path | None = None, *, whole: bool = False) -> bytes:
        made = self.devtools("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        data = base64.b64decode(made["data"])
        if path is not None:
            path.write_bytes(data)
        return data

    def print_pdf(self, width: float = 8.27, height: float = 11.69) -> bytes:
        made = self.devtools("Page.printToPDF", preferCSSPageSize=True, paperWidth=width, paperHeight=height)
        return base64.b64decode(made["data"])


def settled(look: Callable[[], T], seconds: float = 60) -> T:
    """What is seen of a page that may load itself again in the middle: looked at anew if it did."""
    end = time.monotonic() + seconds
    while True:
        try:
            return look()
        except OSError:
            if time.monotonic() > end:
                raise
        time.sleep(0.1)


def missing(message: str) -> NoReturn:
    """Without this a test can't run, and on CI it must."""
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A Chromium of its own, closed with everything it started."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if chromium is None or driver is None:
        missing("no chromium and chromedriver here (Debian: apt-get install chromium chromium-driver)")
    process, port = _started(driver)
    try:
        address = f"http://127.0.0.1:{port}"
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            options = {"binary": chromium, "args": [*FLAGS, f"--user-data-dir={profile}"]}
            wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
            made = _call(f"{address}/session", {"capabilities": {"alwaysMatch": wanted}})
            try:
                yield Browser(address, made["sessionId"])
            finally:
                _call(f"{address}/session/{made['sessionId']}", method="DELETE")
    finally:
        process.terminate()
        process.communicate(timeout=60)


def _started(driver: str) -> tuple[subprocess.Popen[str], int]:
    """chromedriver and its port; where the port it was given is taken in IPv6 it ends, and is started again."""
    for _ in range(10):
        process = subprocess.Popen(
            [driver, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert process.stdout is not None
        told = ""
        for line in process.stdout:
            told += line
            found = re.search(r"on port (\d+)", line)
            if found and "Starting" not in line:
                return process, int(found[1])
        process.communicate()
    raise RuntimeError(f"chromedriver ended without naming its port: {told}")


def _call(url: str, body: dict[str, Any] | None = None, method: str = "POST") -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    with _LOCAL.open(request, timeout=180) as answer:
        return json.load(answer)["value"]
