"""One example for each key of each file, as it would be written behind the key."""

from collections.abc import Mapping

from msgspec import inspect

from engine.source.expression import Expression
from engine.source.kinds import FORMS
from engine.source.shapes import Shape, unwrap, written

EXAMPLES: Mapping[str, str] = {
    "App.company": "Anadolu Ltd", "App.database": "{env: OPSLAYER_DATABASE}", "App.holidays": "TR",
    "App.journal": "{anchor: .opslayer/anchor.log}", "App.follow": "{branch: main, remote: origin}",
    "App.secret_key": "{env: OPSLAYER_SECRET_KEY}", "JournalSettings.anchor": "/var/log/opslayer/anchor.log",
    "JournalSettings.anchor_every": "500", "Env.env": "SMTP_PASSWORD", "Env.default": "25", "Follow.remote": "origin",
    "Model.entities": "{customer: {label: name, fields: {name: text}}}", "EntityType.root": "customer",
    "EntityType.label": "name", "EntityType.person": "self", "EntityType.identity": "{name: name, city: city}",
    "EntityType.about": "A company that buys from us.",
    "EntityType.fields": "{name: text, balance: {type: money, currency: TRY}}", "Field.ref": "customer",
    "Field.type": "money", "Field.inverse": "invoices", "Field.match": "payment",
    "Field.where": "reference = item.reference", "Field.derived": "count(invoices[open])", "Field.default": "'\"low\"'",
    "Field.concluded": "max", "Field.currency_field": "currency", "Field.of": "text",
    "Field.values": "[open, paid, disputed]", "Field.about": "What is open and overdue.", "Field.max_age": "P1D",
    "Sources.sources": "{erp: {connector: sql, every: PT1M}}", "SourceSettings.connector": "sql",
    "SourceSettings.order": "2", "SourceSettings.streams": "{invoices: {key: number}}", "SourceSettings.every": "PT1M",
    "SourceSettings.stale_after": "PT2H", "SourceSettings.absence": "assumed",
    "SourceSettings.operations": "{create_task: {consequence: low}}",
    "StreamSettings.key": "[company, number]", "StreamSettings.fields": "[number, amount, due]",
    "StreamSettings.deleted": 'status = "void"', "StreamSettings.visible": "date and time(booked_at)",
    "StreamSettings.link": "'\"https://erp.example.org/invoices/\" + key'",
    "OperationSettings.fields": "{to: true, subject: true, cc: false}", "OperationSettings.editable": "[subject, text]",
    "OperationSettings.consequence": "medium", "OperationSettings.idempotency": "native_key",
    "OperationSettings.recipient": "to", "OperationSettings.body": "text", "OperationSettings.reference": "subject",
    "OperationSettings.record": "customer",
    "People.people": "[{id: elif, name: Elif Kaya, email: elif@example.org, roles: [operator]}]", "Person.id": "elif",
    "Person.name": "Elif Kaya", "Person.email": "elif@example.org", "Person.roles": "[operator, analyst]",
    "Person.rulesets": "[collections]", "Person.amount_limit": "50000", "Person.delegate": "ayse",
    "Person.away": "{from: 2026-07-01, to: 2026-07-14}", "Away.from": "2026-07-01", "Away.to": "2026-07-14",
    "Autonomy.policies": "{customer_mail: {approval: always, undo: PT2M}}", "Autonomy.default": "customer_mail",
    "Policy.max_consequence": "low", "Policy.approvers": "{roles: [operator], people: [elif]}", "Policy.quorum": "2",
    "Policy.undo": "PT2M", "Policy.expires": "P7D", "Policy.ask": "{source: mail}", "Policy.remind": "P1D",
    "Limits.body_bytes": "33554432",
    "ReportMail.at": '"08:00"',
    "Policy.escalate": "{after: P2D, to: [ayse]}", "Policy.caps": "{per_hour: 20}", "Policy.amount": "balance",
    "Approvers.roles": "[operator]", "Approvers.people": "[elif, ayse]", "Caps.per_hour": "20",
    "Caps.per_customer": "{count: 1, within: P7D}", "Caps.amount": "{total: 100000, within: P1D}",
    "Ask.source": "mail", "Ask.url": "https://ops.example.org", "Escalation.after": "P2D", "Escalation.to": "[ayse]",
    "Count.count": "3", "Count.within": "P7D", "Total.total": "100000", "Total.within": "P1D",
    "Models.providers": "{main: {kind: openai, model: small-model, api_key: {env: MODEL_KEY}}}",
    "Models.routes": "{draft: [main, template]}", "Provider.model": "small-model", "Provider.timeout": "PT20S",
    "Provider.base_url": "https://models.example.org/v1", "Provider.api_key": "{env: MODEL_KEY}",
    "Provider.max_tokens": "600", "SourceMapping.source": "erp",
    "SourceMapping.streams": "{invoices: [{entity: invoice, fields: {number: NO}}]}", "EntityMapping.entity": "invoice",
    "EntityMapping.id": "NO", "EntityMapping.keys": "{tax_id: VKN}", "EntityMapping.when": 'KIND = "I"',
    "EntityMapping.each": "LINES", "EntityMapping.row": "item.LINE_NO",
    "EntityMapping.valid_at": "date and time(CHANGED)", "EntityMapping.fields": "{number: NO, due_date: date(DUE)}",
    "FieldMapping.value": "upper case(NO)", "FieldMapping.key": "CUSTOMER_NO", "FieldMapping.stream": "customers",
    "FieldMapping.source": "erp", "FieldMapping.row": "LINE_NO", "FieldMapping.scheme": "tax_id",
    "Ruleset.title": "Collections",
    "Ruleset.owner": "elif", "Ruleset.about": "What is done about late payers.",
    "Ruleset.rules": "[{id: late, for: customer, when: overdue_count > 0}]", "Rule.id": "second_reminder",
    "Rule.for": "customer", "Rule.let": "{usual: mean(payments.days_late)}",
    "Rule.when": 'overdue_count > 0 and risk != "high"', "Rule.set": "{risk: '\"high\"'}",
    "Rule.do": "[{id: remind, operation: mail.send, with: {to: email}}]",
    "Rule.because": "'{overdue_count} invoices are late.'", "Rule.instead_of": "[first_reminder]",
    "Rule.exclusive": "dunning",
    "Rule.priority": "10", "Rule.owner": "elif", "Rule.was": "late_payer", "Rule.about": "The second, firmer letter.",
    "ActionSpec.id": "remind", "ActionSpec.operation": "mail.send", "ActionSpec.with": "{to: email, amount: balance}",
    "ActionSpec.draft": "prompts/second_reminder.md", "ActionSpec.autonomy": "customer_mail",
    "ActionSpec.while": "overdue_count > 0", "ActionSpec.valid_for": "P3D", "ActionSpec.rearm": "P1D",
    "ActionSpec.repeat": "P7D", "ActionSpec.cooldown": "P5D", "ActionSpec.group": "letters",
    "ActionSpec.outcome": "{good: balance = 0, within: P14D}", "OutcomeSpec.good": "balance = 0",
    "OutcomeSpec.bad": "complained", "OutcomeSpec.critical": "deceased", "OutcomeSpec.within": "P14D",
    "Ruleset.kpi": "[{id: late, of: payment, value: days_late, at: paid_on, better: lower, "
    "baseline: {until: 2026-01-01}}]",
    "Kpi.id": "lateness", "Kpi.title": "Days late of a payment", "Kpi.about": "How late an invoice is paid.",
    "Kpi.of": "payment", "Kpi.when": "matched = true", "Kpi.value": "days_late", "Kpi.at": "paid_on",
    "Kpi.unit": "days", "Kpi.better": "lower", "Kpi.baseline": "{from: 2025-01-01, until: 2026-01-01}",
    "Baseline.from": "2025-01-01", "Baseline.until": "2026-01-01",
    "Examples.examples": "[{name: nothing yet, at: 2026-03-02T09:00:00+03:00, then: [{nothing: true}]}]",
    "Example.name": "a second reminder after two weeks", "Example.given": "{customer: [{id: C1, name: Acme}]}",
    "Example.then": "[{propose: late/remind for customer:C1}]", "Example.after": "P8D", "Step.after": "P8D",
    "Example.steps": "[{after: P8D, then: [{propose: late/remind for customer:C1}]}]",
    "Expectation.propose": "late/remind for customer:C1", "Expectation.withdraw": "late/remind for customer:C1",
    "Expectation.hold": "late for customer:C1", "Expectation.facts": "{customer:C1.risk: high}",
    "Expectation.inputs": "{to: info@acme.example}", "Expectation.because": "late",
    "Step.change": "{invoice: [{id: I1, paid_on: 2026-03-09}]}", "Step.delete": "[invoice:I1]",
    "Step.then": "[{withdraw: late/remind for customer:C1}]", "Table.name": "credit grade", "Table.for": "customer",
    "Table.hit": "FIRST", "Table.about": "How much credit a customer is given.",
    "Table.inputs": "[segment, balance]", "Table.outputs": "[{name: grade, type: string}]",
    "Table.rows": "[{when: ['\"gold\"', '< 1000'], then: ['\"A\"']}]", "InputClause.expression": "balance",
    "InputClause.label": "open balance", "InputClause.type": "number", "InputClause.values": "['\"gold\", \"plain\"']",
    "OutputClause.name": "grade", "OutputClause.type": "string", "OutputClause.values": "['\"A\"', '\"B\"']",
    "OutputClause.default": "'\"B\"'", "Row.when": "['\"gold\"', '>= 1000', '-']", "Row.then": "['\"A\"']",
    "Row.note": "agreed with the sales team", "FrontMatter.language": "language",
    "FrontMatter.languages": "[tr, en]", "FrontMatter.slots": "{invoice: oldest_invoice, balance: balance_overdue}",
    "FrontMatter.quoted": "{reply: last_reply}", "FrontMatter.max_words": "120", "FrontMatter.forbidden": "[lawyer]",
    "FrontMatter.subject": "'Reminder: invoice {invoice}'",
}  # fmt: skip
"""Struct and key -> what stands behind the key, in YAML's short form."""


