"""The alarm is silent unless asked for, rings when nothing is saved, and stops by itself."""

from pathlib import Path

import pytest

from tests.firmware_io.recorder_process import Recorder
from tests.firmware_io.simulated_board import SimulatedBoard, night_counts
from tests.firmware_io.test_awake import fake
from tests.support.waiting import until


@pytest.mark.slow
def test_it_rings_and_tells_the_desktop_when_the_cable_is_out_and_stops_when_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = fake(tmp_path / "bin", "notify-send", "", monkeypatch)
    with SimulatedBoard(tmp_path / "port", "frames", night_counts(60)) as board:
        recorder = Recorder(board.link, tmp_path / "nights", "--alarm")
        recorder.wait_for_rows(200)
        assert not told.exists(), "all is well"
        board.unplug()
        assert until(told.exists)
        board.plug()
        recorder.wait_for_rows(600)
        status, _, talk = recorder.finish()
    assert status == 0
    assert 1 <= talk.count("\a") <= 2
    assert "not being saved: unplugged" in told.read_text()


@pytest.mark.slow
def test_without_being_asked_it_never_rings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = fake(tmp_path / "bin", "notify-send", "", monkeypatch)
    with SimulatedBoard(tmp_path / "port", "frames", night_counts(40)) as board:
        recorder = Recorder(board.link, tmp_path / "nights")
        recorder.wait_for_rows(100)
        board.unplug()
        until(lambda: False, 17)
        _, _, talk = recorder.finish()
    assert "\a" not in talk
    assert not told.exists()
