"""Compose: matches become a message. Pure, given the templates."""

from digest.compose.abstract import excerpt
from digest.compose.calendar import describe, issue_date, next_due
from digest.compose.card import face, why
from digest.compose.render import Composer, open_composer
from digest.compose.wording import one_line

__all__ = [
    "Composer",
    "describe",
    "excerpt",
    "face",
    "issue_date",
    "next_due",
    "one_line",
    "open_composer",
    "why",
]
