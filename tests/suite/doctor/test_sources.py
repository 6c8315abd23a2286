"""Generated source is read back as exactly the placement it was made of; nothing is guessed."""

# ruff: noqa: E501  (examples stay on one line)

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import API_VERSIONS
from suite.calls import calls_of
from suite.cases.placements import CONFIGURATIONS
from suite.doctor.judging import judged
from suite.doctor.sources import javascript, python
from suite.doctor.sources.values import Client, TokenName, Unseen, Words, credential_of
from suite.model import SIDES, Placement, Probe, Subject
from suite.snippets import program

if TYPE_CHECKING:
    from suite.doctor.sources.values import Site, Source
    from suite.model import Step

EVERY: Final = sorted({c.placement(step) for c in CONFIGURATIONS for step in SIDES}, key=str)
ENDINGS: Final = {"python": [".py"], "js": [".js", ".mjs", ".jsx", ".ts", ".tsx"]}
SUBJECTS: Final = {"python": Subject("python", "1.30.0"), "js": Subject("js", "2.32.0")}


def read(path: str, text: str) -> Source:
    """Read a file by its ending."""
    return python.read(path, text) if path.endswith(".py") else javascript.read(path, text)


def placement(site: Site) -> Placement | Unseen:
    """Where a call sets the API version."""
    return judged(site, SUBJECTS[site.language]).placement


def both_sides(language: str, create: Placement, connect: Placement) -> str:
    """A program that mints and connects, in functions of their own."""
    parts = []
    for step, placed in zip(SIDES, (create, connect), strict=True):
        body = program(language, calls_of(Probe("launch", step, placed)))
        if language == "python":
            lines = "\n".join(f"    {line}" for line in body.splitlines())
            parts.append(f"async def {step}():\n{lines}\n")
        else:
            parts.append(body.replace("const ai ", f"const {step}Ai ").replace(" ai.", f" {step}Ai."))
    if language == "python":
        parts[1] = parts[1].replace("client", "other").replace("other_content", "client_content")
        return "from google import genai\n\n" + "\n".join(parts)
    return "import { GoogleGenAI } from '@google/genai';\n" + "\n".join(parts).replace(
        "const token", "var tok"
    )


@pytest.mark.parametrize("language", ["python", "js"])
@pytest.mark.parametrize("configuration", CONFIGURATIONS, ids=lambda one: one.slug)
def test_every_configuration_is_read_back(language: str, configuration: object) -> None:
    create, connect = configuration.create, configuration.connect  # type: ignore[attr-defined]
    text = both_sides(language, create, connect)
    for ending in ENDINGS[language]:
        source = read(f"app{ending}", text)
        assert not source.problem, text
        found = {site.step: placement(site) for site in source.sites}
        assert found == {"create": create, "connect": connect}, text
        assert all(isinstance(site.client, Client) for site in source.sites)


PLACES: Final = [None, *API_VERSIONS]


def spelled(language: str, style: str, step: Step, client: str | None, near: str | None) -> str:
    """The same placement, as people also write it."""
    if language == "python":

        def options(value: str) -> str:
            return {
                "typed": f"types.HttpOptions(api_version={value!r})",
                "camel": f"{{'apiVersion': {value!r}}}",
                "named": {"client": "OPTIONS", "near": "NEAR"}.get(value, "?"),
                "inline": f"dict(api_version={value!r})",
            }[style]

        of = (
            (lambda value, place: options(place))
            if style == "named"
            else (lambda value, place: options(value))
        )
        given_one = f", http_options={of(client, 'client')}" if client else ""
        inner = f"http_options={of(near, 'near')}" if near else ""
        config = f"types.SomeConfig({inner})" if style == "typed" else f"dict({inner})"
        call = {"create": "auth_tokens.create(", "connect": "live.connect(model=M, "}[step]
        made = f"genai.Client(api_key=token.name{given_one})"
        lines = ["from google import genai", "from google.genai import types"]
        if style == "named":
            lines += [f"OPTIONS = {{'api_version': {client!r}}}", f"NEAR: dict = {{'api_version': {near!r}}}"]
        if style == "inline":
            return "\n".join([*lines, f"{made}.aio.{call}config={config})"])
        return "\n".join([*lines, "class A:", "    def go(self):", f"        self.c = {made}",
                          f"        self.c.aio.{call}config={config})"])  # fmt: skip
    value = {"typed": "'{}' as const", "camel": "`{}`", "named": "'{}'", "inline": '"{}"'}[style]
    http = "httpOptions: {{apiVersion: " + value + "}}"
    on_client = http.format(client) if client else ""
    at_call = http.format(near) if near else ""
    if style == "named":
        on_client, at_call = ("httpOptions" if client else ""), ("httpOptions: near" if near else "")
    call = {"create": "authTokens.create({", "connect": "live.connect({model, "}[step]
    made = f"new GoogleGenAI({{apiKey: token.name, {on_client}}})"
    head = "import { GoogleGenAI } from '@google/genai';\n"
    if style == "named":
        head += f"const httpOptions = {{apiVersion: '{client}'}};\nconst near = {{apiVersion: '{near}'}};\n"
    if style == "inline":
        return f"{head}await ({made}).{call}config: {{{at_call}}}}});"
    if style == "typed":
        return (
            f"{head}class A {{ private ai: GoogleGenAI = {made};\n"
            f"  go() {{ return this.ai!.{call}config: {{{at_call}}} satisfies C}}); }} }}"
        )
    return f"{head}const ai = {made};\nawait ai?.{call}config: {{{at_call}}}}});"


