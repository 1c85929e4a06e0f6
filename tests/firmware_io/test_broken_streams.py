"""Streams that break off, begin in the middle or run two lines into one: no half becomes a whole, no neighbour is lost.

Every sample has numbers of its own, so that a part of one can't pass for another.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware_io.assemble.frames import FrameAssembler
from firmware_io.assemble.lines import LineAssembler
from firmware_io.assemble.timeline import Row
from firmware_io.recorder.options import Options
from firmware_io.recorder.writer import Writer
from firmware_io.wire import Decoder, Line
from firmware_io.wire.frames import FrameDecoder
from firmware_io.wire.lines import LineDecoder
from tests.firmware_io.board_frames import detect_layout, encode_data, encode_hello
from tests.firmware_io.recorder_process import nights
from tests.firmware_io.test_fuzz import KINDS, samples_of
from tests.firmware_io.test_wire import hello
from tests.support.marks import a_few

SCALE = 8192


def frames(boot_id: int, first: int, count: int) -> list[bytes]:
    """A hello and batches of 10; the x of sample n is n."""
    return [encode_hello(hello(0, boot_id))] + [
        encode_data(
            boot_id,
            1 + batch,
            100_000 * batch,
            90_000,
            [(first + 10 * batch + place, -3, SCALE) for place in range(10)],
        )
        for batch in range(count)
    ]


def numbers_of(rows: Iterator[object]) -> list[int]:
    return [round(row.x_g * SCALE) for row in rows if isinstance(row, Row)]


@pytest.mark.parametrize("reopened", [True, False])
def test_a_frame_cut_at_any_byte_by_a_reset_costs_its_own_samples_only(reopened: bool) -> None:
    before, after = frames(7, 0, 5), frames(8, 50, 5)
    for cut in range(1, len(before[-1])):
        decoder, assembler, found = FrameDecoder(), FrameAssembler(), list[int]()
        pieces = [b"".join(before[:-1]) + before[-1][:cut], b"".join(after), encode_hello(hello(9, 8))]
        for at_s, piece in zip((1.0, 3.0, 3.1), pieces, strict=True):
            items = decoder.feed(piece)
            if at_s == 1.0 and reopened:
                items += decoder.interrupt()
            for item in items:
                found += numbers_of(assembler.feed(item, at_s))
        assert found == [*range(40), *range(50, 100)], cut
        ledger = assembler.ledger
        assert ledger.expected == ledger.good + ledger.gap + ledger.rejected
        assert ledger.rejected == 10, "what came of it was damaged"


FORMS = {"with time": "{ms}\t{x:.4f}\t-0.0300\t0.9700\r\n", "without": "{x:.4f}, -0.0300, 0.9700\r\n"}


def printed(form: str, first: int, count: int) -> list[bytes]:
    """Lines whose x names them: 0.1003 is that of line 3, and no part of a number is one of them."""
    return [
        FORMS[form].format(ms=7_000_010 + 10 * n, x=0.1 + n / 1e4).encode()
        for n in range(first, first + count)
    ]


@pytest.mark.parametrize("form", a_few(FORMS, of=2))
def test_no_half_of_a_line_becomes_a_sample_wherever_it_broke_and_went_on(form: str, tmp_path: Path) -> None:
    known = detect_layout(
        [line for line in LineDecoder().feed(b"".join(printed(form, 0, 200))) if isinstance(line, Line)], 2.0
    )
    assert not isinstance(known, str)
    before, after = printed(form, 0, 30), printed(form, 80, 30)
    for cut in range(len(before[-1])):
        for on in range(len(after[0])):
            decoder, assembler = LineDecoder(), LineAssembler(known)
            items = decoder.feed(b"".join(before[:-1]) + before[-1][:cut]) + decoder.interrupt()
            rows = [row for item in items for row in assembler.feed(item, 0.3)]
            items = decoder.feed(after[0][on:] + b"".join(after[1:]))
            rows += [row for item in items for row in assembler.feed(item, 1.1)]
            rows += assembler.finish()
            found = [round(row.x_g * 1e4) - 1000 for row in rows if isinstance(row, Row)]
            # A jump in time is believed with the second line after it, which brings the first along.
            assert found == [*range(29), *range(81, 110)], (cut, on)


def test_a_recording_begins_and_goes_on_with_whole_lines(tmp_path: Path) -> None:
    writer = Writer(Options(tmp_path), lambda message: None)
    stream = b"".join(printed("without", 0, 200))[
        15:
    ]  # what is left of the first line looks like two numbers
    for place in range(0, len(stream), 200):
        writer.take(2.0 * place / len(stream), stream[place : place + 200])
    writer.take(2.1, printed("without", 200, 1)[0][:-4])
    writer.take(2.2, "unplugged")
    writer.take(3.9, "reconnect")
    writer.take(4.0, b"1, -0.0300, 0.9700\r\n" + b"".join(printed("without", 360, 10)))
    assert writer.night is not None
    writer.finish("end")
    (path,) = nights(tmp_path)
    x = [line.split(",")[1] for line in path.read_text().splitlines()[1:]]
    assert x == [f"{0.1 + n / 1e4:.4f}" for n in (*range(1, 200), *range(360, 370))]


def test_what_was_heard_before_a_break_is_no_part_of_finding_out(tmp_path: Path) -> None:
    writer = Writer(Options(tmp_path), lambda message: None)
    writer.take(0.1, b"0.5000, 0.2")
    writer.take(0.2, "unplugged")
    assert writer.listening.heard == []


@pytest.mark.parametrize("form", FORMS)
def test_two_lines_run_into_one_cost_both_and_no_other(form: str) -> None:
    lines = printed(form, 0, 200)
    for lost in (b"\n", b"\r\n"):
        decoder = LineDecoder()
        layout = detect_layout(
            [line for line in LineDecoder().feed(b"".join(lines)) if isinstance(line, Line)], 2.0
        )
        assert not isinstance(layout, str)
        assembler, found = LineAssembler(layout), list[int]()
        for number, line in enumerate(lines):
            for item in decoder.feed(line.removesuffix(lost) if number == 100 else line):
                rows = assembler.feed(item, number / 100)
                found += [round(row.x_g * 1e4) - 1000 for row in rows if isinstance(row, Row)]
        assert found == [n for n in range(200) if n not in (100, 101)]
        if form == "with time":
            ledger = assembler.ledger
            assert (ledger.good, ledger.gap + ledger.rejected, ledger.expected) == (198, 2, 200)
            assert ledger.rejected >= 1


@pytest.mark.parametrize("name", KINDS)
def test_a_break_gives_up_what_is_pending_and_accounts_for_it(name: str) -> None:
    make, packet, _ = KINDS[name]
    stream = b"".join(packet(number, [(5, 6, 7)]) for number in range(20))
    for cut in range(1, len(packet(0, [(5, 6, 7)]))):
        decoder: Decoder = make()
        items = decoder.feed(stream[:-cut]) + decoder.interrupt()
        assert decoder.pending == 0
        assert sum(item.size for item in items) == len(stream) - cut
        assert decoder.interrupt() == []
        again = decoder.feed(stream)
        assert len(samples_of(again)) >= len(samples_of(make().feed(stream))) - 1
