"""A CSV that somebody brings to a verb: numbers, text, and one sentence about the first cell that is wrong.

Must not know what the columns mean.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sleepjerk.errors import InputError, refusing

if TYPE_CHECKING:
    import pandas as pd

    Column = pd.Series[Any]


def read_table(
    path: Path, numbers: Sequence[str], words: Sequence[str], wanted: str, unknown: Sequence[str] = ()
) -> "pd.DataFrame":
    """The table of a file; its index counts rows, those that are empty and left out among them.

    Parameters
    ----------
    numbers
        Columns that must be there and hold finite numbers.
    words
        Columns that must be there and hold text; all others are text, too.
    wanted
        What kind of file this should be.
    unknown
        Columns of numbers in which an empty cell is 0: nobody knows the length of what only a person saw.

    Raises
    ------
    InputError
        It is no such file.
    """
    table = _read_text(path, wanted)
    for name in (*numbers, *words):
        if name not in table.columns:
            have = ", ".join(map(str, table.columns))[:120]
            raise InputError(f"{path}: line 1 has no column {name!r} (it has {have}); give {wanted}")
    for name in numbers:
        cells = table[name].replace("", "0") if name in unknown else table[name]
        table[name] = to_numbers(cells, path)
    for name in words:
        refuse_first(table[name].str.strip() == "", table[name], path, "a word")
    return table


def _read_text(path: Path, wanted: str) -> "pd.DataFrame":
    import pandas as pd

    try:
        with refusing(path, "can't read this file", f"give {wanted}"):
            form: Any = {"dtype": str, "keep_default_na": False, "encoding": "utf-8-sig"}
            head = " ".join(map(str, pd.read_csv(path, nrows=0, **form).columns))
            separator = max(",;\t", key=head.count)
            table: pd.DataFrame = pd.read_csv(path, sep=separator, skip_blank_lines=False, **form)
    except InputError:
        raise
    except (ValueError, EOFError, ImportError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: this is no CSV table ({reason}); give {wanted}") from error
    if not isinstance(table.index, pd.RangeIndex):
        raise InputError(f"{path}: line 2 has more fields than line 1 has names; give {wanted}")
    table = table.rename(columns=str.strip).fillna("")
    if separator != ",":
        table = table.replace(r"^([-+]?\d+),(\d+)$", r"\1.\2", regex=True)
    return table[(table != "").any(axis=1)].copy()


def to_numbers(column: "Column", path: Path, wanted: str = "a finite number") -> "Column":
    """A column of text as numbers.

    Raises
    ------
    InputError
        A cell is none.
    """
    import numpy as np
    import pandas as pd

    numbers = pd.to_numeric(column, errors="coerce").astype("float64")
    refuse_first(~pd.Series(np.isfinite(numbers), index=column.index), column, path, wanted)
    return numbers


def refuse_first(wrong: "Column", column: "Column", path: Path, wanted: str) -> None:
    """One sentence about the first row that is wrong.

    Raises
    ------
    InputError
        There is one.
    """
    if not wrong.any():
        return
    row = int(wrong.to_numpy().argmax())
    found, line = str(column.iloc[row])[:60], int(column.index[row]) + 2
    raise InputError(
        f"{path}: line {line}, column {column.name}: found {found!r}, expected {wanted}; correct it"
    )
