import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import InputError
from digest.settings import email_address, interest_name, time_zone, weekday
from digest.settings.words import network


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" Ada@EXAMPLE.org\n", "Ada@example.org"),
        ("ada+papers@example.org", "ada+papers@example.org"),
        ("ada@müller.example.org", "ada@xn--mller-kva.example.org"),
        ("digest@localhost.localdomain", "digest@localhost.localdomain"),
    ],
)
def test_addresses_are_normalised(text: str, address: str) -> None:
    assert email_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "ada@example",
        '"ada b"@example.org',
        '"ada\r\nRCPT TO:<eve@example.org>"@example.org',
        "ada@example.org\r\nBcc: eve@example.org",
        "Ada <ada@example.org>",
        "ada@example.org, eve@example.org",
        "ada@[127.0.0.1]",
        "añada@example.org",
        "ada@localhost",
    ],
)
def test_what_is_no_plain_address_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="not an e-mail address we can write to"):
        email_address(text)


@given(st.text() | st.emails())
def test_an_accepted_address_never_holds_what_could_break_a_header_or_command(text: str) -> None:
    try:
        address = email_address(text)
    except InputError:
        return
    assert address.isascii()
    assert not set(address) & set(' "<>()[],;:\\\r\n\t\0')
    assert address.count("@") == 1
    assert email_address(address) == address


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "America/Argentina/Ushuaia"])
def test_time_zones_are_iana_names(name: str) -> None:
    assert time_zone(f" {name} ") == name


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("europe/berln", "did you mean Europe/Berlin?"),
        ("Europe", "did you mean"),
        ("", "write one such as Europe/Berlin."),
        ("../../etc/passwd", "write one such as Europe/Berlin."),
        ("/etc/localtime", "is not an IANA time zone"),
    ],
)
def test_what_is_no_time_zone_gets_the_nearest_one(text: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        time_zone(text)
    assert hint in str(caught.value)


@pytest.mark.parametrize(("text", "day"), [("mon", 0), ("Tuesday", 1), (" THU ", 3), ("sund", 6)])
def test_weekdays_are_named_in_full_or_short(text: str, day: int) -> None:
    assert weekday(text) == day


@pytest.mark.parametrize("text", ["", "m", "mo", "0", "someday", "mondays"])
def test_what_is_no_weekday_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="write one of mon tue wed thu fri sat sun"):
        weekday(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("graph neural networks", "graph neural networks"),
        (" line\nbreak\tand \x1b[31mred", "line break and [31mred"),
        ("graph networks " * 300, "graph networks graph networks graph networks graph networks…"),
        ("量子計算" * 30, "量子計算" * 14 + "量子計…"),
        ("\x1b", ""),
    ],
)
def test_an_interest_is_called_after_its_text(text: str, name: str) -> None:
    assert interest_name(text) == name


@given(st.text())
def test_what_an_interest_is_called_is_always_one_short_line(text: str) -> None:
    name = interest_name(text)
    assert len(name) <= 60
    assert name.isprintable()
    assert name == " ".join(name.split())


@pytest.mark.parametrize(
    ("text", "usual"),
    [("10.1.2.3", "10.1.2.3/32"), (" 10.1.0.0/16 ", "10.1.0.0/16"), ("FD00::/8", "fd00::/8")],
)
def test_networks_are_normalised(text: str, usual: str) -> None:
    assert network(text) == usual


@pytest.mark.parametrize("text", ["feeds.internal", "10.1.2.3/16", "10.1.2", ""])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"write one such as 10\.1\.2\.3"):
        network(text)
