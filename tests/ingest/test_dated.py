from datetime import date

from digest.ingest import dated


def test_the_days_an_address_names_are_filled_in() -> None:
    url = "https://example.org/{week_ago}/{yesterday}/{today}/{other}"
    assert dated(url, date(2026, 3, 1)) == (
        "https://example.org/2026-02-22/2026-02-28/2026-03-01/{other}"
    )
