import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from digest.errors import SettingsError
from digest.model import LANGUAGES
from digest.settings import Settings, describe, load
from digest.settings.load import names

SHIPPED = Path(__file__).resolve().parents[2] / "config.yaml"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(text: str, path: str = "config.yaml") -> Path:
    file = Path(path).absolute()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def mistakes(text: str, environ: dict[str, str] | None = None) -> list[str]:
    written(text)
    with pytest.raises(SettingsError) as caught:
        load(None, environ or {})
    return str(caught.value).splitlines()


def test_nothing_at_all_means_the_defaults(home: Path) -> None:
    settings = load(None, {})
    assert settings.database == f"sqlite:///{home}/data/digest.db"
    assert settings.outbox == home / "outbox"
    assert [source.folder for source in settings.sources] == [home / "inbox"]
    assert not settings.uses_smtp


def test_the_environment_wins_over_the_file_and_the_file_over_the_defaults() -> None:
    written("smtp: {host: from-file, timeout: 5}\nlog_level: debug\n")
    settings = load(None, {"DIGEST_SMTP__HOST": "from-environment", "PATH": "/bin"})
    assert settings.smtp.host == "from-environment"
    assert settings.smtp.timeout == 5
    assert settings.smtp.port == 587
    assert settings.log_level == "debug"


def test_the_file_is_the_argument_or_the_variable_or_the_default() -> None:
    written("log_level: debug")
    second, third = written("log_level: warning", "b.yaml"), written("log_level: error", "c.yaml")
    assert load(None, {}).log_level == "debug"
    assert load(None, {"DIGEST_CONFIG": "b.yaml"}).log_level == "warning"
    assert load(third, {"DIGEST_CONFIG": str(second)}).log_level == "error"


@pytest.mark.parametrize("environ", [{}, {"DIGEST_CONFIG": "there.yaml"}])
def test_a_named_file_must_exist(environ: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=r"no configuration file \w+\.yaml; create it"):
        load(None if environ else Path("here.yaml"), environ)


def test_paths_count_from_where_they_are_written(home: Path) -> None:
    file = written(
        "database: sqlite:///my.db\nsmtp: {ca_file: ca.pem}\n"
        "sources: [{folder: drop}, {file: /tmp/a.txt}, {url: https://example.org/feed}]\n",
        "etc/digest.yaml",
    )
    settings = load(file, {"DIGEST_OUTBOX": "mail"})
    assert settings.database == f"sqlite:///{home}/etc/my.db"
    assert settings.smtp.ca_file == home / "etc/ca.pem"
    assert settings.outbox == home / "mail"
    folder, single, feed = settings.sources
    assert folder.folder == home / "etc/drop"
    assert single.file == Path("/tmp/a.txt")
    assert feed.url == "https://example.org/feed"


def test_default_paths_count_from_the_file_too(home: Path) -> None:
    assert load(written("", "etc/digest.yaml"), {}).outbox == home / "etc/outbox"


