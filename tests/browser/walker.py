"""Walks the participant's page as a person does: looks at it, presses keys, clicks. Runs no script in the page."""

import os
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

from tests.browser.site_process import Site

SHOTS = Path(__file__).resolve().parents[2] / "docs/screenshots"
PATIENCE_MS = 15_000


class Walker:
    """A participant in a browser."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page = page
        self.site = site

    @property
    def token(self) -> str:
        return self.page.url.rstrip("/").rsplit("/", 1)[-1]

    def see(self, **marks: str | int) -> None:
        """Wait until the page's marks (data-* of #run) are these."""
        conditions = "".join(f'[data-{name}="{value}"]' for name, value in marks.items())
        self.page.locator(f"#run{conditions}").wait_for(timeout=PATIENCE_MS)

    def button(self, action: str) -> Locator:
        return self.page.locator(f"button[data-action={action}]")

    @property
    def play_button(self) -> Locator:
        return self.page.locator("button.play")

    def choice(self, value: str) -> Locator:
        return self.page.locator(f"button[data-choice='{value}']")

    def shoot(self, name: str) -> None:
        """Keep a picture for the README, when asked to."""
        if os.environ.get("EARWITNESS_SCREENSHOTS") == "1":
            SHOTS.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=SHOTS / f"participant-{name}.png")

    def begin(self, slug: str) -> None:
        """Go to the first trial of a study that has no volume step and no screening."""
        self.page.goto(self.site.start_session(slug))
        self.see(step="consent")
        self.button("agree").click()
        self.see(step="instructions")
        self.button("next").click()
        self.see(step="trials", position=0, phase="play")

    def listen(self) -> None:
        """Play the sound and wait for its end."""
        self.play_button.click()
        self.see(sound="ended", phase="answer")

    def right_screening_answer(self) -> int:
        sql = """
            SELECT right_answer FROM studyapp_screeningtrial t JOIN studyapp_screeningattempt a ON a.id = t.attempt_id
            JOIN studyapp_session s ON s.id = a.session_id
            WHERE s.token = ? AND t.answer IS NULL ORDER BY a.number, t.position LIMIT 1
        """
        return int(self.site.rows(sql, self.token)[0]["right_answer"])

    def session(self) -> dict[str, Any]:
        return self.site.rows("SELECT * FROM studyapp_session WHERE token = ?", self.token)[0]

    def answers(self) -> list[dict[str, Any]]:
        """Return the trials in their order, each with its answer."""
        sql = """
            SELECT t.position, t.completed_at, r.* FROM studyapp_trial t JOIN studyapp_session s ON s.id = t.session_id
            LEFT JOIN studyapp_response r ON r.trial_id = t.id WHERE s.token = ? ORDER BY t.position
        """
        return self.site.rows(sql, self.token)

    def plays(self) -> list[dict[str, Any]]:
        sql = """
            SELECT t.position, p.* FROM studyapp_play p JOIN studyapp_presentation x ON x.id = p.presentation_id
            JOIN studyapp_trial t ON t.id = x.trial_id JOIN studyapp_session s ON s.id = t.session_id
            WHERE s.token = ? ORDER BY t.position, p.number
        """
        return self.site.rows(sql, self.token)

    def reasons(self) -> list[dict[str, Any]]:
        sql = """
            SELECT t.position, c.code, c.text FROM studyapp_chosenreason c
            JOIN studyapp_response r ON r.id = c.response_id JOIN studyapp_trial t ON t.id = r.trial_id
            JOIN studyapp_session s ON s.id = t.session_id WHERE s.token = ? ORDER BY t.position, c.id
        """
        return self.site.rows(sql, self.token)

    def events(self) -> list[str]:
        sql = """
            SELECT e.event FROM studyapp_clientevent e JOIN studyapp_session s ON s.id = e.session_id
            WHERE s.token = ? ORDER BY e.id
        """
        return [row["event"] for row in self.site.rows(sql, self.token)]
