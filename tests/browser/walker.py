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
        self.agree()
        self.see(step="instructions")
        self.button("next").click()
        self.see(step="trials", position=0, phase="play", sound="ready")

    def agree(self) -> None:
        """Tick every box of the consent, and agree."""
        self.see(step="consent")
        for box in self.page.locator(".tick input").all():
            box.check()
        self.button("agree").click()

    def answer(self, **answers: str) -> None:
        """Answer the questions of the page, by their codes, and go on."""
        for code, answer in answers.items():
            choice = self.page.locator(f"input[type=radio][name={code}][value='{answer}']")
            if choice.count():
                choice.check()
            else:
                self.page.locator(f"[name={code}]").fill(answer)
        self.button("next").click()

    def set_volume(self) -> None:
        self.see(step="volume")
        self.play_button.click()
        self.see(sound="playing")
        self.button("next").click()

    def check_channels(self) -> None:
        for position in range(4):
            self.screen(position)

    def screen(self, position: int, *, right: bool = True) -> None:
        """Hear a screening sound and answer it."""
        self.see(step="screening", position=position, sound="ready")
        self.play_button.click()
        self.see(position=position, sound="ended")
        answer = self.right_screening_answer()
        self.choice(str(answer if right else answer % 3 + 1)).click()

    def understand(self) -> None:
        """Pass the comprehension check of the default instructions."""
        self.see(step="instructions")
        self.answer(noise="false", anywhere="true")

    def trial(self, position: int, choice: str) -> None:
        """Hear a trial and answer it; a reason and feedback are left to the caller."""
        self.see(position=position, phase="play", sound="ready")
        self.listen()
        self.choice(choice).click()

    def question_answers(self) -> dict[str, str]:
        sql = """
            SELECT q.code, q.answer FROM studyapp_questionanswer q JOIN studyapp_session s ON s.id = q.session_id
            WHERE s.token = ? ORDER BY q.id
        """
        return {row["code"]: row["answer"] for row in self.site.rows(sql, self.token)}

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
            SELECT t.position, t.kind, t.skipped, t.completed_at, f.label, p.builtin, r.* FROM studyapp_trial t
            JOIN studyapp_session s ON s.id = t.session_id
            JOIN studyapp_presentation p ON p.trial_id = t.id AND p.interval = 0
            LEFT JOIN studyapp_frozenstimulus f ON f.id = p.frozen_stimulus_id
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
