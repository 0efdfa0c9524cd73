"""The listing mail of arXiv: what came in, crossed over or was replaced in a day.

Entries stand between rules of dashes; rules of other signs say what follows. The example is made
up::

    Submissions to:
    Owls and Machines
    received from  Wed 18 Nov 26 19:00:00 GMT  to  Thu 19 Nov 26 19:00:00 GMT
    ------------------------------------------------------------------------------
    \\\\
    arXiv:2611.90001
    Date: Thu, 19 Nov 2026 02:49:53 GMT   (312kb,D)

    Title: Sparse Owls: Routing by
      Night
    Authors: Ada Owl, Emmy Nest
    Categories: cs.OW cs.LG
    \\\\
      We present an owl. It routes.
    \\\\ ( https://arxiv.org/abs/2611.90001 ,  312kb)
    %-%-%-%-%-%-%-%- (78 signs)    what crosses over, each with (*cross-listing*) after its id
    %%--%%--%%--%%-- (78 signs)    what was replaced, without abstracts
    %%%---%%%---%%%- (78 signs)    the end
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from digest.errors import ParseError
from digest.ingest.arxiv.entries import Entry, Mail, read_mails
from digest.ingest.arxiv.fields import read_authors, read_categories, read_day
from digest.ingest.arxiv.wrapping import unwrap
from digest.ingest.identity import arxiv_id, make_paper
from digest.ingest.text import LONGEST, decode, fold, is_gravel
from digest.model import Announcement, AnnouncementKind, Listing, Payload, Problem

_LOOK: Final = 100_000  # characters that are looked at to recognise a mail
_MOST_ENTRIES: Final = 20_000  # in one file; arXiv's busiest day has some 3,000
_MARKS: Final = 3  # of two backslashes each, in one entry
_SIGN: Final = re.compile(
    r"^[> \t]*+\\\\(?:=20)?[ \t\r]*+\n[> \t]*+(?:arXiv:|Paper(?: ?\(\*cross-listing\*\))?: )\S"
    r"|^[> \t]*+\\\\ +\( *https?://(?:[a-z]+\.)?arxiv\.org/abs/"
    r"|^[> \t]*+received from {1,3}\w{3} .{10,40}? {1,3}to {1,3}\w{3} \d",
    re.MULTILINE | re.IGNORECASE,
)


def looks_like_mail(text: str) -> bool:
    """Say whether ``text`` is a listing mail of arXiv. Looks at the beginning only."""
    return _SIGN.search(text[:_LOOK].replace("\xa0", " ")) is not None


def parse_mail(payload: Payload, *, today: date, on: date | None = None) -> Listing:
    """Return the listing in a mail, or in several mails one after the other.

    Its date is ``on``, else the day the mail went out, which is the later day of its ``received
    from … to …``, else the latest day a paper was submitted, else ``today``; never a later day.
    An announcement has its own day where the mails are of several. An entry without id or abstract
    is a problem, one without a whole title is left out; a mail without its end mark was cut.

    Raises ParseError where there is no such mail.
    """
    text = decode(payload)
    if not looks_like_mail(text) or is_gravel(text):
        raise ParseError(payload.name, "this is no listing mail of arXiv.", line=1)
    if max(text.count("\\\\") // _MARKS, text.count("received from")) > _MOST_ENTRIES:
        raise ParseError(
            payload.name, f"this holds more than {_MOST_ENTRIES:,} entries: give it in parts."
        )
    mails = read_mails(unwrap(text))
    days = [read_day(mail.received_to) for mail in mails]
    several = on is None and len(set(days)) > 1
    return Listing(
        name=payload.name,
        date=min(on or _latest(days) or _latest_submitted(mails) or today, today),
        announcements=tuple(
            announcement
            for mail, day in zip(mails, days, strict=True)
            for announcement in _announcements(mail, min(day, today) if several and day else None)
        ),
        problems=tuple(_problems(mails)),
    )


def _latest(days: Sequence[date | None]) -> date | None:
    return max(filter(None, days), default=None)


def _latest_submitted(mails: Sequence[Mail]) -> date | None:
    return _latest([_submitted(entry) for mail in mails for entry in mail.entries])


def _announcements(mail: Mail, on: date | None) -> Iterator[Announcement]:
    for entry in mail.entries:
        if title := _title(entry):
            yield _announcement(entry, title, on)


def _title(entry: Entry) -> str:
    """The title, if all of it is there: in a mail that was cut, another field follows."""
    if not (entry.closed or entry.fields.keys() & {"Authors", "Categories"}):
        return ""
    return fold(entry.fields.get("Title", "")[:LONGEST])


def _announcement(entry: Entry, title: str, on: date | None) -> Announcement:
    said = entry.fields
    paper = make_paper(
        title=title,
        abstract=entry.abstract[:LONGEST],
        arxiv_id=_id(entry),
        doi=next(iter(said.get("DOI", "").split()), None),
        authors=read_authors(said.get("Authors", "")),
        submitted_on=_submitted(entry),
        categories=read_categories(said.get("Categories", "")),
        venue=said.get("Journal-ref", "")[:LONGEST],
    )
    return Announcement(paper=paper, kind=entry.kind, line=entry.title_line, on=on)


def _id(entry: Entry) -> str | None:
    return next(filter(None, map(arxiv_id, entry.names)), None)


def _submitted(entry: Entry) -> date | None:
    """A replacement says only when it was replaced."""
    return read_day(entry.fields.get("Date", ""))


def _problems(mails: Sequence[Mail]) -> Iterator[Problem]:
    number = 0
    for mail in mails:
        for entry in mail.entries:
            number += 1
            cut = entry is mail.entries[-1] and not mail.ended
            yield from _entry_problems(entry, number, cut=cut)
        if not mail.ended:
            yield Problem(
                message="the mail breaks off here, without its end mark (%%%---%%%---): papers may "
                "be missing or cut; save the whole mail again.",
                line=mail.last_line,
                cut=True,
            )


def _entry_problems(entry: Entry, number: int, *, cut: bool) -> Iterator[Problem]:
    if not _title(entry):
        yield Problem(
            message=f"entry {number} has no whole title and was left out.", line=entry.line
        )
        return
    if _id(entry) is None:
        yield Problem(
            message=f"entry {number} has no arXiv id; it is known by its title alone.",
            line=entry.line,
        )
    if entry.kind is not AnnouncementKind.REPLACE and not entry.abstract.strip():
        yield Problem(message=f"entry {number} has no abstract.", line=entry.line)
    elif not entry.closed and not cut:
        yield Problem(
            message=f"entry {number} has no line with its address below it: what was read as its "
            "abstract may be cut.",
            line=entry.line,
        )
