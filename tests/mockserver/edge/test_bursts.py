"""A memory of frames that went out together is never wrong about them, and stays small."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.effects import Send
from mockserver.edge import bursts, framing
from mockserver.edge.bursts import FEWEST, Bursts
from mockserver.edge.framing import Framing

MAX_BYTES = 1024 * 1024
#: Frames that repeat, as those of a script do; some are equal and not the same.
FRAMES = [Send(b"a" * size, text=text) for size in (0, 1, 125, 126, 70_000) for text in (True, False)]
TWINS = [Send(bytes(bytearray(one.payload)), text=one.text) for one in FRAMES]

rows = st.lists(st.sampled_from(FRAMES + TWINS), min_size=1, max_size=FEWEST + 3)


def written(row: list[Send], memory: Bursts) -> bytes:
    """What a connection writes for this row."""
    one = Framing(MAX_BYTES, memory)
    one.send(row)
    return one.written()[0]


def plain(row: list[Send]) -> bytes:
    """The same, frame by frame."""
    return b"".join(written([one], Bursts()) for one in row)


@given(st.lists(rows, max_size=12).flatmap(lambda kinds: st.lists(st.sampled_from(kinds or [[FRAMES[0]]]))))
def test_what_goes_out_is_the_same_with_it(said: list[list[Send]]) -> None:
    memory = Bursts()
    for row in said:
        assert written(list(row), memory) == plain(row)


def test_a_row_that_begins_and_ends_like_another_is_not_taken_for_it() -> None:
    memory, first, last = Bursts(), FRAMES[1], FRAMES[2]
    for middle in (FRAMES[3], FRAMES[4], FRAMES[5]):
        row = [first, *[middle] * FEWEST, last]
        assert written(row, memory) == plain(row)


def test_a_row_that_came_before_is_not_put_together_anew() -> None:
    memory, row = Bursts(), [Send(bytes([number]) * 300) for number in range(FEWEST)]
    before = written(row, memory)
    assert written(list(row), memory) is before
    assert written(row[1:], memory) is not written(row[1:], memory), "few are not looked for"


def test_it_stays_small() -> None:
    memory = Bursts()
    for number in range(100):
        written([Send(b"%d" % number)] * FEWEST, memory)
    assert len(memory._kept) == bursts._KEPT
    long = [Send(bytes(bursts._LONGEST_BYTES // FEWEST + 1))] * FEWEST
    assert written(long, memory) is not written(long, memory)
    assert len(memory._kept) == bursts._KEPT


def test_an_id_is_not_taken_over_by_another_frame() -> None:
    """What is kept stays alive, so nothing else can have its place."""
    memory = Bursts()
    for number in range(50):
        row = [Send(b"%d" % number) for _ in range(FEWEST)]
        assert written(row, memory) == plain(row)
        del row


def test_frames_are_put_in_heads_as_ever() -> None:
    assert b"".join(framing._framed([Send(b"x", text=True), Send(b"")])) == b"\x81\x01x\x82\x00"
