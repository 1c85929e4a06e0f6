"""Chromium, with and without script, and Firefox, as one person's hands and eyes: the same words for each."""

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.error import HTTPError

from tests.report.chromium import Browser, missing, open_browser
from tests.report.test_accessibility import from_npm, press
from tests.support.waiting import until


class Untouched:
    """A page reached from outside, as it is without script: it may load itself again at any moment."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser

    def found(self, selector: str) -> int:
        """The number of an element; 0 where there is none, or no page just then."""
        with contextlib.suppress(HTTPError):
            root = self.browser.devtools("DOM.getDocument")["root"]["nodeId"]
            return int(self.browser.devtools("DOM.querySelector", nodeId=root, selector=selector)["nodeId"])
        return 0

    def text(self) -> str:
        """The page as it stands now; empty between two pages."""
        with contextlib.suppress(HTTPError):
            return str(self.browser.devtools("DOM.getOuterHTML", nodeId=self.found("html"))["outerHTML"])
        return ""

    def press(self, selector: str, key: str, done: Callable[[], bool]) -> bool:
        """Whether a key on an element does it; a page that loads itself again under the finger is pressed again."""
        for _ in range(3):
            with contextlib.suppress(HTTPError):
                self.browser.devtools("DOM.focus", nodeId=self.found(selector))
                press(self.browser, key)
            if until(done, 20):
                return True
        return False


class Eyes(Protocol):
    """What a person does with a browser, whichever it is."""

    def open(self, address: str, *, width: int, height: int = 900, dark: bool = False) -> None: ...
    def evaluate(self, script: str) -> Any: ...
    def press(self, key: str) -> None: ...
    def type(self, text: str) -> None: ...
    def choose(self, path: Path) -> None: ...
    def screenshot(self, path: Path) -> None: ...
    def messages(self) -> list[str]: ...


class Chromium:
    """Through chromedriver."""

    def __init__(self, browser: Browser, *, script: bool) -> None:
        self.browser, self.script = browser, script
        browser.devtools("Emulation.setScriptExecutionDisabled", value=not script)

    def open(self, address: str, *, width: int, height: int = 900, dark: bool = False) -> None:
        self.browser.open(address, width=width, height=height, dark=dark)

    def evaluate(self, script: str) -> Any:
        return self.browser.evaluate(script)

    def press(self, key: str) -> None:
        press(self.browser, key)

    def type(self, text: str) -> None:
        self.browser.devtools("Input.insertText", text=text)

    def choose(self, path: Path) -> None:
        field = Untouched(self.browser).found("#files")
        self.browser.devtools("DOM.setFileInputFiles", nodeId=field, files=[str(path)])

    def screenshot(self, path: Path) -> None:
        self.browser.screenshot(path, whole=True)

    def messages(self) -> list[str]:
        return [message["message"] for message in self.browser.messages()]


class Firefox:
    """Through puppeteer-core and WebDriver BiDi, in the dark or in the light from its start."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def open(self, address: str, *, width: int, height: int = 900, dark: bool = False) -> None:
        self._do("open", address=address, width=width, height=height)

    def evaluate(self, script: str) -> Any:
        return self._do("evaluate", script=script)

    def press(self, key: str) -> None:
        self._do("press", key=key)

    def type(self, text: str) -> None:
        self._do("type", text=text)

    def choose(self, path: Path) -> None:
        self._do("choose", path=str(path))

    def screenshot(self, path: Path) -> None:
        self._do("screenshot", path=str(path))

    def messages(self) -> list[str]:
        return list(self._do("messages"))

    def _do(self, name: str, **more: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": name, **more}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise OSError(answer["error"])  # what chromedriver's answer becomes, too
        return answer["value"]


@contextmanager
def open_eyes(name: str) -> Iterator[Eyes]:
    """`chromium`, `chromium without script` or `firefox`."""
    if name == "firefox":
        with open_firefox() as firefox:
            yield firefox
        return
    with open_browser() as browser:
        yield Chromium(browser, script=name == "chromium")


@contextmanager
def open_firefox(scheme: str = "dark") -> Iterator[Firefox]:
    """A Firefox of its own, closed with the script that drives it."""
    node, firefox = shutil.which("node"), shutil.which("firefox-esr") or shutil.which("firefox")
    if node is None or firefox is None:
        missing("no node or no Firefox here (Debian: apt-get install nodejs npm firefox-esr)")
    modules = from_npm("puppeteer-core@24.43.1", "package.json").parents[1]
    command = [node, str(Path(__file__).with_name("firefox.mjs")), firefox, scheme]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"SLEEPJERK_NODE_MODULES": str(modules)},
    )
    try:
        yield Firefox(process)
    finally:
        process.communicate(timeout=90)
