"""The article's claims A1-A25, the verdict on each, and its sources by their short names. Knows nothing else.

The article is a popular text about shaking in sleep; what it says, what is known of it, and what the program makes of
it stand in the languages of `report`, in our own words. A criterion names the claim it serves.

Conventions
-----------
A verdict is one of `VERDICTS`. "silent" means that nothing was found, which is no verdict on the claim;
"mixed" that its parts fare differently: some supported weakly, some unstudied, some contradicted.
"""

from typing import NamedTuple

VERDICTS = ("supported", "partly", "mixed", "contradicted", "silent")


class Claim(NamedTuple):
    """What is known of a claim, as a word, and the short names of its sources."""

    verdict: str
    sources: tuple[str, ...] = ()


_INTENSIFIED, _QUOTED = "Calandra-Buonaura 2014", "AASM n.d."
CLAIMS = {
    "A1": Claim("supported", (_INTENSIFIED, "Whitney & Weiss 2018")),
    "A2": Claim("supported", ("ICSD-3", "Whitney & Weiss 2018")),
    "A3": Claim("partly", (_INTENSIFIED,)),
    "A4": Claim("partly", (_INTENSIFIED, "ICSD-3", "Whitney & Weiss 2018")),
    "A5": Claim("contradicted", (_INTENSIFIED, "Bologna 2016")),
    "A6": Claim("supported", ("NHS",)),
    "A7": Claim("supported", ("NICE NG127", "NHS")),
    "A8": Claim("partly", ("Bologna 2016", "Kumar 2023")),
    "A9": Claim("partly", ("Harrison",)),
    "A10": Claim("partly", ("Harrison",)),
    "A11": Claim("partly", (_QUOTED, "NHS")),
    "A12": Claim("supported", ("DSM-5",)),
    "A13": Claim("silent"),
    "A14": Claim("silent"),
    "A15": Claim("supported", ("Symonds 1953", "Coleman 1982", "WASM 2016")),
    "A16": Claim("contradicted", ("Montini 2024",)),
    "A17": Claim("partly", ("Haba-Rubio 2016", "AASM 2025")),
    "A18": Claim("mixed", ("Hornyak 1998", "Yang 2005", "Kumar 2023", _INTENSIFIED)),
    "A19": Claim("partly", (_QUOTED,)),
    "A20": Claim("supported", ("NHS", "Kumar 2023")),
    "A21": Claim("silent"),
    "A22": Claim("partly", (_QUOTED, "NHS")),
    "A23": Claim("partly", (_QUOTED, "NHS")),
    "A24": Claim("partly", (_QUOTED, "NHS")),
    "A25": Claim("partly", ("NHS", _QUOTED)),
}