def test_lists_and_groups_in_the_environment_are_json(home: Path) -> None:
    settings = load(
        None,
        {
            "DIGEST_SOURCES": '[{"folder": "drop"}]',
            "DIGEST_DEFAULTS__WEEKDAYS": '["mon", "thu"]',
            "DIGEST_SMTP": '{"host": "mail.example.org"}',
            "DIGEST_SMTP__PORT": "2525",
            "DIGEST_WEB__URL": "",
        },
    )
    assert settings.sources[0].folder == home / "drop"
    assert settings.defaults.weekdays == (0, 3)
    assert (settings.smtp.host, settings.smtp.port) == ("mail.example.org", 2525)
    assert settings.web.url is None


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        (
            {"DIGEST_SMTP__HOSTT": "x"},
            "There is no setting DIGEST_SMTP__HOSTT; did you mean DIGEST_SMTP__HOST?",
        ),
        ({"DIGEST_QQQQ": "x"}, "There is no setting DIGEST_QQQQ; remove it."),
        (
            {"DIGEST_DEFAULTS__WEEKDAYS": "mon"},
            'DIGEST_DEFAULTS__WEEKDAYS should be JSON, such as ["one", "two"].',
        ),
        ({"DIGEST_SMTP__PORT": "mail"}, "DIGEST_SMTP__PORT: should be a whole number."),
        (
            {"DIGEST_SOURCES": '[{"folder": "a"}, {}]'},
            "DIGEST_SOURCES[1]: needs exactly one of folder, file, url, maildir, mbox and preset.",
        ),
        (
            {"DIGEST_SOURCES": '[{"folder": "a", "deadline": 3}]'},
            "DIGEST_SOURCES[0]: has deadline, so it needs days, such as [mon, tue, wed, thu, fri].",
        ),
        (
            {"DIGEST_SOURCES": '[{"url": "ftp://x"}]'},
            "DIGEST_SOURCES[0].url: should be a URL that starts with https:// or http://.",
        ),
        (
            {"DIGEST_WEB__URL": "https://x.org/?a"},
            "DIGEST_WEB__URL: should be a plain base URL, without ? and #.",
        ),
        (
            {"DIGEST_OUTBOX": "~nobody-by-this-name/mail"},
            "DIGEST_OUTBOX: begins with a home folder there is not; write the path in full.",
        ),
        (
            {"DIGEST_DATABASE": "sqlite:///~nobody-by-this-name/digest.db"},
            "DIGEST_DATABASE: begins with a home folder there is not; write the path in full.",
        ),
        (
            {"DIGEST_TRANSPORT": "smtp"},
            "settings: transport is smtp, so smtp.host must name the mail server.",
        ),
        (
            {"DIGEST_SMTP__USERNAME": "ada"},
            "DIGEST_SMTP: needs username and password together, or neither.",
        ),
        (
            {"DIGEST_SECRET": "short"},
            "DIGEST_SECRET: should have 16 characters or more, hard to guess.",
        ),
    ],
)
def test_a_mistake_in_the_environment_is_one_sentence(
    environ: dict[str, str], sentence: str
) -> None:
    assert mistakes("", environ) == [sentence]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("secert: x", ["config.yaml, secert: there is no such setting; did you mean secret?"]),
        (
            "smtp: {prt: 5}",
            ["config.yaml, smtp.prt: there is no such setting; did you mean smtp.port?"],
        ),
        ("smtp:\n\thost: x", ["config.yaml, line 2, is no YAML; mind indents and quotes."]),
        (
            "smtp: {ca_file: ~nobody-by-this-name/ca.pem}",
            [
                "config.yaml, smtp.ca_file: begins with a home folder there is not; "
                "write the path in full."
            ],
        ),
        ("- x", ["config.yaml should hold settings such as “outbox: mail”, one per line."]),
        ("1: x", ["config.yaml, 1: there is no such setting."]),
        (
            "defaults: {hour: 24, timezone: Europe/Berln, size: 0}",
            [
                "config.yaml, defaults.hour: should be less than or equal to 23.",
                "config.yaml, defaults.timezone: “Europe/Berln” is not an IANA time zone; "
                "did you mean Europe/Berlin?",
                "config.yaml, defaults.size: should be greater than or equal to 1.",
            ],
        ),
        (
            "defaults: {language: tlh}",
            [
                "config.yaml, defaults.language: We write no dates in “tlh”; choose one of "
                + " ".join(LANGUAGES)
                + "."
            ],
        ),
        (
            "defaults: {weekdays: mon}",
            ["config.yaml, defaults.weekdays: should be a list of weekdays, such as [mon, thu]."],
        ),
        (
            "subscribers: [{email: ada@example.org, interests: [{name: All}]}]",
            [
                "config.yaml, subscribers[0].interests[0]: needs a text, keywords, must, authors "
                "or categories to look for."
            ],
        ),
        (
            "subscribers: [{email: ada@example.org, interests: []}]",
            ["config.yaml, subscribers[0].interests: should have at least one entry."],
        ),
        (
            "subscribers: [{email: a@b.org, interests: [x]}, {email: A@b.org, interests: [y]}]",
            ["settings: subscribers has a@b.org twice; make it one entry."],
        ),
        (
            "smtp: {username: ada, password: 12345}",
            ["config.yaml, smtp.password: should be text; put it in quotes."],
        ),
    ],
)
def test_each_mistake_in_the_file_is_one_sentence(text: str, sentences: list[str]) -> None:
    assert mistakes(text) == sentences


