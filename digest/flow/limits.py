"""How often strangers may make us write mail, ask arXiv, or guess a password; counted by
``limits``."""

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerHour, RateLimitItemPerMonth
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy import Connection

from digest import addresses, store
from digest.app import App

PER_NETWORK = RateLimitItemPerHour(20, namespace="mail")
ALTOGETHER = RateLimitItemPerHour(500, namespace="mail")
# To one mailbox, however its address is spelt. A month are 30 days; beyond it, silence.
LETTERS = (
    RateLimitItemPerDay(1, namespace="letter"),
    RateLimitItemPerMonth(3, namespace="letter"),
)
LOOKUPS = RateLimitItemPerHour(20, namespace="look-up")  # questions to arXiv, of one network
ALL_LOOKUPS = RateLimitItemPerHour(500, namespace="look-up")
GUESSES = RateLimitItemPerHour(10, namespace="guess")
ALARMS = RateLimitItemPerDay(1, namespace="alarm")

_Counted = tuple[RateLimitItem, str]  # a limit, and for whom it counts


def admit(app: App, network: str) -> bool:
    """Count a request that would send mail; False when there were too many of late.

    Only a keyed hash of the network is kept, and no longer than it counts.
    """
    counted = (PER_NETWORK, app.signer.address_key(network)), (ALTOGETHER, "altogether")
    with store.writing(app.engine) as connection:
        return _count(app, connection, *counted)


def admit_lookup(app: App, network: str) -> bool:
    """Count a request that would ask arXiv; False when there were too many of late."""
    counted = (LOOKUPS, app.signer.address_key(network)), (ALL_LOOKUPS, "altogether")
    with store.writing(app.engine) as connection:
        return _count(app, connection, *counted)


def may_write(app: App, connection: Connection, email: str) -> bool:
    """Count a letter to the mailbox behind an address; False when it had enough of them."""
    mailbox = app.signer.address_key(addresses.mailbox(email))
    return _count(app, connection, *((limit, mailbox) for limit in LETTERS))


def may_tell(app: App, connection: Connection, cause: str) -> bool:
    """Count that the operator is told of a cause; False when they were within the day."""
    return _count(app, connection, (ALARMS, app.signer.address_key(cause)))


def may_guess(app: App, network: str) -> bool:
    """Return whether a network has not given too many wrong passwords of late."""
    with store.reading(app.engine) as connection:
        return _open(app, connection).test(GUESSES, app.signer.address_key(network))


def count_guess(app: App, network: str) -> None:
    """Count a wrong password."""
    with store.writing(app.engine) as connection:
        _count(app, connection, (GUESSES, app.signer.address_key(network)))


def _count(app: App, connection: Connection, *counted: _Counted) -> bool:
    """Count one attempt under all limits or, when one of them is reached, under none.

    The first look spares the others; only the second decides.
    """
    limiter = _open(app, connection)
    return all(limiter.test(*each) for each in counted) and all(
        limiter.hit(*each) for each in counted
    )


def _open(app: App, connection: Connection) -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(store.attempts.Attempts(connection, app.clock()))
