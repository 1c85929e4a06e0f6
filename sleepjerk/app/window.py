"""A window of the night that somebody judges: its wave, large, and nothing that tells what was found in it.

Plain Python, so that the server can draw it at once. Knows samples and words; must not know what a window is called.
"""

import math
from collections.abc import Sequence
from statistics import median

from sleepjerk.report.catalogue import Catalogue
from sleepjerk.report.svg import Element, element, levels, nice, picture, wave_path, words_at

_LEFT, _RIGHT, _TOP, _BASE = 44.0, 8.0, 8.0, 26.0
_WIDE, _NARROW = (960.0, 320.0), (328.0, 200.0)  # width and height; on a phone two, one below the other
_POINTS = 1500  # of a line, about: two a pixel
_LEAST_MG = 10.0  # what the scale always holds: noise looks like noise


def draw_window(rows: Sequence[Sequence[float]], length_s: float, say: Catalogue) -> tuple[str, list[str]]:
    """The wave as one wide picture, and as two narrow ones, the second half below the first.

    Parameters
    ----------
    rows
        (n, 4) seconds since the window's begin, and three axes, g, gravity included.
    length_s
        How long the window is, s; what lies before and after is shaded.
    """
    times = [row[0] for row in rows]
    axes = [[row[axis] for row in rows] for axis in (1, 2, 3)]
    waves = [[1000 * (value - middle) for value in axis] for axis in axes for middle in [median(axis)]]
    top_mg = nice(
        max(_LEAST_MG, *(abs(value) for wave in waves for value in wave)), (1, 1.6, 2, 3, 4, 6, 8, 10)
    )
    half = len(times) // 2
    first, second, last = times[0], times[half], times[-1]
    parts = {"wide": (first, last, _WIDE), "narrow-1": (first, second, _NARROW)}
    parts |= {"narrow-2": (second, last, _NARROW)}
    drawn = {name: _draw(name, times, waves, top_mg, length_s, span, say) for name, span in parts.items()}
    return drawn["wide"], [drawn["narrow-1"], drawn["narrow-2"]]


def _draw(
    name: str,
    times: Sequence[float],
    waves: Sequence[Sequence[float]],
    top_mg: float,
    length_s: float,
    span: tuple[float, float, tuple[float, float]],
    say: Catalogue,
) -> str:
    begin, end, (width, height) = span
    per_s = (width - _LEFT - _RIGHT) / (end - begin)
    middle, tall = (_TOP + height - _BASE) / 2, (height - _BASE - _TOP) / 2

    def across(time: float) -> float:
        return _LEFT + (time - begin) * per_s

    def up(mg: float) -> float:
        return middle - tall * mg / top_mg

    marks = {
        f"{share * top_mg:g}".replace(".", say.text("language.decimal")): share * top_mg
        for share in (1, 0.5, 0, -0.5, -1)
    }
    inside: list[Element] = []
    for start, stop in ((begin, 0.0), (length_s, end)):
        if (left := max(begin, start)) < (right := min(end, stop)):
            shade = {
                "x": across(left),
                "width": across(right) - across(left),
                "y": 0.0,
                "height": height - _BASE,
            }
            inside.append(element("rect", class_="margin", **shade))
    inside += [*levels(marks, up, _LEFT, width - _RIGHT, digits=0), words_at("mg", 0.0, height - 8)]
    for second in range(math.ceil(begin), math.floor(end) + 1):
        inside.append(element("path", class_="grid", d=f"M{across(second):.1f} 0V{height - _BASE + 4:.0f}"))
        if second % 2 == 0:
            unit = " s" if second >= end - 2 else ""
            inside.append(words_at(f"{second}{unit}", across(second), height - 8, anchor="middle"))
    shown = [place for place, time in enumerate(times) if begin <= time <= end]
    drawn = (
        element(
            "path",
            class_=f"axis {axis}",
            d=wave_path((2 * across(times[at]), 2 * up(wave[at])) for at in _drawn_points(wave, shown)),
        )
        for axis, wave in zip("xyz", waves, strict=True)
    )
    inside.append(element("g", *drawn, transform="scale(.5)"))
    seconds = {"from": f"{begin:.0f}", "to": f"{end:.0f}"}
    title = say.text("review.picture", **seconds)
    about = say.text("review.picture_about", mg=f"{top_mg:g}")
    return picture(width, height, f"window-{name}", title, about, inside)


def _drawn_points(wave: Sequence[float], shown: Sequence[int]) -> Sequence[int]:
    """The lowest and the highest of each stretch where there are more than anybody sees, so that no peak is lost."""
    length = 2 * math.ceil(len(shown) / _POINTS)
    if length == 2:
        return shown
    stretches = (shown[first : first + length] for first in range(0, len(shown), length))
    return sorted({edge(stretch, key=wave.__getitem__) for stretch in stretches for edge in (min, max)})
