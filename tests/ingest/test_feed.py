import re
from contextlib import suppress
from datetime import date
from itertools import islice
from pathlib import Path

import pytest

from digest.errors import ParseError
from digest.ingest.feed import parse_feed
from digest.ingest.retrieve import read_file
from digest.model import AnnouncementKind, LinkRel, Listing, Payload
from tests.shared import shared

DATA = Path(__file__).parent / "data" / "feed"
TODAY = date(2026, 11, 20)


def read(path: Path, on: date | None = None) -> Listing:
    return parse_feed(read_file(path), today=TODAY, on=on)


def parse(text: str, today: date = TODAY, on: date | None = None) -> Listing:
    return parse_feed(Payload(name="owls.rss", content=text.encode()), today=today, on=on)


def rss(*items: str, channel: str = "") -> str:
    body = "".join(f"<item>{item}</item>" for item in items)
    return (
        '<?xml version="1.0"?><rss version="2.0" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/">'
        f"<channel><title>Owls</title>{channel}{body}</channel></rss>"
    )


def abstract_of(description: str) -> str:
    escaped = description.replace("&", "&amp;").replace("<", "&lt;")
    listing = parse(rss(f"<title>Owls</title><description>{escaped}</description>"))
    return listing.announcements[0].paper.abstract


def authors_of(*creators: str) -> tuple[str, ...]:
    said = "".join(f"<dc:creator>{creator}</dc:creator>" for creator in creators)
    return parse(rss(f"<title>Owls</title>{said}")).announcements[0].paper.authors


def test_reads_arxivs_rss() -> None:
    listing = read(DATA / "arxiv.rss")
    new, cross, replaced = listing.announcements
    assert (listing.name, listing.date, listing.problems) == ("arxiv.rss", date(2026, 11, 18), ())
    assert [new.kind, cross.kind, replaced.kind] == list(AnnouncementKind)
    assert new.paper.id == "arxiv:2611.90001"
    assert new.paper.title == "Owls with $x_1 < y$ and $a > b$"
    assert new.paper.readable_title == "Owls with x₁ < y and a > b"
    assert new.paper.abstract == "We route owls where $a<b$ and $c>d$ by night."
    assert new.paper.authors == ("Ada Owl", "Kurt Gödel", "John Barn, Jr.")
    assert new.paper.categories == ("cs.LG", "cs.AI")
    assert new.paper.submitted_on is None
    assert cross.paper.keys[:2] == ("arxiv:2611.90002", "doi:10.1000/owl.2")
    assert cross.paper.venue == "Journal of Owls 3 (2026)"
    assert replaced.paper.id == "arxiv:2610.90003"


def test_reads_arxivs_old_rdf() -> None:
    listing = read(DATA / "arxiv-old.rdf")
    new, cross, updated = listing.announcements
    assert listing.date == date(2018, 5, 23)  # in the feed's own zone; in UTC it is the 24th
    assert [new.kind, cross.kind, updated.kind] == list(AnnouncementKind)
    assert new.paper.id == "arxiv:1805.90001"
    assert new.paper.title == "Spin of Owls"
    assert new.paper.abstract == r"Owls spin in a range of $2.6<\eta<4$."
    assert new.paper.authors == ("Ada Owl", "Emmy Nest")
    assert cross.paper.title == "Crossed Owls"
    assert cross.paper.categories == ("nucl-th",)


def test_reads_arxivs_api_atom() -> None:
    listing = read(DATA / "arxiv-api.atom")
    (announcement,) = listing.announcements
    paper = announcement.paper
    assert listing.date == date(2026, 11, 18)
    assert paper.keys[:2] == ("arxiv:2611.90001", "doi:10.1000/owl")
    assert (paper.title, paper.abstract) == (
        "Configurations of Owls",
        "We compute owls. All of them.",
    )
    assert (paper.authors, paper.author_count) == (("Ada Owl", "Emmy Nest"), 2)
    assert paper.submitted_on == date(2026, 11, 2)
    assert paper.categories == ("math.QA", "math.AT")
    assert paper.venue == "Owl Letters 7"
    assert [link.url for link in paper.links] == [
        "https://arxiv.org/abs/2611.90001",
        "https://arxiv.org/pdf/2611.90001",
        "https://doi.org/10.1000/owl",
    ]


def test_reads_a_journal() -> None:
    listing = read(DATA / "journal.rss")
    first, second = (announcement.paper for announcement in listing.announcements)
    assert listing.date == date(2026, 11, 16)  # the newest entry's, as the feed has none
    assert first.id == "doi:10.1000/owl.1"
    assert first.title == "Owls in Tyto alba barns & towers"
    assert first.abstract == "Background Owls breathe CO2. So do we."
    assert first.authors == ("Müller, Ada", "Nest, Emmy")
    assert first.venue == "Journal of Owls"
    assert second.abstract == ""
    assert second.authors == ("A. Owl", "E. N. Nest")
    assert [(link.rel, link.url) for link in second.links] == [
        (LinkRel.ABSTRACT, "https://owls.example.org/articles/2")
    ]
    assert [problem.message for problem in listing.problems] == [
        "entry 3 has no title and was left out."
    ]


