"""config.yaml and the environment → ``Settings``: frozen, complete, secrets masked.

``load`` reads; ``values`` lists every setting with its default and limits; ``words`` checks what
a person writes (the command line uses it too). Only ``app`` and ``cli`` see ``Settings``: the
rooms get plain values.
"""

from digest.settings.load import describe, load
from digest.settings.sources import SourceEntry
from digest.settings.values import (
    DefaultWishes,
    InterestEntry,
    Settings,
    SubscriberEntry,
    wishes,
)
from digest.settings.words import email_address, interest_name, language, time_zone, weekday

__all__ = [
    "DefaultWishes",
    "InterestEntry",
    "Settings",
    "SourceEntry",
    "SubscriberEntry",
    "describe",
    "email_address",
    "interest_name",
    "language",
    "load",
    "time_zone",
    "weekday",
    "wishes",
]
