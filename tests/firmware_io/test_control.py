"""Another program sees how a recording is doing, and steers it, by the files of one folder."""

import json
import shutil
import signal
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from firmware_io.assemble.timeline import Ledger
from firmware_io.recorder.control import Control
from firmware_io.recorder.lights import Lights
from firmware_io.recorder.messages import Progress
from firmware_io.recorder.options import Asked
from sleepjerk.reading import read_recording
from tests.firmware_io.recorder_process import Recorder, rows_of
from tests.firmware_io.simulated_board import LSB_PER_G, SimulatedBoard, night_counts
from tests.support.waiting import until

OFF = datetime.fromisoformat("2026-11-22T22:45:00+00:00")


def status(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "status.json").read_text())  # type: ignore[no-any-return]


def test_a_program_sees_a_night_begin_marks_its_lights_and_ends_it(tmp_path: Path) -> None:
    folder = tmp_path / "control"
    counts = night_counts(60)
    with SimulatedBoard(tmp_path / "board", "frames", counts):
        recorder = Recorder(tmp_path / "board", tmp_path / "out", "--control", str(folder))
        assert until(lambda: (folder / "status.json").exists())
        assert status(folder)["state"] == "waiting"
        assert until(lambda: len(status(folder)["trace"]) > 60)
        seen = status(folder)
        (folder / "lights").touch()
        assert until(lambda: status(folder)["lights_off_utc"] is not None)
        (folder / "lights").touch()
        assert until(lambda: status(folder)["lights_up_utc"] is not None)
        assert status(folder)["message"].startswith("lights on at ")
        (folder / "stop").touch()
        out, talk = recorder.process.communicate(timeout=60)
    assert recorder.process.returncode == 0, talk
    path = Path(out.strip())
    assert (seen["pid"], seen["state"], seen["path"]) == (recorder.process.pid, "recording", str(path))
    assert seen["port"] == str(tmp_path / "board")
    assert (seen["lost"], seen["ended_because"], seen["exit_code"]) == (0, None, None)
    assert seen["last_sample_age_s"] < 5
    assert seen["free_bytes"] > 0
    assert datetime.fromisoformat(seen["started_utc"]) < datetime.fromisoformat(seen["updated_utc"])
    # A fifth of the samples, and nothing but them.
    lengths_g = np.linalg.norm(rows_of(path)[:, 1:] / LSB_PER_G, axis=1)
    shown = lengths_g[4::5][: len(seen["trace"])]
    assert seen["trace_hz"] == 20
    assert seen["trace"] == pytest.approx(shown - np.median(shown), abs=2e-4)

    last = status(folder)
    assert (last["state"], last["exit_code"]) == ("ended", 0)
    assert last["ended_because"] == "stopped by another program"
    assert last["samples"] == len(rows_of(path))
    assert list(folder.iterdir()) == [folder / "status.json"]
    assert (folder.stat().st_mode & 0o777, (folder / "status.json").stat().st_mode & 0o777) == (0o700, 0o600)
    marks = read_recording(path).marks
    assert (marks.lights_off, marks.lights_up) == tuple(
        datetime.fromisoformat(last[key]) for key in ("lights_off_utc", "lights_up_utc")
    )
    events = Path(str(path).removesuffix(".csv") + ".clock.csv").read_text()
    assert ",lights off\n" in events
    assert ",lights up\n" in events


@pytest.mark.slow
def test_a_folder_that_somebody_deletes_stops_the_status_and_not_the_night(tmp_path: Path) -> None:
    folder = tmp_path / "control"
    with SimulatedBoard(tmp_path / "board", "frames", night_counts(60)):
        recorder = Recorder(tmp_path / "board", tmp_path / "out", "--control", str(folder))
        recorder.wait_for_rows(100)
        shutil.rmtree(folder.rename(tmp_path / "gone"))  # or a new status might come in between
        path = recorder.wait_for_rows(400)
        code, _, talk = recorder.finish(signal.SIGINT)
    assert code == 0, talk
    assert "Traceback" not in talk
    assert not folder.exists()
    np.testing.assert_array_equal(np.diff(rows_of(path)[:, 0]), 10_000)


@pytest.mark.slow
def test_wishes_of_an_earlier_recording_are_not_obeyed(tmp_path: Path) -> None:
    folder = tmp_path / "control"
    folder.mkdir()
    (folder / "stop").touch()
    with SimulatedBoard(tmp_path / "board", "frames", night_counts(60)):
        recorder = Recorder(tmp_path / "board", tmp_path / "out", "--control", str(folder))
        recorder.wait_for_rows(200)
        assert recorder.finish()[0] == 0
    assert not (folder / "stop").exists()


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [(["--duration", "tonight"], 2, "expected a time such as 8h"), ([], 3, "there is no such port")],
)
def test_a_recording_that_cannot_begin_says_so_there_too(
    tmp_path: Path, options: list[str], code: int, words: str
) -> None:
    folder = tmp_path / "control"
    recorder = Recorder(tmp_path / "none", tmp_path / "out", "--control", str(folder), *options)
    assert recorder.process.wait(60) == code
    recorder.finish()
    last = status(folder)
    assert (last["state"], last["exit_code"], last["path"]) == ("ended", code, None)
    assert words in last["message"]


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    recorder = Recorder(tmp_path / "none", tmp_path / "out", "--control", str(tmp_path / "file" / "in"))
    _, talk = recorder.process.communicate(timeout=60)
    assert recorder.process.returncode == 2
    assert "no status can be kept here" in talk
    assert len(talk.splitlines()) == 1


def test_a_disk_that_refuses_the_status_is_nobody_s_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*unused: object) -> int:
        raise OSError(28, "No space left on device")

    control = Control(tmp_path, Asked())
    before = status(tmp_path)
    monkeypatch.setattr("firmware_io.recorder.control.os.open", full)
    control.take(Progress(1.0, 100.0, Ledger(good=5), 0.1, 5_000_000, None, None, 0, True, None))
    control.end(0)
    assert status(tmp_path) == before


@pytest.mark.parametrize(
    ("minutes", "off", "up"),
    [
        ([0], 0, None),
        ([0, 480], 0, 480),
        ([0, 20, 40], 40, None),  # read once more, and then to sleep
        ([0, 20, 40, 480], 40, 480),
        ([0, 240, 245], 0, None),  # up at three, and back in bed
        ([0, 240, 245, 480], 0, 480),
    ],
)
def test_the_lights_of_an_evening_and_of_a_walk_at_three(
    minutes: list[int], off: int, up: int | None
) -> None:
    lights = Lights()
    for minute in minutes:
        lights = lights.pressed(OFF + timedelta(minutes=minute))
    wanted = None if up is None else OFF + timedelta(minutes=up)
    assert lights == Lights(OFF + timedelta(minutes=off), wanted)
