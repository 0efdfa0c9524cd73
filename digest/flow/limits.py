"""How often strangers may make us write mail: from one network, and altogether."""

from datetime import timedelta

from digest import store
from digest.app import App

PER_NETWORK = (20, timedelta(hours=1))
ALTOGETHER = (500, timedelta(hours=1))


def admit(app: App, network: str) -> bool:
    """Count a request that would send mail; False when there were too many of late.

    Only a keyed hash of the network is kept, and no longer than it counts.
    """
    now = app.clock()
    limits = ((app.signer.address_key(network), *PER_NETWORK), ("altogether", *ALTOGETHER))
    with store.writing(app.engine) as connection:
        return all(
            store.attempts.count(connection, key, most=most, within=within, now=now)
            for key, most, within in limits
        )
