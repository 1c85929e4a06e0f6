"""The names of `sj`, and what a person may give them."""

import ast
import inspect
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sleepjerk as sj
from sleepjerk import analysis
from sleepjerk.events import events_text, make_events, table_of, utc_texts
from sleepjerk.given import analyse
from sleepjerk.parts import Provenance
from tests.report.made_nights import demo

PROJECT = Path(__file__).resolve().parents[1]
TREE = ast.parse(Path(sj.__file__).read_text(encoding="utf-8"))
IMPORTED = {
    alias.name: node.module
    for block in TREE.body
    if isinstance(block, ast.If)
    for node in block.body
    if isinstance(node, ast.ImportFrom)
    for alias in node.names
}
FS = 50.0


def samples() -> np.ndarray:
    """(3, n) ten minutes of a wrist that lies still."""
    rng = np.random.default_rng(1)
    still = rng.normal(0, 0.003, (3, int(600 * FS)))
    still[2] += 1
    return still


@pytest.mark.parametrize("name", sorted(IMPORTED))
def test_a_public_name_is_defined_where_its_home_says_and_told(name: str) -> None:
    home, found = IMPORTED[name], getattr(sj, name)
    assert found is getattr(import_module(str(home)), name)
    assert f"{found.__module__}.".startswith(f"{home}.")
    assert len(inspect.getdoc(found) or "") > 10
    assert not (inspect.getdoc(found) or "").startswith(f"{name}(")


def test_the_names_are_exactly_those_that_type_checkers_see() -> None:
    assert sj.__all__ == sorted([*IMPORTED, "InputError", "__version__"])
    assert set(dir(sj)) == set(sj.__all__)
    with pytest.raises(AttributeError, match="no attribute 'twitches'"):
        _ = sj.twitches  # type: ignore[attr-defined]


def test_every_stage_of_the_analysis_is_a_public_name() -> None:
    stages = {
        name
        for name, value in vars(analysis).items()
        if getattr(value, "__module__", "") == analysis.__name__ and not name.startswith("_")
    }
    assert stages - {"analyse"} <= set(sj.__all__)


def test_importing_the_face_imports_nothing_heavy() -> None:
    code = "import sys, sleepjerk; print([n for n in ('numpy', 'pandas', 'scipy') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_samples_give_the_same_night_in_whatever_form_they_come() -> None:
    given = samples()
    table = pd.DataFrame(given.T, columns=["x_g", "y_g", "z_g"])
    dates = pd.date_range("2026-01-01", periods=given.shape[1], freq="20ms", tz="UTC")
    nights = [
        analyse(given, rate_hz=FS),
        analyse(given.T, rate_hz=FS),
        analyse(table, rate_hz=FS),
        analyse(table.rename(columns=lambda name: name[0]), rate_hz=FS),
        analyse(table.set_index(dates)),
        analyse(table.assign(t_us=np.arange(given.shape[1]) * 20_000)),
        analyse(table.assign(when=dates)),
    ]
    assert len({night.input_sha256 for night in nights}) == 1
    assert {round(night.recording.rate_hz, 6) for night in nights} == {FS}
    assert len({night.recording.hours for night in nights}) == 1
    given[0, 0] = 5  # what was given still belongs to who gave it


def test_missing_samples_are_a_gap() -> None:
    given = samples()
    given[1, 5000:10000] = np.nan
    night = analyse(given, rate_hz=FS)
    assert (night.recording.gaps, night.recording.missing_s) == (1, pytest.approx(100))


def test_a_path_gives_the_night_of_its_recording() -> None:
    path = PROJECT / "sample_data" / "short_night.csv.gz"
    one, other = sj.analyse(path), sj.analyse(sj.read_recording(path))
    pd.testing.assert_frame_equal(one.events, other.events)


TABLE = pd.DataFrame(np.zeros((9, 3)), columns=["x", "y", "z"])


