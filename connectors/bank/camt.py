"""CAMT.053, the XML statement of ISO 20022 (camt.053.001.02 to .14: the names used here are the same in all).

Read with defusedxml, by the schema's own names: the parsers on PyPI bring a web server or pandas along.
https://www.iso20022.org/iso-20022-message-definitions?business-domain=1 (Bank-to-Customer Cash Management)
"""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from xml.etree.ElementTree import Element, ParseError, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from connectors.bank.statement import Broken, Entry, NoStatement, Statement

NONE_GIVEN = frozenset({"NOTPROVIDED", "NONREF", "NOREF"})


def statements(data: bytes) -> Iterator[Statement]:
    """Yield the statements of a file; raises NoStatement."""
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise NoStatement(f"this is no XML that may be read: {error}") from error
    found = root.findall("{*}BkToCstmrStmt/{*}Stmt")
    if root.find("{*}BkToCstmrStmt") is None:
        raise NoStatement(f"this is no camt.053: there is no BkToCstmrStmt in <{root.tag.rpartition('}')[2]}>")
    return map(_statement, found)


def _statement(node: Element) -> Statement:
    return Statement(
        account=_text(node, "Acct/Id/IBAN") or _text(node, "Acct/Id/Othr/Id"),
        number=_text(node, "ElctrncSeqNb") or _text(node, "LglSeqNb") or _text(node, "Id"),
        opening=_balance(node, "OPBD"),
        closing=_balance(node, "CLBD"),
        closed_on=_closed_on(node),
        entries=[_entry(each, index) for index, each in enumerate(_all(node, "Ntry"), 1)],
    )


def _entry(node: Element, index: int) -> Entry | Broken:
    try:
        return _read(node)
    except (ValueError, InvalidOperation, LookupError) as error:
        message = f"entry {index} cannot be read: {error}"
        return Broken(message=message, raw=tostring(node, encoding="unicode"))


def _read(node: Element) -> Entry:
    incoming = _incoming(node)
    payments = [_payment(each, incoming=incoming) for each in _all(node, "NtryDtls/TxDtls")]
    one = payments[0] if len(payments) == 1 else {}
    return Entry(
        amount=_amount(node),
        currency=_find(node, "Amt").get("Ccy", ""),
        booked_on=_date(node, "BookgDt"),
        valued_on=_date(node, "ValDt"),
        entry_reference=_reference(node, "AcctSvcrRef"),
        reference=one.get("reference", ""),
        counterparty=one.get("counterparty", ""),
        counterparty_iban=one.get("counterparty_iban", ""),
        text=one.get("text", "") or _text(node, "AddtlNtryInf"),
        status=_text(node, "Sts/Cd") or _text(node, "Sts") or "BOOK",
        reversal=_text(node, "RvslInd") in {"true", "1"},
        code=_text(node, "BkTxCd/Domn/Fmly/SubFmlyCd") or _text(node, "BkTxCd/Prtry/Cd"),
        transactions=payments if len(payments) > 1 else (),
    )


def _payment(node: Element, *, incoming: bool) -> dict[str, Any]:
    """Return one TxDtls; the other side is the debtor of what came in, and the creditor of what went out."""
    role = "Dbtr" if incoming else "Cdtr"
    words = [*_texts(node, "RmtInf/Ustrd"), *_texts(node, "RmtInf/Strd/CdtrRefInf/Ref")]
    words += _texts(node, "RmtInf/Strd/RfrdDocInf/Nb") + _texts(node, "RmtInf/Strd/AddtlRmtInf")
    amount = node.find("{*}Amt")
    if amount is None:
        amount = node.find("{*}AmtDtls/{*}TxAmt/{*}Amt")
    return {
        "amount": None if amount is None else Decimal(amount.text or "") * (1 if incoming else -1),
        "currency": "" if amount is None else amount.get("Ccy", ""),
        "reference": _reference(node, "Refs/EndToEndId"),
        "counterparty": _text(node, f"RltdPties/{role}/Nm") or _text(node, f"RltdPties/{role}/Pty/Nm"),
        "counterparty_iban": _text(node, f"RltdPties/{role}Acct/Id/IBAN"),
        "text": " ".join(words) or _text(node, "AddtlTxInf"),
    }


def _balance(node: Element, code: str) -> Decimal | None:
    for each in _all(node, "Bal"):
        if _text(each, "Tp/CdOrPrtry/Cd") == code:
            try:
                return _amount(each)
            except (ValueError, InvalidOperation, LookupError):
                return None
    return None


def _closed_on(node: Element) -> date | None:
    for each in _all(node, "Bal"):
        if _text(each, "Tp/CdOrPrtry/Cd") == "CLBD":
            try:
                return _date(each, "Dt")
            except (ValueError, LookupError):
                return None
    return None


def _amount(node: Element) -> Decimal:
    amount = Decimal((_find(node, "Amt").text or "").strip())
    if not amount.is_finite() or amount < 0:
        raise ValueError(f"{amount} is no amount")
    return amount if _incoming(node) else -amount


def _incoming(node: Element) -> bool:
    mark = _text(node, "CdtDbtInd")
    if mark not in {"CRDT", "DBIT"}:
        raise ValueError(f"CdtDbtInd is {mark!r}, neither CRDT nor DBIT")
    return mark == "CRDT"


def _date(node: Element, name: str) -> date | None:
    if day := _text(node, f"{name}/Dt"):
        return date.fromisoformat(day[:10])
    moment = _text(node, f"{name}/DtTm")
    return datetime.fromisoformat(moment).date() if moment else None


def _reference(node: Element, path: str) -> str:
    text = _text(node, path)
    return "" if text.upper() in NONE_GIVEN else text


def _find(node: Element, path: str) -> Element:
    found = node.find(_path(path))
    if found is None:
        raise LookupError(f"there is no {path}")
    return found


def _all(node: Element, path: str) -> list[Element]:
    return node.findall(_path(path))


def _text(node: Element, path: str) -> str:
    return " ".join((node.findtext(_path(path)) or "").split())


def _texts(node: Element, path: str) -> list[str]:
    return [" ".join(each.text.split()) for each in _all(node, path) if each.text]


def _path(path: str) -> str:
    return "/".join(f"{{*}}{name}" for name in path.split("/"))
