import json
import sys
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.evaluate.library import SAMPLES

FILES = ("--readers", SAMPLES / "readers.jsonl", "--papers", SAMPLES / "papers.jsonl")
SERIOUS = ("ours", "rank-bm25", "arxivdigest", "tfidf-centroid", "arxiv-sanity-lite")


def test_a_table_for_each_kind(digest: Shell) -> None:
    answer = digest("evaluate", *FILES, "--method", "ours", "--method", "random")
    assert answer.code == 0
    assert answer.err == ""
    head, columns, ours, chance = answer.out.strip().splitlines()[:4]
    assert head == "all: 16 cases of 6 readers, with 95 % intervals"
    assert columns.split()[:3] == ["Method", "MRR", "hit@5"]
    assert [ours.split()[0], chance.split()[0]] == ["ours", "random"]
    assert float(ours.split()[1]) > float(chance.split()[1])
    assert max(map(len, answer.out.splitlines())) <= 80
    assert "submitted: 5 cases of 4 readers" in answer.out
    assert "authored: 11 cases of 6 readers" in answer.out


def test_the_same_as_json(digest: Shell) -> None:
    answer = digest("evaluate", *FILES, "--json")
    methods = {each["method"]: each for each in answer.json["methods"]}
    assert next(iter(methods)) == "ours"
    assert {"random", "rank-bm25", "arxiv-sanity-lite", "scholar-inbox"} < methods.keys()
    for each in methods.values():
        figure = each["all"]["MRR"]
        assert 0 < figure["low"] <= figure["value"] <= figure["high"] < 1
        assert each["submitted"]["cases"] + each["authored"]["cases"] == each["all"]["cases"]
    assert methods["ours"]["ms_per_ranking"] > 0
    chance = methods["random"]["all"]["MRR"]["value"]
    assert all(methods[name]["all"]["MRR"]["value"] > 2 * chance for name in SERIOUS)


def test_folds_and_weeks_part_the_cases(digest: Shell) -> None:
    def cases(*words: str) -> int:
        answer = digest("evaluate", *FILES, "--method", "upvotes", "--json", *words)
        return int(answer.json["methods"][0]["all"]["cases"])

    assert cases("--fold", "1/2") + cases("--fold", "2/2") == cases()
    assert cases("--until", "2026-09-01") + cases("--from", "2026-09-02") == cases()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--fold", "3/2"), "--fold '3/2' cannot be used: write it as 1/5, …, 5/5."),
        (("--fold", "half"), "--fold 'half' cannot be used: write it as 1/5, …, 5/5."),
        (("--method", "magic"), "There is no method 'magic': choose among ours, ours-embeddings,"),
        (("--from", "2030-01-01"), "leaves no case: a reader needs papers in a week"),
    ],
)
def test_what_cannot_be_done_is_told(digest: Shell, words: tuple[str, ...], told: str) -> None:
    answer = digest("evaluate", *FILES, *words)
    assert answer.code == 2
    assert told in answer.err


def test_a_wrong_line_is_told_with_its_file(digest: Shell, tmp_path: Path) -> None:
    row = {"reader": "r1", "papers": [{"paper": "p1", "kind": "saw", "day": "2026-11-20"}]}
    path = digest.write("readers.jsonl", json.dumps(row))
    answer = digest("evaluate", "--readers", path, *FILES[2:])
    assert answer.code == 2
    assert answer.err.startswith(f"digest: {path}, line 1: the kind 'saw' is unknown")


def test_papers_of_readers_that_are_not_listed_are_told(digest: Shell) -> None:
    rows = (SAMPLES / "readers.jsonl").read_text(encoding="utf-8")
    path = digest.write("readers.jsonl", rows.replace('"sample-', '"other-', 1))
    answer = digest("evaluate", "--readers", path, *FILES[2:], "--method", "random")
    assert answer.code == 0
    assert answer.err == "1 paper of readers not in the file of papers: left out.\n"


def test_what_another_method_lacks_is_told_and_costs_no_other(
    digest: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    monkeypatch.setitem(sys.modules, "sklearn.svm", None)
    answer = digest("evaluate", *FILES)
    assert answer.code == 0
    assert "arxiv-sanity-lite is left out. This method needs scikit-learn: pip" in answer.err
    assert "zotero-embeddings is left out. Embeddings need sentence-transformers" in answer.err
    assert [line.split()[0] for line in answer.out.splitlines()[3:8]] == [
        "ours",
        "random",
        "upvotes",
        "rank-bm25",
        "arxivdigest",
    ]
    named = digest("evaluate", *FILES, "--method", "arxiv-sanity-lite")
    assert named.code == 2
    assert named.err.startswith("digest: This method needs scikit-learn")


def test_what_is_known_of_readers_may_be_words_alone(digest: Shell) -> None:
    answer = digest("evaluate", *FILES, "--ask", "words")
    assert answer.code == 0
    assert [line.split()[0] for line in answer.out.splitlines()[3:9]] == [
        "ours",
        "random",
        "upvotes",
        "rank-bm25",
        "arxivdigest",
        "tfidf-centroid",
    ]
    assert "scholar-inbox is left out. It learns from papers, not from words" in answer.err


def test_two_readers_may_be_made_one(digest: Shell) -> None:
    answer = digest("evaluate", *FILES, "--ask", "pairs")
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert "two interests in one issue: 4 pairs of readers" in lines
    assert max(map(len, lines)) <= 80
    values = digest("evaluate", *FILES, "--ask", "pairs", "--json").json
    assert values["pairs"] == 4
    assert values["halves"]["both"] == values["halves"]["able"] == 4
    assert values["after"]["unwanted"] < values["before"]["unwanted"]
    assert (
        "leave --method out" in digest("evaluate", *FILES, "--ask", "pairs", "--method", "ours").err
    )
