"""Files of every kind that apps, loggers and sketches write are read right, or asked about with advice that works."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from tests.reading import variant_apps  # noqa: F401 - its kinds
from tests.reading.variant_kinds import KINDS, variants
from tests.reading.variants import verdict
from tests.support.marks import a_few


@pytest.mark.parametrize("name", a_few(KINDS, of=4))
def test_a_file_is_read_right_or_asked_about_with_advice_that_works(name: str, tmp_path: Path) -> None:
    variant = KINDS[name](np.random.default_rng(7))
    found = verdict(variant, tmp_path)
    assert found == "right" or (not variant.read and found.startswith("asked")), found


@pytest.mark.slow
def test_of_five_hundred_files_none_is_read_wrongly_and_nearly_all_are_read(tmp_path: Path) -> None:
    verdicts = [(variant, verdict(variant, tmp_path)) for variant in variants(500, seed=20)]
    wrong = [(variant.kind, found) for variant, found in verdicts if found.startswith("wrong")]
    assert wrong == []
    lost = [(variant.kind, found) for variant, found in verdicts if found.startswith("lost")]
    assert lost == []
    may_be_read = Counter(found[:5] for variant, found in verdicts if variant.read)
    assert may_be_read["right"] >= 0.9 * may_be_read.total()
