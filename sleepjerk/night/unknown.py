"""What a document holds that this version has no name for: set aside when it is read, laid back when it is written.

Knows plain JSON types alone. An item of a list is known again by its first value, which names it in all our lists (the
onset of an event, the id of a criterion), so that what belongs to one event never comes to another.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

Unknown = dict[Any, Any]


def unknown_in(document: dict[str, Any], known: dict[str, Any]) -> Unknown:
    """Keys of a document that are missing in what was understood of it, at any depth; empty where there are none."""
    found: Unknown = {key: value for key, value in document.items() if key not in known}
    for key, value in known.items():
        if below := _below(document.get(key), value):
            found[key] = below
    return found


def _below(document: Any, known: Any) -> Unknown:
    if isinstance(document, dict) and isinstance(known, dict):
        return unknown_in(document, known)
    if isinstance(document, list) and isinstance(known, Sequence):
        pairs = zip(_named(known), document, strict=False)
        return {name: below for (name, item), other in pairs if (below := unknown_in(other, item))}
    return {}


def with_unknown(known: dict[str, Any], unknown: Unknown) -> dict[str, Any]:
    """A document with what was set aside, but for items that are no longer there."""
    laid = dict(known)
    for key, value in unknown.items():
        here = known.get(key)
        if key not in known:
            laid[key] = value
        elif isinstance(here, dict):
            laid[key] = with_unknown(here, value)
        elif isinstance(here, list):
            laid[key] = [with_unknown(item, value.get(name, {})) for name, item in _named(here)]
    return laid


def _named(items: Sequence[Any]) -> Iterator[tuple[Any, dict[str, Any]]]:
    """The items of a list of objects with their names; of any other list none."""
    if not items or not isinstance(items[0], dict):
        return
    seen: Counter[Any] = Counter()
    for item in items:
        first = next(iter(item.values()))
        seen[first] += 1
        yield (first, seen[first]), item
