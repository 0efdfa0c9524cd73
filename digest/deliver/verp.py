"""Variable envelope return paths: returned mail comes to an address that names what came back.

``mailbox+message-signature@domain``: the message's id as it stands in its Message-ID, so that mail
logs can be searched for it, and a signature, so that nobody else can make such an address.
"""

from digest.tokens import SHORT, Purpose, Signer

# Characters of the mailbox's name: RFC 5321 section 4.5.3.1.1 allows 64 before the "@", and "+", an
# id (32 hexadecimal digits) and its signature take the others.
LONGEST_NAME = 64 - 1 - 32 - SHORT


def verp(mailbox: str, message_id: str, signer: Signer) -> str:
    """Return the envelope sender of the message with this id (lower case)."""
    name, _, domain = mailbox.rpartition("@")
    return f"{name}+{signer.sign_short(Purpose.BOUNCE, message_id)}@{domain}"


def read_verp(address: str, signer: Signer) -> str | None:
    """Return the id of the message that an address was made for; None when we did not make it.

    Case does not matter: some servers on the way back change it.
    """
    token = address.rpartition("@")[0].partition("+")[2]
    return signer.read_short(Purpose.BOUNCE, token)
