"""MT940, the statement of SWIFT's text format, read by the library `mt-940` entry by entry.

https://www2.swift.com/knowledgecentre/publications/us9m (Category 9, MT 940 Customer Statement)
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import mt940

from connectors.bank.statement import Broken, Entry, NoStatement, Statement

NONE_GIVEN = frozenset({"", "NONREF", "NOTPROVIDED"})
OPTIONS = mt940.Options.all()


def statements(data: bytes, encoding: str) -> Iterator[Statement]:
    """Yield the statements of a file; raises NoStatement."""
    text = _decoded(data, encoding).replace("\r\n", "\n")
    starts = [found.start() for found in re.finditer(r"^:20:", text, re.MULTILINE)]
    if not starts:
        raise NoStatement("this is no MT940: there is no field :20:")
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        yield _statement(text[start:end], text.count("\n", 0, start) + 1)


def _statement(block: str, line: int) -> Statement:
    """Parse each entry for itself behind the head of its statement, so that a broken one costs only itself."""
    body, closing = _cut(block, r"^:62[FM]:")
    head, *entries = re.split(r"^(?=:61:)", body, flags=re.MULTILINE)
    try:
        data = mt940.parse(f"{head}{closing}", options=OPTIONS).data
    except (RuntimeError, ValueError, ArithmeticError) as error:
        return Statement(account="", number="", entries=[_broken(error, block, line)])
    read: list[Entry | Broken] = []
    line += head.count("\n")
    for each in entries:
        read.append(_entry(head, each, line))
        line += each.count("\n")
    number = "/".join(filter(None, (data.get("statement_number"), data.get("sequence_number"))))
    return Statement(
        account=str(data.get("account_identification") or ""),
        number=number or str(data.get("transaction_reference") or ""),
        entries=read,
        opening=_balance(data, "opening_balance"),
        closing=_balance(data, "closing_balance"),
        closed_on=_closed_on(data),
    )


def _entry(head: str, text: str, line: int) -> Entry | Broken:
    try:
        (found,) = mt940.parse(f"{head}{text}", options=OPTIONS)
        return _read(found.data)
    except (RuntimeError, ValueError, ArithmeticError, KeyError) as error:
        return _broken(error, text, line)


def _read(data: dict[str, Any]) -> Entry:
    given = {name: str(value).strip() for name, value in data.items() if isinstance(value, str)}
    lines = (given.get(name, "") for name in ("purpose", "additional_purpose", "transaction_details"))
    customer = given.get("end_to_end_reference") or given.get("customer_reference", "")
    reference = given.get("bank_reference", "")
    return Entry(
        amount=data["amount"].amount,
        currency=data["amount"].currency or "",
        booked_on=_day(data.get("entry_date") or data["date"]),
        valued_on=_day(data["date"]),
        entry_reference="" if reference.upper() in NONE_GIVEN else reference,
        reference="" if customer.upper() in NONE_GIVEN else customer,
        counterparty=" ".join(filter(None, (given.get("applicant_name"), given.get("recipient_name")))),
        counterparty_iban=given.get("applicant_iban") or given.get("gvc_applicant_iban", ""),
        text=" ".join(" ".join(filter(None, lines)).split()) or given.get("extra_details", ""),
        reversal=given.get("status", "").upper().startswith("R"),
        code=given.get("transaction_code") or given.get("id", ""),
    )


def _day(value: date) -> date:
    return date(value.year, value.month, value.day)


def _balance(data: dict[str, Any], name: str) -> Decimal | None:
    found = data.get(f"final_{name}") or data.get(f"intermediate_{name}")
    return found.amount.amount if found else None


def _closed_on(data: dict[str, Any]) -> date | None:
    found = data.get("final_closing_balance")
    return _day(found.date) if found and found.date else None


def _broken(error: Exception, raw: str, line: int) -> Broken:
    message = str(error.args[0] if error.args else error).partition(" <")[0]
    return Broken(message=f"the field cannot be read: {message}", raw=raw, line=line)


def _cut(text: str, pattern: str) -> tuple[str, str]:
    found = re.search(pattern, text, re.MULTILINE)
    return (text, "") if found is None else (text[: found.start()], text[found.start() :])


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding or "utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
    except LookupError as error:
        raise NoStatement(f"there is no encoding {encoding!r}") from error
