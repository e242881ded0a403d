"""An operator's day, an analyst's try and an admin's switch, in a real browser over a real server."""

import re


def waiting(page):
    return int(page.locator('[data-tab="waiting"] b').inner_text())


def test_an_operators_day_from_sign_in_to_undo(visit):
    page = visit("grace", "/today")
    page.get_by_role("link", name="wait for your word").click()
    page.wait_for_url("**/inbox")
    before = waiting(page)
    subject = page.locator(".detail .lead a").inner_text()
    page.get_by_role("button", name="Approve and send").click()
    toast = page.locator(".toast")
    assert subject.split()[0] in page.locator(".toast").inner_text() or "approved" in toast.inner_text()
    assert waiting(page) == before - 1
    toast.get_by_role("button", name="Undo").click()
    page.wait_for_url("**/actions/**")
    assert "taken back, it waits again" in page.locator(".toast").inner_text()
    assert waiting(page) == before
    assert page.locator(".detail .lead a").inner_text() == subject


def test_an_edit_is_guarded_while_it_is_written_and_becomes_a_new_version(visit):
    page = visit("grace", "/inbox")
    page.get_by_text("Edit first").click()
    field = page.locator("textarea")
    text = field.input_value()
    field.fill(f"{text}\u202ehidden")
    page.locator(".guard.bad").wait_for()
    assert page.get_by_role("button", name="Save this version").is_disabled()
    field.fill(f"{text}\n\nBest wishes")
    page.locator(".guard.good").wait_for()
    page.get_by_role("button", name="Save this version").click()
    page.wait_for_url("**/actions/**")
    assert "saved as version 2" in page.locator(".toast").inner_text()
    assert "Best wishes" in page.locator(".letter").inner_text()


def test_what_changes_under_the_reader_is_told_and_cannot_be_decided(visit):
    reader, other = visit("grace", "/inbox"), visit("ada", "/inbox")
    path = reader.locator(".items a[aria-current]").get_attribute("href")
    reader.wait_for_timeout(300)
    other.goto(path)
    other.locator(".decide summary", has_text="Reject").click()
    other.get_by_label("Why not? It is remembered").fill("paid by phone")
    other.locator(".decide details[open] button.danger").click()
    other.locator(".toast").wait_for()
    reader.locator(".moved:not([hidden])").wait_for()
    assert reader.get_by_role("button", name="Approve and send").is_disabled()


def test_several_are_decided_at_once_each_by_its_own_digest(visit):
    page = visit("grace", "/inbox?sort=oldest")
    before = waiting(page)
    boxes = page.locator("input[name=chosen]")
    for place in (0, 1, 2):
        boxes.nth(place).check()
    page.get_by_role("button", name="Approve chosen").click()
    page.wait_for_url("**done=bulk**")
    assert "3 actions were decided" in page.locator(".toast").inner_text()
    assert waiting(page) == before - 3


def test_the_keyboard_alone_is_enough(visit):
    page = visit("grace", "/inbox")
    first = page.locator("#what").inner_text()
    page.keyboard.press("j")
    page.wait_for_function("before => document.querySelector('#what').textContent !== before", arg=first)
    assert re.search(r"/actions/\w+", page.url)
    page.keyboard.press("k")
    page.wait_for_function("before => document.querySelector('#what').textContent === before", arg=first)
    page.keyboard.press("e")
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.locator("dialog[open]").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.keyboard.type("not this one")
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox?*done=*")
    assert "rejected" in page.locator(".toast").inner_text()
    before = waiting(page)
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "count => document.querySelector('[data-tab=waiting] b').textContent == count", arg=str(before - 1)
    )
    page.keyboard.press("u")
    page.locator(".toast", has_text="taken back").wait_for()
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/customers")


