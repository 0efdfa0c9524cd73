"""The signed links of an issue; only where this installation serves pages."""

from digest.app import App
from digest.model import Issue, Links, Subscriber
from digest.tokens import Purpose


def links_of(app: App, issue: Issue, subscriber: Subscriber) -> Links:
    """Return the links that go into one issue."""
    if app.web_url is None:
        return Links()
    unsubscribe = app.signer.sign(Purpose.UNSUBSCRIBE, subscriber.id)
    view = app.signer.sign(Purpose.VIEW, issue.id)
    return Links(
        unsubscribe=f"{app.web_url}/unsubscribe/{unsubscribe}",
        view=f"{app.web_url}/issues/{view}",
    )
