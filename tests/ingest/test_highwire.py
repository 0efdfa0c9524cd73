import pytest

from digest.ingest.apis.highwire import prose

FIGURE = (
    'O_FIG O_LINKSMALLFIG WIDTH=200 SRC="FIGDIR/small/1.gif" ALT="Figure 1">\nView (13K):\nM_FIG '
)


@pytest.mark.parametrize(
    ("abstract", "text"),
    [
        ("AO_SCPLOWBSTRACTC_SCPLOWWe hoot.", "We hoot."),
        ("We introduce OO_SCPLOWWLSC_SCPLOW.", "We introduce OWLS."),
        ("O_ST_ABSAimC_ST_ABSWe hoot.", "Aim We hoot."),
        ("Highlights\nO_LIWe hoot.\nC_LIO_LIWe fly.\nC_LI", "Highlights We hoot. We fly."),
        (f"We hoot.\n\n{FIGURE}C_FIG\nAnd fly.", "We hoot. And fly."),
        (f"We hoot.\n\n{FIGURE}Overview of owls", "We hoot."),
        ("3 {+/-} 1 {micro}m, {tau} {approx} 2{middle dot}5", "3 ± 1 µm, τ ≈ 2·5"),
        ("{Delta}F [-&gt;] [&ge;] [->]", "ΔF → [≥] →"),
        ("a {set of things} and a [1] {x}", "a {set of things} and a [1] {x}"),
        ("Abstract. Owls hoot.", "Owls hoot."),
        ("Abstract owls hoot.", "Abstract owls hoot."),
        ("We read the Abstract Of Owls.", "We read the Abstract Of Owls."),
        ("C_LIMIT and file_O_FIGURE", "C_LIMIT and file_O_FIGURE"),
    ],
)
def test_marks_become_text(abstract: str, text: str) -> None:
    assert prose(abstract) == text


@pytest.mark.parametrize("piece", ["O_FIG ", "O_ST_ABS", "{tau", "[-", "{tau}", "Abstract "])
def test_marks_without_end_take_bounded_time(piece: str) -> None:
    assert len(prose(piece * 100_000)) <= 50_000
