"""A model of embeddings, made on the spot: each word of some texts as a direction of its own."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from model2vec import StaticModel
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers


def save_model(folder: Path, meanings: Iterable[Iterable[str]]) -> Path:
    """Save a model2vec model to which the words of a group mean the same."""
    groups = list(map(tuple, meanings))
    words = [word for group in groups for word in group]
    vectors = np.repeat(np.eye(len(groups), dtype=np.float32), list(map(len, groups)), axis=0)
    numbers = {"[UNK]": 0, **{word: place for place, word in enumerate(words, start=1)}}
    tokenizer = Tokenizer(models.WordLevel(numbers, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    nothing = np.zeros((1, len(groups)), dtype=np.float32)
    StaticModel(np.concatenate([nothing, vectors]), tokenizer).save_pretrained(folder)
    return folder
