"""Plain words find the right headings."""

from datetime import date

import pytest

from advalorem.schedule.search import search

DAY = date(2025, 9, 18)


@pytest.mark.parametrize(
    ("words", "prefix"),
    [
        # Headings as named in the schedule's own texts.
        ("crude oil", "2709"),
        ("potash", "3104.20"),
        ("softwood lumber", "4407.1"),
        ("primary aluminium", "7601"),
        ("hot-rolled steel", "72"),
        ("passenger car", "8703"),
        ("auto parts", "8708"),
        ("tomatoes", "0702"),
        ("fresh tomatoes", "0702"),
        ("medicaments", "3004"),
        ("television sets", "8528.72"),
        ("lithium-ion batteries", "8507.60"),
        ("copper cathodes", "7403.11"),
        ("canola seed", "1205"),
        ("avocados", "0804.40"),
        ("natural honey", "0409"),
        ("umbrellas", "6601"),
        ("Umbrellas!", "6601"),
    ],
)
def test_goods_are_found(words: str, prefix: str) -> None:
    hits = search(words, DAY, "US").hits
    assert hits[0].code.startswith(prefix), [hit.code for hit in hits]


def test_words_are_whole() -> None:
    """Corn is not found in corner, nor rice in price."""
    for word, inside in (("corn", "corner"), ("rice", "price")):
        for hit in search(word, DAY, "US", limit=50).hits:
            words = hit.description.lower().replace(inside, "")
            assert word in words or hit.score <= 1 or "maize" in words, hit


def test_exclusions_do_not_match() -> None:
    """Lines 'other than' a good are not lines of that good."""
    hits = search("brisket", DAY, "US").hits
    assert all("other than brisket" not in hit.description.lower() for hit in hits)


def test_misspelt_words_are_replaced_and_said() -> None:
    found = search("medicamants", DAY, "US")
    assert found.read_as == {"medicamants": "medicaments"}
    assert found.hits[0].code.startswith("3004")


def test_rates_and_lines_come_with_the_hit() -> None:
    """2025 Basic: 2709.00.20 crude oil testing 25 degrees A.P.I. or more, 10.5 cents a barrel."""
    hit = next(h for h in search("crude oil", DAY, "US").hits if h.code == "2709.00.20")
    assert (hit.general, hit.lines, hit.hts8) == ("10.5¢/bbl", 2, 27090020)


def test_only_lines_of_the_day() -> None:
    """2404.19.10 has one statistical line in 2025 and two from 1 February 2026."""
    before = {h.code: h.lines for h in search("nicotine", DAY, "US", limit=50).hits}
    after = {h.code: h.lines for h in search("nicotine", date(2026, 3, 1), "US", limit=50).hits}
    assert (before["2404.19.10"], after["2404.19.10"]) == (1, 2)


def test_nothing_found_is_an_empty_answer() -> None:
    assert search("qwxzvk jjqq", DAY, "US").hits == ()


@pytest.mark.parametrize("query", ["", "  ", "of the", "..."])
def test_no_word_is_refused(query: str) -> None:
    with pytest.raises(ValueError, match="no word to search for"):
        search(query, DAY, "US")


def test_an_importer_without_words_is_refused() -> None:
    with pytest.raises(FileNotFoundError, match="'CA'"):
        search("steel", DAY, "CA")
