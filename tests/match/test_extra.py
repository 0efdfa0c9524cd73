"""What stands beside the papers that matter, and how much of those there is."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from digest.match import FLOOR, Request, build_index, select, study
from digest.match.extra import NEAR, most_different
from digest.model import Amount, Interest, Paper, Profile, Selection, Slot
from tests.build import interest, paper

BOTH = (Slot.EXPLORE, Slot.MOST_READ)
_WORDS = ("moss", "lichen", "fern", "peat", "heather", "gorse", "sedge", "bracken")


def _paper(number: int) -> Paper:
    """A paper that says the more of our words the lower its number is."""
    said = " ".join(_WORDS[: 8 - number % 8])
    own = " ".join(f"w{number}x{n}" for n in range(30))
    return paper(
        f"Plot {number} {own[:12]}", f"On {said}. Also {own}.", id=f"p{number}", upvotes=number
    )


PAPERS = tuple(_paper(number) for number in range(40))
INDEX = build_index(PAPERS, study(PAPERS))
MOOR = interest("moss, lichen and fern on peat with heather, gorse, sedge and bracken", name="Moor")


def serve(
    *wishes: Interest,
    size: int = 3,
    delivered: frozenset[str] = frozenset(),
    amount: Amount = Amount.NORMAL,
    slots: tuple[Slot, ...] = BOTH,
    floor: float = FLOOR,
) -> Selection:
    request = Request(
        profile=Profile(interests=wishes or (MOOR,)),
        size=size,
        delivered=delivered,
        amount=amount,
        slots=slots,
    )
    return select(INDEX, [request], floor=floor)[0]


def ids(selection: Selection) -> set[str]:
    return {one.paper.id for one in selection.matches}


def slot(selection: Selection, wanted: Slot) -> str | None:
    return next((one.paper.id for one in selection.extras if one.slot is wanted), None)


def test_whoever_asks_for_no_slot_gets_none() -> None:
    assert serve(slots=()).extras == ()
    assert serve(slots=()).matches == serve().matches


def test_the_most_read_is_what_has_the_most_votes_and_was_not_sent() -> None:
    assert slot(serve(), Slot.MOST_READ) == "p39"
    assert slot(serve(delivered=frozenset({"p39", "p38"})), Slot.MOST_READ) == "p37"
    unread = build_index([replace(one, upvotes=None) for one in PAPERS], study(PAPERS))
    request = Request(profile=Profile(interests=(MOOR,)), size=3, delivered=frozenset(), slots=BOTH)
    assert slot(select(unread, [request])[0], Slot.MOST_READ) is None


def test_what_a_reader_excludes_stands_in_no_slot() -> None:
    told = serve(replace(MOOR, exclude=("w39x3", "w38x3")))
    assert slot(told, Slot.MOST_READ) == "p37"


def test_what_lies_outside_comes_near_and_below_the_floor() -> None:
    (one,) = (one for one in serve().extras if one.slot is Slot.EXPLORE)
    assert NEAR * FLOOR <= one.score < FLOOR
    assert one.interest == "Moor"
    assert one.reasons


def test_of_the_runners_up_the_most_different_is_taken() -> None:
    sent, alike, other = (INDEX.column[id] for id in ("p0", "p8", "p15"))
    assert most_different(INDEX, [alike, other], [sent]) == 1
    assert most_different(INDEX, [other, alike], [sent]) == 0
    assert most_different(INDEX, [alike, other], []) == 0, "the best, where nothing was sent"


@given(
    st.frozensets(st.sampled_from([one.id for one in PAPERS]), max_size=30),
    st.integers(0, 9),
    st.sampled_from(Amount),
)
def test_slots_never_repeat_and_never_take_a_place(
    delivered: frozenset[str], size: int, amount: Amount
) -> None:
    plain = serve(delivered=delivered, size=size, amount=amount, slots=())
    told = serve(delivered=delivered, size=size, amount=amount)
    assert replace(told, extras=()) == plain
    beside = [one.paper.id for one in told.extras]
    assert len(set(beside)) == len(beside) <= 2
    shown = ids(plain) | ({plain.near_miss.paper.id} if plain.near_miss else set())
    assert shown.isdisjoint(beside)
    assert delivered.isdisjoint(beside)


def test_a_reader_who_wants_more_gets_all_that_others_get_and_more() -> None:
    fewer, normal, more = (ids(serve(amount=amount, size=99)) for amount in Amount)
    assert fewer < normal < more


def test_the_floor_is_bent_and_never_broken() -> None:
    for usual in (0.0, 0.01, FLOOR, 0.99, 1.0):
        request = Request(profile=Profile(interests=()), size=1, delivered=frozenset())
        fewer, normal, more = (replace(request, amount=one).floor(usual) for one in Amount)
        assert 0 <= more <= normal == usual <= fewer <= 1


def test_what_must_or_a_category_lets_through_needs_no_score() -> None:
    must = Interest(name="Must", must=("bracken",))
    found = [ids(serve(must, amount=amount, size=99)) for amount in Amount]
    assert found[0] == found[1] == found[2] != set()


def test_near_twins_share_one_card() -> None:
    again = replace(PAPERS[0], id="again", readable_title="Plot 0 once more")
    index = build_index((*PAPERS, again), study(PAPERS))
    request = Request(profile=Profile(interests=(MOOR,)), size=99, delivered=frozenset())
    matches = {one.paper.id: one for one in select(index, [request])[0].matches}
    (shown,) = {"p0", "again"} & matches.keys()
    (other,) = {"p0", "again"} - {shown}
    assert [one.id for one in matches[shown].also] == [other]
    assert all(not one.also for id, one in matches.items() if id != shown)
    assert set(index.twins_of([shown, "unknown"])) == {other}
