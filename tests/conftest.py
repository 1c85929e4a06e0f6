"""No test writes into the diary or the sensors of whoever runs the tests, and none wakes threads it has no use for."""

import gc
import os
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.marks import examples

# The default run is the same for everybody; HYPOTHESIS_PROFILE=thorough takes three times its examples, random others
# each time, and prints how to come back to what it found. None keeps anything in the tree.
same = settings(derandomize=True, database=None, deadline=None)
settings.register_profile("default", same, max_examples=examples(100))
settings.register_profile("thorough", same)
settings.register_profile("random", derandomize=False, database=None, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

# Each of the processes that the tests start, and of those that run them, would compile the whole tree again, where
# that may be kept nowhere.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# Each of them would start a thread per core for matrices of three rows, and those turn
# in circles while they wait: a third of the processor time of a short command.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# What thousands of tests are made of stays: to look through it for garbage again and again takes a tenth of the time.
gc.set_threshold(100_000, 20, 50)


def pytest_collection_finish() -> None:
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def own_folder_for_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLEEPJERK_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(autouse=True)
def own_folder_for_this_test(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one test says of a recording no other hears."""
    monkeypatch.setenv("SLEEPJERK_HOME", str(tmp_path_factory.getbasetemp() / f"home{uuid.uuid4().hex}"))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of one test's own."""
    monkeypatch.setenv("SLEEPJERK_HOME", str(tmp_path / "home"))
    return tmp_path / "home"
