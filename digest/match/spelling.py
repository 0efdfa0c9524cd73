"""One spelling for each word: American for British, singular for a plural no stemmer undoes.

The stemmer that follows does the rest (``optimization``, ``optimizing`` → ``optim``). What matters
is only that both spellings of a word come out alike, not that they look right.
"""

import re
from collections.abc import Callable

# -ise after what it makes verbs of; "promise", "precise", "supervise" and the like are no such.
_ISE = re.compile(
    r"(?!.*promis)([a-z]{2,}(?:a[lmnrst]|e[lnrst]|gn|i[dlmt]|ll|nt|o[lmnr]|rd|rn|tr|ur|ym))"
    r"is(e[drs]?|ers|ing|able|ations?)"
)
_YSE = re.compile(r"(anal|catal|paral|dial|hydrol|electrol)ys(e|ed|ers?|ing)")
_OUR = re.compile(
    r"(arm|behavi|clam|col|demean|endeav|fav|flav|glam|harb|hon|hum|lab|neighb|od|rig|rum|sav"
    r"|splend|tum|vap|vig)our"
)
_CENTRE = re.compile(r"(.*(?:cent|fib|lit|met|theat|calib|spect))re(s?)")
_CENTRED = re.compile(r"(.*(?:cent|fib))red")
_DOUBLED = re.compile(
    r"((?:re|un)?(?:cancel|channel|equal|fuel|funnel|label|level|model|panel|parallel|signal"
    r"|spiral|total|travel|tunnel|unravel))l(ed|ers?|ing)"
)
_LOGUE = re.compile(r"(anal|catal|dial|epil|homol|monol|prol)ogue(s?)")
_GREEK = re.compile(
    r"(?<=^an)ae|(?<=^arch)ae|(?<=^c)ae|(?<=^encyclop)ae|(?<=^f)ae|(?<=^gyn)ae|(?<=^h)ae|^ae(?=t)"
    r"|(?<=^orthop)ae|(?<=^p)ae|(?<=^pal)ae|ae(?=mi[ac])|^oe(?=dem|soph|str)|(?<=^f)oe(?=t)"
    r"|(?<=rrh)oe(?=a)|(?<=^am)oe"
)

_IRREGULAR = """
ageing = aging; algae = alga; aluminium = aluminum; analyses = analysis; antennae = antenna;
artefact = artifact; artefacts = artifacts; bacteria = bacterium; children = child;
corpora = corpus; criteria = criterion; defence = defense; defences = defenses;
diagnoses = diagnosis; foci = focus; formulae = formula; fungi = fungus; genera = genus;
grey = gray; hypotheses = hypothesis; indices = index; judgement = judgment;
judgements = judgments; larvae = larva; loci = locus; matrices = matrix; men = man;
metastases = metastasis; mice = mouse; nebulae = nebula; nuclei = nucleus; offence = offense;
parentheses = parenthesis; phenomena = phenomenon; practise = practice; prognoses = prognosis;
programme = program; programmes = programs; quanta = quantum; radii = radius;
sceptical = skeptical; simplices = simplex; spectra = spectrum; stimuli = stimulus;
strata = stratum; sulphate = sulfate; sulphur = sulfur; supernovae = supernova;
symposia = symposium; syntheses = synthesis; taxa = taxon; theses = thesis;
vertebrae = vertebra; vertices = vertex; women = woman
"""


def _entry(line: str) -> tuple[str, str]:
    written, _, usual = line.partition("=")
    return written.strip(), usual.strip()


IRREGULAR = dict(_entry(line) for line in _IRREGULAR.replace("\n", " ").split(";"))

_RULES: tuple[Callable[[str], str], ...] = (
    lambda word: _GREEK.sub("e", word),
    lambda word: _OUR.sub(r"\1or", word),
    lambda word: _whole(_ISE, r"\1iz\2", word),
    lambda word: _whole(_YSE, r"\1yz\2", word),
    lambda word: _whole(_CENTRE, r"\1er\2", word),
    lambda word: _whole(_CENTRED, r"\1ered", word),
    lambda word: _whole(_DOUBLED, r"\1\2", word),
    lambda word: _whole(_LOGUE, r"\1og\2", word),
)


def _whole(pattern: re.Pattern[str], usual: str, word: str) -> str:
    found = pattern.fullmatch(word)
    return found.expand(usual) if found else word


def usual(folded: str) -> str:
    """Return the usual spelling of one folded word (``colours`` → ``colors``)."""
    if folded in IRREGULAR:
        return IRREGULAR[folded]
    for rule in _RULES:
        folded = rule(folded)
    return folded