@pytest.mark.parametrize(
    ("what", "rate_hz", "said"),
    [
        (samples(), None, "rate_hz=100"),
        (samples(), -1.0, "rate_hz is -1"),
        (samples(), 4.0, "5 to 3300"),
        (samples(), 1e9, "5 to 3300"),
        (np.zeros((3, 3)), FS, "three samples"),
        (np.zeros((4, 9)), FS, "takes a path"),
        (np.zeros(9), FS, "takes a path"),
        (np.array([["a"] * 3] * 9), FS, "takes a path"),
        (np.full((3, 9), np.inf), FS, "infinite"),
        (np.zeros((0, 3)), FS, "all missing"),
        (TABLE, None, "rate_hz=100"),
        (TABLE.rename(columns={"x": "u"}), FS, "takes a path"),
        (TABLE.assign(x_g=0, y_g=0, z_g=0), FS, "takes a path"),
        (TABLE.assign(t_s=range(9)), FS, "leave out rate_hz"),
        (TABLE.assign(t_s=range(9), time_ms=range(9)), None, "more than one"),
        (TABLE.assign(t_s=[0, 1, 2, 3, 4, 50, 51, 52, 53]), None, "not even"),
        (TABLE.assign(t_s=0), None, "not even"),
        ([1, 2, 3], FS, "list: sj.analyse takes"),
        (None, None, "NoneType: sj.analyse takes"),
    ],
)
def test_what_is_not_understood_is_refused_in_one_sentence(
    what: object, rate_hz: float | None, said: str
) -> None:
    with pytest.raises(sj.InputError, match=said) as caught:
        analyse(what, rate_hz=rate_hz)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def jerk(rate_hz: float) -> np.ndarray:
    """(3, n) forty seconds of a still wrist that jerks once, after twenty."""
    time_s = np.arange(round(40 * rate_hz)) / rate_hz
    axes_g = np.zeros((3, len(time_s)))
    axes_g[2] = 1 + 0.2 * np.exp(-(((time_s - 20) / 0.05) ** 2))
    return axes_g + np.random.default_rng(1).normal(0, 0.002, axes_g.shape)


@pytest.mark.parametrize("rate_hz", [100.0, 850.0, 1600.0, 3200.0])
def test_an_array_of_any_rate_shows_its_jerk(rate_hz: float) -> None:
    onsets_s = analyse(jerk(rate_hz), rate_hz=rate_hz).events["onset_s"]
    assert len(onsets_s) == 1
    assert abs(onsets_s[0] - 20) < 0.2


def test_what_is_changed_in_the_table_changes_no_night() -> None:
    night = analyse(jerk(100), rate_hz=100)
    table = night.events
    table["label"] = "somebody's"
    assert len(night.events) == 1
    assert "somebody's" not in set(night.events["label"])


def test_a_recording_keeps_its_own_rate() -> None:
    recording = sj.Recording(samples().astype(np.float32), FS)
    with pytest.raises(sj.InputError, match="its own rate"):
        analyse(recording, rate_hz=FS)
    assert analyse(recording).recording.rate_hz == FS


def test_times_of_events_are_datetimes_and_their_texts_stay() -> None:
    texts = ["2026-11-22T21:40:31.220+00:00", "", "2026-11-22T21:40:32.000+00:00"]
    other = {name: [1.0] * 3 for name in ("duration_s", "peak_g", "tilt_deg", "centroid_hz", "confidence")}
    words = {
        "label": ["sleep_twitch"] * 3,
        "state": ["sleep"] * 3,
        "series": [None] * 3,
        "isolated": [True] * 3,
    }
    events = make_events(onset_s=[1.0, 2.0, 3.0], utc=texts, **other, **words)
    assert str(events["utc"].dtype) == str(table_of([])["utc"].dtype) == "datetime64[ms, UTC]"
    assert events["utc"].isna().tolist() == [False, True, False]
    assert utc_texts(events) == texts
    assert [line.split(",")[7] for line in events_text(events).splitlines()[1:]] == texts
    with pytest.raises(ValueError, match="ISO8601"):
        make_events(onset_s=[1.0, 2.0, 3.0], utc=["soon", "", ""], **other, **words)


def test_a_notebook_shows_a_hostile_name_as_text() -> None:
    name = "<script>alert(1)</script>"
    recording = sj.Recording(samples().astype(np.float32), FS, provenance=Provenance(name=name))
    for shown in (recording._repr_html_(), analyse(recording)._repr_html_()):
        assert "<script" not in shown
        assert "&lt;script&gt;" in shown


def test_a_report_is_html_or_a_real_pdf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.txt", "a", "a.pdf.bak"):
        with pytest.raises(sj.InputError, match=r"ends in \.html or \.pdf"):
            sj.write_report(demo(), tmp_path / name)
    monkeypatch.setattr("sleepjerk.report.pdf.find_browser", lambda: None)
    with pytest.raises(sj.InputError, match="none was found"):
        sj.write_report(demo(), tmp_path / "a.pdf")
    assert list(tmp_path.iterdir()) == []
    sj.write_report(demo(), tmp_path / "new" / "a.htm")
    assert (tmp_path / "new" / "a.htm").read_text(encoding="utf-8").startswith("<!")
