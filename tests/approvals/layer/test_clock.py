"""When a simulated clock has moved, all that its hours bring is done, whoever did it."""

import asyncio

from tests.approvals.layer.company import START, Company


async def test_what_another_job_is_sending_is_waited_for(company: Company, monkeypatch):
    crm, asked, may = company.layer.parts.connectors["crm"], asyncio.Event(), asyncio.Event()
    perform = crm.perform

    async def slowly(*arguments):
        asked.set()
        await may.wait()
        return await perform(*arguments)

    monkeypatch.setattr(crm, "perform", slowly)
    await company.tell(status="late")
    job = asyncio.create_task(company.layer.dispatch())
    await asked.wait()
    moving = asyncio.create_task(company.layer.advance_clock(START))
    done, _ = await asyncio.wait({moving}, timeout=0.3)
    assert not done
    may.set()
    await moving
    assert (await company.only("late")).state == "sent"
    await job
