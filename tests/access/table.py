"""Who may open what: every address of the site, reviewed by hand. A new address without a line fails the test.

A line says how the address is asked, and which of the rules below it follows. Read a rule as: what each actor gets.
"""

from dataclasses import dataclass, field
from typing import Any

ACTORS = ("anonymous", "stranger", "assistant", "viewer", "editor", "owner", "staff")
UNNAMED = {"favicon": "/favicon.ico"}
SIGN_IN, MISSING, REFUSED, OPEN = "sign in", "404", "403", "open"
Rule = dict[str, str]


def rule(*answers: str) -> Rule:
    return dict(zip(ACTORS, answers, strict=True))


PUBLIC = rule(*[OPEN] * 7)
SIGNED_IN = rule(SIGN_IN, *[OPEN] * 6)
# What belongs to the study: it does not exist for strangers; whose role lacks the right is told so.
PROGRESS = rule(SIGN_IN, MISSING, OPEN, OPEN, OPEN, OPEN, OPEN)
RESULTS = rule(SIGN_IN, MISSING, REFUSED, OPEN, OPEN, OPEN, OPEN)
EDIT = rule(SIGN_IN, MISSING, REFUSED, REFUSED, OPEN, OPEN, OPEN)
MANAGE = rule(SIGN_IN, MISSING, REFUSED, REFUSED, REFUSED, OPEN, OPEN)
# The owner's set and what detectors made of it: labels, which assistants must not know.
SET = rule(SIGN_IN, MISSING, MISSING, OPEN, OPEN, OPEN, OPEN)
CHANGE_SET = rule(SIGN_IN, MISSING, MISSING, REFUSED, REFUSED, OPEN, OPEN)
# Work that the owner started: theirs, and staff's, to cancel or do again.
OWN_EXPORT = rule(SIGN_IN, MISSING, REFUSED, REFUSED, REFUSED, OPEN, OPEN)
# A pass through a set is the listener's own, here the owner's: even staff have theirs.
LISTENER = rule(SIGN_IN, MISSING, MISSING, MISSING, MISSING, OPEN, MISSING)
OWN_TOKEN = rule(SIGN_IN, *[MISSING] * 4, OPEN, MISSING)
STAFF = rule(SIGN_IN, *[REFUSED] * 5, OPEN)
NOBODY = rule(SIGN_IN, *[MISSING] * 6)


@dataclass(frozen=True)
class Line:
    """How an address is asked: its rule, the method, names of the world's things for its arguments, and a body."""

    rule: Rule
    method: str = "GET"
    args: tuple[str, ...] = ()
    body: dict[str, Any] = field(default_factory=dict)


def get(rule: Rule, *args: str, **query: Any) -> Line:
    return Line(rule, "GET", args, query)


def post(rule: Rule, *args: str, **body: Any) -> Line:
    return Line(rule, "POST", args, body)


