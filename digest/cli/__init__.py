"""The command line: one command per flow and per process.

``main`` is what ``digest`` runs. Exit codes: 0 all went well; 1 something failed, the rest was
done; 2 the command or the configuration is wrong.
"""

from digest.cli.main import cli, main

__all__ = ["cli", "main"]
