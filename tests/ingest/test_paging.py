from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.ingest import paging

PAGE = "https://owls.example.org/works?filter=kind%3Aowl&cursor=%2A"


def test_a_page_is_turned_by_changing_its_query() -> None:
    turned = paging.turn(PAGE, cursor="AoE/+==", offset=20)
    assert turned == (
        "https://owls.example.org/works?filter=kind%3Aowl&cursor=AoE%2F%2B%3D%3D&offset=20"
    )
    assert paging.asked(turned) == {"filter": "kind:owl", "cursor": "AoE/+==", "offset": "20"}


def test_half_a_letter_in_a_cursor_is_asked_for_as_a_question_mark() -> None:
    assert paging.turn("https://owls.example.org/", cursor="\ud800") == (
        "https://owls.example.org/?cursor=%3F"
    )


@pytest.mark.parametrize("url", ["owls.json", "", "file:///owls", "https://", "http://[owl/"])
def test_a_file_has_no_next_page(url: str) -> None:
    assert paging.turn(url, offset=20) is None
    assert paging.asked(url) == {}
    assert paging.follow(url, "https://owls.example.org/2") is None


@pytest.mark.parametrize(
    ("link", "leads"),
    [
        ("/works?page=2", "https://owls.example.org/works?page=2"),
        ("?page=2#top", "https://owls.example.org/works?page=2"),
        ("https://OWLS.example.org:443/2", "https://OWLS.example.org:443/2"),
        ("https://bats.example.org/2", None),
        ("https://owls.example.org:8443/2", None),
        ("http://owls.example.org/2", None),
        ("https://owls.example.org@bats.example.org/2", None),
        ("https://ada:secret@owls.example.org/2", None),
        ("javascript:alert(1)", None),
        ("https://owls.example.org:99999/2", None),
        ("http://[owl/", None),
        (PAGE, None),
        ("", None),
        ("#more", None),
    ],
)
def test_only_another_page_of_the_same_host_is_followed(link: str, leads: str | None) -> None:
    assert paging.follow(PAGE, link) == leads


def test_a_page_in_the_clear_may_go_on_over_tls_but_not_at_another_service() -> None:
    here = "http://owls.example.org/1"
    assert paging.follow(here, "https://owls.example.org/2") == "https://owls.example.org/2"
    assert paging.follow("http://owls.example.org:8080/1", "https://owls.example.org/2") is None


@given(st.text())
def test_no_link_leads_to_another_host(link: str) -> None:
    leads = paging.follow(PAGE, link)
    assert leads is None or urlsplit(leads).hostname == "owls.example.org"


def test_what_is_missing_is_said() -> None:
    (problem,) = paging.missing(30, 240, None)
    assert problem.message.startswith("the listing ends at entry 30 of 240 and does not say")
    assert not list(paging.missing(30, 240, PAGE))
    assert not list(paging.missing(240, 240, None))
    assert not list(paging.missing(240, None, None))


@pytest.mark.parametrize(
    ("url", "without"),
    [
        ("https://ada:secret@example.org/a@b", "https://example.org/a@b"),
        ("https://ada:se@cret@example.org", "https://example.org"),
        ("https://example.org/a?mail=a@b", "https://example.org/a?mail=a@b"),
        ("https://ada@[broken/", "https://[broken/"),
        ("inbox/a@b", "inbox/a@b"),
    ],
)
def test_a_login_is_never_shown(url: str, without: str) -> None:
    assert paging.shown(url) == without


def test_the_login_goes_along_to_the_next_page() -> None:
    assert paging.as_asked("https://a.org/2", "https://ada:x@a.org/1") == "https://ada:x@a.org/2"
    assert paging.as_asked("https://a.org/2", "https://a.org/1") == "https://a.org/2"
