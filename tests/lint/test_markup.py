"""The HTML of every mail is valid: html-validate knows the standard, and where mail must differ."""

from tests.lint.conftest import Linter


def test_every_mail_is_valid_html(lint: Linter) -> None:
    faults = [
        f"{each['mail']}, line {each['line']}: {each['message']} ({each['ruleId']})"
        for each in lint("markup.mjs")
    ]
    assert faults == []
