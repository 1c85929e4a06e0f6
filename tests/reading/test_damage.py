"""Torn files, damaged files, no recordings: what can be read is counted, the rest is one sentence."""

import gzip
import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sleepjerk import InputError, Recording
from sleepjerk.reading import read_recording
from sleepjerk.reading.source import open_source
from tests.reading.made_files import made_g, native, put, stamps_us, table
from tests.support.marks import examples

SMALL = native(made_g(0.12))
LONG = native(made_g(20.0))
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def lines_with(line: int, text: str, source: str = LONG) -> str:
    """The file with another text on one line, counted from 1."""
    lines = source.split("\n")
    lines[line - 1] = text
    return "\n".join(lines)


@pytest.mark.slow
def test_a_file_cut_off_anywhere_reads_up_to_its_last_whole_line(tmp_path: Path) -> None:
    content, counts = SMALL.encode(), []
    for length in range(len(content) + 1):
        whole = max(content[:length].count(b"\n") - 1, 0)
        try:
            recording = read_recording(put(tmp_path, content[:length]))
        except InputError:
            assert whole < 2
            continue
        counts.append(recording.acceleration_g.shape[1])
        assert counts[-1] == whole
    assert counts == sorted(counts)


def test_a_torn_last_line_and_zero_bytes_are_dropped_and_said(tmp_path: Path) -> None:
    recording = read_recording(put(tmp_path, LONG.encode()[:-4] + bytes(520)))
    assert recording.acceleration_g.shape[1] == 1999
    assert any("last line" in note for note in recording.provenance.notes)
    assert any("zero bytes" in note.lower() or "nul" in note.lower() for note in recording.provenance.notes)


