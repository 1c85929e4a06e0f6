"""Weeks in a line of words, for tests: a night is a word of letters.

"." quiet, "f" a cluster while falling asleep, "r" a raised rate, "s" a strong twitch, "m" a tenth of them moderate, "w"
woke, "p" periodic, "d" very dense, "R" strong rhythmic shaking, "?" can't be told whether it was frequent, "x" doesn't
count (too short). "-" was not recorded. The last word is last night.
"""

from datetime import date, timedelta

from sleepjerk.judging.questions import Answers
from sleepjerk.judging.weeks import judge_week
from sleepjerk.night.verdict import NightLine, Week

LAST = date(2026, 11, 22)
LETTERS = {"f": "F1", "r": "F2", "d": "F4", "s": "I1", "m": "I2", "w": "I3", "p": "PER", "R": "R1"}
ALL = ("F1", "F2", "F2-high", "F4", "I1", "I2", "I3", "P1", "P2", "R1", "R2", "PER")


def line(word: str, day: date, twitches: int = 2) -> NightLine:
    met: dict[str, bool | None] = {name: False for name in ALL}
    if "x" in word or "?" in word:  # on a night that doesn't count, "not met" can't be said
        met = {name: None for name in ALL} if "x" in word else met | {"F1": None}
    met |= {LETTERS[letter]: True for letter in word if letter in LETTERS}
    return NightLine(
        night=str(day),
        name=f"{day}.csv",
        limb="wrist",
        version="1",
        settings_sha256="a" * 64,
        input_sha256=f"{day:%Y%m%d}" * 8,
        valid="x" not in word,
        lacking=("V1",) if "x" in word else (),
        analysed_h=3.0 if "x" in word else 7.0,
        jerks=1,
        twitches=twitches,
        strong=0,
        per_h=0.3,
        per_h_low=0.1,
        per_h_high=1.0,
        periodic_per_h=0.0,
        periodicity_index=None,
        asleep="23:10",
        awake="06:50",
        met=met,
    )


def lines(words: str) -> list[NightLine]:
    nights = words.split()
    return [
        line(word, LAST - timedelta(days=len(nights) - 1 - place))
        for place, word in enumerate(nights)
        if word != "-"
    ]


def mornings(said: dict[int, str]) -> dict[str, Answers]:
    """{nights back: "key key no:key over:key"} -> answers."""
    meant: dict[str, bool | str] = {"": True, "no": False, "over": "over"}
    return {
        str(LAST - timedelta(days=back)): {
            key: meant[word] for word, _, key in (text.rpartition(":") for text in words.split())
        }
        for back, words in said.items()
    }


def judge(words: str, said: dict[int, str] | None = None) -> Week:
    return judge_week(lines(words), mornings(said or {}), str(LAST))
