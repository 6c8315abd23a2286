"""Our reader of frames beside the library's: whatever comes, in whatever pieces, both say the same."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from websockets.frames import Frame
from websockets.protocol import SERVER, Protocol, State

from mockserver.core import frames as core_frames
from mockserver.core.effects import Send
from mockserver.edge import framing
from mockserver.edge.bursts import Bursts
from mockserver.edge.framing import Framing
from mockserver.edge.sockets import Assembly

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_BYTES: Final = 100_000
UNMASK: Final = framing.unmasking()
#: Where a length takes more bytes to say, or none.
LENGTHS: Final = (0, 1, 125, 126, 127, 65_535, 65_536, MAX_BYTES, MAX_BYTES + 1, 2**20)
RANDOM: Final = random.Random(7).randbytes(2**20 + 10)


@dataclass
class Said:
    """All that is to be seen of a reader."""

    messages: list[tuple[bytes, bool]] = field(default_factory=list)
    written: bytes = b""
    is_over: bool = False
    is_open: bool = True
    received: Any = None
    sent: Any = None


class Library:
    """The same by the library alone."""

    def __init__(self) -> None:
        self.protocol = Protocol(SERVER, state=State.OPEN, max_size=MAX_BYTES)
        self.message = Assembly()

    def read(self, pieces: list[bytes], *, eof: bool) -> Said:
        """Read pieces, then perhaps the end."""
        said = Said()
        for piece in pieces:
            self.protocol.receive_data(piece)
            for event in self.protocol.events_received():
                assert isinstance(event, Frame)
                message = self.message.add(event)
                said.messages += [message] if message is not None else []
            self._collect(said)
        if eof:
            self.protocol.receive_eof()
            self._collect(said)
        said.is_open = self.protocol.state is State.OPEN
        said.received, said.sent = self.protocol.close_rcvd, self.protocol.close_sent
        return said

    def _collect(self, said: Said) -> None:
        pieces = self.protocol.data_to_send()
        said.written += b"".join(pieces)
        said.is_over = said.is_over or b"" in pieces


def ours(pieces: list[bytes], *, eof: bool) -> Said:
    """What ours says."""
    reader, said = Framing(MAX_BYTES, Bursts()), Said()
    for piece in pieces:
        said.messages += reader.receive(piece)
        data, said.is_over = reader.written()
        said.written += data
    if eof:
        reader.receive_eof()
        data, is_over = reader.written()
        said.written += data
        said.is_over = said.is_over or is_over
    said.is_open = reader.is_open
    said.received, said.sent = reader.close_received, reader.close_sent
    return said


# -- what clients could send ------------------------------------------------------------------------------


def payloads() -> st.SearchStrategy[bytes]:
    """Short ones of any bytes, and long ones where a length is told in another way."""
    long = st.builds(
        lambda size, start: RANDOM[start : start + size], st.sampled_from(LENGTHS), st.integers(0, 9)
    )
    return st.binary(max_size=140) | long


def masked(
    opcode: int, payload: bytes, fin: bool = True, reserved: int = 0, mask: bytes = b"\1\2\3\4"
) -> bytes:
    """A frame as a client writes it."""
    plain = core_frames.frame(opcode, payload, fin=fin, reserved=reserved)
    head = plain[: len(plain) - len(payload)]
    return bytes([head[0], head[1] | 0x80]) + head[2:] + mask + UNMASK(payload, mask)


masks = st.binary(min_size=4, max_size=4)
data_frames = st.builds(masked, st.sampled_from([1, 2]), payloads(), mask=masks)
controls = st.builds(masked, st.sampled_from([9, 10]), st.binary(max_size=130), mask=masks)
closes = st.builds(
    lambda code, reason, mask: masked(8, code + reason, mask=mask),
    st.sampled_from([b"", b"\3", b"\x03\xe8", b"\x03\xf0", b"\x03\xed", b"\x0f\xa0", b"\xff\xff"]),
    st.sampled_from([b"", b"bye", "ä".encode(), b"\xff", b"x" * 124]),
    masks,
)
fragments = st.builds(
    lambda first, rest, last: b"".join(
        [masked(1, first, fin=False), *(masked(0, one, fin=False) for one in rest), masked(0, last)]
    ),
    st.binary(max_size=9),
    st.lists(st.binary(max_size=9), max_size=2),
    payloads(),
)
strange = st.one_of(
    st.builds(masked, st.integers(0, 15), st.binary(max_size=9), st.booleans(), st.integers(0, 7), masks),
    st.binary(max_size=40),
    # Not masked; a length told longer than it need be; one that no memory holds.
    st.builds(core_frames.frame, st.sampled_from([1, 2, 8, 9]), st.binary(max_size=9)),
    st.just(b"\x82\xfe\x00\x03\1\2\3\4abc"),
    st.just(b"\x82\xff" + bytes(6) + b"\x00\x03\1\2\3\4abc"),
    st.just(b"\x82\xff" + b"\xff" * 8),
    st.just(b"\x89\xfe\x00\x7e" + bytes(130)),
)
streams = st.lists(data_frames | controls | data_frames | strange | closes | fragments, max_size=6).map(
    b"".join
)
cuts = st.lists(st.one_of(st.integers(0, 12), st.integers(0, 200_000)), max_size=6)


def cut(stream: bytes, sizes: list[int]) -> list[bytes]:
    """The stream in pieces, of these sizes first."""
    pieces = []
    for size in sizes:
        piece, stream = stream[:size], stream[size:]
        pieces.append(piece)
    return [piece for piece in [*pieces, stream] if piece]


@given(streams, cuts, st.booleans())
@settings(max_examples=300, deadline=None)
@example(masked(2, b""), [], True)
@example(masked(1, b"x" * 70_000) * 2, [3, 70_000], False)
@example(masked(8, b"\x03\xe8bye") + masked(2, b"late"), [], False)
def test_both_say_the_same(stream: bytes, sizes: list[int], eof: bool) -> None:
    pieces = cut(stream, sizes)
    assert ours(pieces, eof=eof) == Library().read(pieces, eof=eof)


small = st.builds(masked, st.sampled_from([1, 2, 9, 10]), st.binary(max_size=140), mask=masks)


@given(st.lists(small | closes | fragments.filter(lambda data: len(data) < 500), max_size=4).map(b"".join))
@settings(max_examples=100, deadline=None)
def test_it_does_not_matter_how_it_is_cut(stream: bytes) -> None:
    assert ours([bytes([byte]) for byte in stream], eof=False) == ours([stream] if stream else [], eof=False)


@pytest.mark.parametrize("size", LENGTHS)
@pytest.mark.parametrize("text", [True, False])
def test_what_is_written_is_what_the_library_writes(size: int, text: bool) -> None:
    reader, library = Framing(MAX_BYTES, Bursts()), Library().protocol
    payload = RANDOM[:size]
    reader.send([Send(payload, text)])
    (library.send_text if text else library.send_binary)(payload)
    assert reader.written() == (b"".join(library.data_to_send()), False)


@pytest.mark.parametrize(("code", "reason"), [(1000, "bye"), (None, ""), (1005, "never sent")])
def test_a_close_is_written_behind_what_waits(code: int | None, reason: str) -> None:
    reader = Framing(MAX_BYTES, Bursts())
    reader.send([Send(b"first")])
    reader.close(code, reason)
    data, is_over = reader.written()
    assert data.startswith(b"\x82\x05first\x88")
    assert not is_over
    assert not reader.is_open
    assert reader.close_sent is not None
    assert reader.close_sent.code == (1011 if code == 1005 else code or 1005)


def test_an_answer_goes_out_before_what_the_next_frame_brings_about() -> None:
    reader = Framing(MAX_BYTES, Bursts())
    for number, (message, _) in enumerate(
        reader.receive(masked(2, b"one") + masked(9, b"?") + masked(2, b"two"))
    ):
        reader.send([Send(message)])
        assert number < 2
    assert reader.written()[0] == b"\x82\x03one\x8a\x01?\x82\x03two"


def test_what_is_usual_never_reaches_the_library(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Framing, "_ask_library", None)
    stream = (masked(1, b"a" * 300) + masked(9, b"?")) * 3 + masked(10, b"") + masked(8, b"\x03\xe8bye")
    said = ours(cut(stream, [5, 100, 290]), eof=True)
    assert len(said.messages) == 3
    assert said.is_over
    assert said.received.code == 1000


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda data, mask: data, id="still masked"),
        pytest.param(lambda data, mask: UNMASK(data, mask[::-1]), id="mask the wrong way round"),
    ],
)
def test_a_wrong_reader_is_found(
    wrong: Callable[[bytes, bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = [masked(2, b"abcdefgh")]
    monkeypatch.setattr(framing, "unmasking", lambda: wrong)
    assert ours(stream, eof=False) != Library().read(stream, eof=False)
