"""Pictures as text: SVG elements that escape what they are given. Knows no night.

The elements are built by the XML library of Python, so that no text can leave its place.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from xml.etree import ElementTree

Element = ElementTree.Element


def element(tag: str, *inside: Element | str, **attributes: object) -> Element:
    """An SVG element; `class_` and `for_` lose their underscore, other underscores become hyphens."""
    names = {name.rstrip("_").replace("_", "-"): _text(value) for name, value in attributes.items()}
    made = Element(tag, names)
    for item in inside:
        if isinstance(item, str):
            made.text = (made.text or "") + item
        else:
            made.append(item)
    return made


def picture(
    width: float, height: float, name: str, title: str, description: str, inside: Iterable[Element]
) -> str:
    """A whole picture with title and description for those who can't see it."""
    # lower-case attribute names would break viewBox, so it is set by hand
    root = element("svg", role="img", aria_labelledby=f"{name}-title {name}-desc", class_=name.split("-")[0])
    root.set("viewBox", f"0 0 {_text(width)} {_text(height)}")
    root.append(element("title", title, id=f"{name}-title"))
    root.append(element("desc", description, id=f"{name}-desc"))
    root.extend(inside)
    return as_text(root)


def words_at(words: str, x: float, y: float, *, anchor: str | None = None, class_: str = "tick") -> Element:
    """Words in a picture; `anchor` says which part of them is at x, their begin when None."""
    made = element("text", words, class_=class_, x=x, y=y)
    if anchor is not None:
        made.set("text-anchor", anchor)
    return made


def level_line(left: float, right: float, y: float, *, digits: int = 1, class_: str = "grid") -> Element:
    """A line across a picture; `digits` after the point of its height."""
    return element("path", class_=class_, d=f"M{left:.0f} {y:.{digits}f}H{right:.0f}")


def levels(
    marks: Mapping[str, float],
    height: Callable[[float], float],
    left: float,
    right: float,
    *,
    digits: int = 1,
    apart: float = 5.0,
) -> Iterator[Element]:
    """The scale at the left of a picture: a line at the height of each value, and its words before it."""
    for words, value in marks.items():
        yield level_line(left, right, height(value), digits=digits)
        yield words_at(words, left - apart, height(value) + 4, anchor="end")


def nice(value: float, steps: tuple[float, ...] = (1, 2, 5, 10)) -> float:
    """The next of 1, 2, 5, 10, ..., or of other steps, not below a value."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in steps if step * power >= value * 0.999)


def as_text(root: Element) -> str:
    """An element as text that HTML reads too."""
    return ElementTree.tostring(root, encoding="unicode", short_empty_elements=False)


def symbol(shape: Element, size: int, **attributes: str) -> str:
    """A small picture beside words that say what it is."""
    root = element("svg", shape, aria_hidden="true", width=size, height=size, **attributes)
    root.set("viewBox", f"0 0 {size} {size}")
    return as_text(root)


def line_path(points: Iterable[tuple[float, float] | None]) -> str:
    """Path data through points; None lifts the pen."""
    parts, down = [], False
    for point in points:
        if point is None:
            down = False
            continue
        parts.append(f"{'L' if down else 'M'}{_text(point[0])} {_text(point[1])}")
        down = True
    return "".join(parts)


def wave_path(points: Iterable[tuple[float, float]]) -> str:
    """Compact path data: whole units, each point relative to the one before."""
    whole = [(round(x), round(y)) for x, y in points]
    steps = (f"{x - before_x} {y - before_y}" for (before_x, before_y), (x, y) in pairwise(whole))
    return f"M{whole[0][0]} {whole[0][1]}l{' '.join(steps)}".replace(" -", "-") if len(whole) > 1 else "M0 0"


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.1f}".removesuffix(".0")
    return str(value)
