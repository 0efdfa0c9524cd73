import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.tokens import Purpose, Signer

SIGNER = Signer("the first secret")
PRINTABLE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ !é"


@given(st.sampled_from(Purpose), st.text())
def test_what_was_signed_is_read_and_is_safe_in_a_url(purpose: Purpose, value: str) -> None:
    token = SIGNER.sign(purpose, value)
    assert SIGNER.read(purpose, token) == value
    assert set(token) <= set(PRINTABLE[:65])


@given(st.sampled_from(Purpose), st.sampled_from(Purpose), st.text())
def test_a_token_is_never_valid_for_another_purpose(
    purpose: Purpose, other: Purpose, value: str
) -> None:
    token = SIGNER.sign(purpose, value)
    assert (SIGNER.read(other, token) == value) is (purpose is other)


@given(st.text(max_size=20), st.data())
def test_a_token_with_any_character_changed_is_never_valid(value: str, data: st.DataObject) -> None:
    token = SIGNER.sign(Purpose.VIEW, value)
    at = data.draw(st.integers(0, len(token) - 1))
    character = data.draw(st.sampled_from(PRINTABLE).filter(lambda each: each != token[at]))
    changed = token[:at] + character + token[at + 1 :]
    assert SIGNER.read(Purpose.VIEW, changed) is None


@pytest.mark.parametrize("change", ["A", "=", " ", ".", "\n", "!", "\ud800"])
def test_a_longer_token_is_not_valid(change: str) -> None:
    token = SIGNER.sign(Purpose.UNSUBSCRIBE, "s1")
    assert SIGNER.read(Purpose.UNSUBSCRIBE, token + change) is None
    assert SIGNER.read(Purpose.UNSUBSCRIBE, change + token) is None


@given(st.text())
def test_any_text_can_be_read_and_says_nothing(text: str) -> None:
    assert SIGNER.read(Purpose.UNSUBSCRIBE, text) is None


def test_the_last_character_has_only_one_spelling() -> None:
    token = SIGNER.sign(Purpose.UNSUBSCRIBE, "s1")
    valid = [end for end in PRINTABLE if SIGNER.read(Purpose.UNSUBSCRIBE, token[:-1] + end)]
    assert valid == [token[-1]]


def test_old_tokens_survive_a_new_secret_and_new_ones_are_signed_with_it() -> None:
    old = SIGNER.sign(Purpose.UNSUBSCRIBE, "s1")
    rotated = Signer(("the second secret", "the first secret"))
    assert rotated.read(Purpose.UNSUBSCRIBE, old) == "s1"
    new = rotated.sign(Purpose.UNSUBSCRIBE, "s1")
    assert new == Signer("the second secret").sign(Purpose.UNSUBSCRIBE, "s1")
    assert SIGNER.read(Purpose.UNSUBSCRIBE, new) is None


def test_an_address_keeps_its_key_when_secrets_change_and_nobody_else_knows_it() -> None:
    key = SIGNER.address_key("ada@example.org")
    rotated = Signer(("the second secret", "the first secret"))
    assert rotated.address_key("Ada@Example.org") == key
    assert Signer("another secret").address_key("ada@example.org") != key
    assert SIGNER.address_key("eve@example.org") != key


def test_case_counts_for_no_key_of_an_address_beyond_ascii() -> None:
    assert SIGNER.address_key("JÜRGEN@example.org") == SIGNER.address_key("jürgen@example.org")
    assert SIGNER.address_key("jürgen@example.org") != SIGNER.address_key("jurgen@example.org")


def test_the_same_value_gives_the_same_short_token() -> None:
    id = "0198b7f2a6d07c31b4f59d2e8a7c6b50"
    token = SIGNER.sign(Purpose.UNSUBSCRIBE, id)
    assert token == SIGNER.sign(Purpose.UNSUBSCRIBE, id)
    assert len(token) == 87


@pytest.mark.parametrize("secrets", ["", (), ("one", "")])
def test_without_a_secret_nothing_can_be_signed(secrets: str | tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="need a secret"):
        Signer(secrets)
