"""Recordings behind URLs: the tables of local copies, each fetched once, no secret told, a fault costs one alone."""

import gzip
import io
import json
import sys
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import quote

import pandas as pd
import pytest

from sleepjerk.batch import find_recordings
from sleepjerk.batch.stores import Found, find_in_store, told
from tests.batch.bucket import KEY, SECRET, Door, put, store
from tests.firmware_io.recorder_process import PROJECT
from tests.support.in_process import Here, sleepjerk

SHORT = PROJECT / "sample_data" / "short_night.csv.gz"
ODD = "nä t#1 [2]?.csv.gz"
SAFE = "bad.csv"


@cache
def contents() -> dict[str, bytes]:
    """The files of a study, by name: each kind of recording, one with what lies beside it, and a broken one."""
    night = SHORT.read_bytes()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr(
            "TotalAcceleration.csv", gzip.decompress(night)[:4_000_000].rpartition(b"\n")[0] + b"\n"
        )
    sidecar = {"start_utc": "2026-11-22T21:31:04Z", "zone": "Europe/Berlin", "limb": "ankle", "subject": "P7"}
    ticks = [f"{10_000_000 * n},{1000 + 10.001 * n},{1764000000 + 10.001 * n},tick" for n in range(360)]
    return {
        "a.csv.gz": night,
        "a.json": json.dumps(sidecar).encode(),
        "a.clock.csv": "\n".join(["t_us,host_monotonic_s,host_utc_s,event", *ticks, ""]).encode(),
        SAFE: b"nothing here\n",
        "plain.csv": gzip.decompress(night),
        "sub/phone.zip": archive.getvalue(),
        ODD: night,
        "notes.md": b"# no recording\n",
    }


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with store(tmp_path_factory.mktemp("store")) as door:
        put(door, "/study", b"")
        for name, content in contents().items():
            put(door, f"/study/nights/{quote(name)}", content)
        yield door


