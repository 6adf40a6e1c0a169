"""What is in a policy by its syntax tree: what it may not hold, what it asks for and what it finds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from clingo.ast import AST, AggregateFunction, ASTSequence, ASTType, parse_string

from foretell.logic.policy.frames import Head, Mention, Vetted
from foretell.logic.policy.lexing import Fault

LEVELS = ("deny", "warn")
ARITIES = (2, 3)
_MESSAGE = re.compile(r"<[a-z]+>:(\d+):(\d+)[\d:-]*: (?:error|warning|info): (.*)", re.DOTALL)
_SUMS = (AggregateFunction.Sum, AggregateFunction.SumPlus)
_LONGEST = 300
_UNSAFE = re.compile(r"<[a-z]+>:(\d+):(\d+)[\d:-]*: note: '(\w+)' is unsafe")


def vetted(text: str) -> Vetted:
    """Look a text through; it has come through the gate, so that parsing it reads nothing else."""
    faults: list[Fault] = []
    statements: list[AST] = []
    try:
        parse_string(text, statements.append, logger=lambda _, said: faults.append(fault_of(said)))
    except RuntimeError as error:
        return Vetted(tuple(faults) or (Fault(1, 1, str(error)),))
    found = _Found(faults)
    for statement in statements:
        found.take(statement)
    return Vetted(
        tuple(sorted(found.faults)),
        asked=tuple(found.asked), made=tuple(found.made), heads=tuple(found.heads),
        constants=tuple(found.constants),
        paths=tuple(sorted(found.paths)) if found.told_apart else None, sums=found.sums,
    )  # fmt: skip


def fault_of(said: str) -> Fault:
    """What clingo says of a text, with its place."""
    match = _MESSAGE.match(said.strip())
    if match is None:
        return Fault(1, 1, " ".join(said.split()))
    sentence = " ".join(match[3].split())[:_LONGEST]
    if unsafe := _UNSAFE.findall(sentence):
        names = " and ".join(dict.fromkeys(name for *_, name in unsafe))
        line, column, _ = unsafe[0]
        return Fault(int(line), int(column), f"nothing in the rule's body gives {names} a value")
    return Fault(int(match[1]), int(match[2]), sentence)


class _Found:
    """What the statements hold that were looked at so far."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        self.asked: list[Mention] = []
        self.made: list[Mention] = []
        self.heads: list[Head] = []
        self.constants: list[str] = []
        self.paths: set[str] = set()
        self.told_apart = True
        self.sums = False

    def take(self, statement: AST) -> None:
        """Look at a statement."""
        if statement.ast_type == ASTType.Definition:
            self.constants.append(statement.name)
        elif statement.ast_type == ASTType.Rule:
            self._rule(statement)
        elif statement.ast_type != ASTType.Program:
            self._refuse(statement, "only rules and #const are for policies")

    def _refuse(self, node: AST, sentence: str) -> None:
        begin = node.location.begin
        self.faults.append(Fault(begin.line, begin.column, sentence))

    def _rule(self, rule: AST) -> None:
        head = rule.head
        if head.ast_type in (ASTType.Aggregate, ASTType.HeadAggregate):
            self._refuse(rule, "a choice leaves open what is found: a policy has one answer")
        elif head.ast_type == ASTType.Disjunction:
            self._refuse(rule, "a disjunction leaves open what is found: a policy has one answer")
        elif head.ast_type != ASTType.Literal or head.atom.ast_type == ASTType.Comparison:
            self._refuse(rule, "a rule has to derive an atom, such as deny(Policy, Subject, Message)")
        elif head.atom.ast_type == ASTType.BooleanConstant:
            self._refuse(rule, "a constraint finds nothing: derive deny(Policy, Subject, Message)")
        elif head.sign or any(each.ast_type != ASTType.Function for each in _atoms(head.atom.symbol)):
            self._refuse(rule, "a rule has to derive a plain atom, without a sign before it")
        else:
            for atom in _atoms(head.atom.symbol):
                self._head(rule, atom)
        for node in _walks(rule.body):
            if node.ast_type == ASTType.BodyAggregate and node.function in _SUMS:
                guards = [guard for guard in (node.left_guard, node.right_guard) if guard is not None]
                self.sums |= any(each.ast_type == ASTType.Variable for each in _walks(guards))
            if node.ast_type == ASTType.SymbolicAtom:
                for atom in _atoms(node.symbol):
                    self._ask(atom)

    def _head(self, rule: AST, atom: AST) -> None:
        self.made.append(_mention(atom))
        if atom.name not in LEVELS:
            return
        if len(atom.arguments) not in ARITIES:
            form = f"{atom.name}(Policy, Subject) or {atom.name}(Policy, Subject, Message)"
            self._refuse(atom, f"{atom.name} takes 2 or 3 arguments: {form}")
            return
        policy, _, *message = atom.arguments
        name = _constant(policy)
        if not name:
            self._refuse(atom, f"the policy has to be a name, such as in {atom.name}(no_latest, Pod)")
            return
        said = message[0].name if message and message[0].ast_type == ASTType.Function else ""
        conditions = sorted({each.atom.symbol.name for each in rule.body if _is_condition(each)})
        self.heads.append(Head(atom.name, name, said, rule.location.begin.line, tuple(conditions)))

    def _ask(self, symbol: AST) -> None:
        if symbol.ast_type != ASTType.Function:
            self._refuse(symbol, "an atom has no sign before it")
            return
        self.asked.append(_mention(symbol))
        if (symbol.name, len(symbol.arguments)) == ("field", 3):
            path = symbol.arguments[1]
            if path.ast_type == ASTType.SymbolicTerm and path.symbol.type.name == "String":
                self.paths.add(path.symbol.string)
            else:
                self.told_apart = False


def _atoms(symbol: AST) -> Sequence[AST]:
    """The atoms that an atom stands for: p(1;2) stands for two."""
    return symbol.arguments if symbol.ast_type == ASTType.Pool else [symbol]


def _is_condition(literal: AST) -> bool:
    """Whether a literal of a body is an atom that has to hold."""
    return (
        literal.ast_type == ASTType.Literal
        and not literal.sign
        and literal.atom.ast_type == ASTType.SymbolicAtom
        and literal.atom.symbol.ast_type == ASTType.Function
    )


def _mention(atom: AST) -> Mention:
    begin = atom.location.begin
    return Mention(atom.name, len(atom.arguments), begin.line, begin.column)


def _constant(term: AST) -> str:
    """The name that a term is; empty where it is none."""
    if term.ast_type == ASTType.Function and not term.arguments and not term.external:
        return str(term.name)
    if term.ast_type == ASTType.SymbolicTerm and term.symbol.type.name == "Function":
        return "" if term.symbol.arguments else str(term.symbol.name)
    return ""


def _walks(nodes: Iterable[AST]) -> Iterator[AST]:
    """Some nodes and all nodes below them."""
    waiting = [*nodes]
    while waiting:
        each = waiting.pop()
        yield each
        for child in each.values():
            if isinstance(child, AST):
                waiting.append(child)
            elif isinstance(child, ASTSequence):
                waiting.extend(inner for inner in child if isinstance(inner, AST))
