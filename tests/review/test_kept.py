"""What is kept of a review: no answer is lost, nothing personal is in it, and damage is one sentence."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from sleepjerk.errors import InputError
from sleepjerk.review.kept import (
    Answer,
    Review,
    Stratum,
    Window,
    begin,
    change,
    read_review,
    read_window,
    review_path,
    signal_lines,
    signal_path,
)

REVIEW = Review(
    input_sha256="a" * 64,
    settings_sha256="b" * 64,
    seed=7,
    window_s=10.0,
    margin_s=2.0,
    rate_hz=50.0,
    least_g=0.009,
    windows_of={stratum: 100 for stratum in Stratum},
    left_out=2,
    windows=tuple(Window(begin_s=100.0 * place, stratum=Stratum.CALLED) for place in range(20)),
)
SIGNAL = signal_lines(([(0.1 * place, -1.0, 0.25)] * 700 for place in range(20)), 50.0, 2.0)


@pytest.fixture
def stem(tmp_path: Path) -> Path:
    begin(tmp_path / "night", REVIEW, SIGNAL, tmp_path / "own")
    return tmp_path / "night"


def test_a_review_is_read_as_it_was_written_for_its_owner_alone(stem: Path) -> None:
    assert read_review(stem) == REVIEW
    change(stem, lambda review: review.saying(2, 4, Answer.UNSURE), stem.parent)
    assert read_review(stem).answers(2) == {4: Answer.UNSURE}
    assert all(path.stat().st_mode & 0o077 == 0 for path in (review_path(stem), signal_path(stem)))
    kept = {path.name for path in stem.parent.iterdir()}
    assert kept == {"night.review.json", "night.review.csv", "own", "reviews"}


def test_each_window_has_its_samples_by_seconds_around_its_begin(stem: Path) -> None:
    for window in (0, 1, 10, 19):
        rows = read_window(stem, window)
        assert len(rows) == 700
        assert rows[0] == (-2.0, round(0.1 * window, 4), -1.0, 0.25)
        assert rows[100][0] == 0.0
    with pytest.raises(InputError, match="window 21 is missing"):
        read_window(stem, 20)


def test_an_answer_takes_the_place_of_an_earlier_one_and_can_be_taken_back() -> None:
    first = REVIEW.saying(1, 0, Answer.TWITCH).saying(1, 1, Answer.OTHER).saying(2, 0, Answer.NOTHING)
    assert first.answers(1) == {0: Answer.TWITCH, 1: Answer.OTHER}
    assert (first.next_window(1), first.next_window(2)) == (2, 1)
    again = first.saying(1, 0, Answer.UNSURE)
    assert again.answers(1) == {0: Answer.UNSURE, 1: Answer.OTHER}
    assert again.without_last(1).answers(1) == {1: Answer.OTHER}
    assert again.without_last(1).next_window(1) == 0
    assert again.without_last(1).answers(2) == first.answers(2)
    assert REVIEW.without_last(1) == REVIEW


@pytest.mark.parametrize(("judge", "window"), [(0, 0), (3, 0), (1, 20), (1, -1)])
def test_what_is_not_asked_is_refused(judge: int, window: int) -> None:
    with pytest.raises(InputError, match="no window"):
        REVIEW.saying(judge, window, Answer.TWITCH)


def test_two_programs_at_once_lose_no_answer(stem: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom sleepjerk.review.kept import Answer, change\n"
        "judge = int(sys.argv[2])\n"
        "for window in range(20):\n"
        "    change(Path(sys.argv[1]), lambda review: review.saying(judge, window, Answer.OTHER), Path(sys.argv[3]))\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(stem), judge, str(stem.parent)]) for judge in "12"
    ]
    assert [process.wait(60) for process in running] == [0, 0]
    review = read_review(stem)
    assert [list(review.answers(judge)) for judge in (1, 2)] == [list(range(20))] * 2


def test_what_a_newer_version_wrote_is_kept(stem: Path) -> None:
    newer = replace(REVIEW, newer={"colour": "blue"})
    begin(stem, newer, SIGNAL, stem.parent)
    change(stem, lambda review: review.saying(1, 0, Answer.TWITCH), stem.parent)
    assert json.loads(review_path(stem).read_text())["colour"] == "blue"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"begin_s": 100.0', '"begin_s": 200.0'),
        ('"schema": 1', '"schema": 2'),
        ('"windows"', '"doors"'),
        ("{", "["),
        ("called", "callous"),
    ],
)
def test_a_damaged_review_is_one_sentence(stem: Path, old: str, new: str) -> None:
    path = review_path(stem)
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(InputError, match=r"night\.review\.json: ") as told:
        read_review(stem)
    assert "\n" not in str(told.value)


def test_the_files_need_no_arrays() -> None:
    code = "import sys, sleepjerk.review.estimates, sleepjerk.review.kept; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
