"""The page among a person's programs: what is written is what the desktop would start."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from sleepjerk.cli import main
from sleepjerk.cli.shortcut import install_shortcut


@pytest.mark.parametrize("folder", ["plain", 'of "Jane" & $HOME', "100 % \\ `x`"])
def test_the_desktop_starts_the_page_of_that_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: str
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert main(["app", "--install-shortcut", "--home", str(tmp_path / folder)]) == 0
    path = Path(capsys.readouterr().out.strip())
    assert path == tmp_path / "applications" / "sleepjerk.desktop"
    entry = dict(line.split("=", 1) for line in path.read_text(encoding="utf-8").splitlines()[1:])
    assert entry["Type"] == "Application"
    # As the specification reads it: a value's escapes, then a shell's quotes, then the field codes.
    shell = "printf '%s\\n' " + entry["Exec"].replace("\\\\", "\\")
    said = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=True).stdout
    words = [word.replace("%%", "%") for word in said.splitlines()]
    assert words[:4] == [sys.executable, "-m", "sleepjerk", "app"]
    assert words[-2:] == ["--home", str(tmp_path / folder)]
    assert "--stop-when-idle" in words
    assert path.stat().st_mode & 0o077 == 0


def test_a_mac_would_run_a_script_and_windows_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("APPDATA", str(tmp_path / "roaming"))
    script = install_shortcut(tmp_path / "Jane's", "darwin")
    assert subprocess.run(["sh", "-n", script], check=False).returncode == 0
    words = shlex.split(script.read_text().splitlines()[1])
    assert words[:2] == ["exec", sys.executable]
    assert words[-1] == str(tmp_path / "Jane's")
    command = install_shortcut(None, "win32")
    assert command.suffix == ".cmd"
    assert f'"{sys.executable}" "-m" "sleepjerk" "app"' in command.read_text()
