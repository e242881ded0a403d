"""What is true of the company, for scoring what was found; nothing of the product reads it."""

from typing import Any

from api.demo.company import Company
from api.demo.payers import DAYS, LAST, START, TALK


def truth(company: Company) -> dict[str, Any]:
    """Return the true payer of each customer, by its code in the ERP."""
    late = {i.customer.ref for i in company.invoices if i.due < LAST and (i.pays is None or i.pays > LAST)}
    return {
        "seed": company.seed,
        "first_day": START.isoformat(),
        "last_day": LAST.isoformat(),
        "days": DAYS,
        "customers": {
            who.code: {
                "payer": who.profile.payer.value,
                "needs_conversation": who.profile.payer in TALK,
                "overdue_on_last_day": who.ref in late,
                "since": who.profile.turn.isoformat() if who.profile.turn else None,
                "name": who.name,
                "crm_id": who.crm_id,
                "linked_by": who.linked_by,
            }
            for who in company.customers
        },
    }
