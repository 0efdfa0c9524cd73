"""Small line pictures as SVG: no script, no text of anybody's, colours from the page's style."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

_WIDTH = 600
_HEIGHT = 100
_EDGE = 4  # keeps the ends of a line inside

_PICTURE = Markup(
    '<svg class="picture" viewBox="0 0 {width} {height}" preserveAspectRatio="none" role="img"'
    ' aria-labelledby="{name}-title {name}-desc">'
    '<title id="{name}-title">{title}</title><desc id="{name}-desc">{desc}</desc>'
    '<path class="ground" d="M0 {ground}H{width}"/>{lines}</svg>'
)
_LINE = Markup('<path class="line-{number}" d="{path}"/>')


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What a picture shows: one or more lines of equally many values, None where there is none.

    ``name`` is unique on its page; ``desc`` says in a sentence what the lines say.
    """

    name: str
    title: str
    desc: str
    lines: tuple[tuple[float | None, ...], ...]


def draw(picture: Picture, *, top: float | None = None) -> Markup:
    """Return ``picture`` as SVG; ``top`` is the value at its upper edge, else the largest one.

    Lines have the classes ``line-0``, ``line-1``, …, and all share the scale that starts at 0.
    """
    values = [value for line in picture.lines for value in line if value is not None]
    scale = top or max(values, default=0) or 1
    return _PICTURE.format(
        width=_WIDTH,
        height=_HEIGHT,
        ground=_HEIGHT - _EDGE,
        name=picture.name,
        title=picture.title,
        desc=picture.desc,
        lines=Markup("").join(
            _LINE.format(number=number, path=" ".join(_path(line, scale)))
            for number, line in enumerate(picture.lines)
        ),
    )


def _path(line: Sequence[float | None], scale: float) -> Iterator[str]:
    """Yield the strokes of a line, lifted where there is no value; one value alone is a dot."""
    places = enumerate(line)
    for there, run in groupby(places, key=lambda place: place[1] is not None):
        if not there:
            continue
        points = [_point(n, value or 0, len(line), scale) for n, value in run]
        yield f"M{points[0]}" + ("".join(f"L{point}" for point in points[1:]) or "h0")


def _point(number: int, value: float, count: int, scale: float) -> str:
    x = _EDGE + (_WIDTH - 2 * _EDGE) * number / max(count - 1, 1)
    y = _HEIGHT - _EDGE - (_HEIGHT - 2 * _EDGE) * min(value / scale, 1)
    return f"{x:.1f} {y:.1f}"
