"""One story of a night: a recording, its sensor, what a person said of it, rules and diary -> Night with its verdict.

Every verb that analyses tells it in these words, and nobody else puts these together. Knows where each of them lies and
which goes before which. Must not know terminals, nor how a night is computed.

Conventions
-----------
What is said now goes before what was said earlier of the same recording.
"""

import contextlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sleepjerk.errors import InputError, refusing
from sleepjerk.hashing import sha256_of
from sleepjerk.history.options import OPTIONS, RECORDINGS, Options, keep_options, options_path, read_options
from sleepjerk.history.places import own_folder
from sleepjerk.moments import mark_s

if TYPE_CHECKING:
    from sleepjerk.detection.calibration import Calibration
    from sleepjerk.night.model import Night
    from sleepjerk.recording import Recording
    from sleepjerk.rules import Rules
    from sleepjerk.said import Correction

ENDINGS = (".night.json", ".events.csv")


class Judged(NamedTuple):
    """A night with its verdict, where its results lie without their endings, and what a person said of it.

    `unused` are the marks that lie outside this night of several. `keep`: does it go into the diary, too? `of_other` is
    what a person said of the recording of the other limb.
    """

    night: "Night"
    stem: Path
    corrections: "list[Correction]"
    unused: tuple[str, ...] = ()
    keep: bool = False
    of_other: "tuple[Correction, ...]" = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One recording, and all that is known of it.

    Attributes
    ----------
    path
        The recording.
    stem
        Where its results lie, without their endings.
    options, earlier
        What was said of it, now or earlier; those of them that were not said now.
    diary
        The diary to look into; None for none.
    own
        The folder of the person's own files; None where there is none.
    other
        Of the recording of the ankle in the same night; None without one.
    """

    path: Path
    stem: Path
    options: Options
    earlier: Options
    diary: Path | None
    own: Path | None
    other: "Session | None" = None

    @property
    def rules(self) -> "Rules":
        """The thresholds, with what was said of them."""
        from sleepjerk.rules import changed_rules

        return changed_rules(self.options.rules or {}, "rules")

    def read(self, night: int | None = None) -> "Iterator[Recording]":
        """Read the recording as was said, night by night, or one of its nights.

        Raises
        ------
        InputError
            The recording, or a night of it, can't be used.
        """
        from sleepjerk.reading import read_nights

        told, name = self.options.of_reading(), self.options.sensor_name
        for recording in read_nights(self.path, night=night, rules=self.rules, **told):
            device = recording.device
            yield recording if name is None else replace(recording, device=replace(device, sensor_id=name))
            del recording  # so that it is gone while the next night is read

    def six_position(self, recording: "Recording") -> "Calibration | None":
        """What is kept of the sensor of a recording; None when it never lay on its six sides."""
        from sleepjerk.history.sensors import find_sensor

        kept = None if self.own is None else find_sensor(recording.device.sensor_id, self.own)
        return None if kept is None else kept.calibration

    @property
    def waiting_room(self) -> Path:
        """The folder where one who corrects waits for another."""
        return self.stem.parent if self.own is None else self.own / RECORDINGS

    def corrections(self, input_sha256: str, night: int | None) -> "list[Correction]":
        """What a person said of a night, wherever that lies.

        Raises
        ------
        InputError
            A file of them is damaged, or of another recording.
        """
        return _corrections(self._corrections_files(input_sha256, night), input_sha256)

    def _corrections_files(self, input_sha256: str, night: int | None) -> list[Path]:
        stems = [self.stem, result_stem(self.path, None)]
        return _corrections_files([numbered(stem, night) for stem in stems], self.own, input_sha256, night)

    def judge(
        self,
        recording: "Recording",
        said: "Sequence[Correction] | None" = None,
        *,
        of_other: "Sequence[Correction] | None" = None,
        keep: bool = False,
        overwrite: bool = False,
    ) -> Judged:
        """Analyse one night with all that is known of it, and judge it.

        Parameters
        ----------
        recording
            As `read` gives it.
        said, of_other
            What a person said of it, and of the recording of the other limb; as it is kept when None.
        keep
            It is to be put into the diary, also where that doesn't know this night yet.
        overwrite
            As in `sleepjerk.analysis.analyse`.

        Raises
        ------
        InputError
            A mark, the sensor's file, the corrections or the diary can't be used.
        """
        from sleepjerk.history.corrections import was_changed
        from sleepjerk.messages import Message
        from sleepjerk.weekly import in_its_week, night_before

        options, number = self.options, recording.provenance.night
        off_s = mark_s(options.lights_off, recording.covered, "--lights-off")
        up_s = mark_s(options.lights_up, recording.covered, "--lights-up")
        if off_s is not None and up_s is not None and up_s <= off_s:
            raise InputError(
                f"--lights-up {options.lights_up} doesn't come after --lights-off {options.lights_off}"
            )
        corrections = list(self.corrections(recording.input_sha256, number) if said is None else said)
        night, others = self._analyse(recording, (off_s, up_s), corrections, of_other, overwrite)
        stem = numbered(self.stem, number)
        if any(map(was_changed, self._corrections_files(recording.input_sha256, number))):
            night = replace(night, messages=(*night.messages, Message("warning.corrections")))
        night = replace(night, options=options.kept())
        night = in_its_week(night, night_before(stem, night), self.diary, keep=keep)
        marks = (("off", options.lights_off, off_s), ("up", options.lights_up, up_s))
        unused = tuple(f"--lights-{name} {text}" for name, text, at_s in marks if text and at_s is None)
        return Judged(night, stem, corrections, unused, keep, others)

    def _analyse(
        self,
        recording: "Recording",
        marks_s: tuple[float | None, float | None],
        said: "Sequence[Correction]",
        of_other: "Sequence[Correction] | None",
        overwrite: bool,
    ) -> "tuple[Night, tuple[Correction, ...]]":
        """The night by itself or with that of the other limb, and what a person said of that one."""
        from sleepjerk.analysis import analyse

        six_position, (off_s, up_s) = self.six_position(recording), marks_s
        if self.other is None:
            return analyse(
                recording,
                self.rules,
                lights_off_s=off_s,
                lights_up_s=up_s,
                six_position=six_position,
                corrections=said,
                overwrite=overwrite,
            ), ()
        from sleepjerk.two_limbs import analyse_both  # here, because most people wear one board

        ankle = next(self.other.read())
        said_there = self.other.corrections(ankle.input_sha256, None) if of_other is None else of_other
        night = analyse_both(
            recording,
            ankle,
            self.rules,
            lights_off_s=off_s,
            lights_up_s=up_s,
            six_positions=(six_position, self.other.six_position(ankle)),
            corrections=(said, said_there),
        )
        return night, tuple(said_there)

    def write(self, judged: Judged) -> None:
        """Keep what was said, then write the results of a night; when they are on disk the diary follows.

        Raises
        ------
        InputError
            A folder can't be written, a name is no text, or the diary can't be used.
        """
        from sleepjerk.atomic import make_folder
        from sleepjerk.history.corrections import corrections_path, write_corrections
        from sleepjerk.said import standing
        from sleepjerk.weekly import follow_in_diary

        stem, sha = judged.stem, judged.night.input_sha256
        if self.own is not None:
            with contextlib.suppress(OSError):  # the results hold them, too
                keep_options(options_path(self.own, sha), self.options)
        texts = result_texts(judged.night)
        with refusing(stem.parent, "can't write results here", "choose a folder with --out"):
            make_folder(stem.parent)
            write_corrections(corrections_path(stem), sha, standing(judged.corrections))
            write_results(stem, texts)
        follow_in_diary(judged.night, self.diary, keep=judged.keep)

    def correct(
        self,
        recording: "Recording",
        said: "Sequence[Correction]",
        *,
        of_other: "Sequence[Correction] | None" = None,
        keep: bool = False,
    ) -> Judged:
        """Judge a night with these corrections, and keep them among the person's own files and beside its results.

        Those of the recording of the other limb are kept beside that one.

        Raises
        ------
        InputError
            As `judge` and `write`; then nothing is kept.
        """
        judged = self.judge(recording, said, of_other=of_other, keep=keep)
        self._keep(judged.night.input_sha256, said, recording.provenance.night)
        if self.other is not None and judged.night.limbs is not None and of_other is not None:
            self.other._keep(judged.night.limbs.input_sha256, of_other, None, beside=True)
        self.write(judged)
        return judged

    def _keep(
        self, sha: str, said: "Sequence[Correction]", number: int | None, *, beside: bool = False
    ) -> None:
        """Write corrections down among the person's own files, and beside a recording that gets no results now."""
        from sleepjerk.atomic import make_folder
        from sleepjerk.history.corrections import corrections_path, write_corrections

        folders = [(self.own / RECORDINGS, sha)] if self.own is not None else []
        folders += [(self.stem.parent, self.stem.name)] if beside and not folders else []
        for folder, name in folders:
            with refusing(folder, "can't keep this here", "choose a folder with SLEEPJERK_HOME"):
                make_folder(folder)
                write_corrections(corrections_path(numbered(folder / name, number)), sha, said)


