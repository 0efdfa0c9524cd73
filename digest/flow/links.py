"""The signed links of issues and letters; only where this installation serves pages."""

from datetime import timedelta

from digest.app import App
from digest.errors import SettingsError
from digest.model import Issue, Letter, LetterKind, Links, Subscriber
from digest.tokens import Purpose

CONFIRM_WITHIN = timedelta(days=7)


def links_of(app: App, issue: Issue, subscriber: Subscriber) -> Links:
    """Return the links that go into one issue."""
    if app.web_url is None:
        return Links()
    unsubscribe = app.signer.sign(Purpose.UNSUBSCRIBE, subscriber.id)
    view = app.signer.sign(Purpose.VIEW, issue.id)
    profile = app.signer.sign(Purpose.PROFILE, subscriber.id)
    vote = app.signer.sign(Purpose.VOTE, issue.id)
    return Links(
        unsubscribe=f"{app.web_url}/unsubscribe/{unsubscribe}",
        view=f"{app.web_url}/issues/{view}",
        profile=f"{app.web_url}/profile/{profile}",
        vote=f"{app.web_url}/vote/{vote}",
    )


def link_of(app: App, letter: Letter) -> str:
    """Return the one link of a letter. Raises SettingsError where the pages' address is unset."""
    if app.web_url is None:
        raise SettingsError("Set web.url for the worker too: letters hold a link to the pages.")
    if letter.kind is LetterKind.CONFIRM:
        until = letter.created_at + CONFIRM_WITHIN
        token = app.signer.sign_until(Purpose.CONFIRM, letter.id, until)
        return f"{app.web_url}/confirm/{token}"
    token = app.signer.sign(Purpose.PROFILE, letter.subscriber_id)
    return f"{app.web_url}/profile/{token}"
