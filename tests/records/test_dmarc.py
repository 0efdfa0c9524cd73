"""DMARC: which record counts, and who belongs to whom (RFC 9989)."""

from collections.abc import Mapping

import pytest

from digest.records import find_dmarc, is_aligned, organization
from tests.records.zone import serving


def zone(**records: str) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Return the records ``_dmarc.NAME`` (``__`` in a name is a dot)."""
    return {(f"_dmarc.{name.replace('__', '.')}", "TXT"): (text,) for name, text in records.items()}


def test_the_domains_own_record_counts_first() -> None:
    found = find_dmarc(
        serving(zone(news__example__org="v=DMARC1; p=none", example__org="v=DMARC1; p=reject")),
        "news.example.org",
    )
    assert found is not None
    assert (found.domain, found.policy, found.error) == ("news.example.org", "none", None)


@pytest.mark.parametrize(
    ("record", "policy"),
    [("v=DMARC1; p=reject", "reject"), ("v = DMARC1; p=reject; sp=quarantine", "quarantine")],
)
def test_a_subdomain_inherits_from_its_organization(record: str, policy: str) -> None:
    found = find_dmarc(serving(zone(example__org=record)), "news.example.org")
    assert found is not None
    assert (found.domain, found.policy) == ("example.org", policy)


@pytest.mark.parametrize("record", ["v=DMARC2; p=none", "p=none; v=DMARC1", "v=spf1 -all"])
def test_what_does_not_begin_with_its_version_is_none(record: str) -> None:
    assert find_dmarc(serving(zone(example__org=record)), "example.org") is None


def test_two_records_are_none() -> None:
    twice = {("_dmarc.example.org", "TXT"): ("v=DMARC1; p=none", "v=DMARC1; p=reject")}
    assert find_dmarc(serving(twice), "example.org") is None


@pytest.mark.parametrize("record", ["v=DMARC1; p=maybe", "v=DMARC1; rua=mailto:d@example.org"])
def test_a_record_that_asks_for_nothing_says_so(record: str) -> None:
    found = find_dmarc(serving(zone(example__org=record)), "example.org")
    assert found is not None
    assert found.policy == "none"
    assert found.error


def test_the_organization_is_the_highest_with_a_record() -> None:
    names = serving(zone(b__example__org="v=DMARC1; p=none", example__org="v=DMARC1; p=none"))
    assert organization(names, "a.b.example.org") == "example.org"
    assert organization(serving({}), "a.b.example.org") == "a.b.example.org"


def test_a_public_suffix_separates_organizations() -> None:
    names = serving(zone(ac__example="v=DMARC1; p=none; psd=y"))
    assert organization(names, "news.lab.ac.example") == "lab.ac.example"
    assert not is_aligned(names, "lab.ac.example", "other.ac.example", strict=False)
    assert is_aligned(names, "lab.ac.example", "news.lab.ac.example", strict=False)


def test_an_organization_may_name_itself() -> None:
    names = serving(
        zone(lab__example__org="v=DMARC1; p=none; psd=n", example__org="v=DMARC1; p=reject")
    )
    assert organization(names, "news.lab.example.org") == "lab.example.org"


def test_strict_alignment_is_equality() -> None:
    names = serving(zone(example__org="v=DMARC1; p=none"))
    assert is_aligned(names, "mail.example.org", "example.org", strict=False)
    assert not is_aligned(names, "mail.example.org", "example.org", strict=True)
    assert is_aligned(names, "Example.org", "example.org", strict=True)


def test_a_long_name_costs_eight_questions() -> None:
    asked: list[str] = []

    def resolve(name: str, kind: str) -> tuple[str, ...]:
        asked.append(name)
        return ()

    find_dmarc(resolve, "a.b.c.d.e.f.g.h.i.j.example.org")
    assert len(asked) == 8
    assert asked[1] == "_dmarc.f.g.h.i.j.example.org"
    assert asked[-1] == "_dmarc.org"
