"""``digest doctor``."""

from tests.cli.shell import Shell


def test_a_new_folder_is_examined_and_stays_as_it_is(digest: Shell) -> None:
    answer = digest("doctor")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines()[0].startswith("✓  configuration  It can be read; ")
    assert answer.out.splitlines()[-1] == "Mail goes out; 2 points to look at."
    assert list(digest.folder.iterdir()) == []
    digest("migrate")
    assert digest("doctor").out.splitlines()[-1] == "All is well."


def test_a_configuration_that_cannot_be_read_is_a_finding(digest: Shell) -> None:
    digest.write("config.yaml", "smpt: {}\n")
    answer = digest("doctor", "--json")
    assert (answer.code, answer.err) == (1, "")
    (finding,) = answer.json["findings"]
    assert (finding["check"], finding["condition"]) == ("configuration", "bad")
    assert "did you mean smtp?" in finding["said"]


def test_what_fails_is_counted(digest: Shell) -> None:
    digest("migrate")
    answer = digest("doctor", DIGEST_OUTBOX="data/digest.db")
    assert answer.code == 1
    assert "✗  outbox" in answer.out
    assert answer.out.splitlines()[-1] == "1 check failed: begin with the first ✗."
    assert digest("doctor", "--send-to", "nowhere").code == 2
    assert digest("doctor", "--send-to", "eve@example.org").code == 0
    assert digest.mails() == ["eve@example.org"]