def test_without_scripts_everything_can_be_decided(visit):
    page = visit("grace", "/inbox", java_script_enabled=False)
    page.locator(".items a").nth(1).click()
    page.locator("summary", has_text="Later").click()
    page.get_by_role("button", name="Put off").click()
    assert "put off" in page.locator(".toast").inner_text()
    page.goto("/inbox")
    page.locator(".items a").nth(2).click()
    page.locator("summary", has_text="Edit first").click()
    text = page.locator("textarea").input_value()
    page.locator("textarea").fill(f"{text}\n\nBest wishes")
    page.get_by_role("button", name="Save this version").click()
    assert "saved as version 2" in page.locator(".toast").inner_text()
    page.get_by_role("button", name="Approve and send").click()
    page.get_by_role("button", name="Undo").click()
    assert "taken back" in page.locator(".toast").inner_text()
    page.locator(".decide summary", has_text="Reject").click()
    page.get_by_label("Why not? It is remembered").fill("they called")
    page.locator(".decide details[open] button.danger").click()
    assert "rejected" in page.locator(".toast").inner_text()
    page.get_by_role("link", name="Customers").first.click()
    page.locator("ul.items a").first.click()
    assert page.locator("h1").inner_text().startswith("Customer")
    assert "What is known" in page.locator("main").inner_text()


def test_on_a_phone_list_and_detail_follow_each_other(visit):
    page = visit("grace", "/inbox", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    assert not page.locator("#detail").is_visible()
    page.locator(".items a").first.click()
    page.locator("#detail").wait_for(state="visible")
    assert not page.locator(".list").is_visible()
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
    button = page.get_by_role("button", name="Approve and send").bounding_box()
    assert button["height"] >= 44
    page.get_by_role("link", name="← Inbox").click()
    page.locator(".items").wait_for(state="visible")


def test_an_analyst_changes_a_fact_and_sees_what_follows(visit):
    page = visit("ada", "/rules/reminders/try")
    assert page.locator("summary", has_text="late").locator(".truth-true").is_visible()
    page.locator("aside details summary", has_text="invoice").first.click()
    page.locator('aside details[open] input[id$=".paid_on"]').fill("2026-02-01")
    page.get_by_role("button", name="Try", exact=True).click()
    page.get_by_text("It would withdraw late").wait_for()
    assert "1 fact changed" in page.locator("main").inner_text()
    assert page.locator("summary", has_text="late").first.locator(".truth-false").is_visible()


def test_an_admin_asks_for_a_promotion_and_is_told_what_is_missing(visit):
    page = visit("ada", "/admin/autonomy")
    assert "approval" in page.locator("tbody").inner_text()
    page.get_by_role("button", name="Promote late").click()
    page.locator("[role=status]").wait_for()
    assert page.locator(".note.bad").is_visible()
    page.goto("/admin/switches")
    page.get_by_label("Scope").select_option("ruleset:reminders")
    page.get_by_label("Why?").fill("the letter is wrong")
    page.get_by_role("button", name="Stop it").click()
    page.get_by_text("ruleset:reminders is stopped.").wait_for()
    page.goto("/today")
    assert "the letter is wrong" in page.locator("main").inner_text()
    page.goto("/admin/switches")
    page.get_by_role("button", name="Release").click()
    page.get_by_text("No switch is pulled.").wait_for()


def test_the_reader_chooses_language_and_colours(visit):
    page = visit("grace", "/inbox")
    page.locator(".who summary").click()
    page.get_by_label("Language").select_option("tr")
    page.get_by_label("Colours").select_option("dark")
    page.get_by_role("button", name="Apply").click()
    page.get_by_role("heading", name="Gelen kutusu").wait_for()
    assert page.locator("html").get_attribute("lang") == "tr"
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"


def test_a_filter_is_kept_under_its_name(visit):
    page = visit("grace", "/inbox?q=Customer+0")
    page.get_by_label("Name of this filter").fill("the first nine")
    page.get_by_role("button", name="Save").click()
    page.goto("/inbox")
    page.locator("summary", has_text="Filter and sort").click()
    page.get_by_role("link", name="the first nine").click()
    assert page.get_by_role("searchbox", name="Words").input_value() == "Customer 0"
