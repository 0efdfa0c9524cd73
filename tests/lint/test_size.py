"""The largest issue is clipped by nobody: Gmail shows 102 KB of HTML and 16 KB of ``<style>``."""

import re

import pytest

from digest.compose.plaintext import COLUMNS, columns
from digest.model import LANGUAGES, Slot
from tests.lint.mails import ALL, ISSUES, MOST, largest, mails

KB = 1000  # the stricter reading
LARGEST = ISSUES[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_thirty_papers_make_less_than_80_kb(language: str) -> None:
    html = largest(language).html
    assert len(html.encode()) <= 80 * KB
    assert html.count("<h3") == MOST + len(Slot)


def test_most_papers_of_the_largest_issue_keep_their_first_lines() -> None:
    cards = mails()[LARGEST].message.html.split("<h3")[1:]
    whole = [not re.search(r'<p class="small"[^>]*> <a', card) for card in cards]  # only “more”
    assert whole == sorted(whole, reverse=True)  # the last ones give way first
    assert sum(whole) > len(cards) / 2


@pytest.mark.parametrize("name", ALL)
def test_styles_are_kept_and_a_message_is_small(name: str) -> None:
    mail = mails()[name]
    styles = re.findall(r"(?s)<style>(.*?)</style>", mail.message.html)
    assert sum(len(style.encode()) for style in styles) < 16 * KB
    assert len(mail.envelope.content) < 180 * KB


@pytest.mark.parametrize("name", ALL)
def test_the_text_is_set_in_72_columns(name: str) -> None:
    text = mails()[name].message.text
    wide = [line for line in text.splitlines() if columns(line) > COLUMNS]
    assert [line for line in wide if not re.search(r"(^|: )https?://\S+$", line)] == []
    assert max(map(len, text.encode().splitlines())) <= 998
    assert not re.search(r"<[a-z/]|&[a-z]+;|\{\{|\{%|[^\S\n]\n|\n{4}|\t", text), "debris of markup"
