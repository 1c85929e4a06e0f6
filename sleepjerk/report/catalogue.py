"""The words of one language, and sentences made of them. Knows the files of messages; must not know nights.

Conventions
-----------
A sentence is a tuple of text and `Number`s: each number shown carries its exact value and can be found in
`night.json`. A message is found by its section and name ("todo.amber"); its {places} are filled by name. Where a
language has no message of its own the English one stands in, so that nothing is ever left out.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any

from sleepjerk.errors import InputError

DEFAULT = "en"


@dataclass(frozen=True, slots=True)
class Number:
    """A number as shown, with the value it stands for."""

    value: float
    text: str


Sentence = tuple[str | Number, ...]
Part = str | Number | Sentence


def languages() -> list[str]:
    """The languages there are, by their codes."""
    folder = files("sleepjerk.report") / "languages"
    return sorted(entry.name[: -len(".toml")] for entry in folder.iterdir() if entry.name.endswith(".toml"))


@cache
def read_messages(language: str) -> dict[str, Any]:
    """The messages of one language by section and name.

    Raises
    ------
    InputError
        There is no such language.
    """
    if language not in languages():
        raise InputError(f"there is no report in {language!r}; the languages are {', '.join(languages())}")
    path = files("sleepjerk.report") / "languages" / f"{language}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


class Catalogue:
    """Speaks one language."""

    def __init__(self, language: str = DEFAULT) -> None:
        self.language = language
        self._own = read_messages(language)
        self._english = read_messages(DEFAULT)

    def __contains__(self, key: str) -> bool:
        return self._find(key) is not None

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

    def own(self, key: str, english: str) -> str:
        """The language's own words for something that other rooms name in English."""
        found = self._own.get(key.partition(".")[0], {}).get(key.partition(".")[2])
        return english if found is None else str(found)

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
        for messages in (self._own, self._english):
            if name in messages.get(section, {}):
                return messages[section][name]
        return None


def _filled(message: str, parts: dict[str, Part]) -> Sentence:
    sentence: list[str | Number] = []
    for text, place, _, _ in Formatter().parse(message):
        if text:
            sentence.append(text)
        if place is not None:
            part = parts[place]
            sentence.extend(part if isinstance(part, tuple) else (part,))
    return tuple(sentence)
