"""What a mail carries → one listing: that of its text, and those of the files with it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final, Protocol

from digest.errors import ParseError
from digest.ingest.mail.parts import Part, read_message
from digest.model import Announcement, Listing, Payload, Problem

_CLOCKS: Final = timedelta(days=1)  # a mail's day may be the day after in another place

_NOTHING: Final = (
    "this mail carries nothing that could be a listing: no plain or HTML text, and no file of "
    "text, JSON or XML."
)
_NO_LISTING: Final = (
    "this mail is no listing paper-digest can read: neither its text nor a file with it is one. A "
    "page that somebody copied is read when it comes as a text file."
)


class _Reader(Protocol):
    def __call__(
        self, payload: Payload, *, today: date, on: date | None = None
    ) -> Listing | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What became of one text: a listing, or an error where its kind is known, or neither."""

    part: Part
    listing: Listing | None = None
    error: ParseError | None = None


def parse_message(
    payload: Payload,
    read_file: _Reader,
    read_text: _Reader,
    *,
    today: date,
    on: date | None = None,
) -> Listing:
    """Return the listing in the message ``payload``, named after the message.

    Its date is ``on``, else the latest its parts state, else the day the message was written, else
    ``today``. An announcement has its own day where parts are of several. The readers return None
    for what is no listing. A file that is none is a problem where another part is a listing.

    Raises ParseError when no part is.
    """
    mail = read_message(payload.content, today=today)
    found = []
    for group in mail.texts:
        parts = [part for part in group if part.content.strip()]
        readings = (_read(part, read_file, read_text, today=today, on=on) for part in parts)
        found.append(_best(readings))
    known = [each for each in found if each is not None]
    listings = [each for each in known if each.listing is not None]
    if not listings:
        raise ParseError(payload.name, _refusal(known))
    return _join(mail.name, listings, [*_left_out(known)])


def _best(readings: Iterator[_Found]) -> _Found | None:
    """The first reading that is a listing, else the first that tells why it is none."""
    tried: list[_Found] = []
    for reading in readings:
        if reading.listing is not None:
            return reading
        tried.append(reading)
    return next((each for each in tried if each.error), tried[0] if tried else None)


def _read(
    part: Part, read_file: _Reader, read_text: _Reader, *, today: date, on: date | None
) -> _Found:
    read = read_file if part.attached else read_text
    payload = Payload(name=part.name or "the mail", content=part.content, content_type=part.media)
    try:
        return _Found(part=part, listing=_dated(payload, read, part.sent_on or today, today, on))
    except ParseError as error:
        return _Found(part=part, error=error)


def _dated(
    payload: Payload, read: _Reader, sent_on: date, today: date, on: date | None
) -> Listing | None:
    """A listing that states no day is of the day its mail was written."""
    latest = min(sent_on + _CLOCKS, today)
    listing = read(payload, today=latest, on=on)
    if on is not None or listing is None or not sent_on < listing.date:
        return listing
    again = read(payload, today=sent_on)
    return again if again is not None and again.date == sent_on else listing


def _refusal(found: Sequence[_Found]) -> str:
    """Why there is no listing; a part that almost was one tells more than one that never was."""
    for each in found:
        if each.error:
            file = f"{each.part.name}: " if each.part.attached else ""
            return f"{file}{each.error.message}"
    return _NO_LISTING if found else _NOTHING


def _left_out(found: Sequence[_Found]) -> Iterator[Problem]:
    for each in found:
        if each.error:
            yield _placed(each.part, Problem(message=each.error.message, line=each.error.line))
        elif each.listing is None and each.part.attached:
            yield Problem(message=f"{each.part.name}, which came with it, is no listing.")


def _join(name: str, found: Sequence[_Found], problems: Sequence[Problem]) -> Listing:
    listings = [(each.part, each.listing) for each in found if each.listing is not None]
    latest = max(listing.date for _, listing in listings)
    several = any(listing.date != latest for _, listing in listings)
    return Listing(
        name=name,
        date=latest,
        announcements=tuple(
            _announced(part, each, listing.date if several else None)
            for part, listing in listings
            for each in listing.announcements
        ),
        problems=(
            *(_placed(part, each) for part, listing in listings for each in listing.problems),
            *problems,
        ),
    )


def _announced(part: Part, each: Announcement, day: date | None) -> Announcement:
    line = None if each.line is None or part.above is None else part.above + each.line
    return replace(each, line=line, on=each.on or day)


def _placed(part: Part, problem: Problem) -> Problem:
    """The problem with its line in the mail, or, where that has no such line, in the part."""
    if problem.line is None:
        return problem
    if part.above is not None:
        return replace(problem, line=part.above + problem.line)
    where = part.name if part.attached else "its text"
    message = f"line {problem.line} of {where}: {problem.message}"
    return replace(problem, message=message, line=None)
