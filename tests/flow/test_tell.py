"""The answers: status, why, preview, view."""

from dataclasses import replace

from digest import flow, store
from digest.app import App
from digest.flow.links import links_of
from digest.model import DeliveryState, Issue, SubscriberState
from tests.flow.world import GRAPHS, VELLUM, World


def test_status_tells_the_state_of_things(world: World) -> None:
    world.drop_papers()
    world.subscribe("ada@example.org", GRAPHS)
    world.run()
    status = flow.status(world.app)
    assert (status.papers, status.issues, status.balanced) == (5, 1, True)
    assert status.subscribers == {SubscriberState.ACTIVE: 1}
    assert status.books[DeliveryState.SENT] == 1
    assert [(each.name, each.papers) for each in status.listings] == [("dump.txt", 5)]


def test_why_somebody_got_nothing(world: World) -> None:
    world.drop_papers()
    world.subscribe("ada@example.org", VELLUM)
    world.run()
    answer = flow.why(world.app, "ada@example.org")
    assert answer.schedule.startswith("every day at 07:00")
    assert (answer.now.candidates, answer.now.above_floor) == (5, 0)
    assert [turn.result for turn in answer.turns] == ["skipped"]
    assert answer.issues == ()


def test_why_somebody_got_mail(world: World) -> None:
    world.drop_papers()
    world.subscribe("ada@example.org", GRAPHS)
    world.run()
    answer = flow.why(world.app, "ada@example.org")
    (issue,) = answer.issues
    assert (issue.papers, issue.state, issue.attempts) == (2, DeliveryState.SENT, 1)
    assert answer.now.candidates == 3, "what was delivered is no candidate any more"


def test_a_preview_writes_nothing(world: World) -> None:
    world.drop_papers()
    world.subscribe("ada@example.org", GRAPHS)
    flow.ingest_listings(world.app)
    preview = flow.preview(world.app, "ada@example.org")
    assert preview.comes
    assert "Message Passing on Sparse Graphs" in preview.message.text
    assert world.books() == {}
    assert world.run().sent == 1


def test_a_preview_says_when_no_mail_would_come(world: World) -> None:
    world.drop_papers()
    world.subscribe("ada@example.org", VELLUM)
    flow.ingest_listings(world.app)
    assert not flow.preview(world.app, "ada@example.org").comes


def test_a_view_link_shows_the_issue(world: World) -> None:
    world.drop_papers()
    reader = world.subscribe("ada@example.org", GRAPHS)
    app = replace(world.app, web_url="https://digest.example.org")
    flow.ingest_listings(app)
    flow.prepare_issues(app)
    flow.deliver_issues(app)
    (record,) = flow.why(app, "ada@example.org").issues
    (mail,) = world.mails()
    html = mail.get_body(("html",))
    assert html is not None
    token = links_of(app, _issue(app, record.id), reader).view
    assert token is not None
    assert token in html.get_content()
    message = flow.view(app, token.rpartition("/")[2])
    assert message is not None
    assert "Message Passing on Sparse Graphs" in message.html
    assert flow.view(app, "nonsense") is None


def _issue(app: App, issue_id: str) -> Issue:
    with store.reading(app.engine) as connection:
        return store.issues.load(connection, [issue_id])[issue_id]
