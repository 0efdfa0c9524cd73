"""config.yaml and the environment → ``Settings``: frozen, complete, secrets masked.

``load`` reads; ``values`` lists every setting with its default and limits; ``words`` checks what
a person writes (the command line uses it too). Only ``app`` and ``cli`` see ``Settings``: the
rooms get plain values.
"""

from digest.settings.bounces import ImapSettings
from digest.settings.edit import add_source
from digest.settings.load import config_file, describe, load
from digest.settings.presets import PRESETS, Preset
from digest.settings.sources import SourceEntry, source_entry
from digest.settings.values import (
    DefaultWishes,
    DeliverSettings,
    DkimSettings,
    InterestEntry,
    Settings,
    SmtpSettings,
    SubscriberEntry,
    wishes,
)
from digest.settings.words import email_address, interest_name, language, time_zone, weekday

__all__ = [
    "PRESETS",
    "DefaultWishes",
    "DeliverSettings",
    "DkimSettings",
    "ImapSettings",
    "InterestEntry",
    "Preset",
    "Settings",
    "SmtpSettings",
    "SourceEntry",
    "SubscriberEntry",
    "add_source",
    "config_file",
    "describe",
    "email_address",
    "interest_name",
    "language",
    "load",
    "source_entry",
    "time_zone",
    "weekday",
    "wishes",
]