@pytest.mark.parametrize("step", SIDES)
@pytest.mark.parametrize("style", ["typed", "camel", "named", "inline"])
@pytest.mark.parametrize("language", ["python", "js"])
def test_other_ways_to_write_the_same(language: str, style: str, step: Step) -> None:
    for client, near in itertools.product(PLACES, PLACES):
        text = spelled(language, style, step, client, near)
        [site] = read("app.py" if language == "python" else "app.ts", text).sites
        assert (site.step, placement(site)) == (step, Placement(client, near)), text
        assert isinstance(site.client, Client)
        assert site.client.credential == "token"


@pytest.mark.parametrize(
    ("path", "text", "why"),
    [
        ("a.py", "genai.Client(http_options=o).live.connect(config={})", "o comes from elsewhere"),
        ("a.py", "def f(o): genai.Client(http_options=o).live.connect()", "o is given from outside"),
        ("a.py", "v = 'v1'\nv = x\ngenai.Client(http_options={'api_version': v}).live.connect()", "more than once"),
        ("a.py", "genai.Client(**kw).live.connect()", "**kw comes into the call"),
        ("a.py", "genai.Client().live.connect(**kw)", "**kw comes into the call"),
        ("a.py", "genai.Client(http_options={**o}).live.connect()", "o is computed, in a dict"),
        ("a.py", "genai.Client(http_options={'api_version': 'v1', **o}).live.connect()", "in a dict"),
        ("a.py", "genai.Client(http_options={'api_version': 'v1' if x else 'v2'}).live.connect()", "is computed"),
        ("a.py", "genai.Client(http_options={'api_version': os.environ['V']}).live.connect()", "variable V"),
        ("a.py", "genai.Client(http_options={'api_version': 'v9'}).live.connect()", "no API version that is known"),
        ("a.py", "make().live.connect()", "is made where it cannot be seen"),
        ("a.py", "for client in clients: client.live.connect()", "is made where it cannot be seen"),
        ("a.js", "new GoogleGenAI({...o}).live.connect({})", "...o comes into the object"),
        ("a.js", "new GoogleGenAI({httpOptions: {apiVersion: v}}).live.connect({})", "v comes from elsewhere"),
        ("a.js", "(v) => new GoogleGenAI({httpOptions: {apiVersion: v}}).live.connect({})", "from outside"),
        ("a.js", "let v = 'v1'; v = f(); new GoogleGenAI({httpOptions: {apiVersion: v}}).live.connect()", "more than"),
        ("a.js", "new GoogleGenAI({httpOptions: {apiVersion: `v${n}`}}).live.connect({})", "is computed"),
        ("a.js", "new GoogleGenAI({httpOptions: {['apiVersion']: 'v1'}}).live.connect({})", "comes into the object"),
        ("a.js", "new GoogleGenAI({}).live.connect(o)", "o comes from elsewhere"),
        ("a.js", "new GoogleGenAI({}).live.connect({config: {httpOptions: {apiVersion: process.env.V}}})", "variable V"),
        ("a.js", "get().live.connect({})", "is made where it cannot be seen"),
        ("a.js", "function f(ai) { ai.live.connect({}) }", "is made where it cannot be seen"),
    ],
)  # fmt: skip
def test_what_cannot_be_seen_is_said(path: str, text: str, why: str) -> None:
    [site] = read(path, text).sites
    found = placement(site)
    assert isinstance(found, Unseen)
    assert why in found.why


