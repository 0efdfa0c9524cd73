"""Compose: matches become a message. Pure, given the templates."""

from digest.compose.abstract import excerpt
from digest.compose.calendar import (
    LONGEST_PERIOD,
    describe,
    issue_date,
    moment,
    next_due,
    zone_of,
)
from digest.compose.card import face, facts, heading, why
from digest.compose.language import best_of, plain, spoken
from digest.compose.language import names as language_names
from digest.compose.notice import notices, restored
from digest.compose.render import Composer, open_composer
from digest.compose.wording import count, dated, one_line, short_date, whole_date

__all__ = [
    "LONGEST_PERIOD",
    "Composer",
    "best_of",
    "count",
    "dated",
    "describe",
    "excerpt",
    "face",
    "facts",
    "heading",
    "issue_date",
    "language_names",
    "moment",
    "next_due",
    "notices",
    "one_line",
    "open_composer",
    "plain",
    "restored",
    "short_date",
    "spoken",
    "whole_date",
    "why",
    "zone_of",
]
