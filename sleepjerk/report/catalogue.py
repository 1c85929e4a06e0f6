"""The words of one language, and sentences made of them. Knows the files of messages; must not know nights.

Conventions
-----------
A sentence is a tuple of text and `Number`s: each number shown carries its exact value and can be found in
`night.json`. Words are found by section and name ("todo.amber"); their {places} are filled by name. An id that fills a
place of a `Message` is named by the section of the place's name: {limb} by `limb`; {night} is a date. Every language
has the same keys, but for `source`: the English of a threshold's source stands in `rules`.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any

from sleepjerk.errors import InputError
from sleepjerk.messages import Message, Value

DEFAULT = "en"
REPORT = "sleepjerk.report"


@dataclass(frozen=True, slots=True)
class Number:
    """A number as shown, with the value it stands for."""

    value: float
    text: str


Sentence = tuple[str | Number, ...]
Part = str | Number | Sentence


def languages(room: str = REPORT) -> list[str]:
    """The languages there are, by their codes."""
    folder = files(room) / "languages"
    return sorted(entry.name[: -len(".toml")] for entry in folder.iterdir() if entry.name.endswith(".toml"))


@cache
def read_messages(language: str, room: str = REPORT) -> dict[str, Any]:
    """The messages of one language by section and name, as the files of a room hold them.

    Raises
    ------
    InputError
        There is no such language.
    """
    if language not in languages(room):
        raise InputError(
            f"there is no report in {language!r}; the languages are {', '.join(languages(room))}"
        )
    path = files(room) / "languages" / f"{language}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


class Catalogue:
    """Speaks one language, with the words of the report and those of another room besides."""

    def __init__(self, language: str = DEFAULT, besides: str | None = None) -> None:
        self.language = language
        self._words = read_messages(language) | (read_messages(language, besides) if besides else {})

    def say(self, key: str, **parts: Part) -> Sentence:
        """A message with its places filled."""
        return _filled(self._message(key, str), parts)

    def text(self, key: str, **parts: str) -> str:
        """A message without numbers, as plain text."""
        return "".join(str(part) for part in self.say(key, **parts))

    def count(self, key: str, number: int, **parts: Part) -> Sentence:
        """A message in the form that goes with a number, which fills the place {n}."""
        forms = self._message(key, dict)
        return _filled(forms["one" if number == 1 else "many"], {"n": Number(number, str(number)), **parts})

    def decimal(self, value: float, digits: int) -> str:
        """A number with the decimal sign of the language."""
        return f"{value:.{digits}f}".replace(".", self.text("language.decimal"))

    def name(self, section: str, known_as: str, otherwise: str | None = None) -> str:
        """What something is called that other rooms know by an id; without a name the id, or another text."""
        found = self._words.get(section, {}).get(known_as)
        return found if isinstance(found, str) else known_as if otherwise is None else otherwise

    def day(self, iso: str, *, year: bool = False) -> str:
        """Sunday 22 November; a text that is no date as it is."""
        try:
            day = date.fromisoformat(iso)
        except ValueError:
            return iso
        weekday = self.weekday(iso)
        month = self.text("language.months").split()[day.month - 1]
        words = self.text("language.day", weekday=weekday, day=str(day.day), month=month)
        return f"{words} {day.year}" if year else words

    def weekday(self, iso: str) -> str:
        """The name of the day of a date."""
        return self.text("language.weekdays").split()[date.fromisoformat(iso).weekday()]

    def unit(self, unit: str, value: float) -> str:
        """A unit in the form that goes with a value; g, min and /h are the same everywhere."""
        found = self._words["units"].get(unit, unit)
        return str(found if isinstance(found, str) else found["one" if value == 1 else "many"])

    def tell(self, message: Message) -> str | None:
        """A message in words; None where this version has none for it, or they don't fit its values."""
        try:
            found, values = self._find(message.key), message.values
            words = found["one" if values["n"] == 1 else "many"] if isinstance(found, dict) else found
            parts = [
                text + ("" if place is None else self._shown(place, values[place], spec or ""))
                for text, place, spec, _ in Formatter().parse(words)
            ]
        except (KeyError, TypeError, ValueError):
            return None
        return "".join(parts)

    def tell_all(self, messages: Sequence[Message], otherwise: Sequence[str]) -> list[str]:
        """Messages in words; the texts of the file where it holds none, or one that this version can't tell."""
        told = [self.tell(message) for message in messages]
        return list(otherwise) if not told or None in told else [text for text in told if text is not None]

    def _shown(self, place: str, value: Value, spec: str) -> str:
        if isinstance(value, str) and not spec:
            return self.day(value, year=True) if place == "night" else self.name(place, value)
        if isinstance(value, tuple):
            return "; ".join(self.tell(item) or "" for item in value)
        decimal, percent = self.text("language.decimal"), self.text("language.percent")
        return format(value, spec).replace(".", decimal).replace("%", percent)

    def listed(self, items: list[Sentence]) -> Sentence:
        """One, two and three."""
        parts: list[str | Number] = []
        for place, item in enumerate(items):
            if place:
                parts.append(self.text("language.and") if place == len(items) - 1 else ", ")
            parts.extend(item)
        return tuple(parts)

    def _message(self, key: str, kind: type) -> Any:
        found = self._find(key)
        if not isinstance(found, kind):
            raise KeyError(f"no message {key!r} in the language {self.language!r}")
        return found

    def _find(self, key: str) -> Any:
        section, _, name = key.partition(".")
        return self._words.get(section, {}).get(name)


def _filled(message: str, parts: dict[str, Part]) -> Sentence:
    sentence: list[str | Number] = []
    for text, place, _, _ in Formatter().parse(message):
        if text:
            sentence.append(text)
        if place is not None:
            part = parts[place]
            sentence.extend(part if isinstance(part, tuple) else (part,))
    return tuple(sentence)
