"""mail that came back → what it says of each recipient."""

from digest.bounce.choose import about
from digest.bounce.imap import ImapServer, open_mailbox
from digest.bounce.read import read

__all__ = ["ImapServer", "about", "open_mailbox", "read"]
