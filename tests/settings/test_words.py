import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.addresses import is_address
from digest.errors import InputError
from digest.settings import email_address, interest_name, time_zone, weekday
from digest.settings.words import domain, network, own_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" Ada@EXAMPLE.org\n", "Ada@example.org"),
        ("ada+papers@example.org", "ada+papers@example.org"),
        ("ada@müller.example.org", "ada@xn--mller-kva.example.org"),
        ("digest@localhost.localdomain", "digest@localhost.localdomain"),
        ("Jürgen@Bücher.example", "Jürgen@xn--bcher-kva.example"),
        ("ju\u0308rgen@bu\u0308cher.example", "jürgen@xn--bcher-kva.example"),
        ("用户@例子。example", "用户@xn--fsqu00a.example"),
        ("น้ำ@example.org", "น้ำ@example.org"),
        ("مستخدم@مثال.example", "مستخدم@xn--mgbh0fb.example"),
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
        "ada@localhost",
        "a" * 65 + "@example.org",
        "ü" * 33 + "@example.org",
        f"ü@{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 57}.org",
        '"jürgen"@example.org',
        "jür gen@example.org",
        "jür\u00a0gen@example.org",
        "jür\u2028gen@example.org",
        "jür\x85gen@example.org",
        "jürgen\u202e@example.org",
        "\u2067jürgen@example.org",
        "jür\u200bgen@example.org",
        "jür\u200dgen@example.org",
        "jür\u00adgen@example.org",
        "jür\ufeffgen@example.org",
        "jür\u034fgen@example.org",
        "\u3164@example.org",
        "ü\ufe0f@example.org",
        "ü\u2800@example.org",
        "\u0308ü@example.org",
        "ü\ud800@example.org",
        "ａｄａ@example.org",
        "ada．l@example.org",
        "ada＠example.org",
        "ada＞@example.org",
        "ﬁona@example.org",
        "jürgen@ex\u202eample.org",
        "..ü@example.org",
        "ü.@example.org",
        "ü;@example.org",
    ],
)
def test_what_is_no_plain_address_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="not an e-mail address we can write to"):
        email_address(text)


letters = st.characters(exclude_categories=["Cs"]) | st.sampled_from("aü.用\u0308\u202e\u034f ＠@<")


@given(st.text() | st.emails() | st.builds("{}@example.org".format, st.text(letters)))
def test_an_accepted_address_never_holds_what_could_break_a_header_or_command(text: str) -> None:
    try:
        address = email_address(text)
    except InputError:
        return
    assert not set(address) & set(' "<>()[],;:\\\r\n\t\0')
    assert address.isprintable()
    assert address.count("@") == 1
    assert address.rpartition("@")[2].isascii()
    assert is_address(address)
    assert unicodedata.is_normalized("NFC", address)
    assert email_address(address) == address


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ａda@example.org", "It holds “ａ”, which only looks like “a”: type that."),
        ("ü≮@example.org", "It holds “≮”, which some mail programs take for the end"),
        ("a\u034fda@example.org", "It holds U+034F, which nobody can see: type it anew."),
        ("ü" * 33 + "@example.org", "It is too long for any mail server."),
        ("ada\u202e@example.org", "RIGHT-TO-LEFT OVERRIDE"),
    ],
)
def test_what_makes_one_address_look_like_another_is_told(text: str, told: str) -> None:
    with pytest.raises(InputError) as caught:
        email_address(text)
    assert told in str(caught.value)
    assert "\u202e" not in str(caught.value), "it would turn the sentence round"


def test_our_own_addresses_are_ascii() -> None:
    assert own_address("digest@bücher.example") == "digest@xn--bcher-kva.example"
    with pytest.raises(InputError, match=r"“jürgen@example\.org” is not ASCII before the @"):
        own_address("jürgen@example.org")


def test_a_domain_is_kept_as_the_wire_has_it() -> None:
    assert domain("Bücher.example") == "xn--bcher-kva.example"
    assert domain("localhost") == "localhost"
    with pytest.raises(InputError, match="not an e-mail address"):
        domain("bü cher.example")


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
