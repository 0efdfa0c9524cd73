from hypothesis import given
from hypothesis import strategies as st

from digest.addresses import ADDRESS
from digest.deliver import LONGEST_NAME, read_verp, verp
from digest.tokens import Signer

SIGNER = Signer("the first secret")
IDS = st.text("0123456789abcdef", min_size=32, max_size=32)


@given(IDS)
def test_a_return_path_is_an_address_that_names_its_message_in_any_case(message: str) -> None:
    address = verp("b" * LONGEST_NAME + "@example.org", message, SIGNER)
    assert ADDRESS.fullmatch(address)
    assert message in address, "mail logs can be searched for it"
    assert read_verp(address, SIGNER) == read_verp(address.upper(), SIGNER) == message


@given(IDS, st.data())
def test_a_return_path_with_any_character_of_its_token_changed_is_not_ours(
    message: str, data: st.DataObject
) -> None:
    address = verp("b@example.org", message, SIGNER)
    at = data.draw(st.integers(2, address.index("@") - 1))
    other = data.draw(
        st.sampled_from("abcdefghijklmnopqrstuvwxyz234567-=").filter(address[at].__ne__)
    )
    assert read_verp(address[:at] + other + address[at + 1 :], SIGNER) is None


@given(st.text())
def test_any_text_is_read_and_names_nothing(text: str) -> None:
    assert read_verp(text, SIGNER) is None
    assert read_verp(f"b+{text}@example.org", SIGNER) is None


def test_a_plain_address_names_nothing_and_an_old_secret_goes_on_counting() -> None:
    assert read_verp("b@example.org", SIGNER) is None
    old = verp("b@example.org", "i1", SIGNER)
    rotated = Signer(("the second secret", "the first secret"))
    assert read_verp(old, rotated) == "i1"
    assert read_verp(verp("b@example.org", "i1", rotated), SIGNER) is None
