"""The commands about people: subscribe, unsubscribe, subscribers."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

import typer

from digest import compose, flow
from digest.cli import show
from digest.cli.session import Email, Json, answer_json, screen, session_of
from digest.errors import InputError
from digest.model import Amount, Cadence, Interest, Slot, WhenEmpty
from digest.settings import (
    DefaultWishes,
    email_address,
    interest_name,
    language,
    time_zone,
    weekday,
    wishes,
)

_FOLLOWED = "Authors you follow"


def add_to(cli: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (subscribe, unsubscribe, subscribers):
        cli.command()(command)


def subscribe(
    context: typer.Context,
    email: Email,
    interest: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TEXT",
            help="What to look for, in your own words; repeat it for another interest.",
        ),
    ] = None,
    include: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WORDS", help="A word or phrase every paper must have; “a | b” is either."
        ),
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option(metavar="WORDS", help="A word or phrase no paper may have.")
    ] = None,
    author: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Somebody whose papers you want, whatever about."),
    ] = None,
    category: Annotated[
        list[str] | None,
        typer.Option(metavar="CATEGORY", help="A category papers must be in, such as cs.LG."),
    ] = None,
    cadence: Annotated[
        Cadence | None, typer.Option(help="How often; days: the ones in --weekday.")
    ] = None,
    on_weekday: Annotated[
        list[str] | None,
        typer.Option("--weekday", metavar="DAY", help="mon tue wed thu fri sat sun; repeat it."),
    ] = None,
    hour: Annotated[
        int | None,
        typer.Option(metavar="HOUR", min=0, max=23, help="The hour, on the reader's clock."),
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(metavar="ZONE", help="An IANA time zone such as Europe/Berlin.")
    ] = None,
    dates: Annotated[
        str | None,
        typer.Option(
            "--language", metavar="CODE", help="The language of dates, such as de, ja or ar."
        ),
    ] = None,
    size: Annotated[
        int | None, typer.Option(metavar="N", min=1, max=30, help="The most papers in an issue.")
    ] = None,
    when_empty: Annotated[
        WhenEmpty | None, typer.Option(help="On a day without papers: nothing, or a short note.")
    ] = None,
    amount: Annotated[
        Amount | None, typer.Option(help="Fewer papers that come closer, or more.")
    ] = None,
    slot: Annotated[
        list[Slot] | None,
        typer.Option(
            help="One paper beside those that matter: a little outside the interests, or the one"
            " with the most upvotes. Repeat it for both."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Subscribe an address, or replace what it asked for."""
    address = email_address(email)
    interests = _interests(interest, include, exclude, author, category)
    if cadence is Cadence.DAYS and not on_weekday:
        raise InputError("--cadence days needs the days: --weekday mon --weekday thu.")
    said = {
        "cadence": cadence or (Cadence.DAYS if on_weekday else None),
        "weekdays": tuple(weekday(each) for each in on_weekday) if on_weekday else None,
        "hour": hour,
        "timezone": time_zone(timezone) if timezone else None,
        "language": language(dates) if dates else None,
        "size": size,
        "when_empty": when_empty,
        "amount": amount,
        "slots": tuple(dict.fromkeys(slot)) if slot else None,
    }
    session = session_of(context)
    settings = session.settings()
    chosen = _chosen(settings.defaults, said)
    app = session.open(settings)
    result = flow.subscribe(app, address, wishes(chosen, *interests))
    if as_json:
        answer_json(show.subscriber_values(result.subscriber))
        return
    schedule = compose.describe(result.subscriber.wishes.schedule)
    done = "Subscribed" if result.new else "Changed"
    screen.print(f"{done} {address}: {show.plural(len(interests), 'interest')}, {schedule}.")
    due_at = result.subscriber.due_at
    due = "is due now" if due_at <= app.clock() else f"comes {show.moment(due_at)}"
    screen.print(f"The next issue {due}; `digest preview {address}` shows what it would hold.")


def _chosen(defaults: DefaultWishes, said: Mapping[str, object]) -> DefaultWishes:
    given = {name: value for name, value in said.items() if value is not None}
    return defaults.model_copy(update=given)


def _interests(
    texts: list[str] | None,
    include: list[str] | None,
    exclude: list[str] | None,
    authors: list[str] | None,
    categories: list[str] | None,
) -> tuple[Interest, ...]:
    """Return the interests; what to include and exclude holds for each that is about something."""
    limits = Interest(
        name=interest_name(", ".join((*(include or ()), *(categories or ())))),
        must=tuple(include or ()),
        exclude=tuple(exclude or ()),
        categories=tuple(categories or ()),
    )
    interests = [replace(limits, name=interest_name(text), text=text) for text in _said(texts)]
    if not interests and limits.name:
        interests = [limits]
    if authors:
        interests.append(Interest(name=_FOLLOWED, authors=tuple(authors)))
    if not interests:
        raise InputError("Say what to look for: --interest, --include, --author or --category.")
    return tuple(interests)


def _said(texts: list[str] | None) -> list[str]:
    said = [text.strip() for text in texts or ()]
    if not all(map(interest_name, said)):
        raise InputError("--interest is empty: describe it in a few words.")
    return list(dict.fromkeys(said))


def unsubscribe(context: typer.Context, email: Email) -> None:
    """Let an address leave; nothing more is sent to it."""
    address = email_address(email)
    app = session_of(context).open()
    flow.unsubscribe(app, flow.find_by_email(app, address))
    screen.print(f"Nothing more comes to {address}.")


def subscribers(context: typer.Context, as_json: Json = False) -> None:
    """List the subscribers."""
    found = flow.subscribers(session_of(context).open())
    if as_json:
        answer_json([show.subscriber_values(each) for each in found])
    else:
        show.subscribers(found)
