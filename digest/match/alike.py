"""The liked example that a chosen paper is like, and what both say: a reason from examples.

Only for papers that were chosen, of which there are few. The example is the one with the greatest
cosine (``likeness.py``). Beside another reason it is named only where it is clearly like the paper;
where there is no other, it is named anyway.
"""

from collections.abc import Iterator, Sequence

from digest.match.rank import Index
from digest.model import Example, Interest, Reason, ReasonKind, VoteKind

CLEAR = 3.0  # deviations: of forty pairs taken by chance, one is as alike
SHOWN = 3  # words that both say

Reasons = tuple[Reason, ...]


def told(
    index: Index, interest: Interest, columns: Sequence[int], reasons: Sequence[Reasons]
) -> Iterator[Reasons]:
    """Yield the reasons of some papers with the liked example that each is like, if any."""
    liked = [one for one in interest.examples if one.kind is VoteKind.MORE]
    found = index.resemblance.nearest(liked, columns)
    for column, some, (place, likeness) in zip(columns, reasons, found, strict=True):
        clear = likeness >= (CLEAR if some else 0)
        yield (*some, _like(index, liked[place], column, some)) if clear else some


def _like(index: Index, example: Example, column: int, others: Reasons) -> Reason:
    known = {word.casefold() for other in others for word in other.words}
    said = index.wordings[column][index.shared(example, column)]
    shared = (word for reason in said for word in reason.words if word.casefold() not in known)
    return Reason(kind=ReasonKind.LIKE, words=(example.title, *list(shared)[:SHOWN]))
