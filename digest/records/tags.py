"""``name=value; name=value``: what DKIM and DMARC records are made of (RFC 6376 section 3.2)."""


def read_tags(record: str) -> dict[str, str]:
    """Return the tags of a record, names in lower case; the first of a name counts."""
    tags: dict[str, str] = {}
    for part in record.split(";"):
        name, found, value = part.partition("=")
        if found:
            tags.setdefault(name.strip().lower(), value.strip())
    return tags
