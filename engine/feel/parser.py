"""Tokens to nodes: precedence climbing over the grammar of DMN 1.5, 10.3.1.2."""

from collections.abc import Iterable
from functools import cache

from engine.feel import ast
from engine.feel.ast import Node
from engine.feel.limits import MAX_DEPTH
from engine.feel.names import Table, table
from engine.feel.primary import COMPARISONS, Primary
from engine.feel.signatures import BUILTIN_NAMES

PRECEDENCE = {
    "or": 1,
    "and": 2,
    **dict.fromkeys((*COMPARISONS, "between", "in", "instance"), 3),
    **dict.fromkeys("+-", 4),
    **dict.fromkeys("*/", 5),
    "**": 6,
}
ARITHMETIC: dict[str, ast.ArithmeticOperator] = {"+": "+", "-": "-", "*": "*", "/": "/", "**": "**"}


def parse(text: str, *, names: Iterable[str] = (), unary: bool = False) -> Node:
    """The node of an expression, or of a decision table's cell when `unary`.

    `names` are the names in scope; they matter where one has spaces or symbols. Raises FeelSyntaxError.
    """
    parser = Parser(text, _builtins(), table(names))
    try:
        node = parser.unary_tests() if unary else parser.expression()
    except RecursionError:
        parser.too_deep()
    if parser.token.kind != "end":
        parser.unexpected("an operator or the end")
    _check_depth(parser, node)
    return node


@cache
def _builtins() -> Table:
    return table(BUILTIN_NAMES)


def _check_depth(parser: "Parser", root: Node) -> None:
    level, depth = [root], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            parser.too_deep()
        level = [child for node in level for child in ast.children(node)]


