"""JSON listings of services other than Hugging Face: one small module for each form."""

from digest.ingest.apis.biorxiv import is_biorxiv, read_biorxiv
from digest.ingest.apis.crossref import is_crossref, read_crossref
from digest.ingest.apis.jsonfeed import is_json_feed, read_json_feed
from digest.ingest.apis.openreview import is_openreview, read_openreview
from digest.ingest.apis.semanticscholar import is_semantic_scholar, read_semantic_scholar

__all__ = [
    "is_biorxiv",
    "is_crossref",
    "is_json_feed",
    "is_openreview",
    "is_semantic_scholar",
    "read_biorxiv",
    "read_crossref",
    "read_json_feed",
    "read_openreview",
    "read_semantic_scholar",
]
