"""JavaScript and TypeScript source, by tree-sitter: what is assigned once is followed, nothing else is."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
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
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node, Parser

    from ...model import Step
    from .values import Value

LANGUAGE: Final = "js"
MISSING: Final = (
    "JavaScript and TypeScript are not read without a parser: "
    "python -m pip install 'genai-live-compat[doctor]'"
)
PACKAGE: Final = "@google/genai"
_CLASS: Final = "GoogleGenAI"
#: The grammar for each ending of a file's name.
GRAMMARS: Final = {
    ".js": "javascript", ".mjs": "javascript", ".cjs": "javascript", ".jsx": "javascript",
    ".ts": "typescript", ".mts": "typescript", ".cts": "typescript", ".tsx": "tsx",
}  # fmt: skip
#: What stands around an expression and changes nothing of it.
_AROUND: Final = frozenset(
    {
        "parenthesized_expression",
        "as_expression",
        "satisfies_expression",
        "non_null_expression",
        "await_expression",
        "type_assertion",
    }
)
_NOTHING: Final = frozenset({"undefined", "null"})
_ENVIRONMENTS: Final = ("process.env", "import.meta.env")
#: How far a name is followed.
_DEEPEST: Final = 8


@cache
def _parser(grammar: str) -> Parser:
    """Raises ``ImportError`` where the parser is not installed."""
    import tree_sitter
    import tree_sitter_javascript
    import tree_sitter_typescript

    capsule = {
        "javascript": tree_sitter_javascript.language,
        "typescript": tree_sitter_typescript.language_typescript,
        "tsx": tree_sitter_typescript.language_tsx,
    }[grammar]
    return tree_sitter.Parser(tree_sitter.Language(capsule()))


def is_there() -> bool:
    """Whether the parser is installed."""
    try:
        return all(_parser(grammar) for grammar in set(GRAMMARS.values()))
    except ImportError:
        return False


def read(path: str, text: str) -> Source:
    """What can be seen in a file. The parser goes on behind a mistake; that there is one is told."""
    grammar = GRAMMARS[path[path.rindex(".") :]]
    tree = _parser(grammar).parse(text.encode(errors="replace"))
    source = _Reader(path, tree.root_node).read()
    if not tree.root_node.has_error:
        return source
    line = next((node.start_point.row + 1 for node in _walk(tree.root_node) if node.is_error), 1)
    problem = f"{path}:{line} is no {grammar} that the parser knows; what could be read was"
    return Source(path, source.sites, source.addresses, source.clients, problem)


class _Reader:
    def __init__(self, path: str, root: Node) -> None:
        self._path = path
        self._root = root
        self._assigned = _assignments(root)
        self._classes = _imported(root)

    def read(self) -> Source:
        seen = Seen()
        for node in _walk(self._root):
            if node.type == "new_expression" and (client := self._client(node, 0)) is not None:
                seen.clients.append(client)
            elif node.type == "call_expression" and (site := self._site(node)) is not None:
                seen.sites.append(site)
            elif node.type in ("string", "template_string") and ADDRESS.search(_text(node)):
                seen.addresses.append(Address(self._place(node), _text(node)[1:-1]))
        return seen.source(self._path)

    def _place(self, node: Node) -> Place:
        return Place(self._path, node.start_point.row + 1)

    def _client(self, node: Node, depth: int) -> Client | None:
        name = _dotted(node.child_by_field_name("constructor")).rpartition(".")[2]
        if name != _CLASS and name not in self._classes:
            return None
        settings = self._value(_first(node), depth + 1)
        return Client(
            self._place(node),
            LANGUAGE,
            version_in(settings),
            credential_of(settings),
            self._classes.get(name, PACKAGE),
        )

    def _site(self, node: Node) -> Site | None:
        function = _bare(node.child_by_field_name("function"))
        step = _step(function)
        if step is None or function is None:
            return None
        owner = _bare(function.child_by_field_name("object"))
        base = _bare(owner.child_by_field_name("object")) if owner is not None else None
        client = self._value(base)
        if not isinstance(client, Client):
            client = Unseen(f"{_short(base)} is made where it cannot be seen")
        config = within(self._value(_first(node)), "config")
        return Site(step, self._place(node), LANGUAGE, client, version_in(config))

    def _value(self, node: Node | None, depth: int = 0) -> Value:
        """What an expression is."""
        node = _bare(node)
        if node is None or node.type in _NOTHING or _text(node) in _NOTHING:
            return None
        if depth > _DEEPEST:
            return Unseen(f"{_short(node)} is computed")
        if node.type == "string" or (node.type == "template_string" and "${" not in _text(node)):
            return Words(_text(node)[1:-1])
        if node.type == "object":
            return self._object(node, depth)
        if node.type == "new_expression" and (client := self._client(node, depth)) is not None:
            return client
        if node.type in ("identifier", "member_expression", "shorthand_property_identifier"):
            return self._followed(node, depth)
        return Unseen(f"{_short(node)} is computed")

    def _object(self, node: Node, depth: int) -> Value:
        fields: dict[str, Value] = {}
        rest = None
        for part in node.named_children:
            if part.type == "shorthand_property_identifier":
                fields[snake(_text(part))] = self._value(part, depth + 1)
            elif part.type == "pair" and (name := _key(part)):
                fields[snake(name)] = self._value(part.child_by_field_name("value"), depth + 1)
            elif part.type == "method_definition" or part.type == "comment":
                continue
            else:
                # What is spread may overwrite what stands before it.
                rest, fields = Unseen(f"{_short(part)} comes into the object"), {}
        return Fields(fields, rest)

    def _followed(self, node: Node, depth: int) -> Value:
        """A name that is assigned once in the file is what is assigned to it."""
        name = _dotted(node)
        for environment in _ENVIRONMENTS:
            if name.startswith(f"{environment}."):
                return Variable(name.removeprefix(f"{environment}."))
        assigned = self._assigned.get(name, [])
        plain = [one for one in assigned if one is not None]
        if len(assigned) == 1 and plain:
            return self._value(plain[0], depth + 1)
        if name.endswith(".name") and self._is_token(name.removesuffix(".name")):
            return TokenName()
        # A client that is null before it is made cannot connect before that either.
        made = [one for one in plain if _text(one) not in _NOTHING]
        if len(made) == 1 and len(plain) == len(assigned):
            client = self._value(made[0], depth + 1)
            if isinstance(client, Client):
                return client
        return Unseen(f"{_short(node)} {COMES[min(len(assigned), 2)]}")

    def _is_token(self, name: str) -> bool:
        """Whether something is what a call that mints returned, or is called a token."""
        made = [_bare(one) for one in self._assigned.get(name, []) if one is not None]
        calls = [one for one in made if one is not None and one.type == "call_expression"]
        minted = [call for call in calls if _step(_bare(call.child_by_field_name("function"))) == "create"]
        return bool(minted) or "token" in name.lower()


def _assignments(root: Node) -> Mapping[str, list[Node | None]]:
    """Whatever is assigned to each name in a file; None: by a pattern, a parameter, a loop …"""
    found: defaultdict[str, list[Node | None]] = defaultdict(list)
    for node in _walk(root):
        if node.type == "variable_declarator":
            _assign(found, node.child_by_field_name("name"), node.child_by_field_name("value"))
        elif node.type == "assignment_expression":
            _assign(found, node.child_by_field_name("left"), node.child_by_field_name("right"))
        elif node.type in ("public_field_definition", "field_definition"):
            name = node.child_by_field_name("name") or node.child_by_field_name("property")
            if (value := node.child_by_field_name("value")) is not None and name is not None:
                found[f"this.{_text(name)}"].append(value)
        elif node.type in ("augmented_assignment_expression", "for_in_statement", "update_expression"):
            _assign_parts(found, node.child_by_field_name("left") or node.child_by_field_name("argument"))
        elif node.type in ("formal_parameters", "catch_clause"):
            _assign_parts(found, node if node.type == "formal_parameters" else node.named_children[0])
        elif node.type == "arrow_function":
            _assign_parts(found, node.child_by_field_name("parameter"))
    return found


def _assign(found: defaultdict[str, list[Node | None]], target: Node | None, value: Node | None) -> None:
    if target is not None and target.type in ("identifier", "member_expression"):
        if value is not None:
            found[_dotted(target)].append(value)
    else:
        _assign_parts(found, target)


def _assign_parts(found: defaultdict[str, list[Node | None]], target: Node | None) -> None:
    """Every name in a pattern is assigned something that is not followed."""
    for node in _walk(target) if target is not None else ():
        if node.type in ("identifier", "shorthand_property_identifier_pattern"):
            found[_text(node)].append(None)


def _imported(root: Node) -> dict[str, str]:
    """What the class of clients is called here, and the module it comes from."""
    names: dict[str, str] = {}
    for node in _walk(root):
        if node.type != "import_statement":
            continue
        module = _text(node.child_by_field_name("source"))[1:-1]
        for one in _walk(node):
            if one.type == "import_specifier" and _text(one.child_by_field_name("name")) == _CLASS:
                name = one.child_by_field_name("alias") or one.child_by_field_name("name")
                if module.startswith(PACKAGE):
                    names[_text(name)] = module
    return names


def _step(function: Node | None) -> Step | None:
    """The side that a function is of: ``ai.authTokens.create`` mints."""
    owner = _bare(function.child_by_field_name("object")) if function is not None else None
    if owner is None or function is None:
        return None
    names = (owner.child_by_field_name("property"), function.child_by_field_name("property"))
    return CALLS.get((snake(_text(names[0])), _text(names[1])))


def _walk(node: Node) -> Iterator[Node]:
    """A node and all below it, in the order of the text."""
    stack = [node]
    while stack:
        one = stack.pop()
        yield one
        stack.extend(reversed(one.named_children))


def _bare(node: Node | None) -> Node | None:
    """An expression without what only stands around it."""
    while node is not None and node.type in _AROUND:
        inner = [child for child in node.named_children if child.type != "comment"]
        node = inner[-1 if node.type == "type_assertion" else 0] if inner else None
    return node


def _first(node: Node) -> Node | None:
    """The first argument of a call."""
    arguments = node.child_by_field_name("arguments")
    parts = [child for child in arguments.named_children if child.type != "comment"] if arguments else []
    return parts[0] if parts else None


def _key(pair: Node) -> str:
    """The name of a field, if it is written out."""
    key = pair.child_by_field_name("key")
    if key is None or key.type == "computed_property_name":
        return ""
    return _text(key).strip("'\"")


def _dotted(node: Node | None) -> str:
    """``this.ai`` of such an expression, however many ``?`` and ``!`` it has; nothing of any other."""
    node = _bare(node)
    if node is None:
        return ""
    if node.type in ("identifier", "this", "shorthand_property_identifier", "meta_property"):
        return _text(node)
    if node.type == "member_expression":
        base = _dotted(node.child_by_field_name("object"))
        return f"{base}.{_text(node.child_by_field_name('property'))}" if base else ""
    return ""


def _text(node: Node | None) -> str:
    return node.text.decode(errors="replace") if node is not None and node.text is not None else ""


def _short(node: Node | None) -> str:
    """An expression, cut; a long text in it may be a secret."""
    if node is None or node.type in ("string", "template_string"):
        return "a value"
    text = " ".join(_text(node).split())
    return text if len(text) <= 40 else f"{text[:37]}…"
