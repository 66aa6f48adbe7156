"""The study editor in a real browser: from a preset to a changed draft, and axe on its pages."""

import json
import os

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.site_process import Site, environment
from tests.browser.test_accessibility import AXE, TAGS
from tests.installation import Installation

pytestmark = [pytest.mark.browser, pytest.mark.once]
PASSWORD = os.urandom(12).hex()


def sign_in(page: Page, site: Site, name: str) -> None:
    """Make an account of that name on the site, which other tests share, and sign in with it."""
    asked = ("createsuperuser", "--noinput", "--username", name, "--email", "e@example.org")
    installation = Installation(environment(site.data_dir), site.data_dir)
    installation.run(*asked, environment={"DJANGO_SUPERUSER_PASSWORD": PASSWORD})
    page.goto(f"{site.url}/accounts/login/")
    page.locator("[name=username]").fill(name)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out").wait_for()


def look(page: Page, name: str) -> None:
    """Let axe look at the page, light and wide, then dark and narrow; nothing is wider than the screen."""
    for scheme, width in (("light", 1280), ("dark", 390)):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate(AXE.read_text())
        found = page.evaluate("tags => axe.run({runOnly: tags})", TAGS)["violations"]
        told = [f"{each['id']}: {[node['html'][:200] for node in each['nodes']][:3]}" for each in found]
        assert told == [], f"{name}, {scheme}, {width} px"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name}, {width} px"
    page.set_viewport_size({"width": 1280, "height": 800})


@pytest.fixture
def page(browser: Browser) -> object:
    """A page that axe can be put into."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, bypass_csp=True)
    yield context.new_page()
    context.close()


def test_a_study_is_made_and_changed_by_keyboard_and_every_change_is_kept(page: Page, site: Site) -> None:
    sign_in(page, site, "editor-tests")
    page.goto(f"{site.url}/studies/new/?set=six")
    look(page, "new study")
    page.get_by_label("Title").fill("Rain, or not?")
    expect(page.get_by_label("Name in the address")).to_have_value("rain-or-not")
    page.get_by_label("Rating").check()
    page.get_by_role("button", name="Make the draft").click()
    status = page.locator("[data-status]")
    page.goto(f"{site.url}/studies/rain-or-not/edit/task/")
    expect(page.frame_locator("[data-preview]").get_by_text("surely fake")).to_be_visible()

    plays = page.get_by_label("Plays of each sound")
    plays.fill("11")
    expect(status).to_have_text("Not saved: 1 problem, marked at the field.")
    expect(page.locator("[id='problem-task.plays']")).to_contain_text("a whole number from 1 to 10")
    look(page, "a wrong value")
    plays.fill("3")
    expect(status).to_have_text("Saved.")

    page.goto(f"{site.url}/studies/rain-or-not/edit/reasons/")
    page.get_by_role("button", name="Add to Reasons").press("Enter")
    page.keyboard.type("smell")
    page.keyboard.press("Tab")
    page.keyboard.type("It smells")
    expect(status).to_have_text("Saved.")
    page.get_by_role("button", name="Move item 7 up").press("Enter")
    expect(status).to_have_text("Saved.")
    page.get_by_role("button", name="Remove item 1", exact=True).press("Enter")
    expect(status).to_have_text("Saved.")
    sql = "SELECT config, revision FROM studyapp_study WHERE slug = 'rain-or-not'"
    assert site.rows(sql)[0]["config"].index("smell") < site.rows(sql)[0]["config"].index("Other")
    look(page, "reasons")

    # What is typed is saved before a link leads away.
    page.get_by_label("Label").first.fill("It is not as it should be")
    page.get_by_role("link", name="Task", exact=True).click()
    expect(page.get_by_role("heading", name="Task")).to_be_visible()
    assert "It is not as it should be" in site.rows(sql)[0]["config"]

    page.locator("h2").first.click()
    page.keyboard.press("Control+z")
    expect(page.get_by_text("The latest change is undone")).to_be_visible()
    for place in ("edit/eligibility", "edit/screening", "edit/end", "edit/analysis", "history", "yaml", "duplicate"):
        page.goto(f"{site.url}/studies/rain-or-not/{place}/")
        look(page, place)
    assert site.rows("SELECT count(*) AS n FROM studyapp_session WHERE origin = 'preview'")[0]["n"] == 0


def test_a_lost_answer_stops_nothing_and_what_was_refused_is_saved_once_it_fits(page: Page, site: Site) -> None:
    sign_in(page, site, "lost-answers")
    page.goto(f"{site.url}/studies/new/?set=six")
    page.get_by_label("Title").fill("Lost answers")
    page.get_by_label("The paper's study").check()
    page.get_by_role("button", name="Make the draft").click()
    page.goto(f"{site.url}/studies/lost-answers/edit/screening/")
    status, note = page.locator("[data-status]"), page.locator("[data-note='screening.pass_mark']")
    expect(note).to_contain_text("0.27 % pass (huggins 6 of 6, 2 attempts)")

    lost: list[int] = []

    def lose_the_first(route: Route) -> None:
        answer = route.fetch()
        lost.append(answer.status)
        route.abort() if len(lost) == 1 else route.fulfill(response=answer)

    page.route("**/setting/", lose_the_first)
    page.get_by_label("Right answers needed").fill("6")
    expect(status).to_have_text("Saved.", timeout=20_000)
    assert lost == [200, 200]
    trials = page.get_by_label("Number of trials")
    trials.fill("4")
    expect(status).to_have_text("Not saved: 1 problem, marked at the field.")
    page.get_by_label("Right answers needed").fill("4")
    expect(status).to_have_text("Saved.")
    expect(note).to_contain_text("(huggins 4 of 4, 2 attempts). Nothing is published of this rule.")
    (study,) = site.rows("SELECT config FROM studyapp_study WHERE slug = 'lost-answers'")
    assert json.loads(study["config"])["screening"] == {"pass_mark": 4, "n_trials": 4}
    page.reload()
    expect(trials).to_have_value("4")
    look(page, "the headphone test's note")
