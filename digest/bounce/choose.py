"""Which of a returned mail's bounces is about a reader: what it takes to be believed. Pure."""

from digest.model import Bounce, BounceKind, Returned

_MILDEST = (BounceKind.NONE, BounceKind.SOFT, BounceKind.HARD, BounceKind.COMPLAINT)


def about(returned: Returned, email: str, *, signed: bool) -> Bounce | None:
    """Return what ``returned`` says of the reader at ``email``, who got the mail it is about.

    It was ``signed`` if it came to a return address that only we can make: then it is about this
    reader whatever address it names, since mail gets forwarded; of several it is the mildest.
    Else (a Message-ID is all that tells) it must name this very address; complaints may name
    nobody, since who forwards them often takes addresses out.
    """
    named = [
        each
        for each in returned.bounces
        if email.casefold() in (name.casefold() for name in (each.recipient, *each.aliases))
    ]
    silent = [
        each
        for each in returned.bounces
        if each.kind is BounceKind.COMPLAINT and not each.recipient
    ]
    believed = named or (list(returned.bounces) if signed else silent)
    return min(believed, key=lambda each: _MILDEST.index(each.kind), default=None)