def open_session(
    path: Path,
    said: Options,
    *,
    stem: Path | None = None,
    diary: Path | None = None,
    own: Path | None = None,
    forget: bool = False,
    alone: bool = False,
) -> Session:
    """All that is known of a recording before it is read.

    Parameters
    ----------
    said
        What is said of it now.
    stem
        Where its results lie, without their endings; beside it when None.
    diary
        The diary to look into; None for none.
    own
        The folder of the person's own files; found when None.
    forget
        Leave aside which options were said earlier.
    alone
        Leave aside a recording of the other limb.
    """
    with contextlib.suppress(OSError):  # whoever reads it will say why it can't be
        if path.is_file():
            sha256_of(path)  # from here on it is taken, while all that reads and analyses is imported
    own = own or own_or_none()
    stem = stem or result_stem(path, None)
    earlier = Options() if forget else _said_earlier(path, stem, own)
    options = said.over(earlier)
    now, other = said.said(), None
    if options.with_ is not None and not alone:
        other = open_session(Path(options.with_), Options(rules=options.rules), own=own, alone=True)
    return Session(
        path=path,
        stem=stem,
        options=options,
        earlier=Options.of({name: value for name, value in options.said().items() if name not in now}),
        diary=diary,
        own=own,
        other=other,
    )


