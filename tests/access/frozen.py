"""What each address that changes a study or a set does once the study is launched: its version stays as it was.

stored: the change goes into the draft, and the page says so; the next launch makes a version of it.
refused: the words of the refusal; nothing is stored. outside: no part of a version is named by what it changes.
"""

from dataclasses import dataclass
from typing import Any

from tests.access.bad_input import BOTS, RESPONSES
from tests.access.cases import Case


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """A good request, and what comes of it."""

    case: Case
    is_refused: bool = False


def stored(says: str, status: int = 302, **more: Any) -> Frozen:
    return Frozen(case=Case(says=says, status=status, **more))


def refused(says: str, status: int = 302, **more: Any) -> Frozen:
    return Frozen(case=Case(says=says, status=status, **more), is_refused=True)


BASE = {"base": "{revision}"}
YAML = "slug: study\ntitle: Another\nstimulus_set: {set}\n"
STAYS = "Launched versions stay as they are"
NAMED = ("participant_id", "stimulus_id", "response")
WHY = {"sure": "yes", "detail": "why"}
FACTS = {"clip": "{stimulus}", "step": "confirm", "n": "1", "category": "birds"}
FROZEN: dict[str, Frozen | str] = {
    # The design
    "study_edit": stored("The section is stored", body=BASE | {"do": "reset task.plays"}),
    "study_edit_section": stored("The section is stored", body=BASE | {"do": "reset task.plays"}),
    "study_setting": stored('"revision": 3', 200, sends={"path": "task.plays", "value": 3, "base": 2}),
    "study_undo": stored("is undone", body=BASE),
    "study_redo": refused("nothing to redo", body=BASE),
    "study_restore": stored("as it was at revision 1", body=BASE),
    "study_yaml": stored(STAYS, body=BASE | {"text": YAML}),
    "stimulus_tags": refused("was launched, and its reasons are its own", body={"study": "study"}),
    "study_duplicate": stored("stored as a draft", body={"title": "Copy", "slug": "copy", "stimulus_set": "{set}"}),
    "launch_cancel": refused("ended before it could be cancelled"),
    "study_launch": "is how a version comes about: the one before it stays, as the test below says",
    # The sounds
    "stimuli_change": stored("Launched versions keep what they had", body=FACTS),
    "set_take_out": stored("2 clips were taken out", args=("built",), body={"clip": ["{stimulus}", "{second}"]}),
    "set_build": stored("added to", body={"which": "all", "into": "new-one"}, query="sets={set}"),
    "set_controls": "adds clips to a set that was built, as set_build does",
    "add_file": stored('"n_bytes": 3', 200, sends=b"abc", headers={"X-File-Name": "a.wav"}),
    "listening_clip": stored("in_doubt", 200, sends={"in_doubt": True}),
    # The study's life
    "study_pause": stored("The study is paused"),
    "study_close": stored("The study is closed"),
    "study_reopen": refused("the study is live"),
    "pilot_link_renew": stored("There is a new pilot link"),
    "pilot_preview": stored("", body={"place": "consent"}),
    "ask_for_bots": stored("It waits for a worker", body=BOTS),
    "bots_delete": stored("0 sessions of simulated participants"),
    "retry_bots": stored("It waits for a worker"),
    "cancel_bots": stored(""),
    # Its sessions
    "study_responses": refused("no sound", 400, body=RESPONSES | {"text": f"{','.join(NAMED)}\nx,y,fake\n"}),
    "session_exclude": stored("left out of analyses", body=WHY),
    "session_include": refused("not there any more", body=WHY | {"exclusion": "manual"}),
    "session_end": stored("The session is ended", body=WHY | {"outcome": "timed_out"}),
}
