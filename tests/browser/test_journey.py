"""The first quarter of an hour: from an invitation to a pilot with answers, by mouse and keyboard, in the page alone.

Nothing is asked of an address that no page led to: after the first one the experimenter clicks and types.
"""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from studyapp.services.local_server import worker
from studyapp.sound.wav import encode_pcm16
from tests.browser.site_process import Site, environment, start_site
from tests.browser.test_study_editor import sign_in
from tests.browser.walker import Walker

pytestmark = [pytest.mark.browser, pytest.mark.once]
RATE_HZ = 16_000
WORKER_MS = 90_000  # what a worker may take
PASSWORD = "four listeners and a dog"
TABLE = "was;truth;event;system\n" + "".join(
    f"clips/{word}_{number}.wav;{word};sneeze;{system}\n"
    for word, system in (("recorded", ""), ("synth", "gan-2"))
    for number in range(2)
)


@pytest.fixture
def empty_site(tmp_path: Path) -> Iterator[Site]:
    """A site as it is after its installation, a worker beside it."""
    with start_site(tmp_path / "site") as site, worker(environment=environment(site.data_dir)):
        yield site


@pytest.fixture
def sounds(tmp_path: Path) -> Path:
    """Write a folder of eight short sounds, of two categories and both labels, and a ZIP file of four with a table."""
    rng = np.random.default_rng(1)

    def sound() -> bytes:
        return encode_pcm16(0.1 * rng.standard_normal(RATE_HZ // 4).astype(np.float32), RATE_HZ)

    for label in ("real", "fake/tts-1"):
        for category in ("rain", "dog_bark"):
            for number in range(2):
                path = tmp_path / "my recordings" / label / category / f"{number}.wav"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(sound())
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as archive:
        archive.writestr("list.csv", TABLE)
        for line in TABLE.splitlines()[1:]:
            archive.writestr(line.partition(";")[0], sound())
    return tmp_path


def test_from_an_invitation_to_a_pilot_with_answers(
    page: Page, browser: Browser, empty_site: Site, sounds: Path
) -> None:
    sign_in(page, empty_site, "boss")
    link = invite(page)
    page.get_by_role("button", name="Sign out").click()
    page.goto(link)  # the experimenter's first address, and the last that is not clicked
    take_invitation(page)
    drop_folder(page, sounds / "my recordings")
    send_zip(page, sounds / "more.zip")
    look_through_table(page)
    listen_by_keyboard(page, empty_site)
    make_study(page)
    change_design(page)
    mend_what_blocks(page)
    pilot = launch_pilot(page)
    take_pilot_link(browser, empty_site, pilot)
    let_bots_in(page)
    read_results(page)
    stored = empty_site.rows(
        "SELECT origin, outcome, COUNT(*) AS n FROM studyapp_session GROUP BY origin, outcome ORDER BY origin, outcome"
    )
    found = [(each["origin"], each["outcome"], each["n"]) for each in stored]
    assert ("bot", "completed", 4) in found and ("pilot", "", 1) in found, found


def invite(page: Page) -> str:
    page.get_by_role("link", name="Invite").click()
    page.get_by_label("For whom").fill("Nora")
    page.get_by_role("button", name="Make the link").click()
    return page.get_by_label("Link of the invitation").input_value()


def take_invitation(page: Page) -> None:
    """By keyboard: make the account, sign out, sign in."""
    expect(page.get_by_role("heading", name="You are invited")).to_be_visible()
    keyboard = page.keyboard
    for words, key in (("nora", "Tab"), (PASSWORD, "Tab"), (PASSWORD, "Enter")):
        keyboard.type(words)
        keyboard.press(key)
    page.get_by_role("button", name="Sign out").press("Enter")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    keyboard.type("nora")
    keyboard.press("Tab")
    keyboard.type(PASSWORD)
    keyboard.press("Enter")
    expect(page.get_by_text("Start here.")).to_be_visible()


def drop_folder(page: Page, folder: Path) -> None:
    """Make a set from the empty first page, and drop a folder of the disk into it, as a file manager does."""
    page.get_by_role("link", name="New stimulus set").click()
    page.get_by_label("Title").fill("My sounds")
    page.get_by_label("Title").press("Enter")
    zone = page.locator("[data-drop-zone]")
    box = zone.bounding_box()
    assert box is not None
    devtools = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        if kind == "drop":
            expect(zone).to_have_attribute("data-is-over", "")
        data = {"items": [], "files": [str(folder)], "dragOperationsMask": 1}
        place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + 20}
        devtools.send("Input.dispatchDragEvent", {"type": kind, **place, "data": data})
    expect(page.locator("[data-send-status]")).to_have_text("8 files there.")
    page.get_by_role("link", name="Next: say what they are").click()
    expect(page.get_by_text("4 real and 4 fake sounds would be imported")).to_be_visible()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator("[data-job-state], .badge.text-bg-success").first).to_be_visible()
    expect(page.get_by_text("8 of 8 files")).to_be_visible(timeout=WORKER_MS)


