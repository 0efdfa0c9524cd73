"""``digest dkim-key``, and mail that is signed with what it made."""

import email.policy
import stat

import dkim
import yaml

from tests.cli.shell import INTERESTS, Shell


def test_a_key_is_made_told_and_used(digest: Shell) -> None:
    answer = digest("dkim-key", "owl", "--domain", "example.org")
    assert (answer.code, answer.err) == (0, "")
    file = digest.folder / "owl.pem"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    name, _, strings = answer.out.splitlines()[2].partition(" IN TXT ")
    record = "".join(strings.strip(" ()").split('"')[1::2])
    digest.write("config.yaml", answer.out[answer.out.index("dkim:") :])
    assert yaml.safe_load((digest.folder / "config.yaml").read_text())["dkim"]
    digest.write("inbox/dump.txt")
    digest("subscribe", "ada@example.org", *INTERESTS)
    digest("once")
    (mail,) = (digest.folder / "outbox").glob("*.eml")
    judge = dkim.DKIM(mail.read_bytes())
    assert judge.verify(dnsfunc=lambda asked, timeout=5: {name.encode(): record.encode()}[asked])
    assert email.message_from_bytes(mail.read_bytes(), policy=email.policy.default)["From"]


def test_a_key_is_never_replaced(digest: Shell) -> None:
    digest("dkim-key", "owl")
    again = digest("dkim-key", "owl")
    assert again.code == 2
    assert "The key file owl.pem cannot be made (File exists)" in again.err


def test_a_missing_key_is_told(digest: Shell) -> None:
    digest.write("config.yaml", "dkim:\n  - {selector: owl, key_file: owl.pem}\n")
    answer = digest("once")
    assert answer.code != 0
    assert "dkim.key_file" in answer.err + answer.out
