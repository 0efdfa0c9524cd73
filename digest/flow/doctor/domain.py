"""The records of the sender's domain: will receivers believe that our mail is ours?"""

import socket
from ipaddress import ip_address

from digest import records
from digest.app import dkim_keys
from digest.errors import DnsError
from digest.flow.doctor.finding import Condition, Patient, bad, doubtful, good
from digest.flow.doctor.here import is_near
from digest.settings import Settings


def check_spf(patient: Patient) -> tuple[Condition, str]:
    """Tell whether the domain that mail comes back to lets our mail server send for it."""
    domain = _returns_to(patient.settings)
    addresses = _addresses(patient)
    told = [(each, records.check_spf(patient.resolve, domain, each)) for each in addresses]
    if not told:
        return _has_spf(patient, domain)
    worst = [(address, spf) for address, spf in told if spf.result is not records.SpfResult.PASS]
    if not worst:
        return good(f"{domain} lets {', '.join(addresses)} send for it.")
    return _explain(patient, domain, *worst[0])


def _explain(
    patient: Patient, domain: str, address: str, spf: records.Spf
) -> tuple[Condition, str]:
    if spf.result is records.SpfResult.NONE:
        return _no_spf(patient, domain)
    if spf.result is records.SpfResult.PERMERROR:
        return bad(f"The record of {domain} is invalid ({spf.why}): mend its TXT record.")
    if spf.result is records.SpfResult.UNKNOWN:
        return doubtful(
            f"Whether {domain} lets {address} send cannot be told ({spf.why}): test it."
        )
    return doubtful(
        f"{domain} does not let {address} send ({spf.result}): unless your provider sends from"
        " other addresses, add it to the record."
    )


def _has_spf(patient: Patient, domain: str) -> tuple[Condition, str]:
    """Tell whether there is a usable record at all, where our public address is not known."""
    spf = records.check_spf(patient.resolve, domain, "192.0.2.1")
    if spf.result in (records.SpfResult.NONE, records.SpfResult.PERMERROR):
        return _explain(patient, domain, "", spf)
    return good(f"{domain} has one record; from which address the relay sends is not known here.")


def _no_spf(patient: Patient, domain: str) -> tuple[Condition, str]:
    host = patient.settings.smtp.host or ""
    return bad(
        f"{domain} has no SPF record: publish a TXT record there such as “v=spf1 {_mechanism(host)}"
        " ~all”, in your provider's words."
    )


def _mechanism(host: str) -> str:
    """Return how a record names a mail server (RFC 7208 section 5): a name may be asked for its
    addresses; for one of our own it is the address it sends from that counts."""
    if is_near(host):
        return "ip4:ADDRESS-IT-SENDS-FROM"
    try:
        return f"ip{ip_address(host).version}:{host}"
    except ValueError:
        return f"a:{host}"


def _addresses(patient: Patient) -> tuple[str, ...]:
    """Return the public addresses of the mail server; none where it is one of ours."""
    host = patient.settings.smtp.host or ""
    if is_near(host):
        return ()
    found = (*patient.resolve(host, "A"), *patient.resolve(host, "AAAA"))
    return tuple(each for each in (found or _resolved(host)) if not is_near(each))


def _resolved(host: str) -> tuple[str, ...]:
    """Return what this machine takes a name for (a number is its own)."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise DnsError(f"{host} has no address: check smtp.host.") from error
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


def check_dkim(patient: Patient) -> tuple[Condition, str]:
    """Tell whether the records of our keys say what receivers need to check our signatures."""
    keys = dkim_keys(patient.settings)
    if not keys:
        return doubtful(
            "We sign no mail: unless your provider signs it for your domain, make a key with"
            " `digest dkim-key`."
        )
    for key in keys:
        published = key.record.rpartition("p=")[2]
        told = records.check_dkim(patient.resolve, key.domain, key.selector, published)
        if told.state is not records.DkimState.GOOD:
            return bad(f"The record {told.name} {_FLAWS[told.state]}.")
        if told.testing:
            return doubtful(f"The record {told.name} says t=y, a test: remove that.")
    return good(f"{', '.join(key.name for key in keys)} match the keys we sign with.")


_FLAWS = {
    records.DkimState.MISSING: "is missing: publish what `digest dkim-key` printed",
    records.DkimState.TWICE: "is there twice: remove the one that is not ours",
    records.DkimState.REVOKED: "is revoked (its p= is empty): publish a new key",
    records.DkimState.OTHER: "holds another key than ours: publish the one we sign with",
}


def check_dmarc(patient: Patient) -> tuple[Condition, str]:
    """Tell whether there is a policy, and whether SPF can vouch for what readers see as sender."""
    shown = patient.settings.sender.address.rpartition("@")[2]
    found = records.find_dmarc(patient.resolve, shown)
    if found is None:
        return bad(
            f"{shown} has no DMARC record, which large providers ask for: publish a TXT record at"
            f" _dmarc.{shown} such as “v=DMARC1; p=none”."
        )
    if found.error:
        return doubtful(f"The record of {found.domain} asks for nothing ({found.error}): mend it.")
    returns = _returns_to(patient.settings)
    if not _is_vouched_for(patient, found, shown):
        return doubtful(
            f"Mail from {shown} comes back to {returns}, another organization: only DKIM by {shown}"
            " makes DMARC pass, so sign for it or move sender.bounces."
        )
    if "pct" in found.tags:
        return doubtful(f"pct of {found.domain} means nothing since RFC 9989: remove it.")
    return good(f"{found.domain} asks for p={found.policy}, and what we send is aligned with it.")


def _is_vouched_for(patient: Patient, found: records.Dmarc, shown: str) -> bool:
    """Whether SPF or our own signature may vouch for the sender that readers see."""
    signed = [(key.domain, "adkim") for key in dkim_keys(patient.settings)]
    return any(
        records.is_aligned(patient.resolve, domain, shown, strict=found.tags.get(tag) == "s")
        for domain, tag in [(_returns_to(patient.settings), "aspf"), *signed]
    )


def _returns_to(settings: Settings) -> str:
    """Return the domain that SPF is asked for: that of the envelope's sender."""
    return (settings.sender.bounces or settings.sender.address).rpartition("@")[2]
