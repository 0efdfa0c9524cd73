"""What the name servers say of a domain's mail: who may send it (SPF), who signs it (DKIM), and
what is to happen with the rest (DMARC)."""

from digest.records.dkim import Dkim, DkimState, check_dkim
from digest.records.dmarc import Dmarc, find_dmarc, is_aligned, organization
from digest.records.resolver import Resolve, open_resolver
from digest.records.spf import Spf, SpfResult, check_spf

__all__ = [
    "Dkim",
    "DkimState",
    "Dmarc",
    "Resolve",
    "Spf",
    "SpfResult",
    "check_dkim",
    "check_spf",
    "find_dmarc",
    "is_aligned",
    "open_resolver",
    "organization",
]
