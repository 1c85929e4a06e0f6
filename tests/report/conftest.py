"""One Chromium for all pages of the report."""

from collections.abc import Iterator

import pytest

from tests.report.chromium import Browser, open_browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened
