"""What was chosen for somebody, and why."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from digest.model.papers import Paper
from digest.model.readers import Slot


class ReasonKind(StrEnum):
    """What made a paper match: its words, its author, its category, a paper the reader liked."""

    TERMS = "terms"
    AUTHOR = "author"
    CATEGORY = "category"
    LIKE = "like"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a paper was chosen, in words the subscriber accepts.

    ``words`` are the matched terms as they stand in the paper, most telling first (for
    ``TERMS``), the followed author's name (``AUTHOR``), the category (``CATEGORY``) or the title
    of the paper it is like, then words that both say, as they stand in the paper (``LIKE``).
    """

    kind: ReasonKind
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A paper chosen for one interest. ``score`` is comparable between interests (0 to 1).

    In a ``slot`` stands a paper that no interest asked for; ``interest`` is then the one it comes
    nearest to. ``also`` are near-twins, which are shown under the same card.
    """

    paper: Paper
    interest: str
    score: float
    reasons: tuple[Reason, ...]
    slot: Slot | None = None
    also: tuple[Paper, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What matching decided for one subscriber, and the counts that explain it.

    ``candidates`` were looked at, ``above_floor`` of them qualified, ``matches`` were chosen;
    ``near_miss`` is the best paper below the floor, for the note on a quiet day. ``extras`` stand
    in the slots that the subscriber asked for; they come after all others, and alone they are no
    reason for an issue.
    """

    matches: tuple[Match, ...]
    candidates: int
    above_floor: int
    near_miss: Match | None = None
    extras: tuple[Match, ...] = ()

    @property
    def shown(self) -> tuple[Match, ...]:
        """All papers but the near miss, in the order of their positions in the issue."""
        return self.matches + self.extras


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One subscriber's digest for one date on the subscriber's calendar.

    ``notices`` are sentences about sources whose papers were missing when it was prepared.
    """

    id: str
    subscriber_id: str
    date: date
    selection: Selection
    created_at: datetime
    next_due_at: datetime
    notices: tuple[str, ...] = ()
