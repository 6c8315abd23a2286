"""What the model says, as frames: text, audio and its transcription, thoughts, tool calls, the turn's end.

Shapes and order are those of recorded traffic; what differs between models is in the model's row.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

from . import audio
from .effects import Effect, Pause, Send
from .errors import pretty
from .models import AUDIO, MODELS, TEXT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from .agenda import Item
    from .grants import Grant
    from .ids import Ids
    from .models import Model
    from .options import Options

    #: Modalities, and how many tokens of each.
    _Counts: TypeAlias = tuple[tuple[str, int], ...]

#: Audio is sent faster than it plays: 10.56 s of it took 4.3 s (PRO-007).
SENT_FASTER: Final = 4.3 / 10.56
#: Longest text whose frames are kept, and longest row of texts, in characters.
_REMEMBERED: Final = 8_192
_ROW_REMEMBERED: Final = 262_144
#: Both ways (PRO-042).
TOKENS_PER_SECOND: Final = 25


@dataclass(slots=True)
class Meter:
    """Counts tokens; the whole history is billed again every turn (PRO-042)."""

    prompt: dict[str, int] = field(default_factory=dict)
    response: dict[str, int] = field(default_factory=dict)
    thoughts: int = 0

    def hear_text(self, text: str) -> None:
        """The user wrote."""
        if text:
            _count(self.prompt, TEXT, tokens(text))

    def hear_audio(self, seconds: float) -> None:
        """The user spoke."""
        _count(self.prompt, AUDIO, round(seconds * TOKENS_PER_SECOND))

    @property
    def history(self) -> int:
        """All that has been said so far."""
        return sum(self.prompt.values()) + sum(self.response.values())

    def total(self) -> tuple[_Counts, _Counts, int]:
        """What the turn that ends has taken: prompt, response, thoughts; then a new turn begins."""
        taken = tuple(self.prompt.items()), tuple(self.response.items()), self.thoughts
        for modality, count in self.response.items():
            _count(self.prompt, modality, count)
        self.response, self.thoughts = {}, 0
        return taken


class Speaker:
    """The voice of one session."""

    def __init__(self, grant: Grant, ids: Ids, options: Options) -> None:
        self.meter = Meter()
        self._model = grant.model
        self._modality = grant.modality
        self._transcribed = "outputAudioTranscription" in grant.setup
        self._ids = ids
        self._pace = options.pace
        #: How much longer what was said plays than it took to send, in seconds.
        self._ahead_s = 0.0
        #: Whether this turn has anything to end.
        self.spoke = False

    def say(self, *texts: str) -> list[Effect]:
        """Say texts one after the other, in the session's modality."""
        self.spoke = True
        if self._modality == AUDIO:
            return [effect for text in texts for effect in self._pronounced(text)]
        in_a_row = _all_said if sum(map(len, texts)) <= _ROW_REMEMBERED else _all_said.__wrapped__
        count, said = in_a_row(texts, self._model.name)
        _count(self.meter.response, TEXT, count)
        return list(said)

    def _pronounced(self, text: str) -> Iterator[Effect]:
        return _spaced(self._uttered(audio.spoken(text), audio.OUTPUT_RATE_HZ, text), self._model)

    def play(self, pcm: bytes, rate: int, text: str) -> list[Effect]:
        """Play recorded audio; where the session is in text, what is said in it."""
        if self._modality != AUDIO:
            return self.say(text or "…")
        self.spoke = True
        return list(_spaced(self._uttered(pcm, rate, text), self._model))

    def think(self, text: str) -> list[Effect]:
        """Show a thought, in a frame of its own (SRV-005)."""
        self.spoke = True
        self.meter.thoughts += tokens(text)
        return list(_spaced([_turn({"text": text, "thought": True}, self._model)], self._model))

    def call(self, calls: list[tuple[str, dict[str, Any]]]) -> tuple[list[Effect], list[str]]:
        """Call tools; the frames, and the ids the client should answer."""
        made = [{"name": name, "args": args, "id": self._call_id()} for name, args in calls]
        effects: list[Effect] = []
        if self._model.shows_code:
            effects = [
                frame(_turn({"executableCode": _code(name, args)}, self._model)) for name, args in calls
            ]
        ids = [str(one["id"]) for one in made]
        return [*effects, Send(pretty({"toolCall": {"functionCalls": made}}))], ids

    def finish(self) -> list[Effect]:
        """End the turn: generationComplete, then, when all audio has played, turnComplete with usage."""
        held, self._ahead_s, self.spoke = Pause(self._ahead_s * self._pace), 0.0, False
        return [_GENERATION_COMPLETE, held, _turn_complete(self._model.tells_status, *self.meter.total())]

    def forget(self) -> None:
        """The turn was interrupted: nothing is left to play."""
        self._ahead_s, self.spoke = 0.0, False
        self.meter.total()

    def transcribe(self, heard: str) -> list[Effect]:
        """Write what was heard: more and more of it, then all; no turnComplete (PRO-019)."""
        words = heard.split(" ")
        interims = [" ".join(words[:n]) for n in range(1, len(words))]
        self.meter.total()
        return [
            *(frame({"interimInputTranscription": {"text": text}}) for text in interims),
            frame({"inputTranscription": {"text": heard}}),
            _GENERATION_COMPLETE,
        ]

    def _uttered(self, pcm: bytes, rate: int, text: str) -> list[dict[str, Any] | Pause]:
        self.meter.response[AUDIO] = self.meter.response.get(AUDIO, 0) + round(
            audio.seconds(pcm, rate) * TOKENS_PER_SECOND
        )
        chunks = list(audio.chunks(pcm, self._model.first_chunk_bytes, rate))
        pieces = _pieces(text, len(chunks)) if self._transcribed and text else []
        contents: list[dict[str, Any] | Pause] = []
        for chunk, piece in zip_longest(chunks, pieces):
            told = {"outputTranscription": {"text": piece}} if piece else {}
            turn = _turn(_inline(chunk, rate), self._model)
            if self._model.bundles or not told:
                contents.append({**turn, **told})
            else:
                contents += [told, turn]
            contents.append(Pause(audio.seconds(chunk, rate) * SENT_FASTER * self._pace))
            self._ahead_s += audio.seconds(chunk, rate) * (1 - SENT_FASTER)
        return contents

    def _call_id(self) -> str:
        prefix, digits = self._model.call_id
        return prefix + self._ids.number("call", digits)


