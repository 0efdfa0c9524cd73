"""A model of embeddings is read from a folder, or a sentence says what is missing."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from digest import flow
from digest.app import open_app
from digest.embedding import open_model
from digest.errors import InputError, SettingsError
from digest.flow.evaluate import EMBEDDED
from digest.match import Request, build_index, select, study
from digest.match.meaning import Encode
from digest.model import Example, Interest, Paper, Profile
from digest.settings import Settings
from tests.build import paper
from tests.embedded import save_model
from tests.flow.test_evaluate import WANTED

ALIKE = (("bee", "wasp", "hornet"), ("rook", "bishop", "pawn"), ("rye", "wheat", "barley"))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("model"), ALIKE)


def papers(word: str, count: int = 8) -> tuple[Paper, ...]:
    return tuple(
        paper(f"About {word}{n}x", f"The {word} was seen near place{n} again.", id=f"{word}{n}")
        for n in range(count)
    )


PAST = tuple(one for group in ALIKE for word in group[:2] for one in papers(word))


def ranked(encode: Encode | None) -> list[str]:
    """Return what is most like a paper about hornets, which share no word but those of all."""
    window = (*papers("rook", 3), *papers("wasp", 3), *papers("wheat", 3))
    index = build_index(window, study(PAST, encode=encode))
    example = Example(title="About hornet9x", text="The hornet was seen near place77 again.")
    wish = Profile(interests=(Interest(name="n", examples=(example,)),))
    asked = Request(profile=wish, size=20, delivered=frozenset())
    return [one.paper.id for one in select(index, [asked], floor=0)[0].matches]


def test_a_model_finds_what_no_word_tells(model: Path) -> None:
    found = ranked(open_model(model))
    assert {id.rstrip("0123456789") for id in found[:3]} == {"wasp"}
    assert {id.rstrip("0123456789") for id in ranked(None)[:3]} != {"wasp"}


def test_texts_become_vectors(model: Path) -> None:
    vectors = open_model(model)(["Bee and wasp", "rook", "nothing known"])
    assert vectors.shape == (3, 3)
    assert np.allclose(vectors[1], [0, 1, 0])
    assert not vectors[2].any()


def test_a_day_without_papers_or_a_background_is_no_accident(model: Path) -> None:
    encode = open_model(model)
    for window, past in (((), PAST), (papers("bee"), ()), ((), ())):
        assert build_index(window, study(past, encode=encode)).resemblance is not None


def test_what_is_no_folder_is_never_looked_for_elsewhere(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="minishlab/potion is no folder"):
        open_model(Path("minishlab/potion"))
    with pytest.raises(InputError, match="holds no model2vec model"):
        open_model(tmp_path)


def test_without_the_package_the_setting_is_named(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "model2vec", None)
    settings = Settings.model_validate(
        {"database": f"sqlite:///{tmp_path}/digest.db", "match": {"embeddings": str(model)}}
    )
    with pytest.raises(SettingsError, match=r"match.embeddings: Embeddings need model2vec: pip"):
        open_app(settings)


def test_the_evaluation_asks_the_model_too(model: Path) -> None:
    wanted = replace(WANTED, methods=(EMBEDDED,), model=str(model))
    (found,) = flow.evaluate(wanted).evaluated
    assert found.method == EMBEDDED
    with pytest.raises(InputError, match="is no folder"):
        flow.evaluate(replace(wanted, model="far-away"))
