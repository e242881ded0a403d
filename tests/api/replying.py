"""The starter's home with customers' replies, whose reading is never sure enough: each becomes a question."""

from pathlib import Path

MESSAGE = """
  message:
    root: customer
    label: text
    person: customer
    fields:
      customer: {ref: customer, inverse: messages}
      text: {type: text, personal: true}
      sent_on: date
      intent: text
      promised_on: date
      refused: boolean
"""
STREAM = """
  messages:
    - entity: message
      id: id
      fields:
        customer: {key: customer, stream: customers}
        text: text
        sent_on: sent_on
"""
READ = """
read:
  - id: reply
    of: message
    text: text
    about: A customer answers a letter about an open invoice.
    confidence: 0.9
    sure: 0.6
    autonomy: customer_mail
    facts:
      intent:
        values: [promise, dispute, question]
        about: What the customer wants.
        patterns: {promise: ["will (pay|transfer)"], dispute: ["do not accept"]}
      promised_on:
        type: date
        about: The day for which payment is promised.
        patterns: ["will (pay|transfer)"]
      refused:
        type: boolean
        about: Whether the invoice is refused.
        patterns: ["do not accept"]

rules:
"""
COLUMNS = "id,customer,text,sent_on"
TEXT = "Thank you for your letter. We will pay on 9 March 2026."


def with_replies(home: Path, *replies: tuple[str, str]) -> None:
    """Let the home read messages: (customer, text)."""
    for file, text in (("config/model.yaml", MESSAGE), ("mappings/ledger.yaml", STREAM)):
        path = home / file
        path.write_text(path.read_text() + text)
    rules = home / "rules/reminders/ruleset.yaml"
    rules.write_text(rules.read_text().replace("\nrules:\n", READ, 1))
    sources = home / "config/sources.yaml"
    invoices = "      invoices: {format: csv, path: invoices.csv, key: [number]}\n"
    stated = sources.read_text()
    assert invoices in stated
    sources.write_text(
        stated.replace(invoices, f"{invoices}      messages: {{format: csv, path: messages.csv, key: [id]}}\n")
    )
    rows = [f'M{number},{customer},"{text}",2026-03-01' for number, (customer, text) in enumerate(replies, 1)]
    (home / "data/messages.csv").write_text("\n".join([COLUMNS, *rows]) + "\n")
