"""Decisions are a function of the journal's inputs: stripped and made again elsewhere, they are the same bytes."""

import asyncio
import os
import sys
from pathlib import Path

from engine.store.codec import encode

AGAIN = Path(__file__).parent / "again.py"


async def replayed(home, seed):
    made = await asyncio.create_subprocess_exec(
        sys.executable, str(AGAIN), str(home),
        stdout=asyncio.subprocess.PIPE, env=os.environ | {"PYTHONHASHSEED": seed, "TZ": "America/New_York"},
    )  # fmt: skip
    out, _ = await made.communicate()
    assert made.returncode == 0
    return out.decode().splitlines()


async def test_another_process_with_other_hashes_and_another_zone_decides_the_same(opened, home, postoffice):
    ruleset = home / "rules/reminders/ruleset.yaml"
    async with opened() as company:
        for n in range(12):
            await company.customer(f"C{n}")
            for k in range(3):
                await company.invoice(f"I{n}-{k}", f"C{n}", due=f"2026-02-{20 + n % 5 + k}")
        await company.wait(hours=15)
        for action in await company.layer.actions(state="pending"):
            if action.key.subject not in ("customer:C3", "customer:C5"):
                await company.say("approve", action)
        await company.wait(days=2)
        for k in range(3):
            await company.invoice(f"I3-{k}", "C3", paid="2026-03-03")
        await company.wait(days=3)
    ruleset.write_text(ruleset.read_text().replace("P7D", "P6D"))
    (home / "rules/reminders/examples.yaml").unlink()
    async with opened() as company:
        for k in range(3):
            await company.invoice(f"I5-{k}", "C5", paid="2026-03-06")
        decisions = [encode(each) for each in reversed(await company.layer.decisions(limit=1000))]
        kinds = {each.kind for each in await company.layer.decisions(limit=1000)}
    assert len(decisions) > 12
    assert kinds == {"propose", "withdraw"}
    for seed in ("1", "20260321"):
        assert await replayed(home, seed) == decisions
