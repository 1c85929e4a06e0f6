"""Damaged and foreign files: what can be read is read, what was lost is counted, the rest is one sentence."""

import gzip
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sleepjerk as sj
from sleepjerk.cli import main
from tests.support.marks import examples
from tests.support.written_tables import NATIVE, motion, write_native, write_rows, write_text

VALUES = motion()
COUNT = len(VALUES)


def rows(tmp_path: Path) -> list[str]:
    """The lines of a good native recording, the header first."""
    return write_native(tmp_path / "good.csv", VALUES).read_text().splitlines()


def read_lines(tmp_path: Path, lines: list[str]) -> sj.Recording:
    return sj.read_recording(write_text(tmp_path / "damaged.csv", "\n".join(lines) + "\n"))


@pytest.mark.slow
def test_a_recording_cut_anywhere_reads_up_to_its_last_whole_line(tmp_path: Path) -> None:
    whole = write_native(tmp_path / "whole.csv", VALUES[:25]).read_bytes()
    path = tmp_path / "cut.csv"
    before = 0
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        lines = whole[:length].count(b"\n") - 1
        if lines < 2:
            with pytest.raises(sj.InputError):
                sj.read_recording(path)
            continue
        samples = sj.read_recording(path).acceleration_g.shape[1]
        assert samples == lines >= before
        before = samples
    assert before == 25


@pytest.mark.slow
def test_a_packed_recording_cut_anywhere_never_raises_once_it_holds_rows(tmp_path: Path) -> None:
    packed = gzip.compress(write_native(tmp_path / "whole.csv", VALUES).read_bytes())
    path = tmp_path / "cut.csv.gz"
    before = 0
    for length in range(0, len(packed), 37):
        path.write_bytes(packed[:length])
        try:
            samples = sj.read_recording(path).acceleration_g.shape[1]
        except sj.InputError:
            assert before == 0
            continue
        assert samples >= before
        before = samples
    assert before > 0.9 * COUNT