@pytest.fixture
def bucket(door: Door, monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    """The study behind an open door, whose address and keys the surroundings say."""
    import s3fs

    door.open()
    monkeypatch.setenv("AWS_ENDPOINT_URL", door.address)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    s3fs.S3FileSystem.clear_instance_cache()
    yield door
    s3fs.S3FileSystem.clear_instance_cache()


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sleepjerk.batch.spread.Processes", Here)


def states(out: Path) -> dict[str, str]:
    """What became of each recording, by the end of its name."""
    table = pd.read_csv(out / "batch.csv")
    return {
        str(name).rpartition("/")[2]: str(state)
        for name, state in zip(table["recording"], table["state"], strict=True)
    }


def kept(out: Path) -> str:
    """All that was written, for what must not be in it."""
    return "".join(path.read_bytes().decode("latin-1") for path in out.rglob("*") if path.is_file())


@pytest.mark.slow
def test_a_bucket_gives_the_tables_of_its_local_copies_and_each_recording_is_fetched_once(
    bucket: Door, tmp_path: Path
) -> None:
    local = tmp_path / "nights"
    for name, content in contents().items():
        (local / name).parent.mkdir(parents=True, exist_ok=True)
        (local / name).write_bytes(content)
    near, far = tmp_path / "near", tmp_path / "far"
    assert sleepjerk("batch", local, "--out", near, "--jobs", 2).returncode == 2
    done = sleepjerk("batch", "s3://study/nights/", "--out", far, "--jobs", 2)
    assert done.returncode == 2
    assert "4 of 5 recordings analysed" in done.stderr
    assert sorted(path.name for path in far.iterdir()) == sorted(path.name for path in near.iterdir())
    for path in far.iterdir():
        if path.name not in ("batch.journal.jsonl", "batch.parquet"):
            told = path.read_bytes().replace(b"s3://study/nights", str(local).encode())
            assert told == (near / path.name).read_bytes(), path.name
    table = pd.read_parquet(far / "batch.parquet")
    assert table["limb"].dropna().tolist() == ["ankle", "wrist", "wrist", "wrist"]
    for name in ("a.csv.gz", quote(ODD), "plain.csv", "sub/phone.zip"):
        assert bucket.fetched(f"/{name}") == [len(contents()[name if name != quote(ODD) else ODD])]

    before = (far / "batch.journal.jsonl").read_bytes()
    bucket.asked.clear()
    again = sleepjerk("batch", "s3://study/nights", "--out", far)
    assert again.returncode == 2
    assert "(4 of them in an earlier run)" in again.stderr
    assert (far / "batch.journal.jsonl").read_bytes() == before
    assert {path.partition("?")[0] for _, path, _ in bucket.asked} <= {"/study", "/study/nights"}


@pytest.mark.slow
@pytest.mark.usefixtures("here")
def test_a_pattern_a_name_and_a_list_stand_for_the_same_recordings_and_a_changed_one_is_done_again(
    bucket: Door, tmp_path: Path
) -> None:
    put(bucket, "/study/more/x.csv", contents()["plain.csv"])
    (tmp_path / "list.txt").write_text("\ufeffs3://study/more/x.csv\r\n\r\ns3://study/nights/bad.csv\r\n")
    out = tmp_path / "out"
    names = [one.name for one in find_recordings([f"@{tmp_path / 'list.txt'}"])]
    assert names == ["s3://study/more/x.csv", "s3://study/nights/bad.csv"]
    assert [one.name for one in find_recordings([f"s3://study/nights/{ODD}"])] == [f"s3://study/nights/{ODD}"]
    assert sleepjerk("batch", "s3://study/more/*.csv", "--out", out).returncode == 0
    for again in ("s3://study/more", "s3://study/more/x.csv", "s3://study/*/x.csv"):
        assert "(1 of them in an earlier run)" in sleepjerk("batch", again, "--out", out).stderr
    put(bucket, "/study/more/x.csv", contents()["plain.csv"][:3_000_000])
    import s3fs

    s3fs.S3FileSystem.clear_instance_cache()  # another process would have no listing of this one
    assert "earlier run" not in sleepjerk("batch", "s3://study/more", "--out", out).stderr


@pytest.mark.slow
@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("place", "surroundings", "said"),
    [
        ("s3://nobody/nights", {}, "no such place"),
        ("s3://study/none/*.csv", {}, "no such place"),
        ("s3://no bucket/x.csv", {}, "Invalid bucket name"),
        (f"s3://{KEY}:{SECRET}@study/nights", {}, "Invalid bucket name"),
        ("s3://study/nights", {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "credentials"),
        ("s3://study/nights", {"AWS_SECRET_ACCESS_KEY": ""}, "missing: AWS_SECRET_ACCESS_KEY"),
        ("s3://study/nights", {"AWS_ENDPOINT_URL": f"http://me:{SECRET}@127.0.0.1:9"}, "can't be listed"),
        ("s3://secret/nights", {}, "Forbidden"),
        ("gs://study/nights", {}, "install that"),
        ("bogus://study/nights", {}, "Protocol not known"),
        (f"http://127.0.0.1:9/x.csv?sig={SECRET}", {}, "check its address"),
        (f"ftp://me:{SECRET}@127.0.0.1:9/x.csv", {}, "refused"),
    ],
)
def test_a_store_that_cannot_be_listed_is_one_sentence_without_a_secret(
    place: str,
    surroundings: dict[str, str],
    said: str,
    bucket: Door,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    bucket.refused = "/secret"
    for name, value in surroundings.items():
        if value:
            monkeypatch.setenv(name, value)
        else:
            monkeypatch.delenv(name)
    done = sleepjerk("batch", place, "--out", tmp_path / "out")
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert SECRET not in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("here")
def test_what_cannot_be_fetched_costs_itself_alone_and_is_tried_again(bucket: Door, tmp_path: Path) -> None:
    out = tmp_path / "out"
    line = ("batch", "s3://study/nights/*", "--out", out, "--table-only")
    bucket.refused = "/a.csv"
    bucket.breaking, bucket.breaks, bucket.break_bytes = "plain.csv", 100, 100_000
    done = sleepjerk(*line)
    assert done.returncode == 2
    assert states(out) == {"a.csv.gz": "refused", SAFE: "refused", "plain.csv": "refused", ODD: "done"}
    for name in ("a.csv.gz", "plain.csv"):
        (sentence,) = [
            text for text in done.stderr.splitlines() if f"sleepjerk: s3://study/nights/{name}:" in text
        ]
        assert "can't be fetched" in sentence
        assert "type the same line again" in sentence
    assert SECRET not in done.stderr + kept(out)
    assert str(Path("/tmp")) not in done.stderr
    bucket.open()
    bucket.breaking, bucket.breaks, bucket.break_bytes = (
        "plain.csv",
        2,
        5_000_000,
    )  # goes on where it broke off
    assert "3 of 4 recordings analysed (1 of them" in sleepjerk(*line).stderr
    assert sum(bucket.fetched("/plain.csv")) == pytest.approx(len(contents()["plain.csv"]), abs=1 << 17)
    assert bucket.fetched(SAFE) == []


@pytest.mark.slow
@pytest.mark.usefixtures("here")
def test_a_signed_address_is_kept_and_told_without_its_signature_and_a_slow_one_is_waited_for(
    bucket: Door, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    bucket.pause_s = 0.02
    signed = f"{bucket.address}/study/nights/plain.csv?X-Amz-Signature="
    done = sleepjerk("batch", f"{signed}{SECRET}", "--out", out)
    assert done.returncode == 0
    assert SECRET not in done.stdout + done.stderr + kept(out)
    assert sorted(path.name for path in out.glob("plain.*")) == ["plain.events.csv", "plain.night.json"]
    assert bucket.fetched(SECRET) == [len(contents()["plain.csv"])]
    assert "1 of them in an earlier run" in sleepjerk("batch", f"{signed}another", "--out", out).stderr


@pytest.mark.usefixtures("here")
def test_an_archive_and_a_folder_behind_a_url_are_listed_with_whole_names(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("n/a.csv", "t,x,y,z\n")
        archive.writestr("n/a.json", "{}")
    (tmp_path / "b.csv").write_text("t,x,y,z\n")
    (one,) = find_in_store(f"zip://n/*::file://{tmp_path}/x.zip")
    assert one.name == f"zip://n/a.csv::file://{tmp_path}/x.zip"
    assert [one.name for one in find_in_store(f"file://{tmp_path}/")] == [
        f"file://{tmp_path}/b.csv",
        f"file://{tmp_path}/x.zip",
    ]


def test_secrets_of_addresses_are_hidden_and_nothing_else_is() -> None:
    for secret, address in {
        "pw": "ftp://me:pw@host/a.csv",
        "p@w": "sftp://me:p@w@host:22/a.csv",
        "token": "https://token@host/a.csv",
        "me:pw": "http://me:pw@host/a?b=1.csv",
        "sig=1&x=2": "https://host/a.csv?sig=1&x=2",
    }.items():
        assert secret not in told(f"({address}: odd)")
        assert told(address).startswith(address[: address.index(secret)])
    for plain in (
        "s3://bucket/a:b@c?x=1.csv",
        "github://org:repo@main/a.csv",
        "abfs://container@account.dfs.core.windows.net/a.csv",
        "ftp://host:21/a@b.csv",
        "https://host/a@b.csv",
    ):
        assert told(plain) == plain
    assert SECRET not in repr(Found(name="a", mark="", store=f"ftp://me:{SECRET}@host", path=f"/a?{SECRET}"))


def test_results_into_a_bucket_are_refused_and_so_is_a_list_that_is_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        sleepjerk("batch", SHORT, "--out", "s3://study/out")
    done = sleepjerk("batch", f"@{tmp_path / 'none.txt'}", "--out", tmp_path)
    assert done.returncode == 2
    assert "can't be read as a list of recordings" in done.stderr


@pytest.mark.slow
@pytest.mark.usefixtures("here")
def test_what_a_package_or_a_file_could_mend_is_tried_again_and_a_broken_file_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zstandard = pytest.importorskip("zstandard")
    nights, out = tmp_path / "nights", tmp_path / "out"
    nights.mkdir()
    (nights / "a.csv.zst").write_bytes(zstandard.compress(gzip.decompress(SHORT.read_bytes())))
    (nights / SAFE).write_bytes(contents()[SAFE])
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "zstandard", None)
        assert "pip install" in sleepjerk("batch", nights, "--out", out).stderr
    journal = (out / "batch.journal.jsonl").read_text()
    assert "1 of 2 recordings analysed" in sleepjerk("batch", nights, "--out", out).stderr
    added = (out / "batch.journal.jsonl").read_text().removeprefix(journal)
    assert [json.loads(line)["stem"] for line in added.splitlines()] == ["a"]
