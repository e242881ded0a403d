"""The rows that customers, invoices and payments are in the ERP."""

from datetime import date, timedelta

import msgspec

from api.demo.changes import ErpRow, moment
from api.demo.company import Customer, Invoice
from api.demo.payers import HISTORY

TL, EURO = 160, 20  # Logo's numbers for the currencies
LIRA_PER_EURO = 48
DISPUTED = "ITIRAZ"
DUPLICATE = 800_000


def customer_row(who: Customer) -> ErpRow:
    """Return the customer's card."""
    monthly = who.typical * 30 // who.profile.cadence
    values = {
        "ACTIVE": 0,
        "CODE": who.code,
        "DEFINITION_": who.name,
        "TAXNR": who.tax_id,
        "EMAILADDR": who.email,
        "TELNRS1": who.phone,
        "CITY": who.city,
        "CCURRENCY": _currency(who.currencies[0]),
        "RISKLIMIT": float(round(monthly * 2, -3)),
    }
    return ErpRow(at=moment(HISTORY, 8), table="LG_001_CLCARD", ref=who.ref, values=values)


def invoice_row(invoice: Invoice) -> ErpRow:
    """Return the sales invoice (TRCODE 8), in lira and in its own currency."""
    values = {
        "FICHENO": invoice.number,
        "TRCODE": 8,
        "CLIENTREF": invoice.customer.ref,
        "DATE_": invoice.issued,
        "DUEDATE": invoice.due,
        **_amounts(invoice, "NETTOTAL"),
        "SPECODE": "",
        "CANCELLED": 0,
    }
    at = moment(invoice.issued, 10, invoice.ref % 60)
    return ErpRow(at=at, table="LG_001_01_INVOICE", ref=invoice.ref, values=values)


def payment_row(invoice: Invoice, day: date) -> ErpRow:
    """Return the incoming bank transfer (MODULENR 7, TRCODE 20) that settles the invoice; there is one at most."""
    values = {
        "CLIENTREF": invoice.customer.ref,
        "DATE_": day,
        "MODULENR": 7,
        "TRCODE": 20,
        "SIGN": 1,
        **_amounts(invoice, "AMOUNT"),
        "INVOICEREF": invoice.ref,
        "LINEEXP": f"{invoice.number} tahsilat",
        "CANCELLED": 0,
    }
    at = moment(day, 15, invoice.ref % 60)
    return ErpRow(at=at, table="LG_001_01_CLFLINE", ref=invoice.ref, values=values)


def unmatched(row: ErpRow) -> tuple[ErpRow, ErpRow]:
    """Return the payment as it arrives without a reference, and the clerk's matching two days later."""
    arrived = msgspec.structs.replace(row, values={**row.values, "INVOICEREF": 0})
    matching = {"INVOICEREF": row.values["INVOICEREF"]}
    return arrived, ErpRow(at=row.at + timedelta(days=2), table=row.table, ref=row.ref, values=matching, update=True)


def dispute_row(invoice: Invoice, day: date) -> ErpRow:
    """Return the clerk's mark that the invoice is disputed."""
    return ErpRow(
        at=moment(day, 16), table="LG_001_01_INVOICE", ref=invoice.ref, values={"SPECODE": DISPUTED}, update=True
    )


def cancel_row(ref: int, day: date) -> ErpRow:
    """Return the cancellation of an invoice."""
    return ErpRow(at=moment(day, 11), table="LG_001_01_INVOICE", ref=ref, values={"CANCELLED": 1}, update=True)


def _currency(code: str) -> int:
    return EURO if code == "EUR" else TL


def _amounts(invoice: Invoice, local: str) -> dict[str, float | int]:
    rate = LIRA_PER_EURO if invoice.currency == "EUR" else 1
    return {
        local: float(invoice.amount * rate),
        "TRCURR": _currency(invoice.currency),
        "TRNET": float(invoice.amount),
    }
