"""Every error paper-digest raises on purpose.

::

    DigestError                 something a person can act on; str(error) is one sentence
    ├── SettingsError           config.yaml or the environment is wrong
    ├── InputError              an argument is wrong: an address, a time zone, an hour
    ├── SourceError             a source could not be read
    │   ├── RetrieveError       it gave no bytes (missing file, HTTP error, too large)
    │   └── ParseError          it gave bytes that are no listing
    ├── StoreError              the database is missing, locked or not migrated
    ├── TemplateError           a template is missing or broken
    ├── DnsError                the name servers did not answer
    └── TransportError          the mail server refuses us altogether

The doors (``cli``, ``web``) turn a ``DigestError`` into a sentence; anything else is a bug.
"""


class DigestError(Exception):
    """The root of all errors that are told to a person as one sentence."""


class SettingsError(DigestError):
    """The configuration cannot be used; names the setting and what to do."""


class InputError(DigestError):
    """An argument cannot be used; names the argument and what to do."""


class SourceError(DigestError):
    """A source could not be read."""


class RetrieveError(SourceError):
    """A source gave no bytes; ``status`` is what it answered over HTTP, where it did, and ``after``
    for how many seconds it wants to be left alone."""

    def __init__(self, message: str, *, status: int | None = None, after: float = 0.0) -> None:
        self.status = status
        self.after = after
        super().__init__(message)


class ParseError(SourceError):
    """Bytes are no listing. ``name`` is the file or URL, ``line`` counts from 1."""

    def __init__(self, name: str, message: str, line: int | None = None) -> None:
        self.name = name
        self.message = message
        self.line = line
        where = name if line is None else f"{name}, line {line}"
        super().__init__(f"{where}: {message}")


class StoreError(DigestError):
    """The store cannot be used."""


class TemplateError(DigestError):
    """A template is missing or broken."""


class DnsError(DigestError):
    """The name servers did not answer; that there is no record would be an answer."""


class TransportError(DigestError):
    """The mail server refuses us altogether (login, TLS, policy): stop the run and say so."""
