"""An issue or a letter becomes what goes over the wire: composed, addressed, signed."""

from collections.abc import Sequence

from digest import deliver
from digest.app import App
from digest.flow.links import link_of, links_of
from digest.model import Envelope, Issue, Letter, Message, Subscriber

Keys = Sequence[deliver.DkimKey]


def seal_issue(app: App, keys: Keys, issue: Issue, subscriber: Subscriber) -> Envelope:
    """Return an issue, sealed."""
    links = links_of(app, issue, subscriber)
    return seal(app, keys, app.composer.compose(issue, subscriber, app.sender, links))


def seal_letter(app: App, keys: Keys, letter: Letter, subscriber: Subscriber) -> Envelope:
    """Return a letter, sealed."""
    link = link_of(app, letter)
    return seal(app, keys, app.composer.write(letter, subscriber.email, app.sender, link))


def seal(app: App, keys: Keys, message: Message) -> Envelope:
    """Return a message with its return address, signed with all of ``keys``."""
    mailbox = app.sender.bounces
    return_path = mailbox and deliver.verp(mailbox, message.id, app.signer)
    return deliver.sign(deliver.seal(message, return_path), keys, at=app.clock())
