"""What a model of embeddings makes of papers, where there is one: a second way to see likeness."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from digest.match.sight import Halves, Sight, usual
from digest.model import Example, Paper

Encode = Callable[[Sequence[str]], np.ndarray]  # texts → vectors (texts × dimensions)


class Meaning(NamedTuple):
    """A model, and the papers of a background as it sees them (unit vectors, papers ×
    dimensions)."""

    encode: Encode
    papers: Halves


def study(papers: Sequence[Paper], encode: Encode | None) -> Meaning | None:
    """Return what a model makes of a background; None without a model, or any paper."""
    if encode is None or not papers:
        return None
    return Meaning(encode, _read(papers, encode))


def sight(papers: Sequence[Paper], meaning: Meaning) -> Sight:
    """Return a window, of one paper or more, as the model sees it."""
    window = _read(papers, meaning.encode)
    cosines: Halves = window @ meaning.papers.T
    return Sight(
        usual(cosines, mean=float(cosines.mean()), deviation=float(cosines.std()) or 1.0),
        lambda examples: _unit(meaning.encode(list(map(_example, examples)))) @ window.T,
    )


def _read(papers: Sequence[Paper], encode: Encode) -> Halves:
    return _unit(encode([_text(paper.readable_title, paper.readable_abstract) for paper in papers]))


def _example(example: Example) -> str:
    return _text(example.title, example.text)


def _text(title: str, text: str) -> str:
    return f"{title}. {text}"


def _unit(vectors: np.ndarray) -> Halves:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Halves = (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return unit
