"""Dates in the reader's language; every other word stays English."""

import email
import email.policy
import re
from dataclasses import replace
from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import assets, deliver
from digest.compose import calendar, language, open_composer, wording
from digest.compose.render import Composer
from digest.model import LANGUAGES, Cadence, Links, Message
from tests import build

FRIDAY = date(2026, 11, 20)
RIGHT_TO_LEFT = ("ar", "fa", "he")
_MARKS = re.compile("[\u2066-\u2069]")
_RLI, _PDI = "\u2067", "\u2069"


@pytest.fixture(scope="module")
def composer() -> Composer:
    return open_composer(assets.path("templates"))


def mail(composer: Composer, code: str) -> Message:
    schedule = build.schedule(Cadence.DAYS, weekdays=(0, 3), timezone="Europe/Berlin")
    wishes = build.wishes(build.interest("tides"), schedule=schedule, language=code)
    reader = build.subscriber(wishes=wishes)
    paper = replace(build.paper(), submitted_on=FRIDAY)
    issue = replace(build.issue(build.match(paper)), date=FRIDAY)
    return composer.compose(issue, reader, build.sender(), Links())


def bare(text: str) -> str:
    return _MARKS.sub("", text)


@pytest.mark.parametrize(
    ("code", "short", "long", "dated"),
    [
        ("en", "Fri 20 Nov", "Friday 20 November 2026", "20 Nov 2026"),
        ("de", "Fr., 20. Nov.", "Freitag, 20. November 2026", "20. Nov. 2026"),
        ("ja", "11月20日(金)", "2026年11月20日金曜日", "2026年11月20日"),
        ("ar", "الجمعة، 20 نوفمبر", "الجمعة، 20 نوفمبر 2026", "20 نوفمبر 2026"),
        ("zh-Hant", "11月20日 週五", "2026年11月20日 星期五", "2026年11月20日"),
        ("tlh", "Fri 20 Nov", "Friday 20 November 2026", "20 Nov 2026"),
    ],
)
def test_a_date_is_written_in_the_readers_language_and_unknown_ones_are_english(
    code: str, short: str, long: str, dated: str
) -> None:
    assert bare(wording.short_date(FRIDAY, code)) == short
    assert bare(wording.long_date(FRIDAY, code)) == long
    assert bare(wording.dated(FRIDAY, code)) == dated


@given(st.sampled_from(LANGUAGES), st.dates(), st.times())
def test_any_date_can_be_written_in_any_language(code: str, day: date, at: time) -> None:
    schedule = build.schedule(Cadence.WEEKLY, weekdays=(day.weekday(),), hour=at.hour)
    written = (
        wording.short_date(day, code),
        wording.whole_date(day, code),
        wording.long_date(day, code),
        wording.dated(day, code),
        wording.clock(at, code),
        calendar.describe(schedule, code),
    )
    for text in written:
        assert bare(text).strip()
        assert bool(_MARKS.search(text)) == (code != "en")
        assert bool(_MARKS.search(language.plain(text))) == (code in RIGHT_TO_LEFT)
        html = language.spoken(text, code)
        assert not _MARKS.search(html)
        assert re.sub("<[^>]*>", "", html) == bare(text)
        assert html.count(f'lang="{code}"') == html.count("<span") == len(_MARKS.findall(text)) / 2
    assert str(day.day) in bare(written[0])
    assert str(day.year) in bare(written[2])


def test_a_moment_is_told_in_words_around_the_date() -> None:
    at = datetime.combine(FRIDAY, time(6), tzinfo=build.NOON.tzinfo)
    told = calendar.moment(at, build.schedule(timezone="Europe/Berlin"), "de")
    assert language.plain(told) == "Fr., 20. Nov. at 07:00, Berlin time"


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_mail_says_its_dates_in_one_language(composer: Composer, code: str) -> None:
    message = mail(composer, code)
    sealed = deliver.seal(message).content
    arrived = email.message_from_bytes(sealed, policy=email.policy.default)
    assert str(arrived["Subject"]) == message.subject
    assert message.subject.endswith(language.plain(wording.short_date(FRIDAY, code)))
    assert message.text.startswith(language.plain(wording.long_date(FRIDAY, code)))
    assert language.plain(wording.dated(FRIDAY, code)) in message.text
    assert ("every Mon and Thu at 07:00, Berlin time" in message.html) == (code == "en")
    if code != "en":
        marked = f'<span lang="{code}"' + (' dir="rtl">' if code in RIGHT_TO_LEFT else ">")
        assert message.html.count(marked) == message.html.count("<span") == 7
    assert not _MARKS.search(message.html.split("</title>")[1])


def test_a_date_from_right_to_left_keeps_its_neighbours_in_their_places(composer: Composer) -> None:
    message = mail(composer, "ar")
    assert message.subject.endswith(f"· {_RLI}الجمعة، 20 نوفمبر{_PDI}")
    assert f"submitted {_RLI}20 نوفمبر 2026{_PDI}\n" in message.text
    assert not _MARKS.search(mail(composer, "de").subject + mail(composer, "de").text)


def test_a_title_cannot_turn_the_line_around(composer: Composer) -> None:
    paper = build.paper(f"Tides {_RLI}under{_PDI} ice")
    wishes = build.wishes(build.interest("tides", name=f"T{_RLI}ides"), language="ar")
    issue = build.issue(build.match(paper, interest=f"T{_RLI}ides"))
    message = composer.compose(issue, build.subscriber(wishes=wishes), build.sender(), Links())
    assert "Tides under ice" in message.html
    assert message.text.count(_RLI) == message.text.count(_PDI)
    assert message.subject.count(_RLI) == 1


def test_every_language_is_offered_under_its_own_name() -> None:
    named = dict(language.names())
    assert set(named) == set(LANGUAGES)
    assert (named["de"], named["fr"], named["ja"]) == ("Deutsch", "français", "日本語")
    assert len(set(named.values())) == len(named)


@pytest.mark.parametrize(
    ("tags", "best"),
    [
        (["de-AT", "en"], "de"),
        (["tlh", "fr-CA"], "fr"),
        (["zh-TW"], "zh-Hant"),
        (["zh"], "zh-Hans"),
        (["zh-Hant-HK"], "zh-Hant"),
        (["nn-NO"], "nb"),
        (["no"], "nb"),
        (["pt-BR"], "pt"),
        (["*", "", "x" * 99, "-", "../../etc/passwd"], "en"),
        ([], "en"),
    ],
)
def test_the_first_language_we_know_is_the_best(tags: list[str], best: str) -> None:
    assert language.best_of(tags) == best


@given(st.lists(st.text(max_size=20)))
def test_no_tag_ever_breaks_it(tags: list[str]) -> None:
    assert language.best_of(tags) in LANGUAGES