def test_reads_the_real_feeds() -> None:
    old = read(shared("formats", "arxiv_rss_old_rdf10_2018_hep-ex.xml"))
    api = read(shared("formats", "arxiv_api_atom_2020.xml"))
    assert [announcement.paper.id for announcement in (*old.announcements, *api.announcements)] == [
        "arxiv:1805.08875",
        "arxiv:1805.09166",
        "arxiv:1805.06430",
        "arxiv:1911.12281",
    ]
    assert [announcement.kind for announcement in old.announcements] == list(AnnouncementKind)
    assert [len(announcement.paper.authors) for announcement in old.announcements] == [1, 1, 3]
    assert (old.date, api.date) == (date(2018, 5, 23), date(2020, 6, 24))
    assert not old.problems + api.problems


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("<pubDate>Wed, 18 Nov 2026 23:30:00 -0500</pubDate>", date(2026, 11, 18)),
        ("<dc:date>2026-11-17</dc:date>", date(2026, 11, 17)),
        ("<dc:date>17 November 2026, about noon</dc:date>", TODAY),
        ("<pubDate>Wed, 18 Nov 2099 00:00:00 GMT</pubDate>", TODAY),
        ("", TODAY),
    ],
)
def test_the_listing_has_the_day_the_feed_states_but_never_a_later_one(
    written: str, day: date
) -> None:
    assert parse(rss("<title>Owls</title>", channel=written)).date == day


def test_a_given_date_wins_but_is_never_after_today() -> None:
    feed = rss("<title>Owls</title>", channel="<dc:date>2026-11-17</dc:date>")
    assert parse(feed, on=date(2026, 1, 2)).date == date(2026, 1, 2)
    assert parse(feed, on=date(2030, 1, 2)).date == TODAY


@pytest.mark.parametrize(
    ("creators", "authors"),
    [
        (("Ada Owl, Emmy Nest and Sofja Wing",), ("Ada Owl", "Emmy Nest", "Sofja Wing")),
        (("Ada Owl, Emmy Nest",), ("Ada Owl", "Emmy Nest")),
        (("Lovelace, Ada",), ("Lovelace, Ada",)),
        (("Owl, A., Nest, E. N., Wing, S.-K.",), ("A. Owl", "E. N. Nest", "S.-K. Wing")),
        (("Ada Owl",), ("Ada Owl",)),
        ((), ()),
    ],
)
def test_one_creator_may_hold_all_names(
    creators: tuple[str, ...], authors: tuple[str, ...]
) -> None:
    assert authors_of(*creators) == authors


@pytest.mark.parametrize(
    ("description", "abstract"),
    [
        ("<p>One.</p><p>Two.</p>", "One. Two."),
        ("Hoot<br/>hoot &amp; hoot&nbsp;hoot", "Hoot hoot & hoot hoot"),
        ('<a href="https://example.org">Owls</a> hoot', "Owls hoot"),
        ("Owls <script>alert(1)</script>hoot<style>p{}", "Owls hoot"),
        ("where $a<b$, $c>d$ and a <b and c> d", "where $a<b$, $c>d$ and a <b and c> d"),
        ("<jats:p>Hoot</jats:p>", "Hoot"),
    ],
)
def test_markup_becomes_text(description: str, abstract: str) -> None:
    assert abstract_of(description) == abstract


@pytest.mark.parametrize(
    "piece", ["<", "<p ", "<script>", "&lt;p", "<!--", "<a =", "<a>", "<p =", "=", "=<p "]
)
def test_markup_without_end_takes_bounded_time(piece: str) -> None:
    assert len(abstract_of("Owls " + piece * 100_000)) <= 50_000


@pytest.mark.parametrize("piece", [", ", "a, ", "A. ", "(arXiv:1", " and", "&lt;a>"])
def test_endless_titles_and_names_take_bounded_time(piece: str) -> None:
    endless = piece * 100_000
    listing = parse(rss(f"<title>Owls {endless}</title><dc:creator>{endless}</dc:creator>"))
    assert len(listing.announcements) == 1


def test_a_word_without_end_is_refused_as_feedparser_would_read_it_for_ever() -> None:
    with pytest.raises(ParseError, match=r"a word of 5,000 letters"):
        parse(rss(f"<title>Owls</title><dc:creator>{'a' * 1_000_000}</dc:creator>"))


