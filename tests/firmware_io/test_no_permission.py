"""What a person without rights is told, before bedtime: really without rights, also where root runs the tests."""

import grp
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

# Whoever has no rights may be unable to import these later.
import firmware_io.disk  # noqa: F401
import sleepjerk.cli.record  # noqa: F401
from firmware_io.doctor import examine
from firmware_io.port import NO_DEVICE, FoundPort, Port, PortError
from sleepjerk.cli import main
from tests.support.nobody import nobody


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that everybody may look into, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="sleepjerk-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_a_folder_that_may_not_be_written_is_refused_with_its_owner(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = folder / "nights"
    out.mkdir()
    out.chmod(0o555)
    with nobody():
        assert main(["record", "--port", "/dev/not-there", "--out", str(out)]) == 2
    told = capsys.readouterr().err
    assert f"{out}: can't write recordings here (Permission denied, it belongs to {out.owner()})" in told
    assert list(out.iterdir()) == []


def test_a_port_without_permission_is_one_sentence_with_its_own_group() -> None:
    master, slave = os.openpty()
    name = os.ttyname(slave)
    Path(name).chmod(0)
    group = grp.getgrgid(Path(name).stat().st_gid).gr_name
    with nobody(), pytest.raises(PortError) as raised:
        Port(name)
    assert raised.value.exit_code == NO_DEVICE
    assert f'no permission; type: sudo usermod -aG {group} "$USER"   then log out and in again' in str(
        raised.value
    )
    for handle in (master, slave):
        os.close(handle)


def test_the_doctor_names_the_group_of_a_port_that_may_not_be_used(folder: Path) -> None:
    node = folder / "dev" / "ttyUSB0"
    node.parent.mkdir()
    node.touch()
    node.chmod(0)
    board = FoundPort("/dev/ttyUSB0", "USB Serial", 0x1A86, 0x7523, None, "1-2", "CH340")
    with nobody():
        (finding,) = examine([board], folder)
    group = grp.getgrgid(node.stat().st_gid).gr_name
    assert finding.line.startswith(f'sudo usermod -aG {group} "$USER"')
