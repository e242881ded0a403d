"""What an operand can be: literals, lists, contexts, ranges, `if`, `for`, `some`, `every`, function literals."""

from abc import abstractmethod
from decimal import InvalidOperation, Overflow
from typing import Literal

from engine.feel import ast
from engine.feel.ast import Node
from engine.feel.cursor import Cursor
from engine.feel.lexer import unescape
from engine.feel.values import NUMBERS

COMPARISONS: dict[str, ast.ComparisonOperator] = {"=": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


class Primary(Cursor):
    """The operands of the grammar; operators are the parser's."""

    @abstractmethod
    def expression(self, precedence: int = 0) -> Node:
        """An expression whose operators bind at least as tightly as `precedence`."""

    @abstractmethod
    def operand(self) -> Node:
        """An expression without `and`, `or` and comparisons, as in the end of a range."""

    def primary(self) -> Node:
        """One operand without what may follow it."""
        token = self.token
        if token.kind == "number":
            return self.number()
        if token.kind == "string":
            return ast.Text(self.string(), position=self.here(self.index - 1))
        if token.kind == "name":
            return self.word()
        match token.text:
            case "(":
                return self.parenthesis()
            case "[" | "]":
                return self.bracket()
            case "{":
                return self.context()
            case "@":
                self.take()
                return ast.At(self.string(), position=self.here(self.index - 2))
        return self.unexpected("a value")

    def number(self) -> Node:
        """A numeric literal, rounded to 34 digits."""
        token = self.take()
        try:
            value = NUMBERS.create_decimal(token.text)
        except (Overflow, InvalidOperation):
            self.source.fail(token.start, token.end, "this number is too large", hint="the largest is 9.9e6144")
        return ast.Number(value, position=self.here(self.index - 1))

    def string(self) -> str:
        """The content of a string literal."""
        token = self.token
        if token.kind != "string":
            self.unexpected("a string in double quotes")
        content = unescape(self.take().text)
        if content is None:
            self.source.fail(token.start, token.end, "an escape here names no character", hint="the last is \\U10FFFF")
        return content

    def word(self) -> Node:
        """A name, or what a keyword begins."""
        start, token = self.index, self.token
        if self.starts_name() and not (token.text == "function" and self.peek().text == "("):
            return ast.Name(self.name(), position=self.here(start))
        match token.text:
            case "true" | "false":
                self.take()
                return ast.Boolean(token.text == "true", position=self.here(start))
            case "null":
                self.take()
                return ast.Null(position=self.here(start))
            case "if":
                return self.conditional()
            case "for":
                return self.iteration()
            case "some" | "every":
                return self.quantified("some" if token.text == "some" else "every")
            case "function":
                return self.function()
        return self.unexpected("a value")

    def conditional(self) -> Node:
        """`if ... then ... else ...`."""
        start = self.index
        self.take()
        condition = self.expression()
        self.expect("then", "after the condition of `if`")
        yes = self.expression()
        self.expect("else", "after the value of `then`")
        return ast.If(condition, yes, self.expression(), position=self.here(start))

    def bindings(self, end: str) -> tuple[ast.Binding, ...]:
        """`name in source, ...` up to `end`; the names stay bound until the caller releases them."""
        self.take()
        found: list[ast.Binding] = []
        while not found or self.accept(","):
            start = self.index
            name = self.name_until("in") or self.unexpected("a name and `in`", "for the iteration")
            self.expect("in", "after the name")
            source = self.expression()
            if self.accept(".."):
                source = ast.Span(source, self.expression(), position=self.here(start))
            self.bind(name)
            found.append(ast.Binding(name, source, position=self.here(start)))
        self.expect(end, "after the iteration")
        return tuple(found)

    def iteration(self) -> Node:
        """`for ... return ...`."""
        start = self.index
        bindings = self.bindings("return")
        body = self.expression()
        self.release(len(bindings))
        return ast.For(bindings, body, position=self.here(start))

    def quantified(self, quantifier: Literal["some", "every"]) -> Node:
        """`some|every ... satisfies ...`."""
        start = self.index
        bindings = self.bindings("satisfies")
        condition = self.expression()
        self.release(len(bindings))
        return ast.Quantified(quantifier, bindings, condition, position=self.here(start))

    def function(self) -> Node:
        """`function(parameters) body`."""
        start = self.index
        self.take()
        self.expect("(", "after `function`")
        parameters: list[ast.Parameter] = []
        while not self.sees(")"):
            at = self.index
            name = self.name_until(":", ",", ")") or self.unexpected("a parameter's name")
            kind = self.type_name() if self.accept(":") else None
            parameters.append(ast.Parameter(name, kind, position=self.here(at)))
            if not self.accept(","):
                break
        self.expect(")", "after the parameters")
        external = self.accept("external")
        self.bind(*(parameter.name for parameter in parameters))
        body = self.expression()
        self.release()
        return ast.FunctionLiteral(tuple(parameters), body, external, position=self.here(start))

    def context(self) -> Node:
        """`{key: value, ...}`; each key is known to the entries after it."""
        start = self.index
        self.take()
        entries: list[ast.Entry] = []
        keys: list[str] = []
        while not self.sees("}"):
            at = self.index
            key = self.string() if self.token.kind == "string" else self.name_until(":")
            if key is None:
                self.unexpected("a key and `:`", "in the context")
            if key in keys:
                self.source.fail(self.tokens[at].start, self.token.start, f"`{key}` is in this context twice")
            self.expect(":", "after the key")
            entries.append(ast.Entry(key, self.expression(), position=self.here(at)))
            keys.append(key)
            self.bind(key)
            if not self.accept(","):
                break
        self.expect("}", "to end the context")
        self.release(len(entries)) if entries else None
        self.remember(keys)
        return ast.ContextLiteral(tuple(entries), position=self.here(start))

    @abstractmethod
    def remember(self, keys: list[str]) -> None:
        """Keep keys known after a dot."""

    def bracket(self) -> Node:
        """A list, or a range that begins with `[` or `]`."""
        start = self.index
        closed = self.take().text == "["
        if closed and self.accept("]"):
            return ast.ListLiteral((), position=self.here(start))
        first = self.expression()
        if self.sees("..") or not closed:
            return self.range(start, first, included=closed)
        items = [first]
        while self.accept(","):
            items.append(self.expression())
        self.expect("]", "to end the list")
        return ast.ListLiteral(tuple(items), position=self.here(start))

    def range(self, start: int, low: Node, *, included: bool) -> Node:
        """The rest of a range after its low end."""
        self.expect("..", "between the ends of a range")
        high = self.operand()
        if self.token.text not in (")", "]", "["):
            self.unexpected("`]` or `)`", "to end the range")
        end_included = self.take().text == "]"
        return ast.Range(low, high, included, end_included, position=self.here(start))

    def parenthesis(self) -> Node:
        """`(expression)`, a range that begins with `(`, or an unbounded one such as `(> 5)`."""
        start = self.index
        self.take()
        operator = COMPARISONS.get(self.token.text)
        if operator:
            self.take()
            test = ast.Test(operator, self.operand(), position=self.here(start))
            self.expect(")", "to end the range")
            return test
        inner = self.expression()
        if self.sees(".."):
            return self.range(start, inner, included=False)
        self.expect(")", "to close the bracket")
        return inner