def test_what_is_written_behind_a_spread_counts() -> None:
    for path, text in {
        "a.py": "genai.Client(http_options={**o, 'api_version': 'v1'}).live.connect()",
        "a.js": "new GoogleGenAI({httpOptions: {...o, apiVersion: 'v1'}}).live.connect({})",
    }.items():
        [site] = read(path, text).sites
        assert placement(site) == Placement(client="v1")


def test_a_client_that_is_empty_before_it_is_made_is_followed() -> None:
    for path, text in {
        "a.py": "c = None\nc = genai.Client(http_options={'api_version': 'v1'})\nc.live.connect()",
        "a.ts": "let c: G | null = null; c = new GoogleGenAI({httpOptions: {apiVersion: 'v1'}}); c!.live.connect({})",
    }.items():
        [site] = read(path, text).sites
        assert placement(site) == Placement(client="v1")


def test_names_of_imports_are_followed() -> None:
    texts = [
        "from google.genai import Client as C\nC(http_options={'api_version': 'v1'}).live.connect()",
        "import google.genai as g\ng.Client(http_options={'api_version': 'v1'}).live.connect()",
        "from google import genai as gg\ngg.Client(http_options={'api_version': 'v1'}).aio.live.connect()",
    ]
    for text in texts:
        assert placement(read("a.py", text).sites[0]) == Placement(client="v1")
    text = "import {GoogleGenAI as G} from '@google/genai/web'; new G({httpOptions: {apiVersion: 'v1'}}).live.connect({})"
    [site] = read("a.js", text).sites
    assert placement(site) == Placement(client="v1")
    assert isinstance(site.client, Client)
    assert site.client.package == "@google/genai/web"


def test_what_is_no_sdk_is_not_taken_for_one() -> None:
    assert not read("a.py", "db.connect(); pool.live.disconnect(); other.Client().connect()").sites
    assert not read("a.js", "socket.connect(); new Client().live; live.connect()").sites


@pytest.mark.parametrize(
    ("text", "credential"),
    [
        ("genai.Client(api_key=token.name)", "token"), ("genai.Client(api_key='auth_tokens/abc')", "token"),
        ("genai.Client(api_key='AIza')", "key"), ("genai.Client(api_key=os.environ['K'])", "key"),
        ("genai.Client(api_key=os.getenv('K'))", "key"), ("genai.Client()", "key"),
        ("genai.Client(api_key=request.key)", "unseen"), ("genai.Client(api_key=data['name'])", "unseen"),
        ("t = c.auth_tokens.create()\ngenai.Client(api_key=t.name)", "token"),
        ("genai.Client(api_key=user.name)", "unseen"),
    ],
)  # fmt: skip
def test_what_a_client_has_for_a_key(text: str, credential: str) -> None:
    [client] = read("a.py", text).clients
    assert client.credential == credential


def test_values_are_what_they_are() -> None:
    assert credential_of(None) == "key"
    assert credential_of(TokenName()) == "unseen", "settings are an object"
    assert credential_of(Words("x")) == "unseen"


def test_files_that_do_not_parse_are_told_and_cost_nothing_else() -> None:
    broken = read("b.py", "def (:")
    assert broken.problem.startswith("b.py:1 is not Python of this version")
    half = read("b.js", "const ai = new GoogleGenAI({}); ai.live.connect({}); const = ;")
    assert half.problem.startswith("b.js:1 is no javascript that the parser knows")
    assert len(half.sites) == 1
    assert read("b.py", "\0").problem


@given(st.text())
def test_nothing_breaks_the_readers(text: str) -> None:
    for path in ("a.py", "a.js", "a.tsx"):
        read(path, f"{text}\nx.live.connect({text})")


def test_addresses_are_seen_in_strings_and_not_in_comments() -> None:
    for path, text in {
        "a.py": '# /v1/auth_tokens\nurl = f"{base}/v1beta/auth_tokens"',
        "a.js": "// /v1/auth_tokens\nconst url = `${base}/v1beta/auth_tokens`;",
    }.items():
        [address] = read(path, text).addresses
        assert "/v1beta/auth_tokens" in address.text
        assert address.place.line == 2