def _said_earlier(path: Path, stem: Path, own: Path | None) -> Options:
    """Rules are those of the results, where there are any; all else is what was said last, wherever that was."""
    here = said_with_results(stem)
    if here is None and (own is None or not any((own / RECORDINGS).glob(f"*{OPTIONS}"))):
        return Options()
    try:
        if path.is_dir():  # of a file nothing that reads it need be imported
            from sleepjerk.reading.archive import find_source

            path = find_source(path).path
        sha = sha256_of(path).result()
    except (InputError, OSError):
        return Options()  # whoever reads it will say why it can't be
    kept = Options() if own is None else read_options(options_path(own, sha))
    return kept if here is None or here[0] != sha else replace(kept.over(here[1]), rules=here[1].rules)


def said_with_results(stem: Path) -> tuple[str, Options] | None:
    """Of which recording the results are, and what was said of it; None where there are none to be read."""
    for name in (f"{stem}.night.json", f"{stem}.night1.night.json"):
        with contextlib.suppress(OSError, ValueError, RecursionError, KeyError, TypeError):
            document = json.loads(Path(name).read_text(encoding="utf-8"))
            return str(document["input_sha256"]), Options.of(document.get("options"))
    return None


def result_stem(path: Path, folder: Path | None) -> Path:
    """The recording's path without its endings, in the folder for results.

    Raises
    ------
    InputError
        The path names no file.
    """
    from sleepjerk.filenames import stem_of

    if not path.name:
        raise InputError(f"{path}: this is a directory; give one recording in it")
    return (path.parent if folder is None else folder) / stem_of(path).name


def numbered(stem: Path, night: int | None) -> Path:
    """The stem of one night of several."""
    return stem if night is None else Path(f"{stem}.night{night}")


def result_texts(night: "Night") -> dict[str, str]:
    """The files that are a night's results, by their endings after the stem; an `InputError` where its name is none."""
    from sleepjerk.events import events_text
    from sleepjerk.night.document import night_text

    texts = dict(zip(ENDINGS, (night_text(night), events_text(night.table)), strict=True))
    try:
        "".join(texts.values()).encode()
    except UnicodeEncodeError as error:
        why = "results can't hold the characters of this name; rename the file"
        raise InputError(f"{night.recording.provenance.name!a}: {why}") from error
    return texts


def write_results(stem: Path, texts: dict[str, str]) -> None:
    """Write results, by their endings; what somebody added to a table of events that is there stays in it."""
    from sleepjerk.atomic import write_together
    from sleepjerk.events import with_added_columns

    written = {f"{stem.name}{ending}": text for ending, text in texts.items()}
    for name in written:
        with contextlib.suppress(OSError, UnicodeDecodeError):
            if name.endswith(ENDINGS[1]):
                before = (stem.parent / name).read_text(encoding="utf-8-sig")
                written[name] = with_added_columns(written[name], before)
    write_together(stem.parent, written)


def _corrections_files(
    stems: Sequence[Path], own: Path | None, input_sha256: str, night: int | None
) -> list[Path]:
    """Where corrections may be kept: among the person's own files and beside results."""
    from sleepjerk.history.corrections import corrections_path

    first = [] if own is None else [numbered(own / RECORDINGS / input_sha256, night)]
    return list(dict.fromkeys(corrections_path(stem) for stem in (*first, *stems)))


def _corrections(files: Sequence[Path], input_sha256: str) -> "list[Correction]":
    """What was said in these files."""
    from sleepjerk.history.corrections import read_corrections
    from sleepjerk.said import merged

    return merged(item for file in files for item in read_corrections(file, input_sha256))


def refuse_outdated(night: "Night", stem: Path) -> None:
    """A night that a person corrected since can only be counted again from its recording.

    Raises
    ------
    InputError
        This is one.
    """
    from sleepjerk.said import labels_said

    sha = night.input_sha256
    said = _corrections(_corrections_files([stem], own_or_none(), sha, night.recording.provenance.night), sha)
    limbs, touched = night.limbs, night.sleep.said is not None or any(row["detected"] for row in night.rows)
    fits = not touched
    if said or touched:  # else numpy isn't needed to tell
        from sleepjerk.detection.corrections import follows, said_times
        from sleepjerk.night.model import SaidSleep

        fits = night.sleep.said == SaidSleep.of(*said_times(said)) and follows(night.rows, said)
    if limbs is not None:
        stems = [result_stem(Path(str(night.options.get("with_", "."))), None)]
        there = _corrections_files(stems, own_or_none(), limbs.input_sha256, None)
        fits &= labels_said(_corrections(there, limbs.input_sha256)) == limbs.said_utc
    if not fits:
        raise InputError(
            f"{stem}.night.json: this night has been corrected since it was written; give the recording instead"
        )


def own_or_none() -> Path | None:
    """The folder of the person's own files; without a home nothing is kept, and nothing missed."""
    try:
        return own_folder()
    except InputError:
        return None