TABLE: dict[str, Line] = {
    # Pages for everybody
    "favicon": get(PUBLIC),
    "login": get(PUBLIC),
    "invitation": get(PUBLIC, "invitation_token"),
    "study_schema": get(PUBLIC),
    "participant_landing": get(PUBLIC, "study"),
    "participant_withdraw": get(PUBLIC, "study"),
    "participant_start": post(PUBLIC, "study"),
    "participant_run": get(PUBLIC, "session_token"),
    "participant_state": get(PUBLIC, "session_token"),
    "participant_act": post(PUBLIC, "session_token", "action"),
    "participant_sound": get(PUBLIC, "session_token", "sound_token"),
    # Accounts
    "logout": post(SIGNED_IN),
    "password_change": get(SIGNED_IN),
    "api_tokens": get(SIGNED_IN),
    "revoke_api_token": post(OWN_TOKEN, "api_token"),
    "experimenters": get(STAFF),
    "revoke_experimenter": post(STAFF, "site_invitation"),
    "audit_log": get(STAFF),
    # First pages
    "home": get(SIGNED_IN),
    "studies": get(SIGNED_IN),
    "study_new": get(SIGNED_IN),
    "study_new_yaml": get(SIGNED_IN),
    "stimulus_sets": get(SIGNED_IN),
    # A set
    "stimulus_set": get(SET, "set"),
    "stimulus_sound": get(SET, "set", "stimulus"),
    "set_new": get(SIGNED_IN),
    "add_sounds": get(CHANGE_SET, "set"),
    "add_file": post(CHANGE_SET, "set"),
    # Of a file that is not there.
    "remove_sent": post(rule(SIGN_IN, MISSING, MISSING, REFUSED, REFUSED, MISSING, MISSING), "set"),
    "discard_waiting": post(CHANGE_SET, "set"),
    "add_corpus": post(rule(SIGN_IN, MISSING, MISSING, REFUSED, REFUSED, REFUSED, OPEN), "set"),
    "describe_upload": get(CHANGE_SET, "set"),
    "upload_progress": get(SET, "set", "upload"),
    "cancel_upload": post(CHANGE_SET, "set", "upload"),
    "retry_upload": post(CHANGE_SET, "set", "upload"),
    "reopen_upload": post(CHANGE_SET, "set", "upload"),
    "discard_upload": post(CHANGE_SET, "set", "upload"),
    "stimuli_change": post(CHANGE_SET, "set"),
    "stimulus_picture": get(SET, "set", "stimulus"),
    "stimulus_tags": get(SET, "set"),
    "listening": get(SET, "set"),
    "listening_pass": get(LISTENER, "set", "listening_pass"),
    "listening_end": post(LISTENER, "set", "listening_pass"),
    "listening_result": get(LISTENER, "set", "listening_pass"),
    "listening_clip": post(LISTENER, "set", "listening_pass", "place"),
    "listening_sound": get(LISTENER, "set", "listening_pass", "place"),
    "listening_picture": get(LISTENER, "set", "listening_pass", "place", "picture_kind"),
    "set_build": get(SIGNED_IN),
    "set_take_out": post(CHANGE_SET, "set"),
    "set_controls": get(SET, "set"),
    # A study
    "study": get(PROGRESS, "study"),
    "study_edit": get(EDIT, "study"),
    "study_edit_section": post(EDIT, "study", "section"),
    "study_setting": Line(EDIT, "PATCH", ("study",), {"path": "task.plays", "value": 2, "base": 0}),
    "study_undo": post(EDIT, "study"),
    "study_redo": post(EDIT, "study"),
    "study_history": get(EDIT, "study"),
    "study_restore": post(EDIT, "study", "revision_number"),
    "study_yaml": get(EDIT, "study"),
    "study_yaml_file": get(EDIT, "study"),
    "study_duplicate": get(EDIT, "study"),
    "study_preview": get(EDIT, "study", "screen"),
    "study_pilot": get(EDIT, "study"),
    "study_pause": post(EDIT, "study"),
    "pilot_link_renew": post(EDIT, "study"),
    "pilot_preview": post(EDIT, "study"),
    "ask_for_bots": post(EDIT, "study"),
    "bots_delete": post(EDIT, "study"),
    "bot_run_progress": get(EDIT, "study", "bot_run"),
    "cancel_bots": post(OWN_EXPORT, "study", "bot_run"),
    "retry_bots": post(OWN_EXPORT, "study", "bot_run"),
    "study_monitor": get(PROGRESS, "study"),
    "study_monitor_live": get(PROGRESS, "study"),
    "study_exposure": get(PROGRESS, "study"),
    "study_session": get(PROGRESS, "study", "session"),
    "session_exclude": post(EDIT, "study", "session"),
    "session_include": post(EDIT, "study", "session"),
    "session_end": post(EDIT, "study", "session"),
    "study_link": get(EDIT, "study"),
    "study_launch": post(EDIT, "study"),
    "launch_progress": get(EDIT, "study", "launch"),
    "launch_cancel": post(OWN_EXPORT, "study", "launch"),
    "study_close": post(EDIT, "study"),
    "study_reopen": post(EDIT, "study"),
    "study_analysis": get(RESULTS, "study"),
    "study_machines": get(RESULTS, "study"),
    "analysis_progress": get(RESULTS, "study", "stored_analysis"),
    "compute_analysis": post(RESULTS, "study", "stored_analysis"),
    "cancel_analysis": post(RESULTS, "study", "stored_analysis"),
    "study_judgements_csv": get(RESULTS, "study"),
    "study_responses": get(EDIT, "study"),
    "study_reason_texts": get(RESULTS, "study"),
    "study_methods": get(RESULTS, "study"),
    "ask_for_export": post(RESULTS, "study"),
    "export_progress": get(RESULTS, "study", "export"),
    "export_file": get(RESULTS, "study", "export"),
    "cancel_export": post(OWN_EXPORT, "study", "export"),
    "retry_export": post(OWN_EXPORT, "study", "export"),
    "study_plan": get(RESULTS, "study"),
    "study_plan_file": get(RESULTS, "study", "version_number", "plan_ending"),
    "power": get(SIGNED_IN),
    "study_power": get(EDIT, "study"),
    "study_people": get(MANAGE, "study"),
    "invite_member": post(MANAGE, "study"),
    "add_member": post(MANAGE, "study"),
    "hand_over": post(MANAGE, "study"),
    "set_role": post(MANAGE, "study", "member", role="viewer"),
    "remove_member": post(MANAGE, "study", "member"),
    "revoke_invitation": post(MANAGE, "study", "invitation"),
    "study_log": get(MANAGE, "study"),
    "study_identifiers": post(MANAGE, "study", sure="on"),
    # Detectors
    "detector:index": get(SIGNED_IN),
    "detector:embed": post(SIGNED_IN),
    "detector:train": post(SIGNED_IN),
    "detector:compare": get(SET, training=["training", "other_training"]),
    "detector:compute_comparison": post(SET, training=["training", "other_training"]),
    "detector:training": get(SET, "training"),
    "detector:training_progress": get(SET, "training"),
    "detector:training_curves": get(SET, "training"),
    "detector:report": get(SET, "training"),
    "detector:report_progress": get(SET, "training"),
    "detector:compute_report": post(SET, "training"),
    "detector:gallery": get(SET, "training"),
    "detector:score": post(SET, "training"),
    "detector:select": post(SET, "training"),
    "detector:embedding_progress": get(SET, "embedding"),
    "detector:scoring_progress": get(SET, "scoring"),
    "detector:comparison_progress": get(SET, "comparison"),
    "detector:cancel_embedding": post(CHANGE_SET, "embedding"),
    "detector:retry_embedding": post(CHANGE_SET, "embedding"),
    "detector:cancel_training": post(CHANGE_SET, "training"),
    "detector:retry_training": post(CHANGE_SET, "training"),
    "detector:cancel_report": post(CHANGE_SET, "training"),
    "detector:cancel_scoring": post(CHANGE_SET, "scoring"),
    "detector:retry_scoring": post(CHANGE_SET, "scoring"),
    "detector:cancel_comparison": post(CHANGE_SET, "comparison"),
}
