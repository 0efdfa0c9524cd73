"""papers + profile → matches: which new papers matter to whom, and why. Pure."""

from digest.match.rank import Background, Index, build_index, study
from digest.match.select import FLOOR, Request, select

__all__ = ["FLOOR", "Background", "Index", "Request", "build_index", "select", "study"]
