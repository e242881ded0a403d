"""The real layer over a home folder, with a CRM on HTTP and a mailbox on SMTP that really answer."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.approvals.conftest import postgresql
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
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """Where the memory is: "" a file of the home; a test that `both` marks runs on PostgreSQL too."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield ""
        return
    with postgresql() as address:
        yield address


@pytest.fixture
async def closed(tmp_path: Path, crm: Peer, files: dict[str, str], database: str) -> AsyncIterator[Company]:
    """The company before its layer is opened."""
    box = Mailbox()
    async with post_office(box) as port:
        company = Company(tmp_path / "home", crm, box, port, **files)
        if database:
            app = company.home / "config/app.yaml"
            app.write_text(f'{app.read_text()}database: "{database}"\n')
        yield company


@pytest.fixture
async def company(closed: Company) -> AsyncIterator[Company]:
    """The company with its layer open."""
    async with closed.open():
        yield closed
