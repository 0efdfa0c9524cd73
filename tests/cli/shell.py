"""What running a command gives, and what commands find."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.flow.world import dump, read_mail

INTERESTS = ("--interest", "graph neural networks")


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment without what would configure paper-digest."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("DIGEST_")}
    return {**kept, **more}


@dataclass(frozen=True)
class Answer:
    """What a command left behind: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, all of it, as JSON."""
        return json.loads(self.out)


class Shell:
    """Runs ``digest`` with ``words`` and this environment in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *words: object, **environment: str) -> Answer:
        raise NotImplementedError

    def write(self, name: str, text: str | None = None) -> Path:
        """Write a file (default: a dump with our papers) and return its path."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dump() if text is None else text, encoding="utf-8")
        return path

    def mails(self, outbox: str = "outbox") -> list[str]:
        """Return whom the messages in the outbox are for."""
        found = (self.folder / outbox).glob("*.eml")
        return sorted(str(read_mail(path.read_bytes())["To"]) for path in found)