class Parser(Primary):
    """The operators of the grammar."""

    def remember(self, keys: list[str]) -> None:
        """Keep keys known to the rest of the text, for paths and filters."""
        self.tables.insert(0, table(keys))

    def expression(self, precedence: int = 0) -> Node:
        """An expression whose operators bind at least as tightly as `precedence`."""
        self.enter()
        start = self.index
        left = self.unary()
        while True:
            operator = self.token.text if self.token.kind != "string" else ""
            level = PRECEDENCE.get(operator)
            if level is None or level < precedence:
                break
            left = self.binary(operator, left, start, level)
        self.depth -= 1
        return left

    def operand(self) -> Node:
        """An expression without `and`, `or` and comparisons."""
        return self.expression(PRECEDENCE["+"])

    def binary(self, operator: str, left: Node, start: int, level: int) -> Node:
        """What an operator makes of its left side and what follows."""
        if operator == "in":
            self.take()
            tests = self.tests()
            return ast.In(left, tests, position=self.here(start))
        if operator == "instance":
            return self.instance_of(left, start)
        self.take()
        if operator in ("and", "or"):
            return self.junction(operator, left, start, level)
        if operator == "between":
            low = self.operand()
            self.expect("and", "between the bounds of `between`")
            return ast.Between(left, low, self.operand(), position=self.here(start))
        right = self.expression(level + 1)
        position = self.here(start)
        if operator in COMPARISONS:
            return ast.Compare(COMPARISONS[operator], left, right, position=position)
        return ast.Arithmetic(ARITHMETIC[operator], left, right, position=position)

    def junction(self, operator: str, left: Node, start: int, level: int) -> Node:
        """All operands of a chain of `and` or of `or`."""
        operands = [left, self.expression(level + 1)]
        while self.accept(operator):
            operands.append(self.expression(level + 1))
        kind = ast.And if operator == "and" else ast.Or
        return kind(tuple(operands), position=self.here(start))

    def instance_of(self, value: Node, start: int) -> Node:
        """The rest of `value instance of type`."""
        self.take()
        self.expect("of", "after `instance`")
        return ast.InstanceOf(value, self.type_name(), position=self.here(start))

    def unary(self) -> Node:
        """A negation, or an operand with what follows it."""
        start = self.index
        if self.token.kind == "operator" and self.accept("-"):
            self.enter()
            operand = self.unary()
            self.depth -= 1
            return ast.Negate(operand, position=self.here(start))
        return self.postfix(self.primary(), start)

    def postfix(self, node: Node, start: int) -> Node:
        """Paths, filters and calls after an operand."""
        while self.token.kind == "operator":
            if self.sees("."):
                self.take()
                if self.token.kind != "name":
                    self.unexpected("a name", "after the dot")
                node = ast.Path(node, self.field(), position=self.here(start))
            elif self.sees("[") and self.filter_follows():
                self.take()
                self.bind("item")
                condition = self.expression()
                self.release()
                self.expect("]", "to end the filter")
                node = ast.Filter(node, condition, position=self.here(start))
            elif self.sees("("):
                node = self.call(node, start)
            else:
                break
        return node

    def filter_follows(self) -> bool:
        """Whether `[` begins a filter; after the high end of a range it closes that, as in `[1..5[`."""
        token = self.peek()
        if token.kind == "name":
            return token.text not in PRECEDENCE and token.text not in ("then", "else", "return", "satisfies")
        if token.text == "]":
            return self.peek(2).kind in ("number", "string", "name")
        return token.kind in ("number", "string") or token.text in ("(", "[", "{", "@", "-")

    def call(self, function: Node, start: int) -> Node:
        """The arguments of a call, all by position or all by name."""
        self.take()
        arguments: list[Node] = []
        names: list[str] = []
        while not self.sees(")"):
            name = self.argument_name()
            if name is not None:
                names.append(name)
            if len(names) not in (0, len(arguments) + 1):
                self.unexpected("a named argument", "as the others are named")
            arguments.append(self.expression())
            if not self.accept(","):
                break
        self.expect(")", "to end the arguments")
        return ast.Call(function, tuple(arguments), tuple(names), position=self.here(start))

    def argument_name(self) -> str | None:
        """The name before a named argument, with its colon taken."""
        start = self.index
        name = self.name_until(":", ",", ")")
        if name is not None and self.accept(":"):
            return name
        self.move(start)
        return None

    def tests(self) -> tuple[Node, ...]:
        """What may follow `in`: one test, or several in brackets (grammar rule 49)."""
        start = self.index
        if self.sees("("):
            found = self.bracketed_tests()
            if found is not None:
                return found
            self.move(start)
        return (self.test(),)

    def bracketed_tests(self) -> tuple[Node, ...] | None:
        """`(test, ...)`; None when the bracket only begins an operand or an open range."""
        self.take()
        found = self.test_list()
        if self.sees(".."):
            return None
        self.expect(")", "to end the tests")
        followed = self.token.kind == "operator" and PRECEDENCE.get(self.token.text, 0) > PRECEDENCE["="]
        if len(found) == 1 and (followed or self.token.text in (".", "[", "(")):
            return None
        return found

    def test(self) -> Node:
        """A comparison without left side, or an operand (grammar rule 7)."""
        start = self.index
        operator = COMPARISONS.get(self.token.text) if self.token.kind == "operator" else None
        if operator is None:
            return self.operand()
        self.take()
        return ast.Test(operator, self.operand(), position=self.here(start))

    def unary_tests(self) -> Node:
        """The tests of a decision table's cell (grammar rules 15 to 17)."""
        if self.sees("-") and self.peek().kind == "end":
            self.take()
            return ast.UnaryTests((), position=self.here(0))
        if self.sees("not") and self.peek().text == "(":
            self.move(2)
            tests = self.test_list()
            if self.sees(")") and self.peek().kind == "end":
                self.take()
                return ast.UnaryTests(tests, negated=True, position=self.here(0))
            self.move(0)
        return ast.UnaryTests(self.test_list(), position=self.here(0))

    def test_list(self) -> tuple[Node, ...]:
        """Tests between commas, where a test may be any expression."""
        found: list[Node] = []
        while not found or self.accept(","):
            plain = self.token.kind != "operator" or self.token.text not in COMPARISONS
            found.append(self.expression() if plain else self.test())
        return tuple(found)
