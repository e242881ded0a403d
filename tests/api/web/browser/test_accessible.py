"""No page breaks a rule of WCAG 2.2 AA that a machine can check (axe-core), by day, by night and on a phone."""

import pytest

from tests.api.web.browser.axe import RUN, SCHEMES

PAGES = [
    "/today", "/inbox", "/inbox?show=all", "/customers", "/customers/C01", "/search?q=invoice", "/queue", "/workflows",
    "/workflows/reminders", "/rules", "/rules/reminders?run=1", "/rules/reminders?funnel=late", "/rules/reminders/try",
    "/evals/label?workflow=reminders", "/evals/candidates?workflow=reminders", "/evals/evidence/reminders/late/remind",
    "/report", "/admin/sources", "/admin/quarantine", "/admin/letters", "/admin/people", "/admin/switches",
    "/admin/autonomy", "/admin/bundles?run=check", "/admin/journal?run=verify", "/admin/spend",
]  # fmt: skip
WEIGHT = """() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .reduce((sum, each) => sum + each.encodedBodySize, 0)"""
PAINT = 1500
"""Milliseconds on a machine that does much else; alone it is below 300 (docs/performance.md)."""


@pytest.mark.parametrize("options", SCHEMES)
def test_no_page_breaks_a_rule(visit, axe, options):
    page = visit("ada", "/today", bypass_csp=True, **options)
    broken = {}
    for path in PAGES:
        answer = page.goto(path)
        assert answer.status == 200, path
        page.evaluate(axe.text)
        found = page.evaluate(RUN)
        if found:
            broken[path] = found
    assert not broken, "\n".join(f"{path}: {each}" for path, found in broken.items() for each in found)


def test_the_door_breaks_no_rule(visit, axe):
    page = visit("", "/sign-in", bypass_csp=True)
    page.evaluate(axe.text)
    assert page.evaluate(RUN) == []


def test_first_paint_comes_fast_and_no_page_is_heavy(visit):
    page = visit("grace", "/inbox")
    paints, weights = [], {}
    for path in ("/inbox", "/today", "/inbox", "/today", "/inbox"):
        page.goto(path)
        page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length")
        paints.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
        weights[path] = page.evaluate(WEIGHT)
    assert sorted(paints)[len(paints) // 2] < PAINT, paints
    assert max(weights.values()) < 200_000, weights
