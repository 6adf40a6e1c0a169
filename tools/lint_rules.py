"""Checks rule files (.lp) against the house style: `python tools/lint_rules.py logic/rules`.

Prints `path:line: message` for each finding and exits with 1 if there is one.
"""

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from clingo import Control, MessageCode
from clingo.ast import AST, ASTSequence, ASTType, parse_files

BANNER_LINES = 5
COLUMNS = 88
PLAIN_NUMBERS = frozenset({"0", "1"})
"""Numbers that speak for themselves; every other one in a rule is a named `#const`."""
SHORT_VARIABLES = frozenset({"_"})
"""Variables that need not be full words. A new one is argued for here."""
VARIABLE = re.compile(r"[A-Z][A-Za-z]{2,}")
ARGUMENTS = rf"\(({VARIABLE.pattern}(?:, {VARIABLE.pattern})*)\)"
DOCSTRING = re.compile(rf"%\*! -?([a-z]\w*)(?:{ARGUMENTS})?[.:]?\s+\w.*\*%", re.DOTALL)
MESSAGE = re.compile(r"(.+?):(\d+):[\d:-]+: \w+: (.*)", re.DOTALL)

COMMENTED = {ASTType.Rule, ASTType.Minimize, ASTType.External}
DECLARATIONS = {ASTType.Defined, ASTType.ShowSignature, ASTType.ProjectSignature}


