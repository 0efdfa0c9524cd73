"""What one subscriber should get, as matching is asked for it."""

import math
from dataclasses import dataclass

from digest.model import Amount, Profile, Slot

FLOOR = 0.3  # chosen by reading: below it, papers share words with an interest, not its subject
STRICT = {Amount.FEWER: 1.5, Amount.NORMAL: 1.0, Amount.MORE: 1 / 1.5}  # times what is needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What one subscriber should get: at most ``size`` papers, none of which is in
    ``delivered`` (ids), and what stands in ``slots``."""

    profile: Profile
    size: int
    delivered: frozenset[str]
    amount: Amount = Amount.NORMAL
    slots: tuple[Slot, ...] = ()

    def floor(self, usual: float) -> float:
        """Return the floor of this subscriber: fewer papers come half as close again as what is
        ``usual`` asks for (scores are 1 - exp(-x)), more need two thirds of it."""
        if self.amount is Amount.NORMAL or not 0 < usual < 1:
            return usual
        return -math.expm1(STRICT[self.amount] * math.log1p(-usual))
