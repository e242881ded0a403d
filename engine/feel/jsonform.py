"""Values to JSON and back, each tagged with its kind."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from engine.feel.money import Money
from engine.feel.runtime.kinds import kind
from engine.feel.temporal import text
from engine.feel.values import NUMBERS, Range, Value, keys

_MAX_VALUES = 500_000
_SAME_TAG = ("number", "string", "date", "time", "date and time", "list", "context", "money", "range", "function")
_TAGS: Mapping[str, str] = {
    **{each: each for each in _SAME_TAG},
    "days and time duration": "duration",
    "years and months duration": "duration",
}
_TEMPORAL = {
    "date": text.parse_date,
    "time": text.parse_time,
    "date and time": text.parse_datetime,
    "duration": text.parse_duration,
}


def to_json(value: Value) -> Any:  # noqa: ANN401  (JSON)
    """The tagged form, such as {"number": "1.5"}.

    Raises ValueError for a value that is nested too deeply or has more than 500,000 parts.
    """
    try:
        return _Writer().write(value)
    except RecursionError:
        msg = "the value is nested too deeply"
        raise ValueError(msg) from None


class _Writer:
    """Counts the parts, as a small value can share one part many times."""

    def __init__(self) -> None:
        self.left = _MAX_VALUES

    def write(self, value: Value) -> Any:  # noqa: ANN401  (JSON)
        self.left -= 1
        if self.left < 0:
            msg = f"the value has more than {_MAX_VALUES:,} parts"
            raise ValueError(msg)
        found = kind(value)
        if found in ("null", "boolean"):
            return value
        if found not in _TAGS:
            msg = f"{type(value).__name__} is no FEEL value"
            raise TypeError(msg)
        return {_TAGS[found]: self._body(value, found)}

    def _body(self, value: Value, found: str) -> Any:  # noqa: ANN401  (JSON)
        match found:
            case "number":
                return _digits(value)
            case "string":
                return value
            case "list":
                return [self.write(item) for item in value]
            case "context":
                return {key: self.write(value.get(key)) for key in keys(value)}
            case "money":
                return {"amount": _digits(value.amount), "currency": value.currency}
            case "range":
                return self._range(value)
            case "function":
                return {"name": value.name or None, "parameters": list(value.names)}
        return text.format_any(value)

    def _range(self, value: Range) -> dict[str, Any]:
        return {
            "start": self.write(value.low),
            "end": self.write(value.high),
            "start included": value.low_included,
            "end included": value.high_included,
            **({"operator": value.operator} if value.operator else {}),
        }


def _digits(number: Decimal) -> str:
    """Digits without trailing zeros, so that equal numbers are written alike; an exponent past 40 places."""
    if not number:
        return "0"
    if not -40 < number.adjusted() < 40:
        return str(number.normalize(NUMBERS))
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def from_json(data: Any) -> Value:  # noqa: ANN401  (JSON)
    """The value of a tagged form; raises ValueError for anything else, functions included."""
    if data is None or isinstance(data, bool):
        return data
    if not isinstance(data, Mapping) or len(data) != 1:
        msg = f"{data!r} is no tagged value"
        raise ValueError(msg)
    ((tag, body),) = data.items()
    match tag:
        case "number":
            return _finite(body)
        case "string":
            return str(body)
        case "list":
            return [from_json(item) for item in body]
        case "context":
            return {str(key): from_json(item) for key, item in body.items()}
        case "money":
            return Money(_finite(body["amount"]), body["currency"])
        case "range":
            included = body["start included"], body["end included"]
            return Range(from_json(body["start"]), from_json(body["end"]), *included, body.get("operator", ""))
    parse = _TEMPORAL.get(tag)
    found = parse(body) if parse else None
    if found is None:
        msg = f"{data!r} is no tagged value"
        raise ValueError(msg)
    return found


def _finite(digits: str) -> Decimal:
    try:
        number = Decimal(digits)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        msg = f"{digits!r} is no number"
        raise ValueError(msg)
    return number
