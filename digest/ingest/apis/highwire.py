"""The marks HighWire leaves in the abstracts of bioRxiv and medRxiv → text.

They are documented nowhere; these are the ones seen: ``O_ST_ABSAimC_ST_ABS`` is a heading,
``O_LIOwlsC_LI`` an item of a list, ``AO_SCPLOWBSTRACTC_SCPLOW`` small capitals, ``O_FIG … C_FIG``
a figure, ``{+/-}``, ``{tau}`` and ``[->]`` are characters.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from digest.ingest.markup import plain

_FIGURE: Final = re.compile(r"\bO_(FIG|TBL)\b.*?(?:\bC_\1\b|\Z)", re.DOTALL)
_SMALL_CAPITALS: Final = re.compile(r"[OC]_SCP(?:LOW|CAP)")
_BREAK: Final = re.compile(r"[OC]_ST_ABS|O_(?:LI|[OU]L)|C_(?:LI|[OU]L)(?=\s|[OC]_|\Z)")
_HEADING: Final = re.compile(r"\s*(?:Abstract|ABSTRACT|Summary|SUMMARY)\s*[.:]?\s*(?=[A-Z])")
_CHARACTER: Final = re.compile(r"\{([A-Za-z+/ -]{2,24})\}|\[([<>=-]{2,3})\]")
_CHARACTERS: Final = {
    "middle dot": "·",
    "+/-": "±",
    "approx": "≈",
    "approximately": "≈",
    "degrees": "°",
    "micro": "µ",
    "->": "→",
    "<-": "←",
    "<->": "↔",
    ">=": "≥",
    "<=": "≤",
}


def prose(abstract: str) -> str:
    """Return ``abstract`` on one line, without marks, tags and a heading that says "Abstract"."""
    if "_" in abstract:
        unmarked = _SMALL_CAPITALS.sub("", _FIGURE.sub(" ", abstract))
        abstract = _BREAK.sub(" ", unmarked)
    said = plain(abstract)
    if begun := _HEADING.match(said):
        said = said[begun.end() :]
    return _CHARACTER.sub(_character, said) if "{" in said or "[" in said else said


def _character(found: re.Match[str]) -> str:
    return _named(found[1] or found[2]) or found[0]


@lru_cache(maxsize=256)
def _named(name: str) -> str:
    case = "CAPITAL" if name.istitle() else "SMALL"
    try:
        return _CHARACTERS.get(name) or unicodedata.lookup(f"GREEK {case} LETTER {name.upper()}")
    except KeyError:
        return ""
