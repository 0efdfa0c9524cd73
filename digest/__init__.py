"""paper-digest: the few new papers that matter to you, by mail, with the reason for each."""

__version__ = "0.1.0"
