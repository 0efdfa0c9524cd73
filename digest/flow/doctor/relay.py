"""The mail server: does it let us in, and does it take a mail?"""

import smtplib
from contextlib import closing
from dataclasses import replace

from digest import deliver, store
from digest.app import open_app, smtp_server
from digest.flow.doctor.finding import PATIENCE, Condition, Patient, ask, bad, doubtful, good
from digest.flow.doctor.sample import sample
from digest.flow.sealing import seal_issue
from digest.model import OutcomeKind


def check_smtp(patient: Patient) -> tuple[Condition, str]:
    """Tell whether the mail server greets us, encrypts, lets us log in and takes the addresses of
    all readers; no mail is sent."""
    given = smtp_server(patient.settings.smtp)
    server = replace(given, timeout=min(given.timeout, PATIENCE))
    try:
        connection = deliver.connect(server)
    except smtplib.SMTPResponseException as error:
        said = f"{error.smtp_code} {deliver.words(error.smtp_error)}"
        return bad(f"{server} lets nobody in for now ({said}): try later, or ask its operator.")
    except (OSError, smtplib.SMTPException) as error:
        return bad(f"{server} cannot be reached ({_words(error)}): check smtp.host and smtp.port.")
    with closing(connection):
        connection.noop()
        offers_utf8 = connection.has_extn("smtputf8")
    if not offers_utf8 and (number := ask(patient, store.subscribers.count_beyond_ascii)):
        return doubtful(
            f"{server} does not offer SMTPUTF8, so nothing reaches those whose address is not ASCII"
            f" before the @ ({number}): have it turned on there, or ask them for another address."
        )
    takes = "any address (SMTPUTF8)" if offers_utf8 else "ASCII addresses only (no SMTPUTF8)"
    encrypted = "unencrypted" if server.security is deliver.Security.NONE else "encrypted"
    login = f"lets {server.username} in" if server.username else "wants no login"
    return good(f"{server} answers, {encrypted}, {login}, and takes {takes}.")


def _words(error: OSError) -> str:
    return error.strerror or str(error) or type(error).__name__


def send_test(patient: Patient, address: str) -> tuple[Condition, str]:
    """Send a made-up issue with all its headers the way issues go; tell what became of it."""
    app = open_app(patient.settings)
    try:
        issue, reader = sample(patient.clock(), address)
        sealed = seal_issue(app, app.open_keys(), issue, reader)
        with closing(app.open_transport()) as transport:
            outcome = deliver.send(transport, sealed)
    finally:
        app.engine.dispose()
    reply = " ".join(str(each) for each in (outcome.code, outcome.reply) if each).rstrip(".")
    if outcome.kind is OutcomeKind.ACCEPTED:
        return good(f"It was taken for {address} ({reply}); look whether it arrives.")
    if outcome.kind is OutcomeKind.UNKNOWN:
        return doubtful(f"Nobody knows if it was taken ({reply}): look whether it arrives.")
    return bad(f"It was not taken ({reply}): {_WHAT_TO_DO[outcome.kind]}.")


_WHAT_TO_DO = {
    OutcomeKind.DEFERRED: "try again in some minutes",
    OutcomeKind.BUSY: "try again in some minutes, once the check of the mail server is well",
    OutcomeKind.THROTTLED: "try again in an hour",
    OutcomeKind.REJECTED: "try another address, and ask the operator of the mail server",
    OutcomeKind.NO_MAILBOX: "give an address that exists",
    OutcomeKind.NO_UTF8: "have SMTPUTF8 turned on there, or give an ASCII address",
    OutcomeKind.POLICY: "mend that, or ask the operator of the mail server",
}
