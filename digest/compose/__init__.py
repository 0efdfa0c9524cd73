"""Compose: matches become a message. Pure, given the templates."""

from digest.compose.calendar import describe, issue_date, next_due
from digest.compose.render import Composer, open_composer

__all__ = ["Composer", "describe", "issue_date", "next_due", "open_composer"]
