"""papers + profile → matches: which new papers matter to whom, and why. Pure."""

from digest.match.rank import Background, Index, build_index, study
from digest.match.request import FLOOR, Request
from digest.match.select import Choice, choose, select

__all__ = [
    "FLOOR",
    "Background",
    "Choice",
    "Index",
    "Request",
    "build_index",
    "choose",
    "select",
    "study",
]
