"""Starting the source systems as a child process that ends with its parent."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import msgspec

from engine.ports import SourceDown

TOKEN = "OPSLAYER_CRM_TOKEN"  # noqa: S105  (the name of a variable)


class Systems(msgspec.Struct, frozen=True):
    """The running systems and what a home's sources.yaml needs to reach them."""

    process: Process
    environment: dict[str, str]

    async def stop(self) -> None:
        """End the child and wait for it."""
        if self.process.stdin:
            self.process.stdin.close()
        await self.process.wait()


async def start(out: Path, token: str, *options: str, erp_url: str = "") -> Systems:
    """Start the systems over the files in OUT (absolute); raises SourceDown when they do not come up."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "api.demo.systems", "--out", str(out), *options,
        stdin=PIPE, stdout=PIPE, env={**os.environ, TOKEN: token},
    )  # fmt: skip
    if child.stdout is None or not (line := await child.stdout.readline()):
        raise SourceDown("the sample company's systems did not start")
    ports = json.loads(line)
    environment = {
        "OPSLAYER_ERP_URL": erp_url or f"sqlite:///{out / 'erp.db'}",
        "OPSLAYER_CRM_URL": f"http://127.0.0.1:{ports['crm_port']}",
        TOKEN: token,
        "OPSLAYER_MAILDIR": str(out / "mail" / "inbox"),
        "OPSLAYER_SMTP_PORT": str(ports["smtp_port"]),
    }
    return Systems(child, environment)