class Finding(NamedTuple):
    """One offence against the style."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


@dataclass(frozen=True)
class RuleFile:
    """A parsed rule file: its own statements and comments, and every file that it reaches by `#include`."""

    path: Path
    lines: list[str]
    statements: list[AST]
    reached: set[Path]
    messages: list[Finding]

    def is_entry_point(self) -> bool:
        """Says whether the file includes others."""
        return bool(self.reached)


def log_to(messages: list[Finding], path: Path) -> Callable[[MessageCode, str], None]:
    """Makes a clingo logger that collects what there is to say about a file and those that it includes."""

    def log(code: MessageCode, text: str) -> None:
        found = MESSAGE.fullmatch(text.strip())
        source, line, words = found.groups() if found else (path, 1, f"{code.name}: {text}")
        messages.append(Finding(Path(source), int(line), " ".join(words.split())))

    return log


def parse(path: Path) -> RuleFile:
    """Parses a rule file; what clingo has to say becomes its messages."""
    file = RuleFile(path, path.read_text().split("\n"), [], set(), [])

    def keep(statement: AST) -> None:
        source = Path(statement.location.begin.filename).resolve()
        if source != path.resolve():
            file.reached.add(source)
        elif statement.ast_type != ASTType.Program:
            file.statements.append(statement)

    try:
        parse_files([str(path)], keep, logger=log_to(file.messages, path))
    except RuntimeError:
        assert file.messages
    return file


def walk(node: AST) -> Iterator[AST]:
    """Yields a node and all nodes below it."""
    yield node
    for child in node.values():
        for each in child if isinstance(child, ASTSequence) else [child]:
            if isinstance(each, AST):
                yield from walk(each)


def check_lines(file: RuleFile) -> Iterator[Finding]:
    """Checks the banner, the width of lines, tabs and trailing spaces."""
    banner = next(number for number, line in enumerate([*file.lines, ""]) if not re.match(r"%(?!\*)", line))
    if not banner:
        yield Finding(file.path, 1, "no banner: say what the file decides and when it is loaded")
    elif re.match(r"[^#\s]", "".join(file.lines[banner : banner + 1])):
        yield Finding(file.path, banner + 1, "no blank line after the banner")
    if banner > BANNER_LINES:
        yield Finding(file.path, BANNER_LINES + 1, f"banner of {banner} lines, {BANNER_LINES} are enough")
    for number, line in enumerate(file.lines, start=1):
        if len(line) > COLUMNS:
            yield Finding(file.path, number, f"line of {len(line)} columns, {COLUMNS} are allowed")
        if "\t" in line or line != line.rstrip():
            yield Finding(file.path, number, "tab or trailing space")


def head_predicate(statement: AST) -> str | None:
    """Names the predicate that a rule derives, as `name/arity`; None for constraints."""
    nodes = walk(statement.head) if statement.ast_type == ASTType.Rule else ()
    atoms = (node for node in nodes if node.ast_type == ASTType.Function)
    return next((f"{atom.name}/{len(atom.arguments)}" for atom in atoms), None)


def check_sentences(file: RuleFile) -> Iterator[Finding]:
    """Checks that a sentence stands above every rule, or above its block of adjacent rules."""
    begins = [(each.location.begin, each) for each in file.statements]
    sentences = {at.line for at, each in begins if at.column == 1 and str(each).startswith("% ")}
    block_end = -1
    for at, statement in sorted(begins):
        if statement.ast_type not in COMMENTED:
            continue
        goes_on = at.line <= block_end + 1
        if not goes_on and at.line - 1 not in sentences:
            yield Finding(file.path, at.line, "no sentence (`% …`) directly above")
        block_end = statement.location.end.line


def check_terms(file: RuleFile) -> Iterator[Finding]:
    """Checks the names of variables and the numbers in rules; facts may hold any number."""
    for statement in file.statements:
        is_fact = not getattr(statement, "body", ())
        for node in walk(statement):
            message = ""
            if node.ast_type == ASTType.Variable and node.name not in SHORT_VARIABLES:
                message = "" if VARIABLE.fullmatch(node.name) else f"variable {node} is not a full word"
            elif not is_fact and node.ast_type == ASTType.SymbolicTerm and str(node).isdigit():
                message = "" if str(node) in PLAIN_NUMBERS else f"magic number {node}: name it by a #const"
            if message:
                yield Finding(file.path, node.location.begin.line, message)


def check_docstrings(file: RuleFile) -> Iterator[Finding]:
    """Checks that each docstring reads `%*! predicate(Argument, …) text *%`, of a predicate in the file."""
    nodes = [node for statement in file.statements for node in walk(statement)]
    known = {(node.name, len(node.arguments)) for node in nodes if node.ast_type == ASTType.Function}
    known |= {(node.name, node.arity) for node in nodes if node.ast_type in DECLARATIONS}
    for node in nodes:
        if node.ast_type != ASTType.Comment or not node.value.startswith("%*!"):
            continue
        message = "docstring is not of the form %*! predicate(Argument, …) text *%"
        if found := DOCSTRING.fullmatch(node.value):
            name, arity = found[1], len(found[2].split(",")) if found[2] else 0
            message = "" if (name, arity) in known else f"no predicate {name}/{arity} in this file"
        if message:
            yield Finding(file.path, node.location.begin.line, message)


def check_loading(*paths: Path) -> Iterator[Finding]:
    """Loads files into clingo and grounds them: it has to keep quiet."""
    messages: list[Finding] = []
    control = Control(["--warn=all"], log_to(messages, paths[0]))
    try:
        for path in paths:
            control.load(str(path))
        control.ground()
    except RuntimeError:
        assert messages
    yield from messages


def lint(folder: Path) -> list[Finding]:
    """Checks all rule files below a folder; the findings come by path and line.

    Entry points, which include others, are loaded as they are; so are files that no entry point reaches.
    `inputs.lp` in the folder declares the input for all of them.
    """
    files = [parse(path) for path in sorted(folder.rglob("*.lp"))]
    inputs = list(folder.glob("inputs.lp"))
    reached = {path for file in files if file.is_entry_point() for path in file.reached}
    found = set() if files else {Finding(folder, 1, "no rule files")}
    for file in files:
        for check in (check_lines, check_sentences, check_terms, check_docstrings):
            found.update(check(file))
        found.update(file.messages)
        if not file.messages and file.path.resolve() not in reached:
            loaded = {file.path.resolve(), *file.reached}
            found.update(check_loading(file.path, *(path for path in inputs if path.resolve() not in loaded)))
    return sorted(found)


if __name__ == "__main__":
    findings = [finding for folder in sys.argv[1:] for finding in lint(Path(folder))]
    print(*findings, sep="\n", end="\n" if findings else "")
    sys.exit(1 if findings else 0)
