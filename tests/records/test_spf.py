"""SPF: does a domain let an address send its mail?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import DnsError
from digest.records import Spf, SpfResult, check_spf
from tests.records.zone import serving

HOSTS: dict[tuple[str, str], tuple[str, ...] | None] = {
    ("example.org", "A"): ("203.0.113.1",),
    ("example.org", "AAAA"): ("2001:db8::1",),
    ("example.org", "MX"): ("mx.example.org",),
    ("mx.example.org", "A"): ("203.0.113.9", "203.0.113.10"),
    ("provider.example", "TXT"): ("v=spf1 ip4:198.51.100.0/24 ~all",),
    ("plain.example", "TXT"): ("site-verification=1",),
}


def check(record: str, address: str = "203.0.113.1") -> Spf:
    return check_spf(serving({**HOSTS, ("example.org", "TXT"): (record,)}), "example.org", address)


@pytest.mark.parametrize(
    ("record", "address", "result"),
    [
        ("v=spf1 a -all", "203.0.113.1", "pass"),
        ("v=spf1 a -all", "2001:db8::1", "pass"),
        ("v=spf1 a -all", "203.0.113.2", "fail"),
        ("v=spf1 a/24 -all", "203.0.113.77", "pass"),
        ("v=spf1 a//64 -all", "2001:db8::77", "pass"),
        ("v=spf1 a//128 -all", "2001:db8::77", "fail"),
        ("v=spf1 mx ~all", "203.0.113.10", "pass"),
        ("v=spf1 mx:example.org/28 ~all", "203.0.113.2", "pass"),
        ("v=spf1 mx ~all", "203.0.113.1", "softfail"),
        ("v=spf1 ip4:203.0.113.0/24 -all", "203.0.113.200", "pass"),
        ("v=spf1 ip4:203.0.113.0/24 -all", "2001:db8::1", "fail"),
        ("v=spf1 ip6:2001:db8::/32 -all", "2001:db8:1::1", "pass"),
        ("v=spf1 -ip6:2001:db8::/32 +all", "2001:db8:1::1", "fail"),
        ("v=spf1 include:provider.example ?all", "198.51.100.7", "pass"),
        ("v=spf1 include:provider.example ?all", "203.0.113.1", "neutral"),
        ("v=spf1 redirect=provider.example", "203.0.113.1", "softfail"),
        ("v=spf1", "203.0.113.1", "neutral"),
        ("V=SPF1 A -ALL", "203.0.113.1", "pass"),
        ("v=spf1 a:mx.example.org exp=why.example.org -all", "203.0.113.9", "pass"),
    ],
)
def test_what_a_record_says_of_an_address(record: str, address: str, result: str) -> None:
    assert check(record, address).result == result


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ("v=spf1 ipv4:203.0.113.1 -all", "no mechanism"),
        ("v=spf1 ip4:203.0.113.999 -all", "no network"),
        ("v=spf1 a/77 -all", "no network"),
        ("v=spf1 include:plain.example -all", "no SPF record"),
        ("v=spf1 include:example.org -all", "more than 10"),
        ("v=spf1 !all", "no mechanism"),
    ],
)
def test_a_wrong_record_says_what_is_wrong(record: str, why: str) -> None:
    told = check(record)
    assert told.result is SpfResult.PERMERROR
    assert why in told.why


def test_two_records_are_none_that_counts() -> None:
    zone = serving({("example.org", "TXT"): ("v=spf1 -all", "v=spf1 +all")})
    told = check_spf(zone, "example.org", "203.0.113.1")
    assert (told.result, told.why) == (SpfResult.PERMERROR, "example.org has 2 SPF records")


def test_other_texts_are_no_record() -> None:
    assert check("v=spf10 +all").result is SpfResult.NONE
    assert check_spf(serving(HOSTS), "plain.example", "203.0.113.1").result is SpfResult.NONE


@pytest.mark.parametrize("term", ["exists:%{i}.example.org", "include:%{d}.example", "ptr"])
def test_what_depends_on_the_message_is_not_told(term: str) -> None:
    assert check(f"v=spf1 {term} -all").result is SpfResult.UNKNOWN


def test_no_answer_is_no_answer() -> None:
    with pytest.raises(DnsError):
        check_spf(serving({("example.org", "TXT"): None}), "example.org", "203.0.113.1")


@given(
    st.lists(
        st.text(st.sampled_from("abimnptxclude46:/%=-+~?.0123456789{} "), max_size=20)
        | st.sampled_from(["a", "mx", "all", "include:example.org", "redirect=example.org"])
    )
)
def test_no_record_ever_breaks_it(terms: list[str]) -> None:
    assert check(" ".join(["v=spf1", *terms])).result in SpfResult
