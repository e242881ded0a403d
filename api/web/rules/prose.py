"""FEEL told in a sentence, so that a rule can be read without knowing the language.

What has no plain telling stays FEEL: nothing is left out and nothing is guessed.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import lru_cache

from api.words import Words
from engine.feel import FeelError, parse, unparse
from engine.feel import ast as feel
from engine.feel.ast import Node

_DAY = timedelta(days=1)


def told(text: str, words: Words) -> str:
    """Return an expression in words; the text itself where it is no FEEL."""
    node = _parsed(text)
    return text if node is None else Teller(words).tell(node)


@lru_cache(maxsize=2048)
def _parsed(text: str) -> Node | None:
    """Parse once what every look at a ruleset tells anew; None where it is no FEEL."""
    try:
        return parse(text)
    except (FeelError, ValueError):
        return None


class Teller:
    """Tells expressions in one language."""

    def __init__(self, words: Words) -> None:
        self.say, self.label = words.say, words.label

    def tell(self, node: Node) -> str:
        """Return a node in words."""
        teller = _TELLERS.get(type(node))
        return teller(self, node) if teller else unparse(node)

    def compare(self, node: feel.Compare) -> str:
        """`balance > 100` as `balance is more than 100`."""
        left, right, say = self.tell(node.left), self.tell(node.right), self.say
        if isinstance(node.right, feel.Null):
            return say("{left} is not known", left=left) if node.operator == "=" else say("{left} is known", left=left)
        if isinstance(node.right, feel.Boolean):
            holds = node.right.value == (node.operator == "=")
            return say("{left} is so", left=left) if holds else say("{left} is not so", left=left)
        if _is_today(node.left):
            return self._date(node.operator, right)
        messages = {
            "=": say("{left} is {right}", left=left, right=right),
            "!=": say("{left} is not {right}", left=left, right=right),
            "<": say("{left} is less than {right}", left=left, right=right),
            "<=": say("{left} is at most {right}", left=left, right=right),
            ">": say("{left} is more than {right}", left=left, right=right),
            ">=": say("{left} is at least {right}", left=left, right=right),
        }
        return messages[node.operator]

    def _date(self, operator: str, right: str) -> str:
        say = self.say
        messages = {
            "=": say("today is {right}", right=right),
            "!=": say("today is not {right}", right=right),
            "<": say("today is before {right}", right=right),
            "<=": say("today is no later than {right}", right=right),
            ">": say("today is after {right}", right=right),
            ">=": say("today is no earlier than {right}", right=right),
        }
        return messages[operator]

    def both(self, node: feel.And) -> str:
        """Join a conjunction."""
        return f" {self.say('and')} ".join(self._within(each) for each in node.operands)

    def either(self, node: feel.Or) -> str:
        """Join a disjunction."""
        return self.say(
            "either {parts}", parts=f" {self.say('or')} ".join(self._within(each) for each in node.operands)
        )

    def _within(self, node: Node) -> str:
        inner = self.tell(node)
        return f"({inner})" if isinstance(node, feel.And | feel.Or) else inner

    def arithmetic(self, node: feel.Arithmetic) -> str:
        """`a + duration("P7D")` as `7 days after a`."""
        left, right, say = self.tell(node.left), self.tell(node.right), self.say
        spans = _is_span(node.right)
        if spans and node.operator in ("+", "-"):
            after = say("{span} after {left}", span=right, left=left)
            return after if node.operator == "+" else say("{span} before {left}", span=right, left=left)
        if node.operator == "*" and _days(node.left) == 1:
            return say("{count} days", count=right)
        signs = {"+": "+", "-": "-", "*": "·", "/": "/", "**": "^"}
        return f"{self._group(node.left, left)} {signs[node.operator]} {self._group(node.right, right)}"

    def _group(self, node: Node, text: str) -> str:
        return f"({text})" if isinstance(node, feel.Arithmetic) else text

    def call(self, node: feel.Call) -> str:
        """Tell the functions that rules use most."""
        name = node.function.name if isinstance(node.function, feel.Name) else ""
        days = _days(node)
        if days is not None:
            return self.say.many("{count} day", "{count} days", days)
        given = [self.tell(each) for each in node.arguments]
        say = self.say
        if name == "today":
            return say("today")
        if name == "not" and len(given) == 1:
            return say("not ({part})", part=given[0])
        if len(given) == 1:
            messages: Mapping[str, str] = {
                "count": say("the number of {items}", items=given[0]),
                "sum": say("the sum of {items}", items=given[0]),
                "mean": say("the average of {items}", items=given[0]),
                "min": say("the smallest of {items}", items=given[0]),
                "max": say("the largest of {items}", items=given[0]),
            }
            if name in messages:
                return messages[name]
        if name == "list contains" and len(given) == 2:
            return say("{items} include {part}", items=given[0], part=given[1])
        if name == "matches" and len(given) >= 2:
            return say("{left} matches {right}", left=given[0], right=given[1])
        return unparse(node)

    def filter(self, node: feel.Filter) -> str:
        """`invoices[overdue]` as `invoices where overdue`."""
        return self.say("{items} where {part}", items=self.tell(node.source), part=self.tell(node.condition))

    def some(self, node: feel.Quantified) -> str:
        """Tell `some ... in ... satisfies ...`."""
        first = node.bindings[0]
        told = {"name": self.label(first.name), "items": self.tell(first.source), "part": self.tell(node.condition)}
        if len(node.bindings) > 1:
            return unparse(node)
        if node.quantifier == "some":
            return self.say("some {name} of {items} is such that {part}", **told)
        return self.say("every {name} of {items} is such that {part}", **told)

    def within(self, node: feel.In) -> str:
        """Tell `in`."""
        parts = ", ".join(self.tell(each) for each in node.tests)
        return self.say("{left} is one of {parts}", left=self.tell(node.value), parts=parts)

    def between(self, node: feel.Between) -> str:
        """Tell `between`."""
        low, high = self.tell(node.low), self.tell(node.high)
        return self.say("{left} is from {low} to {high}", left=self.tell(node.value), low=low, high=high)


def _is_today(node: Node) -> bool:
    return isinstance(node, feel.Call) and isinstance(node.function, feel.Name) and node.function.name == "today"


def _is_span(node: Node) -> bool:
    if isinstance(node, feel.Arithmetic) and node.operator == "*":
        return _is_span(node.left) or _is_span(node.right)
    return _days(node) is not None


def _days(node: Node) -> int | None:
    """Return the whole days of a duration literal."""
    if not (isinstance(node, feel.Call) and isinstance(node.function, feel.Name) and node.function.name == "duration"):
        return None
    given = node.arguments[0] if node.arguments else None
    if not isinstance(given, feel.Text) or not given.value.startswith("P") or not given.value.endswith("D"):
        return None
    return int(given.value[1:-1]) if given.value[1:-1].isdigit() else None


_TELLERS: Mapping[type[Node], Callable[..., str]] = {
    feel.Compare: Teller.compare,
    feel.And: Teller.both,
    feel.Or: Teller.either,
    feel.Arithmetic: Teller.arithmetic,
    feel.Call: Teller.call,
    feel.Filter: Teller.filter,
    feel.Quantified: Teller.some,
    feel.In: Teller.within,
    feel.Between: Teller.between,
    feel.Name: lambda self, node: self.label(node.name),
    feel.Path: lambda self, node: self.say(
        "{field} of {left}", field=self.label(node.name), left=self.tell(node.source)
    ),
    feel.Text: lambda _, node: f"“{node.value}”",
}
