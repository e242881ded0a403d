"""The real layer over a home folder, with a CRM on HTTP and a mailbox on SMTP that really answer."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.approvals.layer.company import Company, Mailbox, post_office
from tests.approvals.peer import Peer, serving


@pytest.fixture
def crm() -> Iterator[Peer]:
    with serving() as peer:
        yield peer


@pytest.fixture
def files() -> dict[str, str]:
    """Texts of `policies` or `people` that differ; tests override this fixture."""
    return {}


@pytest.fixture
async def closed(tmp_path: Path, crm: Peer, files: dict[str, str]) -> AsyncIterator[Company]:
    """The company before its layer is opened."""
    box = Mailbox()
    async with post_office(box) as port:
        yield Company(tmp_path / "home", crm, box, port, **files)


@pytest.fixture
async def company(closed: Company) -> AsyncIterator[Company]:
    """The company with its layer open."""
    async with closed.open():
        yield closed