def send_zip(page: Page, archive: Path) -> None:
    """Add a ZIP file, and say which of its table's columns and words mean what."""
    page.get_by_role("link", name="Add sounds").first.click()
    with page.expect_file_chooser() as chooser:
        page.get_by_text("Choose files", exact=True).click()
    chooser.value.set_files(archive)
    page.get_by_role("link", name="Next: say what they are").click()
    page.get_by_role("link", name="From a table").click()
    page.get_by_label("File (needed)").select_option("was")
    page.get_by_role("button", name="Show the preview").click()
    expect(page.get_by_role("alert")).to_contain_text("whether synth means real or fake")
    page.get_by_label("synth").select_option("fake")
    page.get_by_role("button", name="Show the preview").click()
    expect(page.get_by_text("2 real and 2 fake sounds would be imported")).to_be_visible()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("4 of 4 files")).to_be_visible(timeout=WORKER_MS)
    expect(page.locator("main")).to_contain_text("6 real and 6 fake clips")


def look_through_table(page: Page) -> None:
    """Read the audit, hear a clip, filter, and put a label in doubt."""
    page.get_by_role("link", name="could they be told apart?").click()
    expect(page.get_by_role("heading", name="Could they be told apart without listening?")).to_be_in_viewport()
    audit = page.get_by_role("region", name="Could they be told apart without listening?")
    expect(audit.get_by_role("row").filter(has_text="Bandwidth")).to_contain_text("kHz")
    with page.expect_request(re.compile("/stimuli/my-sounds/sounds/")):
        page.get_by_role("button", name="Play real/rain/0.wav").click()
    page.get_by_label("Label", exact=True).select_option("fake")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text("6 clips of this kind")).to_be_visible()
    page.get_by_role("checkbox", name="Choose fake/tts-1/rain/1.wav").check()
    page.get_by_role("button", name="Change ticked clips").click()
    page.get_by_label("Is the label in doubt?").select_option("in doubt")
    page.get_by_role("button", name="Look at the change").click()
    page.get_by_role("button", name="Change 1 clip").click()
    row = page.get_by_role("row").filter(has_text="fake/tts-1/rain/1.wav")
    expect(row.get_by_text("in doubt")).to_be_visible()


def listen_by_keyboard(page: Page, site: Site) -> None:
    """Three clips: a tag at the first, a note at the second, which is typed before the server has answered."""
    page.get_by_role("link", name="Listen through these 6 clips").press("Enter")
    with page.expect_request(re.compile("/clips/0/sound")):
        page.get_by_role("button", name="Begin").press("Enter")
    heading, keyboard = page.get_by_role("heading", level=1), page.keyboard
    expect(heading).to_have_text("Clip 1 of 6")
    keyboard.press("Space")
    keyboard.press("3")
    expect(page.get_by_role("button", name="static")).to_have_attribute("aria-pressed", "true")
    keyboard.press("ArrowRight")
    expect(heading).to_have_text("Clip 2 of 6")
    keyboard.press("n")
    keyboard.type("clicks at its end")
    keyboard.press("Escape")
    expect(page.locator("[data-listen=status]")).to_have_text("Stored.")
    keyboard.press("ArrowRight")
    expect(heading).to_have_text("Clip 3 of 6")
    page.get_by_role("button", name="End this pass").press("Enter")
    page.get_by_role("link", name="Back to My sounds").click()
    notes = site.rows("SELECT text, tags FROM studyapp_clipnote ORDER BY id")
    assert [(each["text"], each["tags"]) for each in notes][:2] == [("", '["static"]'), ("clicks at its end", "[]")]


def saved(page: Page) -> None:
    expect(page.locator("[data-status]")).to_have_text("Saved.", timeout=10_000)


def open_section(page: Page, name: str) -> None:
    """Open a section of the design, and wait until its script listens."""
    page.get_by_role("navigation", name="Sections").get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", name=name, level=2, exact=True)).to_be_visible()
    expect(page.locator(".cost-sum")).to_be_visible()


