"""Compose: matches become a message. Pure, given the templates."""

from digest.compose.calendar import describe, issue_date, next_due

__all__ = ["describe", "issue_date", "next_due"]
