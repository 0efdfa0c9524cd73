"""Embeddings by a model on this machine (``paper-digest[embeddings]``); nothing is downloaded."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from digest.errors import InputError

Encode = Callable[[Sequence[str]], np.ndarray]


def open_model(folder: Path) -> Encode:
    """Return what makes vectors (texts × dimensions) of texts, by the model2vec model in a folder.

    Raises InputError: the package or the model is not here.
    """
    try:
        from model2vec import StaticModel
    except ImportError as error:
        raise InputError(
            "Embeddings need model2vec: pip install 'paper-digest[embeddings]'."
        ) from error
    # What is no folder would be taken for a name on a hub, and downloaded.
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder: put a model2vec model on this machine there.")
    try:
        model = StaticModel.from_pretrained(folder)
    except Exception as error:  # whatever the library makes of a folder with anything in it
        raise InputError(f"{folder} holds no model2vec model that can be read.") from error
    return lambda texts: model.encode(list(texts), use_multiprocessing=False)