def frame(content: dict[str, Any]) -> Effect:
    """One ``serverContent`` frame."""
    return Send(pretty({"serverContent": content}))


_GENERATION_COMPLETE: Final = frame({"generationComplete": True})


@lru_cache(maxsize=256)
def _turn_complete(tells_status: bool, prompt: _Counts, response: _Counts, thoughts: int) -> Effect:
    """The end of a turn with ``usageMetadata``, keys in the order of the wire."""
    content: dict[str, Any] = {"turnComplete": True}
    if tells_status:
        content["interactionStatus"] = "IDLE"
    asked, answered = (sum(count for _, count in counts) for counts in (prompt, response))
    usage: dict[str, Any] = {
        "promptTokenCount": asked,
        "responseTokenCount": answered,
        "totalTokenCount": asked + answered,
        "promptTokensDetails": _details(prompt),
        "responseTokensDetails": _details(response),
    }
    if thoughts:
        usage["thoughtsTokenCount"] = thoughts
    return Send(pretty({"serverContent": content, "usageMetadata": usage}))


def activity(kind: str, offset_s: float) -> Effect:
    """Tell that speech begins or ends, so many seconds after the first sample."""
    told = {"type": kind, "audioOffset": f"{offset_s:.3f}s"}
    return Send(pretty({"serverContent": {}, "voiceActivity": told}))


def go_away(seconds: float) -> Effect:
    """Announce that the connection ends in so many seconds."""
    return Send(pretty({"goAway": {"timeLeft": f"{seconds:g}s"}}))


def interrupted(owed: list[str]) -> list[Item]:
    """Break off; calls that are still owed an answer are cancelled (PRO-008, PRO-031)."""
    cancelled = [Send(pretty({"toolCallCancellation": {"ids": owed}}))] if owed else []
    return [*cancelled, frame({"interrupted": True}), frame({"turnComplete": True})]


@lru_cache(maxsize=16)
def _all_said(texts: tuple[str, ...], model_name: str) -> tuple[int, tuple[Effect, ...]]:
    """How many tokens texts are, and all of them as frames: a script may say many at once."""
    frames: list[Effect] = []
    for text in texts:
        said = _said if len(text) <= _REMEMBERED else _said.__wrapped__
        frames += said(text, model_name)
    return sum(map(tokens, texts)), tuple(frames)


@lru_cache(maxsize=256)
def _said(text: str, model_name: str) -> tuple[Effect, ...]:
    """A text as frames: what a script says once, it says again."""
    model = MODELS[model_name]
    return tuple(_spaced([_turn({"text": chunk}, model) for chunk in _text_chunks(text)], model))


def _turn(part: dict[str, Any], model: Model) -> dict[str, Any]:
    turn: dict[str, Any] = {"parts": [part]}
    if model.writes_role:
        turn["role"] = "model"
    return {"modelTurn": turn}


def _spaced(contents: list[dict[str, Any] | Pause] | list[dict[str, Any]], model: Model) -> Iterator[Effect]:
    """Contents as frames, with what some models put between them."""
    sent = 0
    for content in contents:
        if isinstance(content, Pause):
            yield content
            continue
        if sent and model.bare_frames:
            yield Send(pretty({}))
        if model.tells_status:
            content = {**content, "interactionStatus": "IN_PROGRESS"}
        sent += 1
        yield frame(content)


def tokens(text: str) -> int:
    """About four characters a token, at least one."""
    return max(1, round(len(text) / 4))


def _count(counts: dict[str, int], modality: str, number: int) -> None:
    counts[modality] = counts.get(modality, 0) + number


def _details(counts: _Counts) -> list[dict[str, Any]]:
    return [{"modality": modality, "tokenCount": count} for modality, count in counts]


def _inline(pcm: bytes, rate: int) -> dict[str, Any]:
    return {"inlineData": {"mimeType": f"audio/pcm;rate={rate}", "data": base64.b64encode(pcm).decode()}}


def _text_chunks(text: str) -> list[str]:
    """First chunk one or two words, the rest in one (SRV-004)."""
    head = " ".join(text.split(" ")[:2])
    rest = text[len(head) :]
    return [head, rest] if rest else [head]


def _pieces(text: str, count: int) -> list[str]:
    """The words of a text in at most ``count`` pieces, each with its leading space (SRV-009)."""
    words = [word if n == 0 else f" {word}" for n, word in enumerate(text.split(" "))]
    size = -(-len(words) // count)
    return ["".join(words[start : start + size]) for start in range(0, len(words), size)]


def _code(name: str, args: dict[str, Any]) -> dict[str, Any]:
    given = ", ".join(f"{key}={value!r}" for key, value in args.items())
    return {"language": "PYTHON", "code": f"print(default_api.{name}({given}))"}
