"""``python -m mockserver facts``, ``validate``, ``scripts`` and ``schema``: commands that tell, and end."""

from __future__ import annotations

from . import fidelity
from .core.facts import fact
from .scripts import commands
from .terminal import Parser, show, told


def facts(words: list[str]) -> int:
    """``python -m mockserver facts``: what is known of the service."""
    parser = Parser(
        prog="python -m mockserver facts", description="What is known of the service, with its sources."
    )
    parser.add_argument("id", nargs="*", metavar="ID", help="show these facts in full, for instance CLS-007")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args(words)
    for name in given.id:
        try:
            fact(name)
        except KeyError as error:
            parser.error(str(error.args[0]))
    show((fidelity.as_json if given.json else fidelity.text)(given.id).rstrip())
    return 0


def validate(words: list[str]) -> int:
    """``python -m mockserver validate``: what is wrong in scripts."""
    parser = Parser(
        prog="python -m mockserver validate",
        description="Check scripts. Exit status: 0 no mistakes, 1 mistakes, 2 a file cannot be read.",
    )
    parser.add_argument("file", nargs="+", metavar="FILE", help="a script in YAML or JSON, or a recording")
    return told(*commands.validate(parser.parse_args(words).file))


def scripts(words: list[str]) -> int:
    """``python -m mockserver scripts``: the ready-made scripts."""
    parser = Parser(prog="python -m mockserver scripts", description="List the ready-made scripts.")
    parser.add_argument("name", nargs="*", metavar="NAME", help="print these as YAML")
    return told(*commands.scripts(parser.parse_args(words).name))


def schema(words: list[str]) -> int:
    """``python -m mockserver schema``: a script's JSON Schema."""
    Parser(
        prog="python -m mockserver schema",
        description="Print the JSON Schema (draft 2020-12) of a script, for editors.",
    ).parse_args(words)
    return told(*commands.schema())
