"""The web's routes, guarded by sessions."""

from typing import Any
from urllib.parse import quote

from litestar import Request, Router
from litestar.datastructures import CacheControlHeader
from litestar.response import Redirect
from litestar.static_files import create_static_files_router

from api.auth import PUBLIC
from api.web import asked, customers, door, late, live, report, saved, search, today, workflows
from api.web.admin import doing, identity, work
from api.web.admin import pages as admin
from api.web.evals import candidates, evidence, label
from api.web.inbox import answers, queue, verdicts
from api.web.inbox import list as inbox
from api.web.pages import HERE
from api.web.rules import pages as rules
from api.web.rules import trying
from api.web.session import SignInFirst, web_guard

ABOUT_THE_DAY = (today.root, today.today, search.search, live.live)
CUSTOMERS = (customers.customers, customers.customer, customers.subject, customers.record, late.late)
INBOX = (
    inbox.inbox, inbox.action, inbox.dossier, queue.queue, answers.answer, verdicts.verdict, verdicts.undo,
    verdicts.claim, verdicts.comment, verdicts.settle, verdicts.bulk, verdicts.guard,
)  # fmt: skip
FIGURES = (workflows.workflows, workflows.workflow, report.report)
RULES = (rules.rules, rules.ruleset, trying.try_page)
ADMIN = (
    admin.admin, admin.section, work.begin, work.show, work.report, doing.switch, doing.quarantine, doing.autonomy,
    doing.bundle, doing.key, identity.doubtful, identity.identity, doing.lift,
)  # fmt: skip
EVALS = (
    evidence.evidence,
    evidence.changed,
    label.label_page,
    label.answered,
    candidates.candidates_page,
    candidates.settled,
)
PEOPLE = (
    saved.keep_filter, saved.appearance, asked.asked_page, asked.answered, door.sign_in_page, door.sign_in,
    door.once_page, door.once, door.sign_out,
)  # fmt: skip


def web_router() -> Router:
    """Return all pages; a page without a role of its own is closed."""
    return Router(
        "/",
        route_handlers=[*ABOUT_THE_DAY, *CUSTOMERS, *INBOX, *FIGURES, *RULES, *ADMIN, *EVALS, *PEOPLE],
        guards=[web_guard],
        exception_handlers={SignInFirst: to_the_door},
        include_in_schema=False,
    )


def static_router() -> Router:
    """Return styles, script and icon."""
    return create_static_files_router(
        "/static",
        [HERE / "static"],
        opt={"role": PUBLIC},
        cache_control=CacheControlHeader(max_age=3600, public=True),
        include_in_schema=False,
    )


def to_the_door(request: Request[Any, Any, Any], _: SignInFirst) -> Redirect:
    """Send somebody who is not signed in to the door, and back after it."""
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    target = f"/sign-in?next={quote(back, safe='/')}" if request.method == "GET" and back != "/today" else "/sign-in"
    return Redirect(target, status_code=303)
