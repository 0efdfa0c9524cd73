"""zotero-arxiv-daily with embeddings: needs sentence-transformers and a model that is on this
machine already. Nothing is downloaded."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from digest.errors import InputError
from digest.evaluate.files import Listed
from digest.evaluate.protocol import Floats, Method, Ready, Week
from digest.evaluate.vectors import faded

Encode = Callable[[Sequence[str]], Any]


@lru_cache(maxsize=1)
def open_model(name: str) -> Encode:
    """Return what makes unit vectors (texts × dimensions) of texts.

    ``name`` is a folder, or the name of a model in the local cache. Raises InputError where
    sentence-transformers or the model is not there.
    """
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise InputError("Embeddings need sentence-transformers: pip install it.") from error
    try:
        model = SentenceTransformer(name, local_files_only=True)
    except (OSError, ValueError) as error:
        raise InputError(
            f"The model {name!r} is not on this machine: name the folder it lies in."
        ) from error
    return lambda texts: model.encode(list(texts), normalize_embeddings=True)


def method(papers: Sequence[Listed], encode: Callable[[], Encode]) -> Method:
    """Return zotero-arxiv-daily's method: abstracts alone, weights 1 / (1 + log10 rank), the newest
    first, mean cosine. ``encode`` opens the model when it is first needed."""
    known: dict[str, Floats] = {}

    def vectors() -> Mapping[str, Floats]:
        if not known:
            made = np.asarray(encode()([paper.abstract for paper in papers]), dtype=np.float64)
            known.update((paper.id, row) for paper, row in zip(papers, made, strict=True))
        return known

    def read(week: Week) -> Callable[[], Ready]:
        held = vectors()
        listed = np.array([held[paper.id] for paper in week.listed])

        def learn() -> Ready:
            wanted = [
                faded(len(case.history)) @ np.array([held[paper.id] for paper in case.history])
                for case in week.cases
            ]
            return Ready(lambda: np.array(wanted) @ listed.T)

        return learn

    return read
