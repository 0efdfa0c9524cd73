import html
import re
import shutil
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from digest import assets
from digest.compose import Composer, open_composer, press
from digest.compose.plaintext import COLUMNS, columns
from digest.compose.render import shorten
from digest.errors import TemplateError
from digest.model import (
    Cadence,
    Issue,
    Link,
    LinkRel,
    Links,
    Match,
    Message,
    Paper,
    Reason,
    ReasonKind,
    Subscriber,
)
from tests import build

ABSTRACT = (
    "Routers of large models collapse early and leave most experts idle. We propose Tidal Routing, "
    "a sparse rule that lets experts bid for tokens. It keeps 96 % of experts busy at equal cost. "
    "Code and checkpoints are released for everyone to try."
)
LINKS = Links(
    unsubscribe="https://example.org/u/abc?x=1&y=2", view="https://example.org/i/abc?a=1&b=2"
)


@pytest.fixture(scope="module")
def composer() -> Composer:
    return open_composer(assets.path("templates"))


def reader(*names: str) -> Subscriber:
    interests = [build.interest(name) for name in names or ("sparse MoE", "graph retrieval")]
    schedule = build.schedule(Cadence.WEEKDAYS, timezone="Europe/Berlin")
    return build.subscriber(wishes=build.wishes(*interests, schedule=schedule))


def tidal(number: str = "2611.00001", title: str = "Tidal Routing of Experts") -> Paper:
    return build.arxiv_paper(number, title, ABSTRACT)


def found(paper: Paper, *words: str, interest: str = "sparse MoE") -> Match:
    return build.match(paper, interest=interest, words=words or ("experts", "sparse"))


def compose(
    composer: Composer,
    issue: Issue,
    *,
    subscriber: Subscriber | None = None,
    links: Links = LINKS,
    notices: tuple[str, ...] = (),
) -> Message:
    told = replace(issue, notices=notices)
    return composer.compose(told, subscriber or reader(), build.sender(), links)


