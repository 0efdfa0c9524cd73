"""What arXiv writes by hand: its listing mail. Its feeds are read as feeds."""

from digest.ingest.arxiv.mail import looks_like_mail, parse_mail

__all__ = ["looks_like_mail", "parse_mail"]
