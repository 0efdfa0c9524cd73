"""Which network a request is counted under, whatever it says of itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from digest.web.limits import from_our_side, network_of


def request(peer: str | None, *forwarded: str) -> Request:
    headers = [(b"x-forwarded-for", each.encode("latin-1")) for each in forwarded]
    client = (peer, 1234) if peer is not None else None
    return Request({"type": "http", "headers": headers, "client": client})


@pytest.mark.parametrize(
    ("peer", "forwarded", "network"),
    [
        ("198.51.100.7", (), "198.51.100.0/24"),
        ("8.8.8.8", ("1.1.1.1",), "8.8.8.0/24"),
        ("127.0.0.1", (), "127.0.0.0/24"),
        ("127.0.0.1", ("9.9.9.9, 8.8.8.8",), "8.8.8.0/24"),
        ("10.1.2.3", ("9.9.9.9", "8.8.8.8"), "8.8.8.0/24"),  # a proxy that adds a second line
        ("::1", ("2a00:1450:4001:81b::200e",), "2a00:1450:4001:800::/56"),
        ("::ffff:8.8.8.8", (), "8.8.8.0/24"),
        ("127.0.0.1", ("8.8.8.8, nonsense",), "127.0.0.0/24"),
        ("127.0.0.1", ("8.8.8.8:443",), "127.0.0.0/24"),
        ("fe80::1%eth0", (), "fe80::/56"),
        (None, ("8.8.8.8",), "unknown"),
        ("testclient", (), "unknown"),
    ],
)
def test_only_our_own_proxy_is_believed(
    peer: str | None, forwarded: tuple[str, ...], network: str
) -> None:
    assert network_of(request(peer, *forwarded)) == network


@given(st.lists(st.text(st.characters(max_codepoint=255)), max_size=3))
def test_a_stranger_never_changes_the_network_they_count_under(said: list[str]) -> None:
    assert network_of(request("8.8.8.8", *said)) == "8.8.8.0/24"


@given(st.lists(st.text(st.characters(max_codepoint=255)), max_size=3))
def test_before_what_our_proxy_saw_anything_may_stand(said: list[str]) -> None:
    assert network_of(request("127.0.0.1", *said, "8.8.8.8")) == "8.8.8.0/24"


@pytest.mark.parametrize(
    ("peer", "ours"),
    [("127.0.0.1", True), ("10.0.0.8", True), ("fd00::1", True), ("8.8.8.8", False), (None, False)],
)
def test_a_proxy_comes_over_a_private_address(peer: str | None, ours: bool) -> None:
    assert from_our_side(request(peer)) is ours