_PLAIN: Mapping[type[Shape], str] = {
    inspect.StrType: "a word or two",
    inspect.IntType: "10",
    inspect.FloatType: "0.5",
    inspect.DecimalType: "100",
    inspect.AnyType: "12.50",
}


def example_of(struct: str, field: inspect.Field) -> str:
    """Return an example of a key: written here, else one that its type gives."""
    return EXAMPLES.get(f"{struct}.{field.encode_name}") or _of_type(field.type)


def _of_type(shape: Shape) -> str:
    inner, kind = unwrap(shape)
    if kind in FORMS:
        return FORMS[kind].example.split(", ")[0]
    match inner:
        case inspect.LiteralType():
            return str(inner.values[0])
        case inspect.BoolType():
            return "true"
        case inspect.UnionType():
            return _of_type(next(each for each in inner.types if not isinstance(each, inspect.NoneType)))
        case inspect.ListType() | inspect.VarTupleType() | inspect.FrozenSetType():
            return f"[{_of_type(inner.item_type)}]"
        case inspect.DictType():
            return f"{{{_of_type(inner.key_type)}: {_of_type(inner.value_type)}}}"
        case inspect.StructType(cls=cls) if cls is not Expression:
            short = getattr(cls, "short_form", "")
            shown = [each for each in written(inner) if each.required or each.name == short] or written(inner)[:1]
            inside = (f"{each.encode_name}: {example_of(cls.__name__, each)}" for each in shown)
            return f"{{{', '.join(inside)}}}"
    return _PLAIN.get(type(inner), "due_date")
