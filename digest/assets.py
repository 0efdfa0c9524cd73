"""Where the files that ship beside the code are: templates and sample listings.

In a checkout they lie at the top level, where people edit them; in an installed wheel they lie
inside the package.
"""

from pathlib import Path

from digest.errors import DigestError

_PACKAGE = Path(__file__).parent


def path(name: str) -> Path:
    """Return the folder or file ``name`` (``templates``, ``samples``, ``config.yaml``).

    Raises DigestError when the installation lacks it.
    """
    for candidate in (_PACKAGE / f"_{name}", _PACKAGE.parent / name):
        if candidate.exists():
            return candidate
    raise DigestError(f"This installation lacks {name}: reinstall paper-digest.")
