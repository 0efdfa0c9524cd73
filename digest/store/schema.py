"""The tables. ``migrations/`` builds them; a test holds the two equal on both databases."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)


class Utc(TypeDecorator[datetime]):
    """An aware moment, kept in UTC (SQLite knows no zones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

sources = Table(
    "sources",
    metadata,
    Column("name", Text, primary_key=True),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("checked_at", Utc),
    Column("hold_until", Utc),
    Column("error", Text),
)

source_days = Table(
    "source_days",
    metadata,
    Column("source", Text, primary_key=True),
    Column("date", Date, primary_key=True),  # on the calendar of the source
    Column("freshness", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("papers", Integer, nullable=False),
    Column("checked_at", Utc, nullable=False),
)

mails = Table(
    "mails",
    metadata,
    Column("source", Text, primary_key=True),
    Column("key", Text, primary_key=True),  # a name in a maildir, a hash in an mbox
)

listings = Table(
    "listings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("date", Date, nullable=False),
    Column("digest", Text, nullable=False),
    Column("problems", JSON, nullable=False),
    Column("ingested_at", Utc, nullable=False),
    UniqueConstraint("digest", "date"),
)

papers = Table(
    "papers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("keys", JSON, nullable=False),
    Column("title", Text, nullable=False),
    Column("readable_title", Text),  # NULL: the title is readable as it is
    Column("abstract", Text, nullable=False),
    Column("readable_abstract", Text),  # NULL: the abstract is readable as it is
    Column("authors", JSON, nullable=False),
    Column("author_count", Integer),
    Column("submitted_on", Date),
    Column("categories", JSON, nullable=False),
    Column("venue", Text),
    Column("tldr", Text),
    Column("comments", Integer),
    Column("upvotes", Integer),
    Column("links", JSON, nullable=False),
    Column("announced_on", Date, nullable=False),
    Column("seen_at", Utc, nullable=False),
    Index(None, "seen_at"),
    Index(None, "announced_on"),
)

paper_keys = Table(
    "paper_keys",
    metadata,
    Column("key", Text, primary_key=True),
    Column("paper_id", Text, ForeignKey("papers.id"), nullable=False),
    sqlite_with_rowid=False,  # keys are hashes: one tree to keep instead of two
)

announcements = Table(
    "announcements",
    metadata,
    Column("listing_id", Integer, ForeignKey("listings.id"), primary_key=True),
    Column("paper_id", Text, ForeignKey("papers.id"), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("position", Integer, nullable=False),
)

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("email", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("wishes", JSON, nullable=False),
    Column("from_config", Boolean, nullable=False),  # listed in config.yaml, follows it
    Column("created_at", Utc, nullable=False),
    Column("due_at", Utc, nullable=False),
    Column("last_issue_on", Date),
    Column("paused_until", Utc),
    Column("covered_until", Utc, nullable=False),  # what was seen before was sent or judged
    Column("fresh_from", Utc),  # what was seen before may have been sent: a backup was restored
    Index(None, "state", "due_at"),
)

turns = Table(
    "turns",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subscriber_id", Text, ForeignKey("subscribers.id"), nullable=False),
    Column("date", Date, nullable=False),
    Column("taken_at", Utc, nullable=False),
    Column("result", Text, nullable=False),
    Column("candidates", Integer, nullable=False),
    Column("above_floor", Integer, nullable=False),
    Column("why", Text, nullable=False),
    Index(None, "subscriber_id", "taken_at"),
)

issues = Table(
    "issues",
    metadata,
    Column("id", Text, primary_key=True),
    Column("subscriber_id", Text, ForeignKey("subscribers.id"), nullable=False),
    Column("date", Date, nullable=False),
    Column("candidates", Integer, nullable=False),
    Column("above_floor", Integer, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("next_due_at", Utc, nullable=False),
    Column("notices", JSON, nullable=False, server_default="[]"),
    UniqueConstraint("subscriber_id", "date"),
)

issue_papers = Table(
    "issue_papers",
    metadata,
    Column("issue_id", Text, ForeignKey("issues.id"), primary_key=True),
    Column("position", Integer, primary_key=True),  # from 1; 0 is the near miss of a quiet day
    Column("paper_id", Text, ForeignKey("papers.id"), nullable=False),
    Column("interest", Text, nullable=False),
    Column("score", Float, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("slot", Text),
    Column("also", JSON, nullable=False, server_default="[]"),  # ids of near-twins on its card
    Index(None, "paper_id"),
)

letters = Table(
    "letters",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subscriber_id", Text, ForeignKey("subscribers.id"), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("wishes", JSON(none_as_null=True)),
    Column("used_at", Utc),  # when its link was acted on, if that may happen only once
    Index(None, "subscriber_id", "created_at"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Text, primary_key=True),
    Column("issue_id", Text, ForeignKey("issues.id"), unique=True),  # this
    Column("letter_id", Text, ForeignKey("letters.id"), unique=True),  # or that
    Column("subscriber_id", Text, ForeignKey("subscribers.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("token", Text),  # fences every write after the claim
    Column("owner", Text),  # the process that claimed it, see owners.py
    Column("transport", Text),  # what it was being handed to when its owner was last seen
    Column("claimed_at", Utc),
    Column("settled_at", Utc),
    Column("error", Text),
    Index(None, "state", "due_at"),
    Index(None, "subscriber_id", "state", "settled_at"),
    Index(None, "settled_at"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("key", Text, primary_key=True),  # which limit, and whose: a keyed hash
    Column("seat", Integer, primary_key=True),  # from 0; a limit has as many as it lets in
    Column("until", Utc, nullable=False),  # when it is forgotten
    Index(None, "until"),
)

votes = Table(
    "votes",
    metadata,
    Column("subscriber_id", Text, ForeignKey("subscribers.id"), primary_key=True),
    Column("paper_id", Text, ForeignKey("papers.id"), primary_key=True),
    Column("interest", Text, nullable=False),  # its name when the paper was shown for it
    Column("kind", Text, nullable=False),
    Column("voted_at", Utc, nullable=False),
)

bounces = Table(
    "bounces",
    metadata,
    Column("key", Text, primary_key=True),  # the same mail read twice is one bounce
    Column("subscriber_id", Text, ForeignKey("subscribers.id"), nullable=False),
    Column("delivery_id", Text, ForeignKey("deliveries.id")),  # NULL: nothing proves which
    Column("kind", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("came_at", Utc, nullable=False),
    Index(None, "subscriber_id", "came_at"),
    Index(None, "delivery_id"),
)

hosts = Table(
    "hosts",
    metadata,
    Column("name", Text, primary_key=True),  # a recipient's domain; * is the mail server itself
    Column("paused_until", Utc, nullable=False),
    Column("pause", Integer, nullable=False),  # seconds; the next one is twice as long
    Column("reason", Text, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("name", Text, primary_key=True),
    Column("beat_at", Utc, nullable=False),  # when somebody was last at it
    Column("began_at", Utc),
    Column("ended_at", Utc),
    Column("failed_at", Utc),
    Column("error", Text),  # of the last run
    Column("seconds", Float, nullable=False),  # of all runs together
    Column("times", JSON, nullable=False),  # how many runs took how long: see jobs.py
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("address_key", Text, primary_key=True),  # a keyed hash: outlives the subscriber
    Column("reason", Text, nullable=False),
    Column("since", Utc, nullable=False),
)
