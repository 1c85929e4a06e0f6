"""The table of a cohort: the type of a column is that of all its values, however the rows are parted."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sleepjerk.batch import table
from sleepjerk.batch.journal import Journal
from sleepjerk.batch.work import Job, Outcome

ROWS = [
    {"count": 3, "share": 1.0, "text": "=1+1", "met": True, "nothing": None},
    {"count": None, "share": 2.0, "text": None, "met": None, "nothing": None},
    {"count": 4, "share": 0.5, "text": "b", "met": False, "nothing": None},
]
CSV = """\
recording,state,reason,count,share,text,met,nothing
a,done,,3,1.0,'=1+1,True,
a,done,,,2.0,,,
bad,refused,why,,,,,
c,done,,4,0.5,b,False,
"""


def outcome(name: str, rows: list[dict[str, object]], state: str = "done", reason: str = "") -> Outcome:
    return Outcome(name=name, stem=name, fingerprint=f"of {name}", state=state, reason=reason, rows=rows)


OUTCOMES = [outcome("a", ROWS[:2]), outcome("bad", [], "refused", "why"), outcome("c", ROWS[2:])]


@pytest.mark.parametrize("part", [1, 2, 100])
def test_however_it_is_parted_the_table_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    monkeypatch.setattr(table, "_PART", part)
    table.write_table(OUTCOMES, tmp_path)
    assert (tmp_path / "batch.csv").read_text() == CSV
    file = pq.ParquetFile(tmp_path / "batch.parquet")
    assert file.num_row_groups == -(-4 // part)
    read = file.read().to_pydict()
    assert read["text"] == ["=1+1", None, None, "b"]
    assert read["share"] == [1.0, 2.0, None, 0.5]
    assert read["count"] == [3, None, None, 4]
    assert read["met"] == [True, None, None, False]


@pytest.mark.parametrize("torn", [b"", b'{"name": "c", "ste', b"\xff\n"])
def test_a_journal_gives_back_what_it_was_told_after_a_kill_and_beside_another_writer(
    tmp_path: Path, torn: bytes
) -> None:
    path = tmp_path / "batch.journal.jsonl"
    Journal(path).add(outcome("c", []), tmp_path)
    with path.open("ab") as file:
        file.write(torn)
    one, other = Journal(path), Journal(path)
    other.add(outcome("elsewhere", ROWS), tmp_path)
    for told in OUTCOMES:
        one.add(told, tmp_path)
    assert list(one.of(["bad", "c", "a"])) == [OUTCOMES[1], OUTCOMES[2], OUTCOMES[0]]
    assert list(Journal(path).of(["c", "elsewhere"])) == [OUTCOMES[2], outcome("elsewhere", ROWS)]
    job = Job(name="never", mark="", stem="never")
    assert list(Journal(path).done([job], tmp_path)) == [(job, None)]