def test_a_file_that_is_no_text_is_refused() -> None:
    Path("config.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match=r"config\.yaml cannot be read"):
        load(None, {})


@example("outbox", "~nobody-by-this-name/mail")
@example("database", "sqlite:///~nobody-by-this-name/digest.db")
@given(st.sampled_from(sorted(names())), st.text(st.characters(exclude_characters="\0")))
def test_no_environment_ever_raises_anything_but_sentences(name: str, text: str) -> None:
    variable = "DIGEST_" + name.upper().replace(".", "__")
    told = ""
    try:
        load(None, {variable: text})
    except SettingsError as error:
        told = str(error)
    assert "pydantic" not in told
    assert not told or told[-1] in ".?"


def test_descriptions_mask_every_secret() -> None:
    settings = load(
        None,
        {
            "DIGEST_DATABASE": "postgresql://ada:hunter2@db/digest",
            "DIGEST_SECRET": "hunter2hunter2hunter2",
            "DIGEST_SMTP__USERNAME": "ada",
            "DIGEST_SMTP__PASSWORD": "hunter2",
            "DIGEST_SOURCES": '[{"url": "https://ada:hunter2@example.org/"}]',
        },
    )
    described = describe(settings)
    assert "hunter2" not in str(described)
    assert "hunter2" not in repr(settings)
    assert described["database"] == "postgresql+psycopg://ada:***@db/digest"
    assert described["sources"][0]["url"] == "https://ada:***@example.org/"


def documented() -> dict[str, Any]:
    """The settings that stand commented out above the examples of the shipped file."""
    text = SHIPPED.read_text(encoding="utf-8").split("# --- Examples")[0]
    values: dict[str, Any] = yaml.safe_load(re.sub(r"(?m)^# (?= *(- )?\w+:( |$))", "", text))
    return values


def every_name(values: dict[str, Any], above: str = "") -> Iterator[str]:
    for name, value in values.items():
        yield above + name
        if isinstance(value, dict):
            yield from every_name(value, f"{above}{name}.")


def test_the_shipped_file_changes_nothing() -> None:
    assert yaml.safe_load(SHIPPED.read_text(encoding="utf-8")) is None


def test_the_shipped_file_shows_every_setting_with_its_default() -> None:
    shown = documented()
    assert load(written(yaml.safe_dump(shown)), {}) == load(written(""), {})
    dotted = set(every_name(shown))
    lists = ("sources.", "subscribers.", "dkim.", "fallbacks.")
    assert dotted == {n for n in names() if not n.startswith(lists)}


def test_the_examples_of_the_shipped_file_load() -> None:
    examples = SHIPPED.read_text(encoding="utf-8").split("all you need.\n#\n")[1]
    settings = load(written(re.sub(r"(?m)^# ?", "", examples)), {"DIGEST_SMTP__PASSWORD": "x"})
    assert settings.uses_smtp
    assert isinstance(settings, Settings)
    [(email, wishes)] = settings.wished()
    assert email == "ada@example.org"
    assert [interest.name for interest in wishes.profile.interests] == [
        "speculative decoding and other ways to make inference…",
        "Protein design",
        "Colleagues",
    ]