class Page(HTMLParser):
    """What a mail client reads: visible text, tags, attributes."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(source)
        self.text = " ".join("".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def links(self) -> list[str | None]:
        return [attributes.get("href") for tag, attributes in self.tags if tag == "a"]


def test_an_issue_says_what_is_inside(composer: Composer) -> None:
    issue = build.issue(found(tidal()), found(build.paper("Paths"), interest="graph retrieval"))
    message = compose(composer, issue)
    assert message.subject == "2 papers · sparse MoE, graph retrieval · Fri 20 Nov"
    assert message.id == "i1"
    assert message.recipient == "ada@example.org"
    assert message.composed_at == issue.created_at
    assert message.unsubscribe == LINKS.unsubscribe
    assert compose(composer, build.issue(found(tidal()))).subject.startswith("1 paper · sparse MoE")


def test_the_text_part_as_a_whole(composer: Composer) -> None:
    paper = replace(
        tidal(),
        authors=("Ada L.", "Bob M.", "Cy N.", "Dee O.", "Eve P.", "Flo Q."),
        submitted_on=date(2026, 5, 21),
        upvotes=45,
        comments=1,
    )
    notices = ("arXiv cs.LG was late today.",)
    message = compose(composer, build.issue(found(paper)), notices=notices)
    assert message.text == Path(__file__).with_name("issue.txt").read_text(encoding="utf-8")


def test_interests_keep_their_papers_together(composer: Composer) -> None:
    issue = build.issue(
        found(build.paper("First"), interest="b"),
        found(build.paper("Second"), interest="a"),
        found(build.paper("Third"), interest="b"),
    )
    text = compose(composer, issue).text
    order = ["b\n=\n", "First\n", "Third\n", "a\n=\n", "Second\n"]
    assert sorted(order, key=text.index) == order


def test_matched_words_are_marked(composer: Composer) -> None:
    page = compose(composer, build.issue(found(tidal(), "experts"))).html
    hits = re.findall(r'<b class="hit" style="[^"]+">(\w+)</b>', page)
    assert hits == ["Experts", "experts", "experts"]  # title, sentence, first lines


def test_the_preheader_is_the_first_title_and_why(composer: Composer) -> None:
    page = compose(composer, build.issue(found(tidal()))).html
    preheader = re.search(r'<div class="preheader" style="display:none[^"]*">([^<]*)</div>', page)
    assert preheader is not None
    assert preheader[1] == "Tidal Routing of Experts — experts, sparse"


@pytest.mark.parametrize(
    ("reasons", "why"),
    [
        ((Reason(kind=ReasonKind.TERMS, words=("sparse", "experts")),), "sparse, experts"),
        ((Reason(kind=ReasonKind.AUTHOR, words=("Ada L.",)),), "by Ada L., whom you follow"),
        ((Reason(kind=ReasonKind.CATEGORY, words=("cs.LG",)),), "in cs.LG"),
    ],
)
def test_every_card_says_why(composer: Composer, reasons: tuple[Reason, ...], why: str) -> None:
    message = compose(composer, build.issue(replace(found(tidal()), reasons=reasons)))
    assert f"Why: {why}\n" in message.text
    assert f"Why: {why}" in Page(message.html).text


@pytest.mark.parametrize(
    ("authors", "count", "byline"),
    [
        (("Ada",), None, "Ada"),
        (("A", "B", "C", "D", "E"), None, "A, B, C, D, E"),
        (("A", "B", "C", "D", "E", "F"), None, "A, B, C … F, + 2"),
        ((), 7, "7 authors"),
        ((), 1, "1 author"),
    ],
)
def test_authors(
    composer: Composer, authors: tuple[str, ...], count: int | None, byline: str
) -> None:
    paper = build.paper("T", authors=authors, author_count=count)
    assert f"\n{byline}\nlisted 19 Nov 2026\n" in compose(composer, build.issue(found(paper))).text


def test_hostile_papers_stay_text(composer: Composer) -> None:
    paper = build.paper(
        "<script>alert(1)</script> & amp",
        "<img src=x onerror=alert(1)> breaks. \" onmouseover='x'",
        authors=("<b>Eve</b>\r\nBcc: x",),
        links=(
            Link(rel=LinkRel.ABSTRACT, url="javascript:alert(1)"),
            Link(rel=LinkRel.PDF, url='https://example.org/"><script>'),
            Link(rel=LinkRel.CODE, url="https://example.org/a\nhttps://evil.example/"),
        ),
    )
    message = compose(composer, build.issue(found(paper, "script", "img", "amp")))
    page = Page(message.html)
    assert "<script>alert(1)</script> & amp" in page.text
    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "img"})
    assert not [name for _, attributes in page.tags for name in attributes if name[:2] == "on"]
    assert page.links() == [
        'https://example.org/"><script>',  # the title
        'https://example.org/"><script>',
        LINKS.view,
        LINKS.unsubscribe,
    ]
    assert "evil" not in message.text
    assert "<b>Eve</b> Bcc: x\n" in message.text


def test_hostile_interests_stay_in_their_line(composer: Composer) -> None:
    name = "a\r\nBcc: eve@example.org <b>"
    message = compose(composer, build.issue(found(tidal(), interest=name)), subscriber=reader(name))
    assert "\r" not in message.subject
    assert "\n" not in message.subject
    assert "<b>" not in re.sub('<b class="hit"', "", message.html)


def test_a_quiet_day_is_one_honest_sentence_and_the_near_miss(composer: Composer) -> None:
    message = compose(composer, build.issue(near_miss=found(tidal())))
    assert message.subject == "No papers this time · sparse MoE, graph retrieval · Fri 20 Nov"
    assert "None of the 214 new papers comes close enough to what you asked for." in message.text
    assert "The closest, for sparse MoE\n" in message.text
    assert "Tidal Routing of Experts\n" in message.text
    assert "The closest, for sparse MoE" in Page(message.html).text


@pytest.mark.parametrize(
    ("candidates", "sentence"),
    [
        (0, "No new papers were listed since your last issue."),
        (1, "The one new paper does not come close enough to what you asked for."),
    ],
)
def test_a_quiet_day_with_hardly_anything_new(
    composer: Composer, candidates: int, sentence: str
) -> None:
    message = compose(composer, build.issue(candidates=candidates))
    assert sentence in message.text
    assert sentence in Page(message.html).text


def test_a_paper_without_an_address_leads_to_a_search_and_nowhere_else(composer: Composer) -> None:
    issue = build.issue(found(build.paper("T", ABSTRACT)))
    message = compose(composer, issue, links=Links())
    assert set(Page(message.html).links()) == {"https://scholar.google.com/scholar?q=%22T%22"}
    assert "find it: https://scholar.google.com/scholar?q=%22T%22" in message.text
    assert "nsubscribe" not in message.html + message.text


def address_of_more(message: Message) -> str:
    (address,) = re.findall(r'<a [^>]*href="([^"]*)"[^>]*>more</a>', message.html)
    return html.unescape(address)


def test_more_leads_to_the_issue_or_else_to_the_abstract(composer: Composer) -> None:
    issue = build.issue(found(tidal()))
    assert address_of_more(compose(composer, issue)) == LINKS.view
    without = compose(composer, issue, links=Links())
    assert address_of_more(without) == "https://arxiv.org/abs/2611.00001"


def many(number: int) -> Issue:
    authors = tuple(f"Ada{n} Lovelace" for n in range(9))
    papers = (
        replace(tidal(f"2611.{n:05}", f"Tidal Routing {n} of Experts" * 3), authors=authors)
        for n in range(number)
    )
    return build.issue(*(found(paper, "experts", "sparse", "tidal") for paper in papers))


def test_thirty_papers_stay_below_the_size_at_which_mail_is_clipped(composer: Composer) -> None:
    vote = "https://digest.example.org/vote/" + "x" * 87  # as long as a signed token
    message = compose(composer, many(30), links=replace(LINKS, vote=vote))
    assert message.html.count("<h3") == 30
    assert message.html.count("like this: ") == 60
    assert len(message.html.encode()) < 80_000


def test_papers_without_room_in_the_html_stand_in_the_text_and_on_the_page(
    composer: Composer,
) -> None:
    papers = [tidal(f"2611.{n:05}", f"{n} " + "专家混合模型的潮汐路由" * 27) for n in range(30)]
    wordy = [replace(paper, authors=("潮汐" * 300,)) for paper in papers]
    issue = build.issue(*(found(paper) for paper in wordy))
    message = compose(composer, issue)
    shown = message.html.count("<h3")
    assert len(message.html.encode()) <= 80_000
    assert 15 < shown < 30
    assert f"{30 - shown} more papers had no room here: view this issue in the" in message.html
    assert message.text.count("abstract: https://") == 30
    assert "had no room" not in message.text
    alone = compose(composer, issue, links=Links()).html
    assert re.search(r"\d more papers? had no room here: the text of this mail has them\.", alone)
    whole = composer.compose(issue, reader(), build.sender(), LINKS, most=None).html
    assert whole.count("<h3") == 30
    assert "had no room" not in whole


@pytest.mark.parametrize("name", ["issue.html", "issue.txt"])
def test_a_template_that_prints_sections_in_another_way_is_told(tmp_path: Path, name: str) -> None:
    shutil.copytree(assets.path("templates") / "email", tmp_path / "email")
    file = tmp_path / "email" / name
    source = file.read_text(encoding="utf-8")
    file.write_text(source.replace("{{ section.heading }}", ""), encoding="utf-8")
    with pytest.raises(TemplateError, match=f"{name} cannot be used: it has to print each of"):
        compose(open_composer(tmp_path), many(3))


def test_html_needs_nothing_from_outside(composer: Composer) -> None:
    message = compose(composer, many(3))
    tags = [tag for tag, _ in Page(message.html).tags]
    assert {"img", "script", "link", "form", "iframe"}.isdisjoint(tags)
    assert "url(" not in message.html
    assert "{%" not in message.html


def test_html_is_made_for_mail_clients(composer: Composer) -> None:
    source = compose(composer, many(3)).html
    tags = Page(source).tags
    tables = [attributes for tag, attributes in tags if tag == "table"]
    assert all(table.get("role") == "presentation" for table in tables)
    assert all("style" in attributes for tag, attributes in tags if tag in ("p", "h1", "h3", "a"))
    assert ("html", {"lang": "en"}) in tags
    assert "max-width:600px" in source
    assert '<meta name="color-scheme" content="light dark">' in source
    assert source.count("@media (prefers-color-scheme: dark)") == 1
    assert source.count("<style>") == 2  # dark mode, and fonts for Outlook


def test_styles_are_inlined_when_templates_are_opened_and_never_again(tmp_path: Path) -> None:
    templates = tmp_path / "templates"
    shutil.copytree(assets.path("templates") / "email", templates / "email")
    opened = open_composer(templates)
    shutil.rmtree(templates)
    assert 'style="' in compose(opened, many(2)).html


@pytest.mark.parametrize("name", ["issue.html", "issue.txt", "issue.subject", "card.html"])
def test_a_missing_template_is_told_at_once(tmp_path: Path, name: str) -> None:
    shutil.copytree(assets.path("templates") / "email", tmp_path / "email")
    (tmp_path / "email" / name).unlink()
    with pytest.raises(TemplateError, match=re.escape(name)):
        open_composer(tmp_path)


def test_text_keeps_to_72_columns(composer: Composer) -> None:
    for line in compose(composer, many(5), notices=("x " * 90,)).text.split("\n"):
        assert columns(line) <= COLUMNS or "://" in line


def test_the_same_issue_gives_the_same_message(composer: Composer) -> None:
    again = open_composer(assets.path("templates"))
    assert compose(composer, many(3)) == compose(again, many(3))


def test_readers_of_the_same_paper_see_their_own_words(composer: Composer) -> None:
    first = compose(composer, build.issue(found(tidal(), "experts")))
    second = compose(composer, build.issue(found(tidal(), "checkpoints")))
    assert "Why: experts" in first.text
    assert "Why: checkpoints" in second.text
    assert ">checkpoints</b>" in second.html
    assert ">experts</b>" not in second.html


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def colours(css: str, name: str) -> dict[str, str]:
    """What the rules whose selectors include ``name`` say of colours, the last one winning."""
    rules = re.findall(r"([^{}]+)\{([^{}]*)\}", css)
    bodies = [
        body for selectors, body in rules if re.search(rf"{re.escape(name)}\b(?!-)", selectors)
    ]
    return dict(re.findall(r"\b(background(?:-color)?|color):\s*(#[0-9a-f]{6})", " ".join(bodies)))


def rules(mode: str) -> str:
    css = (assets.path("templates") / "email" / "issue.css").read_text(encoding="utf-8")
    light, _, dark = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL).partition("@media")
    return light if mode == "light" else dark.partition("{")[2]


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("name", [".cell", ".small", "h3 a", "h2", ".link", ".row a"])
def test_every_text_colour_can_be_read_on_its_ground(mode: str, name: str) -> None:
    ground = colours(rules(mode), ".cell")["background-color"]
    assert contrast(colours(rules(mode), name)["color"], ground) >= 4.5


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_marked_words_can_be_read_on_their_tint(mode: str) -> None:
    hit = colours(rules(mode), ".hit")
    assert contrast(hit["color"], hit["background"]) >= 4.5


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["a"], "a"),
        (["sparse MoE", "graph retrieval"], "sparse MoE, graph retrieval"),
        (["x" * 30, "y" * 30, "z"], "x" * 30 + " + 2 more"),
        (["word " * 12], "word word word word word word word word…"),
        ([], ""),
    ],
)
def test_names_are_shortened_to_fit_a_subject(names: list[str], shown: str) -> None:
    assert shorten(names, 44) == shown


def test_text_and_html_say_the_same(composer: Composer) -> None:
    message = compose(composer, many(4))
    page = Page(html.unescape(message.html)).text
    for line in message.text.split("\n"):
        if line.startswith(("Tidal", "Why:", "Ada")):
            assert line in page


def test_every_card_has_its_own_vote_links(composer: Composer) -> None:
    links = replace(LINKS, vote="https://example.org/vote/abc.def")
    issue = build.issue(
        found(build.paper("First"), interest="b"),
        found(build.paper("Second"), interest="a"),
        found(build.paper("Third"), interest="b"),
    )
    message = compose(composer, issue, links=links)
    asked = [link for link in Page(message.html).links() if link and "/vote/" in link]
    votes = [f"{links.vote}/{n}/{kind}" for n in (1, 3, 2) for kind in ("more", "less")]
    assert asked == votes, "by position in the issue, whatever the order of the sections"
    names = [a["aria-label"] for tag, a in Page(message.html).tags if "aria-label" in a]
    titles = ("First", "Third", "Second")
    assert names == [f"{kind} like this: {title}" for title in titles for kind in ("more", "less")]
    for title, number in (("First", 1), ("Third", 3), ("Second", 2)):
        card = message.text[message.text.index(title) :]
        assert f"\nmore like this: {links.vote}/{number}/more\n" in card
    assert "like this" not in compose(composer, issue).html
    assert "like this" not in compose(composer, issue).text


def test_the_near_miss_is_number_nought(composer: Composer) -> None:
    links = replace(LINKS, vote="https://example.org/vote/abc")
    issue = build.issue(near_miss=found(tidal()))
    assert f"{links.vote}/0/less" in compose(composer, issue, links=links).html


def test_a_card_is_printed_once_for_all_who_may_vote(composer: Composer) -> None:
    match = found(build.paper("Printed once and for all"))
    before = press._print.cache_info().misses
    for number in range(5):
        links = replace(LINKS, vote=f"https://example.org/vote/{number}")
        assert f"/vote/{number}/1/more" in compose(composer, build.issue(match), links=links).html
    renamed = build.issue(replace(match, interest="Called otherwise", score=0.5))
    assert "Called otherwise" in compose(composer, renamed, links=links).html
    assert press._print.cache_info().misses == before + 1


def test_a_liked_title_is_one_short_line(composer: Composer) -> None:
    liked = Reason(kind=ReasonKind.LIKE, words=("Tidal\n<b>Routing</b> " + "of experts " * 20,))
    terms = Reason(kind=ReasonKind.TERMS, words=("sparse",))
    match = replace(found(tidal()), reasons=(terms, liked))
    message = compose(composer, build.issue(match))
    assert "Why: sparse; like “Tidal &lt;b&gt;Routing&lt;/b&gt; of experts" in message.html
    (why,) = re.findall("Why: ([^\n]+\n(?: [^\n]+\n)*)", message.text)
    assert len(why) < 120
    assert why.rstrip().endswith("…”")


def test_what_a_liked_paper_says_too_is_told_marked_and_answered(composer: Composer) -> None:
    liked = Reason(kind=ReasonKind.LIKE, words=("Reefs at Night", "Corals", "reef fish"))
    said = build.paper("On Water", "Water is wet. We count reef fish among corals. We rest.")
    message = compose(composer, build.issue(replace(found(said), reasons=(liked,))))
    assert "Why: like “Reefs at Night”: both say Corals, reef fish" in message.text
    hits = re.findall('<b class="hit"[^>]+>([^<]+)</b>', message.html)
    assert hits == ["reef fish", "corals"]


def test_the_sources_own_sentence_stands_first_and_says_so(composer: Composer) -> None:
    told = replace(tidal(), tldr="Experts\nbid <for> tokens.")
    message = compose(composer, build.issue(found(told, "checkpoints")))
    text = message.text
    assert text.index("In short: Experts bid <for> tokens.") < text.index("… Code and checkpoints")
    assert "In short: Experts bid &lt;for&gt; tokens." in re.sub("<b[^>]*>|</b>", "", message.html)
    assert ">checkpoints</b>" in message.html
    assert "In short" not in compose(composer, build.issue(found(tidal()))).text
