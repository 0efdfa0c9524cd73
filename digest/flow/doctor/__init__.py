"""Is everything in place for mail to be made, sent and believed? And if not, what to do?

Each check stands alone: it is bounded in time, and what it breaks on is one finding.
"""

import threading
from collections.abc import Callable

import structlog

from digest.errors import DigestError
from digest.flow.doctor.domain import check_dkim, check_dmarc, check_spf
from digest.flow.doctor.finding import Condition, Finding, Patient
from digest.flow.doctor.here import (
    check_configuration,
    check_database,
    check_disk,
    check_outbox,
    check_templates,
)
from digest.flow.doctor.outside import ask_sources, check_clock, check_one_click
from digest.flow.doctor.relay import check_smtp, send_test

__all__ = ["Condition", "Finding", "Patient", "diagnose"]

LONGEST = 30.0  # seconds that one check may take

_log = structlog.get_logger()

Check = Callable[[Patient], tuple[Condition, str]]


def diagnose(
    patient: Patient,
    *,
    send_to: str | None = None,
    told: Callable[[int], None] = lambda _: None,
    longest: float = LONGEST,
) -> tuple[Finding, ...]:
    """Return what each check found, in order; all of them run at once. Nothing is changed, and no
    mail is sent but a test to ``send_to``. ``told`` hears of each check that is done."""
    checks = _checks(patient, send_to)
    return _run(checks, patient, told, longest)


def _checks(patient: Patient, send_to: str | None) -> dict[str, Check]:
    settings = patient.settings
    checks: dict[str, Check] = {
        "configuration": check_configuration,
        "database": check_database,
        "templates": check_templates,
        "clock": check_clock,
        "disk": check_disk,
        "sources": ask_sources,
    }
    if settings.uses_smtp:
        checks |= {"mail server": check_smtp, "SPF": check_spf}
        checks |= {"DKIM": check_dkim, "DMARC": check_dmarc}
    else:
        checks["outbox"] = check_outbox
    if settings.web.url:
        checks["one-click"] = check_one_click
    if send_to is not None:
        checks["test mail"] = lambda patient: send_test(patient, send_to)
    return checks


def _run(
    checks: dict[str, Check], patient: Patient, told: Callable[[int], None], longest: float
) -> tuple[Finding, ...]:
    found: dict[str, Finding] = {}

    def look(name: str, check: Check) -> None:
        found[name] = _look(name, check, patient)

    # Daemons: a check that hangs (a dead network disk, say) must not keep the process from ending.
    looking = {
        name: threading.Thread(target=look, args=(name, check), daemon=True)
        for name, check in checks.items()
    }
    for each in looking.values():
        each.start()
    for each in looking.values():
        each.join(longest)
        told(1)
    return tuple(found.get(name) or _too_slow(name, longest) for name in checks)


def _look(name: str, check: Check, patient: Patient) -> Finding:
    try:
        condition, said = check(patient)
    except DigestError as error:
        condition, said = Condition.BAD, str(error)
    except Exception as error:  # noqa: BLE001 -- one failure is one failure
        _log.debug("doctor.failed", check=name, exc_info=error)
        condition = Condition.BAD
        said = f"This check failed itself ({type(error).__name__}: {error}): please report it."
    return Finding(check=name, condition=condition, said=said)


def _too_slow(name: str, longest: float) -> Finding:
    said = f"It took longer than {longest:.0f} s: try again, and look what is slow or hangs there."
    return Finding(check=name, condition=Condition.BAD, said=said)
