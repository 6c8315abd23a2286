"""The corpus to begin with: ordinary traffic, and shapes of attacks that are known.

    python -m tests.fuzz.seeds

writes it where it is missing; what a fuzzer finds beside it is kept by ``python -m tests.fuzz --keep``.
"""

from __future__ import annotations

import json
from typing import Final

from mockserver.recordings import files
from mockserver.scripts import READY
from mockserver.scripts.writing import as_yaml

from .conversation import KEY, SETUP
from .targets import CORPUS, HANDSHAKE, frame

MINT: Final = f"POST /v1alpha/auth_tokens?key={KEY} HTTP/1.1\r\nHost: localhost\r\n"
TURN: Final = {
    "clientContent": {"turns": [{"role": "user", "parts": [{"text": "hi"}]}], "turnComplete": True}
}
AUDIO: Final = {"realtimeInput": {"audio": {"mimeType": "audio/pcm;rate=16000", "data": "AAAA"}}}


def _json(*values: object) -> bytes:
    return b"\n\n".join(json.dumps(value).encode() for value in values)


HTTP: Final = {
    "mint": f"{MINT}Content-Length: 2\r\n\r\n{{}}".encode(),
    "pieces": f"{MINT}Transfer-Encoding: chunked\r\n\r\n1;x=y\r\n{{\r\n1\r\n}}\r\n0\r\nT: x\r\n\r\n".encode(),
    "pipelined": f"{MINT}Content-Length: 0\r\n\r\nGET /x HTTP/1.1\r\n\r\nHEAD / HTTP/1.0\r\n\r\n".encode(),
    "control": b"GET /_mock/health HTTP/1.1\r\nHost: localhost\r\n\r\nPOST /_mock/clock HTTP/1.1\r\n"
    b"Content-Length: 13\r\n\r\n{\"advance\":1}",
    "offers": b"GET / HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: A\r\n\r\n" * 3,
    "preflight": b"OPTIONS /v1alpha/auth_tokens HTTP/1.1\r\nOrigin: http://x\r\n"
    b"Access-Control-Request-Method: POST\r\n\r\n",
    "smuggled": f"{MINT}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG".encode(),
    "encoded": b"GET /%2e%2e/%00/..//v1beta/models?key=%41&key=%ff HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n",
    "absolute": b"GET http://x:1/v1/models?access_token=auth_tokens/a HTTP/1.1\r\nAuthorization: Token a\r\n\r\n",
    "socket": HANDSHAKE + frame(1, _json(SETUP)) + frame(8, b"\x03\xe8"),
    "proxy": b"CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n",
}  # fmt: skip
SOCKET: Final = {
    "turn": frame(1, _json(SETUP)) + frame(2, _json(TURN)) + frame(8, b"\x03\xe8bye"),
    "pieces": frame(1, _json(SETUP)[:9], fin=False) + frame(9, b"x") + frame(0, _json(SETUP)[9:]),
    "empty-pieces": frame(1, b"", fin=False) + frame(0, b"", fin=False) * 20 + frame(0, b"{}"),
    "long": frame(1, b"x" * 126, announced=126) + frame(2, b"x", announced=70_000),
    "reserved": frame(3, b"") + frame(1, b"x", reserved=4),
    "control": frame(9, b"x", fin=False) + frame(8, b"x" * 126),
    "closes": frame(8, b"") + frame(1, b"{}"),
    "half-code": frame(8, b"\x03"),
}
MESSAGES: Final = {
    "turn": _json(SETUP, TURN, AUDIO, {"realtimeInput": {"audioStreamEnd": True}}),
    "manual": _json(
        {"setup": {**SETUP["setup"], "realtimeInputConfig": {"automaticActivityDetection": {"disabled": True}}}},
        {"realtimeInput": {"activityStart": {}}}, AUDIO, {"realtimeInput": {"activityEnd": {}}},
    ),
    "tools": _json(
        {"setup": {**SETUP["setup"], "tools": [{"functionDeclarations": [{"name": "f", "parameters": {
            "type": "OBJECT", "properties": {"a": {"type": "STRING", "enum": ["x"]}}}}]}]}},
        {"realtimeInput": {"text": "f"}}, {"toolResponse": {"functionResponses": [{"name": "f", "response": {}}]}},
    ),
    "resumption": _json({"setup": {**SETUP["setup"], "sessionResumption": {"handle": "x"}}}),
    "snake": _json({"setup": {**SETUP["setup"], "generation_config": {"response_modalities": ["AUDIO"]}}}),
    "deep": b"[" * 2_000,
    "numbers": b'{"setup": {"generationConfig": {"temperature": 1e999, "topK": "12", "seed": 99999999999999999999}}}',
    "twice": b'{"setup": {}, "setup": {"model": 1}}',
    "surrogate": b'{"setup": {"\\ud800": "\\udfff"}}',
}  # fmt: skip
TOKENS: Final = {
    "plain": _json({}, SETUP, TURN),
    "all": _json(
        {"uses": 3, "expireTime": "2026-01-15T12:20:00Z", "newSessionExpireTime": "2026-01-15T12:10:00.5+00:00",
         "bidiGenerateContentSetup": SETUP["setup"], "fieldMask": "model,generationConfig.temperature"}, SETUP, TURN,
    ),
    "odd": _json({"uses": "1.0", "expireTime": "2026-13-45T99:99:99Z"}, SETUP),
}  # fmt: skip
JSON: Final = {
    **{f"said-{name}": data.partition(b"\n\n")[0] for name, data in MESSAGES.items()},
    **{f"wished-{name}": data.partition(b"\n\n")[0] for name, data in TOKENS.items()},
    "turn": _json(TURN),
    "audio": _json(AUDIO),
}
MASKS: Final = {
    "two": b"model,generation_config.temperature\n"
    + _json({"model": "models/x", "generationConfig": {"topK": 1}}),
    "deep": b"generationConfig.speechConfig.voiceConfig, tools\n{}",
    "none": b"\n" + _json(SETUP["setup"]),
}
SCRIPTS: Final = {
    **{name: as_yaml(READY[name]).encode() for name in ("tool-round", "drop-in-turn", "rate-limited-mint")},
    "json": json.dumps({"name": "x", "rules": [{"on": "turn", "nth": 2, "do": [{"say": "hi"}]}]}).encode(),
    "tags": b"name: !!python/object/apply:os.system [x]\nrules: []\n",
    "itself": b"name: x\nrules: &a [*a]\n",
}
_HEADER: Final = files.header("https://example.test", "tool", "2026-11-25T00:00:00Z")
_LINES: Final = (
    {"ms": 0, "on": "ws-1", "by": "client", "kind": "handshake", "what": "GET /ws/google.ai.generativelanguage."
     "v1alpha.GenerativeService.BidiGenerateContent?key=key-1"},
    {"ms": 1, "on": "ws-1", "by": "service", "kind": "accepted"},
    {"ms": 2, "on": "ws-1", "by": "client", "kind": "text", "payload": {"json": SETUP}},
    {"ms": 3, "on": "ws-1", "by": "service", "kind": "binary", "payload": {"json": {"setupComplete": {}}}},
    {"ms": 9, "on": "ws-1", "by": "service", "kind": "close", "status": 1011, "reason": "gone"},
)  # fmt: skip
RECORDINGS: Final = {
    "session": "\n".join([_HEADER, *map(json.dumps, _LINES), ""]).encode(),
    "cut": "\n".join([_HEADER, json.dumps(_LINES[0])]).encode(),
    "google": b'>%d %s\n<26 {\n  "setupComplete": {}\n}\n\n' % (len(_json(SETUP)) + 1, _json(SETUP)),
    "times": (_HEADER + '\n{"ms": 1e300, "on": "x", "by": "relay", "kind": "note"}\n').encode(),
    "payloads": (
        _HEADER + '\n{"ms": 0, "on": "ws-1", "by": "client", "kind": "text", "payload": {"hex": "fg"}}\n'
    ).encode(),
}
SEEDS: Final = {
    "frames": SOCKET, "json": JSON,
    "http": HTTP, "socket": SOCKET, "messages": MESSAGES, "tokens": TOKENS, "masks": MASKS, "scripts": SCRIPTS,
    "recordings": RECORDINGS,
}  # fmt: skip


def main() -> None:
    """Write those that are missing."""
    for target, seeds in SEEDS.items():
        folder = CORPUS / target
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in seeds.items():
            # On the wire the first byte says how the rest is cut.
            for size in ("\0", "\2") if target in ("http", "socket", "frames") else ("",):
                (folder / f"{name}{'-cut' if size == chr(2) else ''}").write_bytes(size.encode() + data)


if __name__ == "__main__":
    main()
