"""An issue becomes a message: subject, text and HTML from ``templates/email/issue.*``."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from digest.compose import calendar, plaintext, wording
from digest.compose.card import heading, why
from digest.compose.language import plain, spoken
from digest.compose.passage import Mark
from digest.compose.press import Press, print_card
from digest.compose.templates import fill_in, open_templates, template
from digest.model import Issue, Letter, Links, Match, Message, Sender, Slot, Subscriber

_NAMES_IN_SUBJECT = 44  # characters, so that the whole subject stays near 70
_NAMES_IN_FOOT = 12
_PREHEADER = 120  # characters of the title
_MOST_HTML = 80_000  # bytes; Gmail clips what is longer than about 102 KB
_OPENING = 400  # bytes that an abstract's first lines take in a card, more or less
_WORD = "\N{WORD JOINER}"  # stands in for the word when the mark is taken apart


@dataclass(frozen=True, slots=True)
class Section:
    """The papers of one interest, under the reader's own name for it."""

    heading: str
    cards: tuple[Markup, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The opened templates of a letter."""

    subject: jinja2.Template
    text: jinja2.Template
    html: jinja2.Template


@dataclass(frozen=True, slots=True)
class Composer:
    """The opened templates of issues and letters."""

    subject: jinja2.Template
    text: jinja2.Template
    html: jinja2.Template
    press: Press
    screen: Press
    letter: Letterhead

    def preview(self, matches: Sequence[Match], language: str) -> tuple[Markup, ...]:
        """Return ``matches`` as cards for a page, the reader's words marked as in an issue.

        Raises TemplateError when the template asks for what it is not given.
        """
        cards = (print_card(self.screen, each, view=None, language=language) for each in matches)
        return tuple(card.html for card in cards)

    def write(self, letter: Letter, recipient: str, sender: Sender, link: str) -> Message:
        """Return ``letter`` as a message with its one ``link``; every word of it is ours.

        Raises TemplateError when a template asks for what it is not given.
        """
        values = {"kind": letter.kind, "link": link, "sender": wording.one_line(sender.name)}
        return Message(
            id=letter.id,
            sender=sender,
            recipient=recipient,
            subject=wording.one_line(fill_in(self.letter.subject, values)),
            text=fill_in(self.letter.text, values),
            html=fill_in(self.letter.html, values),
            composed_at=letter.created_at,
            listed=False,
        )

    def compose(
        self, issue: Issue, subscriber: Subscriber, sender: Sender, links: Links
    ) -> Message:
        """Return ``issue`` as a message to ``subscriber``; without matches it is the quiet note.

        The same issue gives the same message. Raises TemplateError when a template asks for what
        it is not given, and InputError when the subscriber's schedule cannot be used.
        """
        values = self._values(issue, subscriber, sender, links)
        subject = plain(" ".join(fill_in(self.subject, values).split()))
        values["subject"] = subject
        html = self._fitting(issue, links, values)
        return Message(
            id=issue.id,
            sender=sender,
            recipient=subscriber.email,
            subject=subject,
            text=plain(fill_in(self.text, values)),
            html=html,
            composed_at=issue.created_at,
            unsubscribe=links.unsubscribe,
        )

    def _fitting(self, issue: Issue, links: Links, values: dict[str, object]) -> str:
        """Return the HTML with as many whole cards as fit into a mail that no mailbox clips; the
        last ones are brief then, in ``values`` too."""
        html = fill_in(self.html, values)
        whole = len(issue.selection.shown)
        while (over := len(html.encode("utf-8", "replace")) - _MOST_HTML) > 0 and whole:
            whole = max(0, whole - 1 - over // _OPENING)
            sections = self._sections(issue, links, str(values["language"]), whole)
            values["sections"] = tuple(sections)
            html = fill_in(self.html, values)
        return html

    def _values(
        self, issue: Issue, subscriber: Subscriber, sender: Sender, links: Links
    ) -> dict[str, object]:
        language = subscriber.wishes.language
        sections = tuple(self._sections(issue, links, language, len(issue.selection.shown)))
        names = _names(issue, subscriber)
        return {
            "sender": wording.one_line(sender.name),
            "postal": wording.one_line(sender.postal or ""),
            "count": len(issue.selection.matches),
            "candidates": issue.selection.candidates,
            "names": shorten(names, _NAMES_IN_SUBJECT),
            "language": language,
            "short_date": wording.short_date(issue.date, language),
            "long_date": wording.long_date(issue.date, language),
            "sections": sections,
            "preheader": _preheader(issue),
            "foot": _foot(issue, subscriber),
            "links": links,
            "notice": " ".join(issue.notices),
        }

    def _sections(self, issue: Issue, links: Links, language: str, whole: int) -> Iterator[Section]:
        view = None if links.view is None else str(escape(links.view))
        vote = None if links.vote is None else str(escape(links.vote))
        for name, matches in _grouped(issue):
            cards = [
                print_card(
                    self.press,
                    match,
                    view=view,
                    vote=vote and f"{vote}/{position}",
                    language=language,
                    brief=position > whole,
                )
                for position, match in matches
            ]
            yield Section(
                wording.one_line(name),
                tuple(card.html for card in cards),
                tuple(card.text for card in cards),
            )


def open_composer(templates: Path) -> Composer:
    """Return a composer on the folder ``templates`` (the one that holds ``email/``).

    Everything is read, compiled and inlined here. Raises TemplateError when something is missing
    or broken.
    """
    environment = open_templates(templates / "email")
    environment.filters.update(
        fill=plaintext.fill, rule=plaintext.rule, count=wording.count, spoken=spoken
    )
    hit = fill_in(template(environment, "hit.html"), {"word": _WORD})
    return Composer(
        subject=template(environment, "issue.subject"),
        text=template(environment, "issue.txt"),
        html=template(environment, "issue.html"),
        press=Press(
            html=template(environment, "card.html"),
            text=template(environment, "card.txt"),
            mark=Mark(*hit.strip().split(_WORD)),
        ),
        screen=Press(
            html=template(environment, "preview.html"),
            text=environment.from_string(""),
            mark=Mark("<mark>", "</mark>"),
        ),
        letter=Letterhead(
            subject=template(environment, "letter.subject"),
            text=template(environment, "letter.txt"),
            html=template(environment, "letter.html"),
        ),
    )


def shorten(names: Sequence[str], width: int) -> str:
    """Return ``a, b, c`` in at most about ``width`` characters: ``a, b + 1 more``."""
    shown = [wording.cut(name, width) for name in names[:1]]
    for name in names[1:]:
        if len(", ".join([*shown, name])) > width:
            break
        shown.append(name)
    left_out = len(names) - len(shown)
    return ", ".join(shown) + (f" + {left_out} more" if left_out else "")


def _grouped(issue: Issue) -> list[tuple[str, list[tuple[int, Match]]]]:
    """Return the papers by what they stand under, in the order in which that first appears, each
    with its position in the issue (from 1; 0 is the near miss)."""
    near_miss = issue.selection.near_miss
    groups: dict[tuple[Slot | None, str], list[tuple[int, Match]]] = {}
    if near_miss and not issue.selection.matches:
        groups[None, f"The closest, for {near_miss.interest}"] = [(0, near_miss)]
    for position, match in enumerate(issue.selection.shown, 1):
        groups.setdefault((match.slot, heading(match)), []).append((position, match))
    return [(name, matches) for (_, name), matches in groups.items()]


def _names(issue: Issue, subscriber: Subscriber) -> list[str]:
    """Return the interests the issue is about: those with papers, or else all of them."""
    found = dict.fromkeys(match.interest for match in issue.selection.matches)
    return [wording.one_line(name) for name in found] or _interests(subscriber)


def _interests(subscriber: Subscriber) -> list[str]:
    return [wording.one_line(each.name) for each in subscriber.wishes.profile.interests]


def _preheader(issue: Issue) -> str:
    """Return what a mailbox shows beside the subject: the first title and why it was chosen."""
    first = next(iter(issue.selection.matches), issue.selection.near_miss)
    if first is None:
        return ""
    title = wording.one_line(first.paper.readable_title)
    return " — ".join(filter(None, (wording.cut(title, _PREHEADER), why(first))))


def _foot(issue: Issue, subscriber: Subscriber) -> dict[str, str]:
    schedule, language = subscriber.wishes.schedule, subscriber.wishes.language
    return {
        "interests": _enumerate_some(_interests(subscriber), _NAMES_IN_FOOT),
        "schedule": calendar.describe(schedule, language),
        "next": calendar.short_moment(issue.next_due_at, schedule, language),
    }


def _enumerate_some(names: Sequence[str], most: int) -> str:
    left_out = len(names) - most
    return wording.enumerate_words([*names[:most], f"{left_out} more"] if left_out > 0 else names)
