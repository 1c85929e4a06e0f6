"""The README promises; here is what holds it to that."""

import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
README = (PROJECT / "README.md").read_text(encoding="utf-8")


def commands() -> list[str]:
    return re.findall(r"^    (python3 -m venv .*)$", README, re.MULTILINE)


def test_the_first_screen_holds_two_commands() -> None:
    first, second = commands()[:2]
    assert first.endswith("sleepjerk demo")
    assert second.endswith("-m pytest")
    assert README.index(second) < 1500


def test_ci_runs_exactly_the_test_command_of_the_readme() -> None:
    lines = (PROJECT / ".ci" / "run").read_text().split("\n")
    assert commands()[1] in lines


def test_the_python_of_the_readme_runs(tmp_path: Path) -> None:
    block = re.search(
        r"(?:^    .*\n|^\n)*?^    import sleepjerk as sj\n(?:^    .*\n|^\n)+", README, re.MULTILINE
    )
    assert block is not None
    code = "\n".join(line[4:] for line in block[0].split("\n")).replace(
        "report.html", str(tmp_path / "report.html")
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "onset_s" in done.stdout
    assert (tmp_path / "report.html").stat().st_size > 10_000


def test_every_picture_and_file_it_names_is_there() -> None:
    for name in re.findall(r"\]\(([^)#]+)\)", README):
        assert (PROJECT / name).exists(), name


def test_every_figure_of_the_detector_stands_in_the_frozen_tables() -> None:
    folder = PROJECT / "tests" / "benchmarks"
    for name in ("worlds",):
        frozen = re.sub(" +", " ", (folder / f"{name}.md").read_text(encoding="utf-8"))
        rows = [
            line for line in README.splitlines() if line.endswith(f"| `python -m tests.benchmarks.{name}` |")
        ]
        assert rows
        for row in rows:
            for figure in row.split(" | ")[1].split("; "):
                assert figure in frozen, f"{figure} of {row}"
