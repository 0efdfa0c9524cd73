"""Compose: matches become a message. Pure, given the templates."""

from digest.compose.abstract import excerpt
from digest.compose.calendar import describe, issue_date, moment, next_due, zone_of
from digest.compose.card import face, why
from digest.compose.render import Composer, open_composer
from digest.compose.wording import count, one_line, short_date

__all__ = [
    "Composer",
    "count",
    "describe",
    "excerpt",
    "face",
    "issue_date",
    "moment",
    "next_due",
    "one_line",
    "open_composer",
    "short_date",
    "why",
    "zone_of",
]
