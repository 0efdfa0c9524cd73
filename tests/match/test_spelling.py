import pytest

from digest.match.spelling import usual
from digest.match.text import pairs, stem, word, words

ALIKE = """
analogue analog; analysed analyzed; artefacts artifacts; behavioural behavioral; fuelled fueled;
centred centered; characterisation characterization; colours colors; corpora corpus;
discretised discretized; fibres fibers; foetal fetal; formulae formula;
generalisable generalizable; haemoglobin hemoglobin; hypotheses hypothesis; kilometres kilometers;
labelled labeled; leukaemia leukemia; matrices matrix; minimisers minimizers; modelling modeling;
neighbourhoods neighborhoods; nuclei nucleus; oesophagus esophagus; optimisation optimization;
organisations organizations; paediatric pediatric; parameterised parameterized; quantised quantized;
recognise recognize; regularisers regularizers; spectra spectrum; standardisation standardization;
summarise summarize; supernovae supernova; synthesised synthesized; tokenisers tokenizer;
tumours tumors; unlabelled unlabeled
"""
PAIRS = [tuple(line.split()) for line in ALIKE.replace("\n", " ").split(";")]
LEFT = """
advertise comprise compromise concise devices enterprise exercise expertise exposure four hour noise
our precise premise promising raised revise source supervised surprise tennis tour vaes
"""


@pytest.mark.parametrize(("british", "american"), PAIRS)
def test_both_spellings_are_one_word(british: str, american: str) -> None:
    assert word(british).stem == word(american).stem
    assert pairs(words(f"deep {british}")) == pairs(words(f"deep {american}"))


@pytest.mark.parametrize("plain", LEFT.split())
def test_other_words_are_left_alone(plain: str) -> None:
    assert usual(plain) == plain


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("co-operative", "cooperative"),
        ("X-rays", "xray"),
        ("k-means", "kmeans"),
        ("tokenization", "tokenizers"),
    ],
)
def test_hyphens_and_endings_do_not_part_a_word(one: str, other: str) -> None:
    assert [w.stem for w in words(one)] == [w.stem for w in words(other)]


def test_a_tokenizer_is_no_token() -> None:
    assert word("tokenizers").stem != word("tokens").stem
    assert stem("tokens") == word("token").stem
