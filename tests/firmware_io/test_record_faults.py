"""The recorder and everything that goes wrong in a night: damage, pulled cables, resets, silence, a full disk."""

import json
import re
import resource
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.firmware_io.recorder_process import Recorder, nights, positions, rows_of
from tests.firmware_io.simulated_board import SimulatedBoard, night_counts
from tests.support.waiting import until


@pytest.fixture
def link(tmp_path: Path) -> Path:
    return tmp_path / "board"


def sidecar_of(path: Path) -> dict[str, Any]:
    return json.loads(Path(str(path).removesuffix(".csv") + ".json").read_text())


def test_damage_on_the_wire_is_counted_and_never_a_sample(link: Path, tmp_path: Path) -> None:
    board = SimulatedBoard(link, "frames", night_counts(30), waits=True)
    board.garble = {18: b"\x55\x02\x99" * 20 + b"\0", 19: b"noise\0"}
    board.skip = {24, 25, 26}
    board.repeat = {21, 22}
    with board:
        recorder = Recorder(link, tmp_path / "out")
        path = recorder.wait_for_rows(270)
        assert recorder.finish()[0] == 0
    index = positions(rows_of(path), board.counts)
    # Garbled frames took a sequence number each, as real ones would, and so did the skipped ones.
    assert sorted(set(range(index[0], index[-1] + 1)) - set(index)) == [*range(180, 200), *range(240, 270)]
    ledger = json.loads(Path(str(path).removesuffix(".csv") + ".json").read_text())["ledger"]
    assert ledger["rejected"] == 20
    assert ledger["gap"] == 30
    assert ledger["repeated"] == 20
    assert ledger["expected"] == ledger["good"] + 50
    events = pd.read_csv(str(path).removesuffix(".csv") + ".clock.csv")["event"].tolist()
    assert sum(str(event).startswith("gap") for event in events) == 2
    again = [int(str(event).split()[1]) for event in events if str(event).startswith("duplicate")]
    assert sum(again) == 20


def test_a_pulled_cable_is_a_gap_and_the_night_goes_on(link: Path, tmp_path: Path) -> None:
    with SimulatedBoard(link, "frames", night_counts(40)) as board:
        recorder = Recorder(link, tmp_path / "out")
        path = recorder.wait_for_rows(160)
        board.unplug()
        time.sleep(1.1)
        board.plug()
        before = len(rows_of(path))
        recorder.wait_for_rows(before + 50)
        code, _, talk = recorder.finish()
    assert code == 0
    assert len(nights(tmp_path / "out")) == 1
    jumps = np.diff(positions(rows_of(path), board.counts))
    assert (jumps > 1).sum() == 1
    away = np.diff(board.sent).max()  # samples that were never sent
    assert 1 < away <= jumps.max() < away + 300
    events = pd.read_csv(str(path).removesuffix(".csv") + ".clock.csv")["event"].tolist()
    assert {"unplugged", "reconnect"} <= set(events)
    assert "unplugged" in talk


def test_a_reset_of_the_board_is_placed_by_the_hosts_clock(link: Path, tmp_path: Path) -> None:
    with SimulatedBoard(link, "frames", night_counts(40)) as board:
        recorder = Recorder(link, tmp_path / "out")
        path = recorder.wait_for_rows(160)
        board.reset()
        recorder.wait_for_rows(320)
        assert recorder.finish()[0] == 0
    rows = rows_of(path)
    assert np.all(np.diff(rows[:, 0]) > 0)
    # The board sampled on without a pause, so the file's clock and the count of samples agree.
    assert rows[-1, 0] - rows[0, 0] == pytest.approx((len(rows) - 1) * 10_000, abs=500_000)
    sidecar = json.loads(Path(str(path).removesuffix(".csv") + ".json").read_text())
    assert sidecar["ledger"]["resets"] == 1
    assert "reset" in Path(str(path).removesuffix(".csv") + ".clock.csv").read_text()


@pytest.mark.slow
def test_a_silent_board_is_opened_again_and_the_talk_says_so(link: Path, tmp_path: Path) -> None:
    board = SimulatedBoard(link, "frames", night_counts(40), waits=True)
    board.skip = set(range(40, 80))
    with board:
        recorder = Recorder(link, tmp_path / "out")
        recorder.wait_for_rows(250)
        recorder.wait_for_rows(450)
        code, _, talk = recorder.finish()
    assert code == 0
    assert "silence" in talk


@pytest.mark.slow
def test_a_board_that_talks_nonsense_is_told_and_leaves_no_file(link: Path, tmp_path: Path) -> None:
    board = SimulatedBoard(link, "frames", night_counts(30))
    board.garble = {frame: bytes([0x80 + frame % 100, 0xFE] * 40) for frame in range(300)}
    with board:
        recorder = Recorder(link, tmp_path / "out", "--duration", "8s")
        _, talk = recorder.process.communicate(timeout=60)
    assert recorder.process.returncode == 5
    assert "wrong baud rate?" in talk
    assert "nothing was recorded" in talk
    assert list((tmp_path / "out").iterdir()) == []


def test_a_full_disk_costs_the_tail_only_and_is_told(link: Path, tmp_path: Path) -> None:
    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (6_000, 6_000))

    with SimulatedBoard(link, "frames", night_counts(30)) as board:
        recorder = Recorder(link, tmp_path / "out", before=small_files)
        path = recorder.wait_for_rows(150)
        assert until(lambda: path.stat().st_size == 6_000)
        time.sleep(0.5)
        code, out, talk = recorder.finish()
    assert code == 5
    assert "disk is full or failing" in talk
    assert out.strip() == str(path)
    assert path.stat().st_size == 6_000
    rows = rows_of(path)
    index = positions(rows, board.counts)
    np.testing.assert_array_equal(np.diff(index), 1)
    assert "File too large" in talk or "only a part" in talk or "NOT SAVING" in talk
    facts = sidecar_of(path)
    assert facts["ledger"]["good"] == len(rows) + facts["unsaved"]
    assert re.search(
        "NOT SAVING, kept in memory and tried again: (File too large|the disk took only a part) at ", talk
    )
    assert f"{facts['unsaved']} samples could not be written" in talk


def test_a_board_that_prints_two_digits_is_told_to_print_more(link: Path, tmp_path: Path) -> None:
    with SimulatedBoard(link, "lines", night_counts(30), digits=2):
        recorder = Recorder(link, tmp_path / "out")
        path = recorder.wait_for_rows(100)
        code, _, talk = recorder.finish()
    assert code == 0
    assert "steps of 10 mg: print more digits" in talk
    assert sidecar_of(path)["step_g"] == 0.01
    values = [row.split(",")[1] for row in path.read_text().splitlines()[1:]]
    assert {len(value.partition(".")[2]) for value in values} == {2}
