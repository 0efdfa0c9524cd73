"""An installation as the world sees it: its pages, and the mail that really arrives."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from digest import flow
from tests.deliver.servers import HOST, Inbox, mail_server
from tests.flow.test_vote import TOMORROW
from tests.flow.world import World, read_mail
from tests.web.conftest import Site, open_site


@dataclass(frozen=True)
class Town:
    """A site, and the mailbox that everything it sends falls into."""

    site: Site
    inbox: Inbox
    folder: Path

    @property
    def world(self) -> World:
        return self.site.world

    @property
    def url(self) -> str:
        return str(self.site.client.base_url)

    def mails(self) -> list[EmailMessage]:
        """Return what was received, oldest first."""
        return [read_mail(each.content) for each in self.inbox.messages]

    def receive(self) -> EmailMessage:
        """Do what scheduler and worker do, and return the one mail that this brought."""
        before = len(self.inbox.messages)
        self.world.run()
        (mail,) = self.mails()[before:]
        return mail

    def tomorrow(self) -> None:
        """Let a day pass, and its papers be announced."""
        self.world.clock.move(days=1)
        papers = "\n\n".join(f"{title}\n\n{text}" for title, text in TOMORROW.items())
        self.world.drop("tomorrow.txt", f"Daily Papers\n\nNov 20\n\n{papers}\n")

    def saved(self, mail: EmailMessage) -> str:
        """Write the HTML of a mail to a file and return its address, for a browser to open."""
        path = self.folder / f"mail-{time.monotonic_ns()}.html"
        path.write_text(html_of(mail), encoding="utf-8")
        return path.as_uri()


def html_of(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    assert part is not None
    content: str = part.get_content()
    return content


@contextmanager
def open_town(database: str, folder: Path, **settings: Any) -> Iterator[Town]:
    """Serve an installation that has read our papers and mails through a real server."""
    inbox = Inbox()
    with mail_server(inbox) as port:
        smtp = {"host": HOST, "port": port, "security": "none"}
        with open_site(database, folder, smtp=smtp, **settings) as site:
            site.world.drop_papers()
            flow.ingest_listings(site.world.app)
            yield Town(site, inbox, folder)