def test_a_packed_file_that_is_cut_off_reads_as_far_as_it_goes(tmp_path: Path) -> None:
    packed = gzip.compress(LONG.encode())
    recording = read_recording(put(tmp_path, packed[: len(packed) // 2], "night.csv.gz"))
    assert 100 < recording.acceleration_g.shape[1] < 2000


@pytest.mark.parametrize(
    "text",
    [
        "10000,abc,0.6,0.8",
        "10000,0.1,0.6",
        "10000,0.1,0.6,0.8,9",
        "10000,,0.6,0.8",
        "10000,nan,0.6,0.8",
        "x",
        '1,"2,3',
        "1,2,3\0,4",
    ],
)
def test_a_damaged_line_is_left_out_and_counted(text: str, tmp_path: Path) -> None:
    recording = read_recording(put(tmp_path, lines_with(1000, text)))
    assert recording.damage.rejected_rows == 1
    assert any("line 1000" in note for note in recording.provenance.notes)
    assert recording.acceleration_g.shape[1] == 2000
    assert np.isfinite(recording.acceleration_g).all(), "one lost sample is filled, not a gap"


def test_damage_of_several_kinds_costs_its_own_rows_alone(tmp_path: Path) -> None:
    damaged = {
        100: "x,0.1,0.6,0.8",
        700: "6980000,,0.6,0.8",
        701: "6990000,0.1",
        1500: "14980000,0.1,oops,0.8",
    }
    text = LONG
    for line, row in damaged.items():
        text = lines_with(line, row, text)
    whole, recording = read_recording(put(tmp_path, LONG)), read_recording(put(tmp_path, text))
    assert recording.damage.rejected_rows == len(damaged)
    assert any("2000 rows" in note and "line 100 " in note for note in recording.provenance.notes)
    assert any("without values" in note and "line 700" in note for note in recording.provenance.notes)
    kept = np.setdiff1d(np.arange(2000), np.array(list(damaged)) - 2)
    np.testing.assert_array_equal(recording.acceleration_g[:, kept], whole.acceleration_g[:, kept])


@pytest.mark.parametrize("hole", [1, 700, 200_000])
def test_a_hole_of_zeros_costs_the_row_in_which_it_lies(hole: int, tmp_path: Path) -> None:
    place = LONG.index("\n", 9000) + 7
    recording = read_recording(put(tmp_path, LONG[:place] + "\0" * hole + LONG[place:]))
    assert recording.damage.rejected_rows == 1
    assert recording.acceleration_g.shape[1] == 2000


def test_a_file_whose_beginning_was_never_written_is_read_from_there_on(tmp_path: Path) -> None:
    place = LONG.index("\n", 4096) - 3
    recording = read_recording(put(tmp_path, bytes(place) + LONG[place:].encode()), time_unit="us")
    assert recording.acceleration_g.shape[1] == LONG[place:].count("\n") - 1
    with pytest.raises(InputError, match="binary data"):
        read_recording(put(tmp_path, LONG.replace("1", "\0")))


UTF_16 = {
    "little endian": LONG.encode("utf-16"),
    "big endian": b"\xfe\xff" + LONG.encode("utf-16-be"),
    "without a mark": LONG.encode("utf-16-le"),
    "big endian without a mark": LONG.encode("utf-16-be"),
    "packed": gzip.compress(LONG.encode("utf-16")),
    "other line ends": LONG.replace("\n", "\r\n").encode("utf-16"),
}


@pytest.mark.parametrize("written", UTF_16)
def test_utf_16_is_read_as_utf_8_is(written: str, tmp_path: Path) -> None:
    plain = read_recording(put(tmp_path, LONG))
    wide = read_recording(put(tmp_path, UTF_16[written]))
    assert np.array_equal(plain.acceleration_g, wide.acceleration_g)
    assert wide.provenance.notes == plain.provenance.notes
    assert wide.input_sha256 == hashlib.sha256(UTF_16[written]).hexdigest()


def test_utf_16_that_is_cut_within_a_sign_reads_up_to_its_last_whole_line(tmp_path: Path) -> None:
    recording = read_recording(put(tmp_path, LONG.encode("utf-16")[:-5]))
    assert recording.acceleration_g.shape[1] == 1999


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lambda data: data.decode().encode("utf-16")])
def test_more_of_the_beginning_can_be_asked_for(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    text = "# " + "header " * 20_000 + "\n" + LONG
    source = open_source(put(tmp_path, pack(text.encode())))
    assert 30_000 < len(source.text()) < len(source.text(1 << 17)) < len(text)
    assert source.text(1 << 20) == text
    assert text.startswith(source.text(1 << 17))


def test_a_line_that_goes_back_in_time_is_left_out_and_counted(tmp_path: Path) -> None:
    recording = read_recording(put(tmp_path, lines_with(1000, "17,0.1,0.6,0.8")))
    assert recording.damage.rejected_rows == 1
    assert any("line 1000" in note for note in recording.provenance.notes)


def test_a_line_that_jumps_ahead_and_back_is_left_out_alone(tmp_path: Path) -> None:
    recording = read_recording(put(tmp_path, lines_with(1000, "99998000,0.1,0.6,0.8")))
    assert recording.damage.rejected_rows == 1
    assert recording.duration_s == pytest.approx(20.0)


def test_a_stamp_that_stands_twice_is_kept_once(tmp_path: Path) -> None:
    lines = LONG.split("\n")
    recording = read_recording(put(tmp_path, "\n".join([*lines[:500], lines[499], *lines[500:]])))
    assert recording.damage.repeated_stamps == 1
    assert recording.acceleration_g.shape[1] == 2000


def mostly_text() -> str:
    return "\n".join(
        line.replace("0.", "o.") if i % 3 == 0 else line for i, line in enumerate(LONG.split("\n"))
    )


BAD: dict[str, tuple[str | bytes, str]] = {
    "empty file": (b"", "empty"),
    "only blank lines": ("\n\n\n", "."),
    "only zero bytes": (bytes(4096), "."),
    "only a header": ("t_us,x_g,y_g,z_g\n", "."),
    "one row": ("t_us,x_g,y_g,z_g\n0,0,0.6,0.8\n", "."),
    "two columns": (table("t_us,x_g", [(t, 1) for t in stamps_us(500)]), "."),
    "other columns": (table("a,b,c,d,e", [(t, 0, 0.6, 0.8, 1) for t in stamps_us(500)]), "--columns"),
    "text in numbers": (mostly_text(), r"line \d+"),
    "time runs backwards": (native(made_g(), stamps_us(2000)[::-1].copy()), r"line \d+"),
    "time stands still": (native(made_g(), np.zeros(2000, np.int64)), "."),
    "NaN everywhere": (table("t_us,x_g,y_g,z_g", [(t, "nan", "nan", "nan") for t in stamps_us(500)]), "."),
    "no unit": (table("t,x,y,z", [(t, 0, 30.0, 40.5) for t in stamps_us(500)]), "--unit"),
    "name and gravity differ": (
        table("t_us,x_g,y_g,z_g", [(t, 0, 600, 800) for t in stamps_us(500)]),
        "--unit",
    ),
    "no time unit": (table("t,x_g,y_g,z_g", [(i * 300, 0, 0.6, 0.8) for i in range(500)]), "--time-unit"),
    "day first": (table("time,x_g,y_g,z_g", [("03/04/2026 10:00:00.5", 0, 0.6, 0.8)] * 500), "."),
    "a PNG": (PNG, "PNG"),
    "a program": (b"\x7fELF" + bytes(range(256)) * 20, "."),
    "a text": ("Once upon a time there was a night,\nand nobody had slept.\n" * 50, "."),
    "a web page": ("<html><body><p>404</p></body></html>\n", "."),
    "broken gzip": (gzip.compress(LONG.encode())[:40] + b"xxxxxxxx" * 30, "."),
    "years between two rows": (lines_with(2001, "99999999999999999,0,0.6,0.8"), "days"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence_that_names_the_file(name: str, tmp_path: Path) -> None:
    content, match = BAD[name]
    path = put(tmp_path, content)
    with pytest.raises(InputError, match=match) as caught:
        read_recording(path)
    assert path.name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"folder|directory"):
        read_recording(tmp_path)
    with pytest.raises(InputError, match="nowhere"):
        read_recording(tmp_path / "nowhere.csv")


@pytest.mark.parametrize(
    ("option", "match"),
    [
        ({"unit": "stones"}, "--unit"),
        ({"unit": "counts:0"}, "--unit"),
        ({"time_unit": "weeks"}, "--time-unit"),
        ({"columns": "t_us,x_g"}, "--columns"),
        ({"columns": "t_us,x_g,y_g,q"}, "--columns"),
        ({"columns": "9,1,2,3"}, "--columns"),
        ({"zone": "Mars/Base"}, "--zone"),
        ({"rate_hz": -1.0, "columns": "x_g,y_g,z_g"}, "--rate"),
    ],
)
def test_a_senseless_option_is_named(option: dict[str, object], match: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=match):
        read_recording(put(tmp_path, LONG), **option)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["empty file", "a PNG", "text in numbers", "no unit"])
def test_the_command_line_ends_with_2_and_writes_nothing(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from sleepjerk.cli import main

    path = put(tmp_path, BAD[name][0])
    assert main(["analyse", str(path)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.strip().split("\n")) == 1
    assert "Traceback" not in said.err
    assert list(tmp_path.iterdir()) == [path]


def read_or_refuse(path: Path) -> None:
    said = ""
    try:
        assert isinstance(read_recording(path), Recording)
    except InputError as refusal:
        said = str(refusal)
    assert "\n" not in said


FIELD = st.sampled_from(
    [
        "0",
        "1",
        "-1",
        "0.5",
        "1e9",
        "1e300",
        "nan",
        "",
        "abc",
        "9" * 25,
        '"',
        "2026-01-01T00:00:00",
        "1.5.2",
        "\0",
        "µ",
    ]
)
FUZZ = settings(
    max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@FUZZ
@given(
    st.lists(st.lists(FIELD, min_size=1, max_size=6), max_size=30),
    st.sampled_from([",", ";", "\t"]),
    st.booleans(),
)
def test_any_table_of_odd_fields_is_read_or_refused(
    tmp_path: Path, rows: list[list[str]], sign: str, named: bool
) -> None:
    read_or_refuse(put(tmp_path, table("t_us,x_g,y_g,z_g".replace(",", sign) if named else "", rows, sign)))


@FUZZ
@given(st.integers(0, len(SMALL) - 1), st.binary(max_size=12), st.integers(0, 12))
def test_any_damage_to_a_native_file_is_read_or_refused(
    tmp_path: Path, place: int, put_in: bytes, cut: int
) -> None:
    content = SMALL.encode()
    read_or_refuse(put(tmp_path, content[:place] + put_in + content[place + cut :]))


@FUZZ
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    read_or_refuse(put(tmp_path, content))


def test_reading_agrees_with_pandas_on_the_numbers(tmp_path: Path) -> None:
    expected = pd.read_csv(io.StringIO(LONG))[["x_g", "y_g", "z_g"]].to_numpy(np.float32).T
    np.testing.assert_array_equal(read_recording(put(tmp_path, LONG)).acceleration_g, expected)
