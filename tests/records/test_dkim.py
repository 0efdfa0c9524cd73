"""DKIM: the key that a selector names."""

import pytest

from digest.records import DkimState, check_dkim
from tests.records.zone import serving

NAME = "s1._domainkey.example.org"


@pytest.mark.parametrize(
    ("records", "state"),
    [
        (("v=DKIM1; k=rsa; p=MIIB IjAN",), "good"),
        (("p=MIIBIjAN",), "good"),
        (("v=DKIM1; p=other",), "other"),
        (("v=DKIM1; p=",), "revoked"),
        (("v=DKIM1; p=MIIBIjAN", "v=DKIM1; p=other"), "twice"),
        ((), "missing"),
        (("v=spf1 -all",), "missing"),
    ],
)
def test_what_is_so_of_a_key(records: tuple[str, ...], state: str) -> None:
    told = check_dkim(serving({(NAME, "TXT"): records}), "example.org", "s1", "MIIBIjAN")
    assert (told.name, told.state) == (NAME, state)


def test_any_key_will_do_where_the_relay_signs() -> None:
    told = check_dkim(serving({(NAME, "TXT"): ("p=any; t=s:y",)}), "example.org", "s1")
    assert (told.state, told.testing) == (DkimState.GOOD, True)
