"""SpamAssassin, offline and with the rules it came with, finds next to nothing in our mails."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.deliver.servers import require
from tests.lint.mails import ALL, mails

MOST = 1.0  # points; 5 are spam
_SCORE = re.compile(r"^Content analysis details: +\((-?[\d.]+) points", re.MULTILINE)


@pytest.mark.parametrize("name", ALL)
def test_a_mail_does_not_look_like_spam(name: str, tmp_path: Path) -> None:
    program = require("spamassassin", "spamassassin")
    done = subprocess.run(
        [program, "--local", "--nocreate-prefs", "--test-mode", "--cf=use_bayes 0"],
        input=mails()[name].envelope.content,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=True,
    )
    said = done.stdout.decode("utf-8", "replace")
    score = _SCORE.search(said)
    assert score is not None, said[-2000:]
    assert float(score[1]) < MOST, said[score.start() :]
