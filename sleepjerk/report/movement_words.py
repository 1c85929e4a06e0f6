"""What is said of a single movement: how strong, how sure its name, and what speaks for that.

Knows one row of the table of events and the edges that the night holds; must not know HTML.
"""

from sleepjerk.events import TWITCHES, Row
from sleepjerk.night.model import Night
from sleepjerk.report.catalogue import Catalogue


def strength(night: Night, peak_g: float, say: Catalogue) -> str:
    """The strength word of a peak; empty where the night holds no edges."""
    found = [word for word, edge in night.verdict.strength_edges_g.items() if peak_g >= edge]
    return say.name("strength", found[-1]) if found else ""


def strength_legend(night: Night, say: Catalogue) -> str:
    """What the strength words mean."""
    edges = [(word, edge) for word, edge in night.verdict.strength_edges_g.items() if edge > 0]
    if not edges:
        return ""
    listed = [
        say.text("strength.from", word=say.name("strength", word), edge=f"{1000 * edge:g}")
        for word, edge in edges
    ]
    return say.text("strength.legend", words=", ".join(listed))


def surety(night: Night, confidence: float, say: Catalogue) -> str:
    """The word for how sure a label is; empty where the night holds no words or the confidence is unknown."""
    found = [word for word, edge in night.confidence_edges.items() if confidence >= edge]
    return say.name("surety", found[-1]) if found else ""


def signs(event: Row, say: Catalogue) -> list[str]:
    """What speaks for the name of a movement, in a few words."""
    found = []
    if event["label"] in TWITCHES:
        found.append(say.text("sign.alone" if event["isolated"] else "sign.beside"))
    elif event["series"] is not None:
        found.append(say.text("sign.series"))
    if event["tilt_deg"] is not None:
        found.append(say.text("sign.turned", tilt=f"{event['tilt_deg']:.0f}°"))
    if (event["centroid_hz"] or 0) >= 1:  # plain: slower ones are no swing
        found.append(say.text("sign.swings", n=f"{event['centroid_hz']:.0f}"))
    return found


def surety_legend(night: Night, say: Catalogue) -> str:
    """What the words for confidence mean."""
    edges = [(word, edge) for word, edge in night.confidence_edges.items() if edge > 0]
    if not edges:
        return ""
    listed = [
        say.text("surety.from", word=say.name("surety", word), share=f"{100 * edge:.0f}")
        for word, edge in reversed(edges)
    ]
    return say.text("surety.legend", words=", ".join(listed))
