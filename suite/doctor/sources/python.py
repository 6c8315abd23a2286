"""Python source, by its syntax tree: what is assigned once is followed, nothing else is."""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from .values import (
    ADDRESS,
    CALLS,
    COMES,
    Address,
    Client,
    Fields,
    Place,
    Seen,
    Site,
    Source,
    TokenName,
    Unseen,
    Variable,
    Words,
    credential_of,
    snake,
    version_in,
    within,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...model import Step
    from .values import Value

LANGUAGE: Final = "python"
#: Names that the class of clients has, if nothing is imported.
_USUAL: Final = frozenset({"genai.Client", "google.genai.Client"})
_ASYNC: Final = "aio"
#: How far a name is followed.
_DEEPEST: Final = 8
_ENVIRONMENT: Final = frozenset({"os.getenv", "os.environ.get", "getenv", "environ.get"})


def read(path: str, text: str) -> Source:
    """What can be seen in a file; one that does not parse says so."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        where = f":{error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        return Source(path, problem=f"{path}{where} is not Python of this version: {error}")
    return _Reader(path, tree).read()


class _Reader:
    def __init__(self, path: str, tree: ast.Module) -> None:
        self._path = path
        self._tree = tree
        self._assigned = _assignments(tree)
        self._clients = _USUAL | _imported(tree)

    def read(self) -> Source:
        seen = Seen()
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Call):
                if (client := self._client(node, 0)) is not None:
                    seen.clients.append(client)
                elif (site := self._site(node)) is not None:
                    seen.sites.append(site)
            elif (
                isinstance(node, ast.Constant) and isinstance(node.value, str) and ADDRESS.search(node.value)
            ):
                seen.addresses.append(Address(self._place(node), node.value))
        return seen.source(self._path)

    def _place(self, node: ast.expr) -> Place:
        return Place(self._path, node.lineno)

    def _client(self, call: ast.Call, depth: int) -> Client | None:
        if _dotted(call.func) not in self._clients:
            return None
        settings = self._named(call, depth)
        return Client(self._place(call), LANGUAGE, version_in(settings), credential_of(settings))

    def _site(self, call: ast.Call) -> Site | None:
        step = _step(call.func)
        if step is None:
            return None
        assert isinstance(call.func, ast.Attribute)
        assert isinstance(call.func.value, ast.Attribute)
        base = call.func.value.value
        if isinstance(base, ast.Attribute) and base.attr == _ASYNC:
            base = base.value
        client = self._value(base)
        if not isinstance(client, Client):
            client = Unseen(f"{_words(base)} is made where it cannot be seen")
        config = within(self._named(call, 0), "config")
        return Site(step, self._place(call), LANGUAGE, client, version_in(config))

    def _named(self, call: ast.Call, depth: int) -> Fields:
        """The arguments of a call that have names."""
        fields = {
            snake(one.arg): self._value(one.value, depth + 1) for one in call.keywords if one.arg is not None
        }
        rest = next((one.value for one in call.keywords if one.arg is None), None)
        starred = any(isinstance(one, ast.Starred) for one in call.args)
        if rest is not None or starred:
            return Fields(fields, Unseen(f"**{_words(rest)} comes into the call" if rest else "*arguments"))
        return Fields(fields)

    def _value(self, node: ast.expr, depth: int = 0) -> Value:
        """What an expression is."""
        computed = Unseen(f"{_words(node)} is computed")
        if depth > _DEEPEST:
            return computed
        match node:
            case ast.Constant(value=None):
                return None
            case ast.Constant(value=str(text)):
                return Words(text)
            case ast.Await(value=inner) | ast.NamedExpr(value=inner):
                return self._value(inner, depth + 1)
            case ast.Dict():
                return self._dict(node, depth)
            case ast.Subscript(value=ast.expr() as base, slice=ast.Constant(value=str(name))):
                return Variable(name) if _dotted(base) in ("os.environ", "environ") else computed
            case ast.Call():
                return self._made(node, depth) or computed
            case ast.Name() | ast.Attribute():
                return self._followed(node, depth)
        return computed

    def _made(self, call: ast.Call, depth: int) -> Value:
        """A client, a class of settings such as ``types.HttpOptions``, an environment variable."""
        if (client := self._client(call, depth)) is not None:
            return client
        name = _dotted(call.func)
        if name in _ENVIRONMENT and call.args and isinstance(call.args[0], ast.Constant):
            return Variable(str(call.args[0].value))
        is_class = name.rpartition(".")[2][:1].isupper() or name == "dict"
        return self._named(call, depth) if is_class and not call.args else None

    def _dict(self, node: ast.Dict, depth: int) -> Value:
        fields: dict[str, Value] = {}
        rest = None
        for key, item in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                fields[snake(key.value)] = self._value(item, depth + 1)
            else:
                # What is spread may overwrite what stands before it.
                rest, fields = Unseen(f"{_words(key or item)} is computed, in a dict"), {}
        return Fields(fields, rest)

    def _followed(self, node: ast.Name | ast.Attribute, depth: int) -> Value:
        """A name that is assigned once in the file is what is assigned to it."""
        assigned = self._assigned.get(_dotted(node), [])
        plain = [one for one in assigned if one is not None]
        if len(assigned) == 1 and plain:
            return self._value(plain[0], depth + 1)
        if isinstance(node, ast.Attribute) and node.attr == "name" and self._is_token(node.value, depth):
            return TokenName()
        # A client that is None before it is made cannot connect before that either.
        made = [one for one in plain if not (isinstance(one, ast.Constant) and one.value is None)]
        if len(made) == 1 and len(plain) == len(assigned):
            client = self._value(made[0], depth + 1)
            if isinstance(client, Client):
                return client
        return Unseen(f"{_words(node)} {COMES[min(len(assigned), 2)]}")

    def _is_token(self, node: ast.expr, depth: int) -> bool:
        """Whether something is what a call that mints returned, or is called a token."""
        name = _dotted(node)
        made = [one for one in self._assigned.get(name, []) if one is not None]
        calls = [one.value if isinstance(one, ast.Await) else one for one in made]
        minted = [call for call in calls if isinstance(call, ast.Call) and _step(call.func) == "create"]
        return bool(minted) or "token" in name.lower()


def _assignments(tree: ast.Module) -> Mapping[str, list[ast.expr | None]]:
    """Whatever is assigned to each name in a file; None: by a loop, a parameter, ``with`` …"""
    found: defaultdict[str, list[ast.expr | None]] = defaultdict(list)
    plain: set[int] = set()
    for node in ast.walk(tree):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.NamedExpr) or (isinstance(node, ast.AnnAssign) and node.value):
            targets = [node.target]
        for target in targets:
            if isinstance(target, (ast.Name, ast.Attribute)):
                assert isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr))
                found[_dotted(target)].append(node.value)
                plain.add(id(target))
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            found[node.arg].append(None)
        elif (
            isinstance(node, (ast.Name, ast.Attribute))
            and isinstance(node.ctx, (ast.Store, ast.Del))
            and id(node) not in plain
        ):
            found[_dotted(node)].append(None)
    return found


def _step(function: ast.expr) -> Step | None:
    """The side that a function is of: ``client.auth_tokens.create`` mints."""
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Attribute):
        return CALLS.get((snake(function.value.attr), function.attr))
    return None


def _imported(tree: ast.Module) -> set[str]:
    """What the class of clients is called here."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "google":
            names |= {f"{one.asname or one.name}.Client" for one in node.names if one.name == "genai"}
        elif isinstance(node, ast.ImportFrom) and node.module in ("google.genai", "google.genai.client"):
            names |= {one.asname or one.name for one in node.names if one.name == "Client"}
        elif isinstance(node, ast.Import):
            names |= {
                f"{one.asname}.Client" for one in node.names if one.name == "google.genai" and one.asname
            }
    return names


def _dotted(node: ast.expr) -> str:
    """``self.client`` of such an expression; nothing of any other."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (base := _dotted(node.value)):
        return f"{base}.{node.attr}"
    return ""


def _words(node: ast.expr) -> str:
    """An expression, cut; a long text in it may be a secret."""
    if isinstance(node, ast.Constant):
        return "a value"
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 40 else f"{text[:37]}…"
