"""Sample actions, entities and people for the tests of the outside."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from api.views import Account, EntityView, FieldSource, FieldView, Person
from engine.events import Action, ActionKey, Decision, Draft, HistoryItem, Proof, Source
from engine.feel import Money

NOW = datetime(2026, 3, 27, 8, 0, tzinfo=UTC)
PEOPLE = (
    Person(id="ayse", name="Ayşe Kaya", email="ayse@example.org", roles=("operator",)),
    Person(id="mehmet", name="Mehmet Demir", email="mehmet@example.org", roles=("operator", "analyst")),
    Person(id="zeynep", name="Zeynep Arslan", email="zeynep@example.org", roles=("admin",)),
    Person(id="denetim", name="Deniz Ersoy", roles=("auditor",)),
)
CUSTOMERS = {
    "C-1042": ("Karadeniz Beton Sanayi A.Ş.", "184250.00", 23, "high"),
    "C-1077": ("Ege Seramik Ltd.", "46120.75", 12, ""),
    "C-1101": ("Toros Nakliyat", "9800.00", 9, ""),
    "C-1120": ("Marmara İnşaat Taahhüt", "322000.00", 41, "high"),
    "C-1133": ("Kapadokya Otelcilik", "18400.50", 8, ""),
}


def lira(text: str) -> Money:
    return Money(Decimal(text), "TRY")


def proof(customer: str) -> Proof:
    source = Source(record="erp/invoices/8841", version="7", valid_at=NOW - timedelta(days=40), recorded_at=NOW)
    due_date = (NOW - timedelta(days=23)).date()
    due = Proof(kind="field", path="invoice:FT-8841.due_date", value=due_date, source=source)
    status = Proof(kind="field", path="invoice:FT-8841.status", value="open", source=source)
    overdue = Proof(
        kind="derived",
        path="invoice:FT-8841.days_overdue",
        value=Decimal(23),
        text='if status = "open" then (today() - due_date).days else 0',
        reasons=(status, due, Proof(kind="time", path="today", value=NOW.date())),
    )
    disputed = Proof(kind="field", path="invoice:FT-8841.disputed", value=False, source=source)
    item = Proof(kind="item", path="invoice:FT-8841", value="FT-8841", reasons=(overdue, disputed))
    late = Proof(
        kind="aggregate",
        path=f"customer:{customer}",
        value=Decimal("19.3333333333"),
        text='mean(payments[paid_on >= today() - duration("P90D")].days_late)',
        omitted=6,
    )
    degraded = Proof(
        kind="rule",
        path=f"customer:{customer}",
        value=True,
        text="recent > usual + 10",
        rule="collections/degraded_payer",
        reasons=(late,),
    )
    risk = Proof(kind="concluded", path=f"customer:{customer}.risk", value="high", reasons=(degraded,))
    return Proof(
        kind="rule",
        path=f"customer:{customer}",
        value=True,
        rule="collections/overdue_account",
        text='some i in invoices satisfies i.status = "open" and not(i.disputed) and i.days_overdue > 7',
        reasons=(item, risk),
    )


def mail(number: int, customer: str, state: Any = "pending", **more: Any) -> Action:
    name, balance, days, _ = CUSTOMERS[customer]
    text = (
        f"Dear {name},\n\nour records show {balance} TRY open on invoice FT-8841, which was due {days} days ago.\n"
        "If the payment is already on its way, please disregard this note.\n\nKind regards,\nAyşe Kaya"
    )
    fields: dict[str, Any] = {
        "id": f"act-{number:04d}",
        "key": ActionKey("collections", "overdue_account", "first_reminder", f"customer:{customer}"),
        "state": state,
        "version": 1,
        "digest": f"{number:02x}" * 32,
        "operation": "mail.send",
        "consequence": "medium",
        "payload": {
            "to": "muhasebe@karadenizbeton.example",
            "subject": "Reminder: invoice FT-8841",
            "text": text,
            "balance": lira(balance),
        },
        "draft": Draft(
            subject="Reminder: invoice FT-8841",
            template="Dear {customer}, our records show {balance} open on invoice {invoice} ...",
            text=text,
            slots={"customer": name, "balance": f"{balance} TRY", "invoice": "FT-8841"},
        ),
        "proof": proof(customer),
        "because": f"{name} owes {balance} TRY; the oldest open invoice is {days} days overdue.",
        "policy": "customer_mail",
        "revision": "3f9c2a",
        "created_at": NOW - timedelta(hours=number),
        "expires_at": NOW + timedelta(days=6),
        "recipient": "muhasebe@karadenizbeton.example",
        "history": (
            HistoryItem(at=NOW - timedelta(hours=number), state="pending", by="system", reason="approval needed"),
        ),
    }
    return Action(**(fields | more))


def task(number: int, customer: str, state: Any = "sent") -> Action:
    payload = {
        "assignee": "ayse",
        "customer": customer,
        "title": "Follow up the overdue account",
        "text": "Call first.",
    }
    return mail(
        number,
        customer,
        state,
        operation="crm.create_task",
        consequence="low",
        payload=payload,
        key=ActionKey("collections", "overdue_account", "follow_up", f"customer:{customer}"),
        recipient="",
    )


def decision(action: Action) -> Decision:
    return Decision(
        id=f"dec-{action.id}",
        kind="propose",
        proposal=f"dec-{action.id}",
        key=action.key,
        at=action.created_at,
        revision=action.revision,
        because=action.because,
        operation=action.operation,
        inputs=action.payload,
        proof=action.proof,
    )


def entity(id: str) -> EntityView:
    name, balance, days, risk = CUSTOMERS[id]
    erp = FieldSource(record=f"erp/customers/{id}", version="12", valid_at=NOW - timedelta(days=9), recorded_at=NOW)
    fields = {
        "name": FieldView(value=name, sources=(erp,)),
        "currency": FieldView(value="TRY", sources=(erp,)),
        "balance": FieldView(value=lira(balance), kind="derived"),
        "days_overdue": FieldView(value=Decimal(days), kind="derived"),
        "risk": FieldView(
            value=risk or None,
            kind="concluded",
            sources=(FieldSource(rule="collections/degraded_payer"),) if risk else (),
        ),
        "reconciliation_status": FieldView(
            value=None, unresolved="something is missing, but bank has not told anything yet"
        ),
    }
    return EntityView(
        type="customer", id=id, label=name, fields=fields, keys=(f"erp/customers/{id}", "tax_id:1234567890")
    )


def account(id: str, why: str = "", action: str = "") -> Account:
    name, balance, days, risk = CUSTOMERS[id]
    return Account(
        subject=f"customer:{id}", label=name, owner="Ayşe Kaya", balance=lira(balance), days_overdue=days, risk=risk,
        why=why, action=action, state="pending" if action else "",
    )  # fmt: skip