def make_study(page: Page) -> None:
    page.get_by_role("link", name="New study with these clips").click()
    page.get_by_label("Human versus machine with controls").check()
    page.get_by_label("Title").press_sequentially("Rain and dogs")
    expect(page.get_by_label("Name in the address")).to_have_value("rain-and-dogs")
    page.get_by_label("Title").press("Enter")
    expect(page.get_by_text("Everything that you change here is saved as you type.")).to_be_visible()


def change_design(page: Page) -> None:
    """Title, headphone test, number of trials, reasons; one change is taken back, and the preview follows."""
    preview = page.frame_locator("[data-preview]")
    expect(page.locator(".cost-sum")).to_be_visible()
    page.get_by_label("Title", exact=True).fill("Rain, dogs, sneezes")
    saved(page)
    expect(preview.get_by_role("heading", name="Rain, dogs, sneezes")).to_be_visible()
    open_section(page, "Headphone test")
    page.get_by_label("Number of trials").fill("2")
    saved(page)
    open_section(page, "Order and breaks")
    page.get_by_label("Number of sounds").fill("8")
    saved(page)
    expect(page.locator("[data-estimate=words]")).to_contain_text("14 trials")  # and 4 repeats, 2 beeps
    open_section(page, "Reasons")
    label = page.get_by_label("Label", exact=True).first
    before = label.input_value()
    label.fill("It wobbles")
    saved(page)
    expect(preview.get_by_text("It wobbles")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Label", exact=True).first).to_have_value(before)
    expect(preview.get_by_text(before)).to_be_visible()


def mend_what_blocks(page: Page) -> None:
    """Let the checklist find a closing time that has passed, and follow its link to put it right."""
    open_section(page, "Recruitment")
    page.get_by_label("Closes at").fill("2020-01-31T18:00+01:00")
    saved(page)
    page.get_by_role("link", name="To the checklist and the launch").click()
    blocking = page.locator("[data-check=closing_past]")
    expect(blocking).to_contain_text("has passed")
    expect(page.get_by_role("button", name="Launch as a pilot")).to_have_count(0)
    blocking.get_by_role("link").click()
    expect(page.locator(".cost-sum")).to_be_visible()
    page.get_by_label("Closes at").fill("")
    saved(page)
    page.get_by_role("link", name="Pilot and launch").press("Enter")
    expect(page.get_by_text("Nothing stands in the way of a launch")).to_be_visible()
    expect(page.locator("[data-check=label_in_doubt]")).to_contain_text("1 of 12 sounds")


def launch_pilot(page: Page) -> str:
    """Launch by keyboard, look at a step, and return the pilot link."""
    page.get_by_role("button", name="Launch as a pilot").press("Enter")
    link = page.get_by_label("Pilot link", exact=True)
    expect(link).to_be_visible(timeout=30_000)
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Volume").click()
    opened.value.locator("#run[data-step=volume]").wait_for()
    opened.value.close()
    return link.input_value()


def take_pilot_link(browser: Browser, site: Site, link: str) -> None:
    """Open the link as a colleague does, in a browser that knows nothing of the site, and do the first two steps."""
    context = browser.new_context()
    walker = Walker(context.new_page(), site)
    walker.page.goto(link)
    walker.page.get_by_role("button", name="Start").click()
    walker.agree()
    walker.see(step="eligibility")
    for answer in walker.page.locator("fieldset").all():
        answer.get_by_label("Yes", exact=True).check()
    for number in walker.page.locator("input[type=number]").all():
        number.fill("30")
    walker.button("next").click()
    walker.see(step="volume")
    context.close()


def let_bots_in(page: Page) -> None:
    page.get_by_label("How many").fill("4")
    page.get_by_role("button", name="Let them in").click()
    expect(page.get_by_text("4 completed").first).to_be_visible(timeout=WORKER_MS)


def read_results(page: Page) -> None:
    """The monitor opens on the colleague's session and leads to the bots'; the results have their number."""
    page.get_by_role("link", name="Monitor", exact=True).click()
    expect(page.locator("[data-monitor-summary]")).to_have_text("1 pilot session: 0 completed, 1 open.")
    page.get_by_role("link", name="4 simulated sessions").click()
    expect(page.locator("[data-monitor-summary]")).to_have_text("4 simulated sessions: 4 completed, 0 open.")
    page.get_by_role("link", name="Results").click()
    expect(page.get_by_text("simulated participants: not the study’s data")).to_be_visible()
    expect(page.get_by_text(re.compile(r"4 simulated participants gave 32 judgements of \d+ clips"))).to_be_visible()
    page.get_by_text("The same numbers as a table").last.click()
    flow = page.get_by_role("row").filter(has_text="Analysed")
    expect(flow.get_by_role("cell").last).to_have_text("4")
