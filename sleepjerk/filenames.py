"""What may be a recording by its name, what lies beside one, and the stem they share. Knows no files' contents."""

from pathlib import Path

TAKEN = (
    *(".csv", ".tsv", ".txt", ".csv.gz", ".csv.zst", ".zip"),
    *(".parquet", ".feather", ".cwa", ".bin", ".gt3x"),
)
BESIDE = (".events.csv", ".clock.csv", ".truth.csv", ".review.csv", ".events.parquet", ".ggir.csv")
_ENDINGS = (".zip", ".gz", ".zst", ".csv", ".tsv", ".txt", ".parquet", ".feather", ".cwa", ".bin", ".gt3x")


def is_recording(name: str) -> bool:
    """Whether a file of this name may be a recording."""
    return name.lower().endswith(TAKEN) and not name.lower().endswith(BESIDE)


def stem_of(path: Path) -> Path:
    """The recording's path without its endings; whole where nothing else makes a name."""
    name = path.name
    for ending in _ENDINGS:
        if name.lower().endswith(ending):
            name = name[: -len(ending)]
    return path.with_name(path.name if name in ("", ".", "..") else name)


def beside(name: str) -> tuple[str, ...]:
    """Files that may tell more of a recording: the recorder's and those of phones, by their names from its folder."""
    stem = stem_of(Path(name)).name
    return f"{stem}.json", f"{stem}.clock.csv", "meta/time.csv", "meta/device.csv", "Metadata.csv"