def test_a_damaged_gz_gives_what_comes_before_the_damage(tmp_path: Path) -> None:
    values = motion(20_000)
    packed = bytearray(gzip.compress(write_native(tmp_path / "whole.csv", values).read_bytes()))
    packed[len(packed) // 2] ^= 0xFF
    path = tmp_path / "d.csv.gz"
    path.write_bytes(packed)
    read = sj.read_recording(path)
    assert read.acceleration_g.shape[1] > 7000
    assert any("damage" in note for note in read.provenance.notes)


@pytest.mark.parametrize("count", [1, 52, 520])
@pytest.mark.parametrize("torn", ["", "6000000,0.01", "6000000,0.0123,-0.9"])
def test_zero_bytes_after_a_power_cut_are_left_out(tmp_path: Path, count: int, torn: str) -> None:
    path = write_native(tmp_path / "n.csv", VALUES)
    path.write_bytes(path.read_bytes() + torn.encode() + b"\0" * count)
    read = sj.read_recording(path)
    np.testing.assert_array_equal(read.acceleration_g, VALUES.T.astype(np.float32))
    assert any(f"{count} zero bytes" in note for note in read.provenance.notes)


@pytest.mark.parametrize(
    "bad",
    [
        "3000000,abc,0.1,0.2",
        "3000000,ERR,ERR,ERR",
        "3000000,0.1,0.2",
        "3000000,0.1,0.2,0.3,0.4",
        "3000000,0.1,0.2,0.310000,0.1,0.2,0.3",
        "30000x0,0.1,0.2,0.3",
        "3000000,0.1,0.2,1e400",
        "3000000,0.1,0.2,inf",
        "3000000,0.1,0.2,\u0661",
        "3000000,0.1,0.\x002,0.3",
        "3000000,0.1,0\r2,0.3",
        NATIVE,
        "rst:0x1 (POWERON_RESET)",
        "3000000,0.1,0.2,99999",
        "17,0.1,0.2,0.3",
        "9" * 17 + ",0.1,0.2,0.3",
    ],
)
def test_one_damaged_row_is_left_out_and_counted(tmp_path: Path, bad: str) -> None:
    lines = rows(tmp_path)
    lines[301] = bad  # the row of 3.000000 s, on line 302
    read = read_lines(tmp_path, lines)
    assert read.damage.rejected_rows == 1
    kept = np.arange(COUNT) != 300
    assert read.acceleration_g.shape[1] == COUNT
    np.testing.assert_array_equal(read.acceleration_g[:, kept], VALUES[kept].T.astype(np.float32))
    assert np.isfinite(read.acceleration_g).all()  # a hole of 0.02 s is bridged
    note = next(note for note in read.provenance.notes if note.startswith("damage:"))
    assert "line 302" in note or "beyond" in note


@pytest.mark.parametrize("empty", ["", "nan", "NaN", "NA", "null"])
def test_rows_without_values_become_a_gap(tmp_path: Path, empty: str) -> None:
    lines = rows(tmp_path)
    for row in range(200, 260):
        lines[row + 1] = ",".join([lines[row + 1].split(",")[0], empty, empty, empty])
    read = read_lines(tmp_path, lines)
    assert read.damage.rejected_rows == 60
    np.testing.assert_allclose(read.gaps_s, [[2.0, 2.6]], atol=1e-6)
    assert np.isnan(read.acceleration_g[0]).sum() == 60


def test_many_damaged_rows_are_refused_with_the_first_line(tmp_path: Path) -> None:
    lines = rows(tmp_path)
    for row in range(100, 120):
        lines[row] = "7,x,y,z"
    with pytest.raises(
        sj.InputError, match=r"damaged\.csv, line 101: text where a number .*'7,x,y,z'.* in 20 of 600 rows"
    ):
        read_lines(tmp_path, lines)


def test_repeated_rows_are_kept_once(tmp_path: Path) -> None:
    lines = rows(tmp_path)
    read = read_lines(tmp_path, [*lines[:101], lines[100], *lines[101:]])
    assert read.damage.repeated_stamps == 1
    np.testing.assert_array_equal(read.acceleration_g, VALUES.T.astype(np.float32))


def test_every_row_sent_twice_is_kept_once(tmp_path: Path) -> None:
    lines = rows(tmp_path)
    read = read_lines(tmp_path, [lines[0], *(line for line in lines[1:] for _ in range(2))])
    assert read.damage.repeated_stamps == COUNT
    np.testing.assert_array_equal(read.acceleration_g, VALUES.T.astype(np.float32))


@pytest.mark.parametrize("first", [0, 37])
def test_samples_under_whole_seconds_are_spread_evenly(tmp_path: Path, first: int) -> None:
    values = motion(6000)
    times = [(row + first) // 100 for row in range(6000)]
    read = sj.read_recording(write_rows(tmp_path / "n.csv", times, values, header="time_s,x_g,y_g,z_g"))
    assert read.rate_hz == pytest.approx(100, rel=1e-3)
    assert read.damage.repeated_stamps == 0
    assert any("every 1 s" in note for note in read.provenance.notes)
    peak = int(np.argmax(read.acceleration_g[0]))  # the wave stands in the middle
    assert peak == pytest.approx(3000, abs=3)


def test_time_that_starts_again_is_refused_with_its_line(tmp_path: Path) -> None:
    lines = rows(tmp_path)
    with pytest.raises(
        sj.InputError, match=r"line 602: time runs backwards, in 599 of 1200 rows; split the file there"
    ):
        read_lines(tmp_path, [*lines, *lines[1:]])


def test_two_rows_in_the_wrong_order_cost_none(tmp_path: Path) -> None:
    lines = rows(tmp_path)
    lines[200], lines[201] = lines[201], lines[200]
    read, sound = read_lines(tmp_path, lines), read_lines(tmp_path, rows(tmp_path))
    assert read.damage.rejected_rows == 0
    np.testing.assert_array_equal(read.acceleration_g, sound.acceleration_g)


BAD = {
    "empty": (b"", r"the file is empty"),
    "blank": (b"\n \n\n", r"the file is empty"),
    "zeros": (b"\0" * 4096, r"the file is empty"),
    "header only": (f"{NATIVE}\n".encode(), r"there are no samples, only 1 line"),
    "one row": (f"{NATIVE}\n0,0,0,1\n".encode(), r"only 1 row of samples"),
    "one row, torn second": (f"{NATIVE}\n0,0,0,1\n10000,0,0".encode(), r"only 1 row of samples"),
    "prose": (b"Dear diary,\nI slept well.\nToday nothing happened.\n", r"no line holds three numbers"),
    "all NaN": (
        "\n".join([NATIVE, *(f"{row}0000,nan,nan,nan" for row in range(50)), ""]).encode(), "no sample",
    ),
    "wrong columns": (b"time,pulse,spo2,temp\n0,60,98,36.1\n10,61,98,36.1\n", r"no columns .*--columns"),
    "two sets of columns": (b"t,x,y,z,X,Y,Z\n0,0,0,1,0,0,1\n10,0,0,1,0,0,1\n", r"than one .*--columns"),
    "two times": (b"time,timestamp,x,y,z\n0,0,0,0,1\n10,17,0,0,1\n", r"more than one .* be the time"),
    "no names, seven columns": (b"0,0,0,1,5,5,5\n10,0,0,1,5,5,5\n", r"7 columns without names; .*--columns"),
    "backwards": (
        "\n".join([NATIVE, *(f"{100 - row}0000,0,0,1" for row in range(50)), ""]).encode(),
        r"line 3: time runs backwards",
    ),
    "one time": ("\n".join([NATIVE, *("5,0,0,1" for _ in range(50)), ""]).encode(), r"same time"),
    "unit unknown": (b"t_us,x,y,z\n0,0,0,3.3\n10000,0,0,3.3\n20000,0,0,3.3\n", r"unit of acc.*--unit"),
    "no gravity": (b"t_us,x,y,z\n0,0,0,0.01\n10000,0,0,0.02\n20000,0,0,0.01\n", r"unit of acc.*--unit"),
    "names against numbers": (
        b"t_us,x_g,y_g,z_g\n0,0,0,9.81\n10000,0,0,9.80\n20000,0,0,9.81\n",
        r"names say g, but gravity amounts to 9\.8.* as in m/s2; decide with --unit g or --unit m/s2",
    ),
    "time unknown": (b"t,x_g,y_g,z_g\n0,0,0,1\n300,0,0,1\n600,0,0,1\n", r"unit of time can't .*--time-unit"),
    "time named wrongly": (
        b"t_ms,x_g,y_g,z_g\n0,0,0,1\n10000,0,0,1\n20000,0,0,1\n",
        r"called 't_ms', but its steps fit us; decide with --time-unit ms or --time-unit us",
    ),
    "too slow": (b"t_us,x_g,y_g,z_g\n0,0,0,1\n1000000,0,0,1\n2000000,0,0,1\n", r"--time-unit"),
    "decimal commas": (b"t,x,y,z\n0,0,01,0,02,0,99\n10,0,01,0,02,0,99\n", r"line 2: 7 cells under 4 names"),
    "spreadsheet numbers": (b"t,x,y,z\n1.7E+12,0,0,1\n1.7E+12,0,0,1\n", r"line 2: '1.7E\+12' is a time"),
    "spreadsheet times": (b"t,x,y,z\n31:04.1,0,0,1\n31:04.2,0,0,1\n", r"line 2: '31:04.1' is a time"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, r"a PNG picture"),
    "binary": (bytes(range(256)) * 40, r"binary data, not text"),
    "UTF-32": ("\ufefft_us,x_g,y_g,z_g\n0,0,0,1\n".encode("utf-32-le"), r"binary data, not text"),
    "sidecar": (b'{"start_utc": "2026-11-22T21:31:04Z"}', r"JSON; give the recording's CSV"),
    "database": (b"SQLite format 3\0" + b"\0" * 90, r"a database"),
    "span of years": (
        "\n".join([NATIVE, *(f"{row}0000,0,0,1" for row in range(500)), "99999999999999,0,0,1", ""]).encode(),
        r"rows span 1157\.4 days, so some stamps must be wrong",
    ),
    "events": (b"onset_s,duration_s,peak_g,tilt_deg,label\n1.0,0.2,0.3,0.0,sleep_twitch\n", "no columns x"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    content, message = BAD[name]
    path = tmp_path / "bad input.csv"
    path.write_bytes(content)
    with pytest.raises(sj.InputError, match=message) as caught:
        sj.read_recording(path)
    text = str(caught.value)
    assert str(path) in text
    assert "\n" not in text
    assert main(["check", str(path)]) == 2
    told = capsys.readouterr()
    assert told.err == f"sleepjerk: {text}\n"
    assert told.out == ""
    assert [file.name for file in tmp_path.iterdir()] == ["bad input.csv"]


def test_a_path_that_is_no_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(sj.InputError, match="there is no such file"):
        sj.read_recording(tmp_path / "nothing.csv")
    with pytest.raises(sj.InputError) as caught:
        sj.read_recording(tmp_path)
    assert str(caught.value) == f"{tmp_path}: this folder holds no recording; give one file"
    with pytest.raises(sj.InputError, match="can't be opened"):
        sj.read_recording("a\0b.csv")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_without_permission_is_one_sentence(tmp_path: Path) -> None:
    path = write_native(tmp_path / "n.csv", VALUES)
    path.chmod(0)
    with pytest.raises(sj.InputError, match="no permission to read this"):
        sj.read_recording(path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"unit": "stone"}, r"--unit stone: expected g, mg, m/s2, or counts:PER_G"),
        ({"unit": "counts:0"}, r"--unit counts:0"),
        ({"time_unit": "h"}, r"--time-unit h: expected s, ms, us, ns, ticks:PER_SECOND"),
        ({"rate_hz": 0.0}, r"--rate 0"),
        ({"rate_hz": float("nan")}, r"--rate nan"),
        ({"zone": "Mars/Olympus"}, r"--zone Mars/Olympus: there is no such time zone"),
        ({"zone": "../../etc/passwd"}, r"there is no such time zone"),
        ({"limb": "tail"}, r"--limb tail: expected wrist or ankle"),
        ({"columns": "t_us,x_g"}, r"--columns t_us,x_g: expected T,X,Y,Z"),
        ({"columns": "t_us,x_g,y_g,nose"}, r"names 'nose', but the file has t_us, x_g, y_g, z_g"),
        ({"columns": "1,2,3,5"}, r"names '5'"),
        ({"columns": "1,2,3,3"}, r"the same column is named twice"),
        ({"time_unit": "iso"}, r"the time column holds numbers"),
        ({"time_unit": "s"}, r"say the unit of time with --time-unit"),
        ({"unit": "counts:0.001"}, r"beyond 64 g; the unit must be wrong"),
    ],
)
def test_options_that_nobody_can_mean_are_one_sentence(
    tmp_path: Path, options: dict[str, object], message: str
) -> None:
    path = write_native(tmp_path / "n.csv", VALUES)
    with pytest.raises(sj.InputError, match=message):
        sj.read_recording(path, **options)  # type: ignore[arg-type]


ROWS = st.lists(
    st.lists(
        st.one_of(
            st.integers(-(10**18), 10**18).map(str),
            st.floats(width=32).map(str),
            st.sampled_from(
                ["", "nan", "t", "x", "y", "z", "x_g", "2026-11-22T22:31:04", '"', "#", "1,5", "9" * 400]
            ),
        ),
        min_size=1,
        max_size=6,
    ),
    max_size=12,
)


def survives(path: Path) -> None:
    """Reading gives a recording or one sentence."""
    try:
        read = sj.read_recording(path)
    except sj.InputError as error:
        lines = str(error).splitlines()
    else:
        lines = [""]
        assert read.acceleration_g.shape[1] >= 2
        assert np.isfinite(read.acceleration_g).any()
        assert not np.isinf(read.acceleration_g).any()
    assert len(lines) == 1


@settings(
    max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.binary(max_size=400), header=st.booleans())
def test_any_bytes_are_a_recording_or_one_sentence(tmp_path: Path, data: bytes, header: bool) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes((f"{NATIVE}\n0,0,0,1\n10000,0,0,1\n".encode() if header else b"") + data)
    survives(path)


@settings(
    max_examples=examples(250), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    table=ROWS,
    separator=st.sampled_from([",", ";", "\t", " "]),
    header=st.sampled_from(["", NATIVE, "t,x,y,z"]),
)
def test_any_table_is_a_recording_or_one_sentence(
    tmp_path: Path, table: list[list[str]], separator: str, header: str
) -> None:
    text = "\n".join([header.replace(",", separator), *(separator.join(cells) for cells in table), ""])
    survives(write_text(tmp_path / "any.csv", text))


@settings(
    max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(place=st.integers(0, 1000), bits=st.integers(1, 255), packed=st.booleans())
def test_a_flipped_byte_is_survived(tmp_path: Path, place: int, bits: int, packed: bool) -> None:
    data = write_native(tmp_path / "n.csv", VALUES[:40]).read_bytes()
    data = bytearray(gzip.compress(data, mtime=0) if packed else data)
    data[place % len(data)] ^= bits
    path = tmp_path / ("f.csv.gz" if packed else "f.csv")
    path.write_bytes(data)
    survives(path)


def test_when_the_first_row_is_impossible_the_clock_starts_with_the_second(tmp_path: Path) -> None:
    stamps = 1_760_000_000 + np.concatenate(([0.0], 60 + np.arange(6000) / 100))
    table = pd.DataFrame({"time_s": stamps, "x_g": 0.0, "y_g": 0.01, "z_g": 1.0})
    table.loc[0, "x_g"] = 100.0
    table.loc[1::2, "y_g"] = 0.02
    table.to_csv(tmp_path / "night.csv", index=False, float_format="%.3f")
    recording = sj.read_recording(tmp_path / "night.csv")
    assert recording.start is not None
    assert recording.start.timestamp() == pytest.approx(1_760_000_060, abs=0.02)
    assert recording.damage.rejected_rows == 1
