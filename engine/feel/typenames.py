"""Written types to types."""

from collections.abc import Mapping

from engine.feel.ast import TypeName
from engine.feel.types import ANY, SIMPLE, ContextType, FunctionType, ListType, MoneyType, RangeType, Type


class UnknownType(LookupError):
    """A name that is no type; the argument is the node that has it."""

    def __init__(self, node: TypeName) -> None:
        super().__init__(node.name)
        self.node = node


def resolve(node: TypeName, named: Mapping[str, Type]) -> Type:
    """The type that was written; raises UnknownType."""
    arguments = [resolve(each, named) for each in node.arguments]
    match node.name:
        case "list" if len(arguments) <= 1:
            return ListType(*arguments)
        case "range" if len(arguments) <= 1:
            return RangeType(*arguments)
        case "context":
            return ContextType(dict(zip(node.keys, arguments, strict=True)))
        case "function":
            result = arguments.pop() if node.keys else ANY
            return FunctionType(tuple(arguments) if node.keys else None, result)
        case "money":
            return MoneyType()
    found = SIMPLE.get(node.name) or named.get(node.name)
    if found is None or arguments:
        raise UnknownType(node)
    return found
