"""Listings of every kind as text, around whatever their entries say."""

from collections.abc import Iterable
from html import escape
from typing import Final

# Of each kind: what stands above the entries, an entry (number, authors, number, abstract), and
# what stands below them.
SHAPES: Final[dict[str, tuple[str, str, str]]] = {
    "biorxiv": (
        '{"messages":[{"status":"ok"}],"collection":[',
        '{"title":"Owls %d","authors":"%s","doi":"10.1101/%d","abstract":"%s"},',
        "{}]}",
    ),
    "openreview": (
        '{"notes":[',
        '{"content":{"title":"Owls %d","authors":["%s"],"x":%d,"abstract":"%s"}},',
        "{}]}",
    ),
    "crossref": (
        '{"message-type":"work-list","message":{"items":[',
        '{"title":["Owls %d"],"author":[{"name":"%s"}],"DOI":"10.1000/%d","abstract":"%s"},',
        "{}]}}",
    ),
    "semantic-scholar": (
        '{"data":[',
        '{"paperId":"1","title":"Owls %d","authors":[{"name":"%s"}],"x":%d,"abstract":"%s"},',
        "{}]}",
    ),
    "json-feed": (
        '{"version":"https://jsonfeed.org/version/1.1","items":[',
        '{"title":"Owls %d","authors":[{"name":"%s"}],"id":"%d","content_html":"%s"},',
        "{}]}",
    ),
    "hugging face": (
        "[",
        '{"paper":{"title":"Owls %d","authors":[{"name":"%s"}],"x":%d,"summary":"%s"}},',
        "{}]",
    ),
    "feed": (
        '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>x</title>',
        "<entry><title>Owls %d</title><author><name>%s</name></author><id>x:%d</id>"
        "<summary>%s</summary></entry>",
        "</feed>",
    ),
    "rss": (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>',
        "<item><title>Owls %d</title><author>%s</author><guid>x:%d</guid>"
        "<description>%s</description></item>",
        "</channel></rss>",
    ),
    "arxiv page": (
        '<html><head><title>Computation and Language</title></head><body><div id="dlpage">'
        "<h3>New submissions (showing 9 of 9 entries)</h3><dl id='articles'>",
        "<dt><a href='/abs/2611.90001'>arXiv:2611.90001</a></dt><dd><div class='meta'>"
        "<div class='list-title mathjax'>Title: Owls %d</div>"
        "<div class='list-authors'><a>%s</a> %d</div><p class='mathjax'>%s</p></div></dd>",
        "</dl></div></body></html>",
    ),
    "arxiv mail": (
        "Submissions to:\nComputation and Language\n received from  Wed 18 Nov 26 19:00:00 GMT\n",
        "\\\\\narXiv:2611.90001\nDate: Wed, 18 Nov 2026 18:00:00 GMT   (9kb)\n\n"
        "Title: Owls %d\nAuthors: %s\nComments: %d pages\n\\\\\n  %s\n\\\\\n"
        "------------------------------------------------------------------------------\n",
        "",
    ),
    "hugging face mail": (
        "Here is the selection of papers for today (18 Nov):\n\n",
        "Owls %d by %.60s, %d mice, %.90s (3 ▲)\n",
        "",
    ),
    "hugging face page": (
        "<html><head><title>Daily Papers - Hugging Face</title></head><body>"
        '<div data-target="DailyPapers" data-props="{&quot;dailyPapers&quot;:[',
        "{&quot;paper&quot;:{&quot;title&quot;:&quot;Owls %d&quot;,&quot;authors&quot;:"
        "[{&quot;name&quot;:&quot;%s&quot;}],&quot;x&quot;:%d,&quot;summary&quot;:&quot;%s&quot;}},",
        '{}]}"></div></body></html>',
    ),
    "dump": ("Daily Papers\n\nNov 19\n\n", "Owls %d Of %s And %d\n\n%s\n\n", ""),
    "mail": (
        "From: a@example.org\nDate: Thu, 19 Nov 2026 21:00:00 +0000\nSubject: owls\n\n"
        "Submissions to:\nComputation and Language\n received from  Wed 18 Nov 26 19:00:00 GMT\n",
        "\\\\\narXiv:2611.90001\nDate: Wed, 18 Nov 2026 18:00:00 GMT   (9kb)\n\n"
        "Title: Owls %d\nAuthors: %s\nComments: %d pages\n\\\\\n  %s\n\\\\\n"
        "------------------------------------------------------------------------------\n",
        "",
    ),
}


def listing(kind: str, said: Iterable[tuple[str, str]]) -> bytes:
    """Return a listing whose entries have these authors and abstracts, written as JSON and XML want
    them."""
    head, entry, foot = SHAPES[kind]
    twice = kind == "hugging face page"  # JSON within HTML
    texts = ((one, escape(other) if twice else other) for one, other in said)
    body = "".join(entry % (n, one, n, other) for n, (one, other) in enumerate(texts))
    return (head + body + foot).encode()
