"""A place in the token stream: looking, taking, naming, failing. The parser's grammar stands on it."""

from functools import cache
from typing import NoReturn

from engine.feel.ast import Node, Position, TypeName
from engine.feel.lexer import Source, Token, tokens
from engine.feel.limits import MAX_DEPTH
from engine.feel.names import KEYWORDS, PROPERTIES, Table, longest, table

BRACKETS = ("(", ")", "[", "]", "{", "}")
TYPE_NAMES = ("days and time duration", "years and months duration", "date and time")


@cache
def _type_table() -> Table:
    return table(TYPE_NAMES)


@cache
def _property_table() -> Table:
    return table(PROPERTIES)


class Cursor:
    """The tokens of one text and the names known at this place."""

    def __init__(self, text: str, builtins: Table, names: Table) -> None:
        self.source = Source(text)
        self.tokens = tokens(self.source)
        self.index = 0
        self.token = self.tokens[0]
        self.depth = 0
        self.builtins = builtins
        self.tables = [names]

    def move(self, index: int) -> None:
        """Go to a token."""
        self.index = index
        self.token = self.tokens[index]

    def take(self) -> Token:
        """The current token; the next one becomes current."""
        token = self.token
        self.index += 1
        self.token = self.tokens[min(self.index, len(self.tokens) - 1)]
        return token

    def peek(self, ahead: int = 1) -> Token:
        """A later token."""
        return self.tokens[min(self.index + ahead, len(self.tokens) - 1)]

    def sees(self, text: str) -> bool:
        """Whether the current token is this operator or keyword."""
        return self.token.text == text and self.token.kind != "string"

    def accept(self, text: str) -> bool:
        """Take the current token if it is this operator or keyword."""
        if self.sees(text):
            self.take()
            return True
        return False

    def expect(self, text: str, after: str) -> None:
        """Take this operator or keyword, or fail."""
        if not self.accept(text):
            self.unexpected(f"`{text}`", after)

    def unexpected(self, expected: str, after: str = "") -> NoReturn:
        """Fail at the current token."""
        token = self.token
        what = "the expression ends" if token.kind == "end" else f"`{token.text[:40]}` cannot stand here"
        hint = f"expected {expected}" + (f" {after}" if after else "")
        self.source.fail(token.start, token.end, what, expected=expected, hint=self.classic(token) or hint)

    def classic(self, token: Token) -> str:
        """A hint for what users of other languages write."""
        before = self.tokens[self.index - 1].text if self.index else ""
        if token.text == "=" and before == "=":
            return "write a single `=` to compare"
        if token.text in ("'", "\u2019"):
            return 'write strings in double quotes: "..."'
        if before == "not":
            return "write `not(...)`"
        if token.text in (">", "<") and before == "=":
            return f"write `{token.text}=`"
        if token.text == ">" and before == "<":
            return "write `!=` for unequal"
        return ""

    def here(self, start: int) -> Position:
        """The place from the token `start` to the last one taken."""
        return self.source.position(self.tokens[start].start, self.tokens[max(self.index - 1, start)].end)

    def enter(self) -> None:
        """Go one level deeper, or fail when the text is nested too deeply."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.too_deep()

    def too_deep(self) -> NoReturn:
        """Fail for an expression past MAX_DEPTH."""
        self.source.fail(
            self.token.start, self.token.end, f"the expression is nested deeper than {MAX_DEPTH} levels",
            hint="give parts of it a name of their own",
        )  # fmt: skip

    def known_name(self) -> tuple[int, str]:
        """Number of tokens and name of the variable or built-in of several tokens that starts here."""
        return longest((self.builtins, *self.tables), self.tokens, self.index)

    def name(self) -> str:
        """A variable's or built-in's name."""
        return self.words(*self.known_name())

    def field(self) -> str:
        """The name of an entry or property."""
        return self.words(*longest((_property_table(), *self.tables), self.tokens, self.index))

    def words(self, count: int, known: str) -> str:
        """Take a known name of some tokens; if there is none, all words up to the next keyword or symbol."""
        if count == 0:
            known, count = self.token.text, 1
        self.move(self.index + count)
        words = [known]
        while self.token.kind == "name" and self.is_word(self.token):
            if words == ["not"]:
                self.unexpected("`(`", "after `not`")
            words.append(self.take().text)
        return " ".join(words)

    def is_word(self, token: Token) -> bool:
        """Whether a name token can be part of a name of several words that is not known."""
        return token.kind == "name" and token.text not in KEYWORDS

    def starts_name(self) -> bool:
        """Whether a variable's or built-in's name starts here."""
        return self.is_word(self.token) or self.known_name()[0] > 0

    def name_until(self, *ends: str) -> str | None:
        """A new name: all tokens up to one of `ends`, spelled as in the text; None when there is none."""
        start = index = self.index
        while self.tokens[index].text not in ends:
            if self.tokens[index].kind in ("string", "end") or self.tokens[index].text in BRACKETS:
                return None
            index += 1
        if index == start or self.tokens[start].kind != "name":
            return None
        self.move(index)
        return self.spelled(start, index)

    def spelled(self, start: int, end: int) -> str:
        """The text of some tokens, each gap between them one space or none."""
        parts = [self.tokens[start].text]
        for before, token in zip(self.tokens[start:end], self.tokens[start + 1 : end], strict=False):
            parts.append(" " + token.text if token.start > before.end else token.text)
        return "".join(parts)

    def bind(self, *names: str) -> None:
        """Make names known until the matching `release`."""
        self.tables.append(table(names))

    def release(self, count: int = 1) -> None:
        """Forget the names of the last `count` calls of `bind`."""
        del self.tables[-count:]

    def type_name(self) -> TypeName:
        """A type as in `instance of` and in parameters (grammar rule 52)."""
        self.enter()
        start = self.index
        count, name = longest((_type_table(),), self.tokens, self.index)
        if count:
            self.move(self.index + count)
        elif self.token.kind == "name" or self.sees("function"):
            name = self.take().text
            while self.accept("."):
                name += "." + self.take().text
        else:
            self.unexpected("a type", "such as number, string or list<number>")
        arguments, keys = self._type_arguments(name)
        self.depth -= 1
        return TypeName(name, arguments, keys, position=self.here(start))

    def _type_arguments(self, name: str) -> tuple[tuple[TypeName, ...], tuple[str, ...]]:
        arguments: list[TypeName] = []
        keys: list[str] = []
        if self.accept("<"):
            while not self.sees(">"):
                if name == "context":
                    key = self.name_until(":") or self.unexpected("a key and its type", "in context<...>")
                    keys.append(key)
                    self.expect(":", "after the key")
                arguments.append(self.type_name())
                if not self.accept(","):
                    break
            self.expect(">", f"to end {name}<...>")
        if name == "function" and self.accept("->"):
            arguments.append(self.type_name())
            keys.append("->")
        return tuple(arguments), tuple(keys)


def start_of(node: Node) -> int:
    """The offset at which a node begins."""
    return node.position.start
