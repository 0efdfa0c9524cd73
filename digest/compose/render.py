"""An issue becomes a message: subject, text and HTML from ``templates/email/issue.*``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from digest.compose import calendar, wording
from digest.compose.card import heading, why
from digest.compose.frame import Section, print_issue, size
from digest.compose.language import plain, spoken
from digest.compose.passage import Mark
from digest.compose.plaintext import fill, underlined
from digest.compose.press import Card, Press, print_card
from digest.compose.stencil import Pieces
from digest.compose.templates import fill_in, open_templates, template
from digest.model import Issue, Letter, Links, Match, Message, Sender, Slot, Subscriber

_NAMES_IN_SUBJECT = 44  # characters, so that the whole subject stays near 70
_NAMES_IN_FOOT = 12
_PREHEADER = 120  # characters of the title
_MOST_HTML = 80_000  # bytes; Gmail clips what is longer than about 102 KB
_OPENING = 400  # bytes that an abstract's first lines take in a card, more or less
_LINKS = ("view", "profile", "unsubscribe", "vote")
_WORD = "\N{WORD JOINER}"  # stands in for the word when the mark is taken apart


# What stands under one heading: cards, each with its position in the issue.
_Group = tuple[str, list[tuple[int, Card]]]


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
        cards = (print_card(self.screen, each, language=language) for each in matches)
        return tuple(Markup("".join(card.html)) for card in cards)

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
            text_pieces=(fill_in(self.letter.text, values),),
            html_pieces=(fill_in(self.letter.html, values),),
            composed_at=letter.created_at,
            listed=False,
        )

    def compose(
        self,
        issue: Issue,
        subscriber: Subscriber,
        sender: Sender,
        links: Links,
        *,
        most: int | None = _MOST_HTML,
    ) -> Message:
        """Return ``issue`` as a message to ``subscriber``; without matches it is the quiet note.

        Its HTML takes at most ``most`` bytes (None: as many as it needs): the last cards are brief
        then, and where that is not enough they stand in the text alone. The same issue gives the
        same message. Raises TemplateError when a template asks for what it is not given, and
        InputError when the subscriber's schedule cannot be used.
        """
        said = _said(issue, subscriber, sender)
        subject = plain(" ".join("".join(print_issue(self.subject, said)).split()))
        said |= {"title": subject, **{name: getattr(links, name) or "" for name in _LINKS}}
        html, groups = self._fitting(issue, links, said, subscriber.wishes.language, most)
        return Message(
            id=issue.id,
            sender=sender,
            recipient=subscriber.email,
            subject=subject,
            text_pieces=tuple(self._text(said, groups)),
            html_pieces=tuple(html),
            composed_at=issue.created_at,
            unsubscribe=links.unsubscribe,
        )

    def _fitting(
        self, issue: Issue, links: Links, said: Mapping[str, str], language: str, most: int | None
    ) -> tuple[Pieces, list[_Group]]:
        """Return HTML of at most ``most`` bytes, and the cards for the text: as many whole ones as
        fit; where all are brief and still too many, the last are left out of the HTML."""
        number = shown = whole = len(issue.selection.shown)
        while True:
            groups = self._groups(issue, links, language, whole)
            values = {**said, "rest": _rest(number - shown, links)}
            html = self._html(values, groups, language, shown)
            over = 0 if most is None else size(html) - most
            if over <= 0 or not shown:
                return html, groups
            shown -= not whole
            whole = max(0, whole - 1 - over // _OPENING)

    def _groups(self, issue: Issue, links: Links, language: str, whole: int) -> list[_Group]:
        """Return the cards under each heading, those after the first ``whole`` brief."""

        def card(position: int, match: Match) -> Card:
            return print_card(
                self.press,
                match,
                position=position,
                has_view=links.view is not None,
                has_vote=links.vote is not None,
                language=language,
                brief=position > whole,
            )

        return [
            (wording.one_line(name), [(position, card(position, match)) for position, match in of])
            for name, of in _grouped(issue)
        ]

    def _html(
        self, said: Mapping[str, str], groups: Sequence[_Group], language: str, shown: int
    ) -> Pieces:
        values = {name: str(spoken(value, language)) for name, value in said.items()}
        values["title"] = str(escape(said["title"]))  # a title holds no markup
        sections = [
            Section(str(escape(name)), [card.html for place, card in cards if place <= shown])
            for name, cards in groups
        ]
        return print_issue(self.html, values, [each for each in sections if each.cards])

    def _text(self, said: Mapping[str, str], groups: Sequence[_Group]) -> Pieces:
        values = {name: fill(plain(value)) for name, value in said.items()}
        sections = [
            Section(underlined(name, "="), [card.text for _, card in cards])
            for name, cards in groups
        ]
        return print_issue(self.text, values, sections)


def open_composer(templates: Path) -> Composer:
    """Return a composer on the folder ``templates`` (the one that holds ``email/``).

    Everything is read, compiled and inlined here. Raises TemplateError when something is missing
    or broken.
    """
    environment = open_templates(templates / "email")
    environment.filters.update(fill=fill, underlined=underlined)
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


def _said(issue: Issue, subscriber: Subscriber, sender: Sender) -> dict[str, str]:
    """Return what an issue says around its cards: one line each, dates set apart."""
    language = subscriber.wishes.language
    count, candidates = len(issue.selection.matches), issue.selection.candidates
    name, postal = wording.one_line(sender.name), wording.one_line(sender.postal or "")
    return {
        "papers": wording.count(count, "paper") if count else "",
        "names": shorten(_names(issue, subscriber), _NAMES_IN_SUBJECT),
        "short_date": wording.short_date(issue.date, language),
        "long_date": wording.long_date(issue.date, language),
        "counted": f"{count} of {wording.count(candidates, 'new paper')}",
        "quiet": "" if count else _quiet(candidates),
        "preheader": _preheader(issue),
        "notice": " ".join(issue.notices),
        "because": _because(issue, subscriber),
        "postal": postal and f"{name}, {postal}",
    }


def _rest(left_out: int, links: Links) -> str:
    """Return where the papers are that have no room in the HTML."""
    if not left_out:
        return ""
    where = "view this issue in the browser" if links.view else "the text of this mail has them"
    return f"{wording.count(left_out, 'more paper')} had no room here: {where}."


def _quiet(candidates: int) -> str:
    """Return why there is no paper."""
    if candidates == 0:
        return "No new papers were listed since your last issue."
    if candidates == 1:
        return "The one new paper does not come close enough to what you asked for."
    papers = wording.count(candidates, "new paper")
    return f"None of the {papers} comes close enough to what you asked for."


def _because(issue: Issue, subscriber: Subscriber) -> str:
    """Return why this mail comes, and when the next does."""
    schedule, language = subscriber.wishes.schedule, subscriber.wishes.language
    interests = _enumerate_some(_interests(subscriber), _NAMES_IN_FOOT)
    return (
        f"You get this mail because you asked for new papers on {interests}."
        f" It comes {calendar.describe(schedule, language)}."
        f" Next issue: {calendar.short_moment(issue.next_due_at, schedule, language)}."
    )


def _enumerate_some(names: Sequence[str], most: int) -> str:
    left_out = len(names) - most
    return wording.enumerate_words([*names[:most], f"{left_out} more"] if left_out > 0 else names)