def test_a_broken_feed_keeps_what_can_be_read_and_says_where_it_breaks() -> None:
    whole = rss("<title>Owls</title><description>Hoot.</description>", "<title>Bats</title>")
    listing = parse(re.sub("<title>Bats.*", "\n<title>Bats", whole))
    assert listing.announcements[0].paper.abstract == "Hoot."
    broken, cut = listing.problems
    assert broken.line == 2
    assert "fetch it again" in broken.message
    assert "entry 2 has no title" in cut.message


def test_an_empty_feed_is_an_empty_listing() -> None:
    listing = parse(rss())  # arXiv's on a weekend
    assert (listing.announcements, listing.problems) == ((), ())


@pytest.mark.parametrize(
    "text", ["<?xml version='1.0'?><owls/>", "<rss", "<html><p>Owls</p></html>"]
)
def test_what_is_no_feed_is_refused(text: str) -> None:
    with pytest.raises(ParseError, match=r"^owls\.rss.*: this is no RSS or Atom feed"):
        parse(text)


def test_a_document_type_is_refused_before_anything_expands() -> None:
    laughs = "".join(f"<!ENTITY l{n + 1} '{f'&l{n};' * 10}'>" for n in range(12))
    bomb = f"<?xml version='1.0'?><!-- <rss> --><!DOCTYPE rss [<!ENTITY l0 'ha'>{laughs}]>"
    with pytest.raises(ParseError, match="declares a document type"):
        parse(bomb + rss("<title>&l12;</title>").partition("?>")[2])


@pytest.mark.parametrize("piece", ["<!--", "<!-- -->", "<?x", "<?x?>", " "])
def test_a_prolog_without_end_takes_linear_time(piece: str) -> None:
    with pytest.raises(ParseError):
        parse("<?xml version='1.0'?>" + piece * 20_000)


def test_html_in_an_abstract_may_mention_a_document_type() -> None:
    assert abstract_of("<p>We parse &lt;!DOCTYPE html> pages.</p>") == (
        "We parse <!DOCTYPE html> pages."
    )


def test_a_file_name_in_place_of_a_feed_is_not_opened(tmp_path: Path) -> None:
    inside = tmp_path / "inside.rss"
    inside.write_text(rss("<title>Owls</title>"))
    with pytest.raises(ParseError):
        parse(str(inside))


def test_elements_named_like_feedparsers_own_fields_say_nothing() -> None:
    names = ("links", "tags", "authors", "title_detail", "published_parsed", "updated")
    said = "".join(f"<{name}>hoot</{name}>" for name in names)
    (only,) = parse(rss(f"<title>Owls</title>{said}", channel=said)).announcements
    assert (only.paper.title, only.paper.authors, only.paper.links) == ("Owls", (), ())


@pytest.mark.parametrize(
    "content",
    [
        b"<?xml version='1.0' encoding='U\xdfF-8'?><rss/>",
        rss("<title>Owls</title></link><title>Bats</title></category>").encode() + b"<\xff",
        rss(
            "<title>Owls</title><pubDate>Wed, 18 Nov 2026 1:2:3 +" + "9" * 20 + "</pubDate>"
        ).encode(),
    ],
)
def test_what_feedparser_stumbles_over_gives_a_listing_or_a_refusal(content: bytes) -> None:
    with suppress(ParseError):
        assert parse_feed(Payload(name="owls.rss", content=content), today=TODAY).announcements


@pytest.mark.parametrize(
    ("inside", "kept"),
    [("", 5000), ("<author>Ada</author>" * 20, 2790), ("<author>Ada</author>" * 60_000, None)],
)
def test_of_a_feed_without_end_the_first_entries_are_read_and_the_rest_is_told(
    inside: str, kept: int | None
) -> None:
    entries = (f"<item><title>Owls {number}</title>{inside}</item>" for number in range(5002))
    body = "".join(islice(entries, 5002 if kept else 2))
    feed = f'<?xml version="1.0"?><rss version="2.0"><channel>{body}</channel></rss>'
    if kept is None:
        with pytest.raises(
            ParseError, match="more than 120,000 tags and attributes around few entries"
        ):
            parse(feed)
        return
    listing = parse(feed)
    assert abs(len(listing.announcements) - kept) < 80
    (problem,) = listing.problems
    assert problem.message.startswith("the feed is too long")


@pytest.mark.parametrize("bait", ["<a>" * 200_000, "<a/>" * 200_000, "<a " + "b='c' " * 9_000])
def test_tags_without_end_are_refused(bait: str) -> None:
    with pytest.raises(ParseError, match="tag"):
        parse(f'<?xml version="1.0"?><rss version="2.0"><channel>{bait}</channel></rss>')
