"""The article's claims A1-A25 and the verdict on each. Knows nothing else.

The article is a popular text about shaking in sleep; what it says, what is known of it, by whom, and what the program
makes of it stand in the languages of `report`, in our own words. A criterion names the claim it serves.

Conventions
-----------
A verdict is one of `VERDICTS`. "silent" means that nothing was found, which is no verdict on the claim.
"""

VERDICTS = ("supported", "partly", "contradicted", "silent")
CLAIMS = {
    "A1": "supported",
    "A2": "supported",
    "A3": "partly",
    "A4": "partly",
    "A5": "contradicted",
    "A6": "supported",
    "A7": "supported",
    "A8": "partly",
    "A9": "partly",
    "A10": "partly",
    "A11": "partly",
    "A12": "supported",
    "A13": "silent",
    "A14": "silent",
    "A15": "supported",
    "A16": "contradicted",
    "A17": "contradicted",
    "A18": "contradicted",
    "A19": "partly",
    "A20": "supported",
    "A21": "silent",
    "A22": "partly",
    "A23": "partly",
    "A24": "partly",
    "A25": "partly",
}
