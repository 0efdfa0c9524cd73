"""Draw docs/relevance.svg from the tables in docs/relevance.md: ``python docs/relevance.py``."""

import re
from html import escape
from itertools import accumulate, pairwise
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
_ROW = re.compile(
    r"^\| (?P<name>[^|]+) \| \**(?P<mrr>0\.\d+)\** \| *(?P<spread>[\d.]*) *\|"
    r" *(?P<early>[\d.]*) *\| *(?P<late>[\d.]*) *\|$",
    re.MULTILINE,
)
_HEADING = re.compile(r"^\*\*(.+?)\.?\*\*", re.MULTILINE)
_LEFT, _STEP, _SCALE, _LEAST = 450, 22, 1250, 0.2


class Row(NamedTuple):
    """One way of ranking: its MRR, and those of the early and the late half, if known; the first
    of a table has its ``heading``."""

    name: str
    mrr: float
    halves: tuple[float, ...]
    heading: str
    chosen: bool


def rows(text: str) -> list[Row]:
    """Return the rows of the tables."""
    section = text.partition("## What we tried")[2].partition("\n## ")[0]
    found = []
    for before, table in pairwise(section.split("| tried |")):
        lines = _ROW.finditer(table.partition("\n\n")[0])
        found.append(_row(next(lines), _HEADING.findall(before)[-1]))
        found += [_row(line) for line in lines]
    return found


def _row(found: re.Match[str], heading: str = "") -> Row:
    halves = tuple(float(found[half]) for half in ("early", "late") if found[half])
    name = re.sub(r"[*`]", "", found["name"]).strip()
    return Row(name, float(found["mrr"]), halves, heading, chosen=name.endswith(": chosen"))


def draw(table: list[Row]) -> str:
    """Return the tables as a picture: a bar for each row, and a dot for each half."""
    places = [n + above for n, above in enumerate(accumulate(bool(row.heading) for row in table))]
    height = _STEP * (places[-1] + 2)
    body = "\n".join(map(_bar, table, places))
    target = _x(0.46)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 {height}" \
font-family="system-ui, sans-serif" font-size="12">
<title>MRR of each way of ranking</title>
<rect width="860" height="{height}" fill="#fff"/>
{body}
<path d="M{target} 0V{height - _STEP}" stroke="#b42318" stroke-dasharray="4 3"/>
<text x="{target}" y="{height - 6}" text-anchor="middle" fill="#b42318">0.46, the target</text>
<text x="8" y="{height - 6}" fill="#555">bars from 0.2: all; dots: early (white), late</text>
</svg>
"""


def _bar(row: Row, place: int) -> str:
    y = place * _STEP + 4
    dots = "".join(
        f'<circle cx="{_x(value)}" cy="{y + 8}" r="4" fill="{fill}" stroke="#111"/>'
        for value, fill in zip(row.halves, ("#fff", "#111"), strict=False)
    )
    above = f'<text x="8" y="{y - 10}" font-weight="bold" fill="#111">{escape(row.heading)}</text>'
    return (
        f"{above if row.heading else ''}"
        f'<text x="{_LEFT - 8}" y="{y + 12}" text-anchor="end" fill="#111">'
        f"{escape(row.name)}</text>"
        f'<rect x="{_LEFT}" y="{y}" width="{_x(row.mrr) - _LEFT}" height="16"'
        f' fill="{"#5b8def" if row.chosen else "#b9cdf2"}"/>'
        f'<text x="{_LEFT + 4}" y="{y + 12}" fill="#111">{row.mrr:.3f}</text>{dots}'
    )


def _x(mrr: float) -> int:
    return round(_LEFT + (mrr - _LEAST) * _SCALE)


if __name__ == "__main__":
    table = rows((HERE / "relevance.md").read_text(encoding="utf-8"))
    (HERE / "relevance.svg").write_text(draw(table), encoding="utf-8")
