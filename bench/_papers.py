"""Made-up papers for benchmarks: as long as real ones, with words as frequent as in a language.

Two of five words are those that every sentence has. The others come from a paper's own theme, from
the words of its field (Zipf), and from a long tail of names and coinages that hardly recur.
"""

import random
from collections.abc import Iterator
from datetime import date

from digest.model import Link, LinkRel, Paper

_PLAINLY = "the of and a to in we that for with on it by as is our this are from can which"
_FIELDS = """
model models learning language training data methods neural reasoning inference network agents
attention policy diffusion graph retrieval video image speech benchmark evaluation alignment reward
preference planning robot tool code proof theorem sampling gradient optimizer scaling synthetic
label noise audio translation embedding index query compression quantization pruning distillation
adapter prompt chain search tree sparse expert experts routing token tokens memory cache kernel
context safety judge causal bandit federated privacy molecule protein clinical radiology weather
climate satellite traffic recommendation ranking ontology parsing dialogue summarization fairness
uncertainty calibration conformal bayesian variational transformer recurrent convolution spectral
manifold equivariant symmetry lattice quantum simulation physics fluid turbulence material crystal
contact grasping locomotion navigation mapping segmentation detection tracking depth rendering
gaussian splatting camera pose mesh texture motion game auction mechanism equilibrium negotiation
"""
_PLAIN, _FIELD = _PLAINLY.split(), _FIELDS.split()
_ENDS = ("tion", "ment", "ity", "net", "former", "bench", "flow")
_CATEGORIES = ("cs.LG", "cs.CL", "cs.CV", "cs.AI", "cs.RO", "stat.ML", "cs.IR")


def made_up(count: int, chance: random.Random, *, on: date) -> Iterator[Paper]:
    """Yield papers with abstracts of about 150 words, announced ``on`` one day."""
    tail = [_coined(chance) for _ in range(20_000)]
    for number in range(count):
        theme = _drawn(chance, _FIELD, 6) + chance.sample(tail, 2)
        yield _paper(number, theme, tail, chance, on)


def wish(chance: random.Random) -> str:
    """Return an interest as somebody would type it: six words of the field among plain ones."""
    words = _drawn(chance, _FIELD, 6)
    return " ".join([words[0], words[1], "for", words[2], words[3], "and", words[4], words[5]])


def _paper(
    number: int, theme: list[str], tail: list[str], chance: random.Random, on: date
) -> Paper:
    title = " ".join([*chance.sample(theme, 5), "for", *_drawn(chance, _FIELD, 3)]).title()
    abstract = " ".join(_sentence(theme, tail, chance) for _ in range(8))
    name = f"2611.{number:05}"
    return Paper(
        id=f"arxiv:{name}",
        keys=(f"arxiv:{name}",),
        title=title,
        readable_title=title,
        abstract=abstract,
        readable_abstract=abstract,
        authors=tuple(f"{_coined(chance)} {_coined(chance)}".title() for _ in range(5)),
        submitted_on=on,
        categories=tuple(chance.sample(_CATEGORIES, 2)),
        links=(
            Link(rel=LinkRel.ABSTRACT, url=f"https://arxiv.org/abs/{name}"),
            Link(rel=LinkRel.PDF, url=f"https://arxiv.org/pdf/{name}"),
        ),
        announced_on=on,
    )


def _sentence(theme: list[str], tail: list[str], chance: random.Random) -> str:
    words = [
        *chance.choices(_PLAIN, k=8),
        *chance.choices(theme, k=4),
        *_drawn(chance, _FIELD, 5),
        *chance.choices(tail, k=2),
    ]
    chance.shuffle(words)
    return " ".join(words).capitalize() + "."


def _drawn(chance: random.Random, words: list[str], count: int) -> list[str]:
    """Return some of ``words``, the k-th with a frequency of about 1/k."""
    ranks = (int(len(words) ** chance.random()) - 1 for _ in range(count))
    return [words[rank] for rank in ranks]


def _coined(chance: random.Random) -> str:
    syllables = (chance.choice("bcdfglmnprstvz") + chance.choice("aeiou") for _ in range(3))
    return "".join(syllables) + chance.choice(_ENDS)
