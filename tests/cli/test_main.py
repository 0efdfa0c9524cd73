"""What all commands have in common: help, settings, errors, exit codes, streams."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from digest import __version__
from digest.cli import cli
from tests.cli.shell import INTERESTS, Shell, environment
from tests.store.test_migrate import NEWEST

GROUP = typer.main.get_command(cli)
assert isinstance(GROUP, TyperGroup)
COMMANDS = GROUP.commands
ALONE = {
    "resume",
    "migrate",
    "ingest",
    "once",
    "demo",
    "subscribers",
    "papers",
    "status",
    "sources",
}
ANSWER_IN_JSON = {
    "ingest",
    "once",
    "subscribe",
    "subscribers",
    "papers",
    "status",
    "why",
    "bounce",
    "restore",
    "doctor",
    "evaluate",
    "sources",
}


def test_every_command_is_there() -> None:
    assert set(COMMANDS) == ALONE | {
        "subscribe",
        "unsubscribe",
        "backup",
        "bounce",
        "dkim-key",
        "restore",
        "doctor",
        "preview",
        "evaluate",
        "why",
        "serve",
        "web",
        "scheduler",
        "worker",
    }
    speaking = {
        name
        for name, command in COMMANDS.items()
        if "as_json" in {each.name for each in command.params}
    }
    assert speaking == ANSWER_IN_JSON


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_help_has_a_sentence_for_everything(digest: Shell, name: str) -> None:
    answer = digest(name, "--help", COLUMNS="80")
    assert (answer.code, answer.err) == (0, "")
    assert max(len(line) for line in answer.out.splitlines()) <= 80
    folded = " ".join(answer.out.split())
    for each in COMMANDS[name].params:
        sentence = getattr(each, "help", None)
        assert sentence, f"{name} {each.name} has no help"
        assert " ".join(sentence.split()) in folded
        assert sentence.rstrip(".") != sentence, f"{name} {each.name}: a sentence ends"


def test_help_lists_the_commands_with_their_whole_sentence(digest: Shell) -> None:
    answer = digest("--help", COLUMNS="80")
    assert answer.code == 0
    for name, command in COMMANDS.items():
        sentence = (command.help or "").splitlines()[0]
        assert re.search(rf"(?m)^  {name} +{re.escape(sentence)}$", answer.out), name


def test_the_version(digest: Shell) -> None:
    answer = digest("--version")
    assert (answer.code, answer.out) == (0, f"paper-digest {__version__}\n")


@pytest.mark.parametrize(
    "words",
    [[], ["frobnicate"], ["--frobnicate"], ["why"], ["papers", "--limit", "0"], ["status", "x"]],
)
def test_wrong_usage_is_2(digest: Shell, words: list[str]) -> None:
    answer = digest(*words)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("Usage: digest")
    assert list(digest.folder.iterdir()) == []


def test_the_configuration_is_named_by_option_or_environment(digest: Shell) -> None:
    digest.write("a/mine.yaml", "database: sqlite:///a.db\n")
    digest.write("b/mine.yaml", "database: sqlite:///b.db\n")
    assert digest("--config", "a/mine.yaml", "migrate", DIGEST_CONFIG="b/mine.yaml").code == 0
    assert (digest.folder / "a" / "a.db").exists()
    assert not (digest.folder / "b" / "b.db").exists()
    assert digest("migrate", DIGEST_CONFIG="b/mine.yaml").code == 0
    assert (digest.folder / "b" / "b.db").exists()
    assert (
        digest("migrate", DIGEST_CONFIG="b/mine.yaml", DIGEST_DATABASE="sqlite:///c.db").code == 0
    )
    assert (digest.folder / "c.db").exists()


@pytest.mark.parametrize(
    ("config", "environment", "said"),
    [
        ("a: [1\n", {}, "digest: config.yaml, line 2, is no YAML; mind indents and quotes.\n"),
        ("- 1\n", {}, "digest: config.yaml should hold settings such as “outbox: mail”"),
        ("outbx: mail\n", {}, "digest: config.yaml, outbx: there is no such setting; did you mean"),
        (
            "smtp: {prot: 25}\nweb: {port: x}\n",
            {},
            "digest: config.yaml, smtp.prot: there is no such setting; did you mean smtp.port?\n"
            "digest: config.yaml, web.port: should be a whole number.\n",
        ),
        (
            "defaults: {timezone: Mars/Olympus}\n",
            {},
            "digest: config.yaml, defaults.timezone: “Mars",
        ),
        (
            "",
            {"DIGEST_OUTBX": "x"},
            "digest: There is no setting DIGEST_OUTBX; did you mean DIGEST",
        ),
        ("", {"DIGEST_SOURCES": "inbox"}, "digest: DIGEST_SOURCES should be JSON, such as"),
        ("", {"DIGEST_CONFIG": "gone.yaml"}, "digest: There is no configuration file gone.yaml;"),
        ("", {"DIGEST_DATABASE": "oracle://x"}, "digest: DIGEST_DATABASE: should be sqlite:///"),
    ],
)
@pytest.mark.parametrize("command", ["status", "once", "worker"])
def test_a_wrong_configuration_is_2_and_one_sentence_each(
    digest: Shell, command: str, config: str, environment: dict[str, str], said: str
) -> None:
    digest.write("config.yaml", config)
    answer = digest(command, **environment)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(said)
    assert all(line.startswith("digest: ") for line in answer.err.splitlines())
    assert [path.name for path in digest.folder.iterdir()] == ["config.yaml"]


@pytest.mark.parametrize("command", ["status", "once", "ingest", "migrate", "subscribers"])
def test_a_database_that_is_none_is_one_sentence(digest: Shell, command: str) -> None:
    digest.write("notes.db", "These are my notes.\n" * 200)
    answer = digest(command, DIGEST_DATABASE="sqlite:///notes.db")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err == (
        "digest: The database cannot be used: file is not a database: name the right file"
        " (`database`), or go back with `digest restore`.\n"
    )


def test_a_database_that_cannot_be_made_is_one_sentence(digest: Shell) -> None:
    digest.write("file")
    answer = digest("status", DIGEST_DATABASE="sqlite:///file/digest.db")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith("digest: The database cannot be opened: ")


def test_sqlite_migrates_by_itself_and_on_request(digest: Shell) -> None:
    assert digest("migrate").out == f"The database went from nothing to {NEWEST}.\n"
    assert digest("migrate").out == f"The database is up to date ({NEWEST}).\n"
    assert digest("status", DIGEST_DATABASE="sqlite:///new.db").code == 0


def test_postgresql_waits_for_migrate(digest: Shell, empty_postgresql: str) -> None:
    server = {"DIGEST_DATABASE": empty_postgresql, "DIGEST_SECRET": "a secret for the tests"}
    before = digest("status", **server)
    assert (before.code, before.out) == (1, "")
    assert before.err == "digest: The database is at no version: run `digest migrate`.\n"
    assert digest("migrate", **server).out == f"The database went from nothing to {NEWEST}.\n"
    assert digest("migrate", **server).out == f"The database is up to date ({NEWEST}).\n"
    assert digest("status", **server).code == 0


def test_postgresql_wants_a_secret(digest: Shell, empty_postgresql: str) -> None:
    answer = digest("migrate", DIGEST_DATABASE=empty_postgresql)
    assert (answer.code, answer.out) == (1, "")
    assert "DIGEST_SECRET" in answer.err


def test_a_real_process_keeps_its_streams_apart(python_m_digest: Shell) -> None:
    python_m_digest.write("inbox/dump.txt")
    python_m_digest.write("inbox/shopping.txt", "milk\neggs\n")
    answer = python_m_digest("ingest", "--json")
    assert answer.code == 1
    assert len(answer.json) == 2
    assert "shopping.txt" in answer.err
    assert "Traceback" not in answer.err
    assert "\x1b" not in answer.out + answer.err


def test_a_real_process_says_what_is_wrong_in_one_line(python_m_digest: Shell) -> None:
    answer = python_m_digest("why", "nonsense")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("digest: “nonsense” is not an e-mail address")
    assert len(answer.err.splitlines()) == 1


def test_a_reader_that_leaves_the_pipe_early_is_no_error(digest: Shell) -> None:
    digest.write("dump.txt")
    digest("ingest", "dump.txt")
    command = f"{sys.executable} -m digest papers --json | head -c 1"
    done = subprocess.run(
        ["bash", "-c", command], cwd=digest.folder, env=environment({}), capture_output=True
    )
    assert (done.stdout, done.stderr) == (b"[", b"")


def test_a_terminal_of_80_columns_shows_every_moment_whole(digest: Shell) -> None:
    digest("subscribe", "ada@example.org", *INTERESTS)
    digest.write("inbox/" + "a-long-name-" * 6 + ".txt")
    digest("once")
    screen = _in_a_terminal(digest.folder, "status")
    lines = screen.splitlines()
    assert max(map(len, lines)) <= 80
    assert re.search(r" \d{4}-\d\d-\d\dT\d\d:\d\dZ +0\s*$", screen, re.MULTILINE), screen
    assert "…" not in screen


def _in_a_terminal(folder: Path, *words: str) -> str:
    """Return what a terminal of 80 columns gets, without its control sequences."""
    ours, theirs = pty.openpty()
    os.set_blocking(ours, True)
    process = subprocess.Popen(
        [sys.executable, "-m", "digest", *words],
        cwd=folder,
        env=environment({"COLUMNS": "80", "TERM": "xterm"}),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    while chunk := _read(ours):
        shown += chunk
    os.close(ours)
    assert process.wait(timeout=30) == 0
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.decode()).replace("\r", "")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # Linux says so when the other side has closed
        return b""
