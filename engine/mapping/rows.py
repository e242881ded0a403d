"""Rows of a record: the addresses of the several entities of which one document tells, such as the lines of an order.

A row's address is its record's with the row's key behind it, `erp/orders/17#[3]`. Hashes in the keys are written %23,
so that no key can be taken for a row's.
"""

import re
from typing import Final

ROW_NAMES: Final = ("item", "index")
"""What a mapping with `each` reads besides the record's columns."""
_ROW: Final = re.compile(r"(?P<record>[^#]*)#[0-9]*\[[^#]*\]")


def row_address(record: str, row: str, suffix: str = "") -> str:
    """Return the address of a row; `suffix` (`#2`) tells further mappings of one entity type apart."""
    return f"{_escaped(record)}#{suffix.removeprefix('#')}[{_escaped(row)}]"


def document(address: str) -> str:
    """Return the address of the record that a row stands in; any other address as it is."""
    if not address.endswith("]"):
        return address
    found = _ROW.fullmatch(address)
    return found["record"].replace("%23", "#").replace("%25", "%") if found else address


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("#", "%23")
