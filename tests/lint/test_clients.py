"""What Gmail, Outlook and Apple Mail do not show as meant is known, and has a reason.

``clients.json`` is the baseline: a feature, why its absence does no harm, and which programs lack
it (``none``) or know it in part (``partial``), as caniemail's tables have it.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.lint.conftest import Linter

BASELINE = Path(__file__).with_name("clients.json")
_HOW = {"none": "does not know", "partial": "knows only in part"}

Known = set[tuple[str, str, str]]  # feature, client, support


def test_mail_programs_lack_nothing_that_we_have_not_thought_about(lint: Linter) -> None:
    known = _accepted()
    faults = [
        f"{each['client']} {_HOW[each['support']]} {each['feature']} ({each['mail']}, line "
        f"{each['line']}). {' '.join(each['notes'])} Write it otherwise, or say in "
        f"{BASELINE.name} why it does no harm."
        for each in lint("clients.mjs")
        if _key(each) not in known
    ]
    assert faults == [], "\n".join(faults)


def test_what_is_no_longer_used_leaves_the_baseline(lint: Linter) -> None:
    gone = _accepted() - {_key(each) for each in lint("clients.mjs")}
    assert sorted(gone) == [], f"No mail needs this any more: take it out of {BASELINE.name}."


def test_every_accepted_fault_says_why_it_does_no_harm() -> None:
    assert all(len(entry["why"].split()) > 3 for entry in _baseline().values())


def _key(each: dict[str, Any]) -> tuple[str, str, str]:
    return each["feature"], each["client"], each["support"]


def _accepted() -> Known:
    return set(_triples())


def _triples() -> Iterator[tuple[str, str, str]]:
    for feature, entry in _baseline().items():
        for support in _HOW:
            for client in entry.get(support, []):
                yield feature, client, support


def _baseline() -> dict[str, dict[str, Any]]:
    read: dict[str, dict[str, Any]] = json.loads(BASELINE.read_text(encoding="utf-8"))
    return read
