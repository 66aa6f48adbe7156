"""What is wrong to send to each address that takes something: every case is refused in words, and changes nothing.

A new address that takes a form or a body has no entry here, and fails the test. `str` says why there is none.
"""

from typing import Any

from tests.access.cases import Case, bad

NUL = "a\x00b"
LONG = "x" * 6000
HUGE = "9" * 30
NOTHING = "takes nothing but its address"
GONE = "This page is not there"
BOTS: dict[str, Any] = {
    "n": "3", "d_prime": "1", "criterion_c": "0", "drop_out": "0", "listener_sd": "0", "clip_sd": "0", "seed": "5",
    "profile": "even",
}  # fmt: skip
STUDY = {"title": "T", "slug": "fresh", "stimulus_set": "{set}", "preset": "paper"}
TWICE = {"new_password1": "Quiet-harbour-31", "new_password2": "Quiet-harbour-31"}


def missing(*keys: Any) -> list[Case]:
    """Return what is asked of a thing that is not there: of an unknown number, and of one that no column holds."""
    return [bad("", 404, args=(*keys, number)) for number in (0, 10**18, 10**30)]


def _patches(*bodies: tuple[Any, int, str]) -> list[Case]:
    return [bad(says, status, sends=body) for body, status, says in bodies]


RESPONSES = {f"column_{name}": name for name in ("participant_id", "stimulus_id", "response")}
RESPONSES |= {"fake": "fake", "real": "real", "rt_from": "onset"}
PUBLIC: dict[str, list[Case] | str] = {
    "login": [
        bad("do not match", 200, body={"username": "owner", "password": "wrong"}, who="anonymous"),
        bad("do not match", 200, body={"username": ""}, who="anonymous"),
        bad("do not match", 200, body={"username": NUL, "password": "x"}, who="anonymous"),
    ],
    "logout": NOTHING,
    "invitation": [
        bad("This field is required", body={"username": "x"}, who="anonymous"),
        bad("This name is taken", body={"username": "OWNER", "password1": "", "password2": ""}, who="anonymous"),
        bad("at most 150", body={"username": "x" * 151}, who="anonymous"),
        bad("is used, withdrawn or over", 404, args=("x" * 43,), who="anonymous"),
    ],
    "participant_withdraw": [
        bad("belongs to no session", 404, body={"code": code}, who="anonymous") for code in ("", "WRONG", NUL, LONG)
    ],
    "participant_start": [
        bad("", 403, body={"bot": "forged"}, who="anonymous"),
        bad("", 403, body={"preview": NUL}, who="anonymous"),
        bad("", 403, body={"pilot": "forged"}, who="anonymous"),
        bad("", 404, args=("never",), who="anonymous"),
    ],
    "participant_act": [
        bad("must be application/json", 422, sends=b"{}"),
        *_patches(
            ([], 422, "not a JSON object"), ({"key": "12345678", "position": 2}, 422, "choice"),
            ({"key": "short"}, 422, "key"), ({"key": "12345678", "position": "x", "choice": "fake"}, 422, "position"),
            ({"key": "12345678", "position": 10**30, "choice": "fake", "rt_from_onset_ms": 9.0}, 422, "position"),
            ({"key": "12345678", "position": 2, "choice": NUL, "rt_from_onset_ms": 9.0}, 422, "choice"),
            ({"key": "12345678", "position": 2, "choice": "fake", "label": "fake"}, 422, "invalid"),
        ),
        bad("no such action", 404, args=("session_token", "cheat"), sends={"key": "12345678"}),
        bad("no such session", 404, args=("x" * 43, "withdraw"), sends={"key": "12345678"}),
    ],
}  # fmt: skip
ACCOUNTS: dict[str, list[Case] | str] = {
    "password_change": [
        bad("old password", body=TWICE | {"old_password": "wrong"}),
        bad("This field is required", body={"new_password1": "x"}),
        bad("Null characters", body=TWICE | {"old_password": NUL}),
    ],
    "api_tokens": [
        bad("This field is required", body={"name": "", "may_write": "no"}),
        bad("Select a valid choice", body={"name": "x", "may_write": "all"}),
        bad("Select a valid choice", body={"name": "x", "may_write": "no", "lasts": "9"}),
        bad("at most 100", body={"name": LONG, "may_write": "no"}),
        bad("Null characters", body={"name": NUL, "may_write": "no"}),
    ],
    "revoke_api_token": missing(),
    "experimenters": [
        bad("This field is required", body={"note": ""}, who="staff"),
        bad("at most 200", body={"note": LONG}, who="staff"),
        bad("Null characters", body={"note": NUL}, who="staff"),
    ],
    "revoke_experimenter": [bad("", 404, args=(key,), who="staff") for key in (0, 10**30)],
}
SETS: dict[str, list[Case] | str] = {
    "set_new": [
        bad("This field is required", body={"title": ""}),
        bad("letters (a to z)", body={"title": "x", "slug": "a b"}),
        bad("already", body={"title": "x", "slug": "built"}),
        bad("at most 200", body={"title": LONG}),
        bad("Null characters", body={"title": NUL}),
    ],
    "add_file": [
        bad("a.exe", 415, sends=b"x", headers={"X-File-Name": "a.exe"}),
        bad("not valid text", 400, sends=b"x", headers={"X-File-Name": "%ff.wav"}),
        bad("name", 400, sends=b"x", headers={"X-File-Name": "%00.wav"}),
        bad("name", 400, sends=b"x", headers={"X-File-Name": ""}),
    ],
    "remove_sent": [bad("not there any more", 404, body={"name": name}) for name in ("", "none.wav", NUL, LONG)],
    "discard_waiting": NOTHING,
    "add_corpus": [
        bad("no such corpus", 302, body={"folder": folder}, who="staff") for folder in ("", "../etc", NUL, LONG)
    ],
    "describe_upload": "has nothing to describe here: tests/studyapp/uploads/test_upload_pages.py sends bad ones",
    "cancel_upload": missing("set"),
    "retry_upload": missing("set"),
    "reopen_upload": missing("set"),
    "discard_upload": missing("set"),
    "stimuli_change": [
        bad("No clip is chosen", 302, body={}),
        bad("No clip is chosen", 302, body={"clip": ["x", "0", HUGE, "²", NUL]}),
        bad("Nothing is to be changed", 422, body={"clip": "{stimulus}", "step": "look"}),
        bad("Select a valid choice", 422, body={"clip": "{stimulus}", "step": "look", "label": "green"}),
        bad("at most 100", 422, body={"clip": "{stimulus}", "step": "confirm", "n": "1", "category": LONG}),
        bad("Null characters", 422, body={"clip": "{stimulus}", "step": "confirm", "n": "1", "category": NUL}),
        bad("Look at the change again", 422, body={"clip": "{stimulus}", "step": "confirm", "n": "7", "category": "y"}),
        bad("not both", 422, body={"clip": "{stimulus}", "step": "look", "generator": "g", "empty_generator": "on"}),
    ],
    "stimulus_tags": [
        bad("", 404, body={"study": study}) for study in ("", "none", NUL, LONG)
    ] + [bad("No clip of this set has a tag yet", 302, args=("built",), body={"study": "draft"})],
    "listening": [
        bad("Select a valid choice", 422, body={"order": "any"}),
        bad("This field is required", 422, body={}),
        bad("whole number", 422, body={"order": "shuffled", "seed": "x"}),
        bad("less than or equal", 422, body={"order": "shuffled", "seed": HUGE}),
        bad("may tell real from fake", 422, body={"order": "set", "is_blind": "on"}),
        bad("nothing to hear", 422, body={"order": "set"}, query="q=no+such+name"),
    ],
    "listening_end": missing("set"),
    "listening_clip": [
        *_patches(
            ([], 422, "object"), ({"tags": "x"}, 422, "tags"), ({"text": 1}, 422, "text"),
            ({"text": NUL}, 422, "text"), ({"text": LONG}, 422, "text"), ({"guess": "green"}, 422, "guess"),
            ({"owner": 1}, 422, "owner"), ({"tags": ["x" * 500]}, 422, "tag"), ({"in_doubt": "yes"}, 422, "in_doubt"),
        ),
        bad("JSON", 422, sends=b"{"),
        bad("", 404, args=("set", "listening_pass", 999), sends={"text": "x"}),
        bad("", 404, args=("set", 0, 0), sends={"text": "x"}),
    ],
    "set_build": [
        bad("This field is required", body={"which": "all"}, query="sets={set}"),
        bad("letters, digits", body={"which": "all", "into": "a b"}, query="sets={set}"),
        bad("taken by a set that you cannot add to", body={"which": "all", "into": "{set}"}, query="sets={set}"),
        bad("No clip is chosen", body={"into": "new-one", "clip": ["0", "x", HUGE]}, query="sets={set}"),
        bad("is below", body={"which": "all", "into": "n"}, query="sets={set}&duration_from=9&duration_to=1"),
        bad("Choose the machine", body={"which": "all", "into": "n"}, query="sets={set}&score_from=0.5"),
        bad("not one of the available", body={"which": "all", "into": "n"}, query="sets=none"),
        bad("Null characters", body={"which": "all", "into": NUL}, query="sets={set}"),
    ],
    "set_take_out": [
        bad("only be taken out of a set that you built", 302, body={"clip": "{stimulus}"}),
        bad("nothing to take out", 302, args=("built",), body={}),
        bad("nothing to take out", 302, args=("built",), body={"clip": ["x", "0", HUGE]}),
    ],
    "set_controls": [
        bad("This field is required", args=("built",), body={"into": ""}),
        bad("cannot add to", args=("built",), body={"into": "{set}"}),
        bad("letters, digits", args=("built",), body={"into": "a b"}),
        bad("Choose the machine", body={"into": "n"}, query="sets={set}&kind=got_right"),
        bad("Select a valid choice", body={"into": "n"}, query="sets={set}&kind=any"),
        bad("Null characters", args=("built",), body={"into": NUL}),
    ],
}  # fmt: skip
STUDIES: dict[str, list[Case] | str] = {
    "study_new": [
        bad("This field is required", body=STUDY | {"title": ""}),
        bad("Select a valid choice", body=STUDY | {"stimulus_set": "none"}),
        bad("Select a valid choice", body=STUDY | {"stimulus_set": "{set}", "preset": "none"}),
        bad("is taken by another study", body=STUDY | {"slug": "study"}),
        bad("a-z, 0-9", body=STUDY | {"slug": "Not A Slug"}),
        bad("at most 200", body=STUDY | {"title": LONG}),
        bad("Null characters", body=STUDY | {"title": NUL}),
    ],
    "study_new_yaml": [
        bad("Choose a file, or paste", body={"text": " "}),
        bad("line 2", body={"text": "slug: [\n"}),
        bad("stimulus_set: is required", body={"text": "slug: s\ntitle: T\n"}),
        bad("is not a setting", body={"text": "slug: s\ntitle: T\nstimulus_set: built\ncolour: red\n"}),
        bad("there is no set 'none'", body={"text": "slug: s\ntitle: T\nstimulus_set: none\n"}),
        bad("Null characters", body={"text": NUL}),
    ],
    "study_duplicate": [
        bad("This field is required", body={"title": ""}),
        bad("is taken by another study", body=STUDY | {"slug": "study"}),
        bad("Select a valid choice", body=STUDY | {"stimulus_set": "none"}),
        bad("Null characters", body=STUDY | {"title": NUL}),
    ],
    "study_edit": [
        bad("must be", body={"base": "{revision}", "title": ""}),
        bad("", 302, body={"base": "0", "title": "Late"}),
    ],
    "study_edit_section": [
        bad("must be at least 1, not 0", body={"base": "{revision}", "task.plays": "0"}),
        bad("whole number", body={"base": "{revision}", "task.plays": "x"}),
        bad("not a setting", body={"base": "{revision}", "do": "reset colour"}),
        bad("Load the page again", 302, body={"base": "1", "task.plays": "3"}),
        bad(GONE, 404, args=("study", "nowhere"), body={}),
    ],
    "study_setting": [
        bad("path must name a setting", sends={"path": "colour", "value": 1, "base": 2}),
        bad("give a value", sends={"path": "task.plays", "base": 2}),
        bad("base must be", sends={"path": "task.plays", "value": 3}),
        bad("base must be", sends={"path": "task.plays", "value": 3, "base": True}),
        bad("must be application/json", sends=b"{}"),
        bad("Load the page again", 409, sends={"path": "task.plays", "value": 3, "base": 1}),
        bad("at most 10", 422, sends={"path": "task.plays", "value": 11, "base": 2}),
        bad("whole number", 422, sends={"path": "task.plays", "value": "x", "base": 2}),
        bad("not a setting that can be changed", 422, sends={"path": "task", "value": {}, "base": 2}),
        bad("problems", 422, sends={"path": "title", "value": NUL, "base": 2}),
        bad("problems", 422, sends={"path": "title", "value": LONG, "base": 2}),
        bad("there is no set", 422, sends={"path": "stimulus_set", "value": "none", "base": 2}),
    ],
    "study_undo": [bad("Load the page again", 302, body={"base": "1"})],
    "study_redo": [bad("nothing to redo", 302, body={"base": "x"})],
    "study_restore": [*missing("study"), bad("Nothing was changed", 302, body={"base": "1"})],
    "study_yaml": [
        bad("line 2", body={"text": "slug: study\ntitle: 7\nstimulus_set: {set}\n", "base": "{revision}"}),
        bad("is the study's address", body={"text": "slug: other\ntitle: T\nstimulus_set: {set}\n"}),
        bad("Load the page again", body={"text": "slug: study\ntitle: T\nstimulus_set: {set}\n", "base": "1"}),
        bad("Choose a file, or paste", body={"text": ""}),
        bad("Null characters", body={"text": NUL}),
    ],
    "study_launch": [bad("stimulus_set", 302, args=("broken",), body={})],
    "launch_cancel": missing("study"),
    "compute_analysis": missing("study"),
    "cancel_analysis": missing("study"),
    "study_pause": [bad("the study is draft", 302, args=("draft",))],
    "study_close": [bad("the study is draft", 302, args=("draft",))],
    "study_reopen": [bad("the study is draft", 302, args=("draft",))],
    "pilot_link_renew": NOTHING,
    "pilot_preview": [
        *(bad("has no step", 302, body={"place": place}) for place in ("", "nowhere", NUL, LONG)),
        bad("Launch the study as a pilot first", 302, args=("draft",), body={"place": "consent"}),
    ],
    "ask_for_bots": [
        bad("This field is required", body={}),
        *(bad("", body=BOTS | {key: value}) for key, value in (
            ("n", "0"), ("n", "501"), ("n", "x"), ("d_prime", "nan"), ("seed", HUGE), ("drop_out", "2"),
            ("profile", "any"), ("profile", NUL),
        )),
        bad("Launch the study as a pilot first", args=("draft",), body=BOTS),
    ],
    "bots_delete": NOTHING,
    "cancel_bots": missing("study"),
    "retry_bots": missing("study"),
    "session_exclude": [
        bad("Tick the box", 302, body={"detail": "why"}),
        bad("Say why", 302, body={"sure": "yes"}),
        bad("Say why", 302, body={"sure": "yes", "detail": LONG}),
        bad("Say why", 302, body={"sure": "yes", "detail": "\x00"}),
        *missing("study"),
    ],
    "session_include": [
        bad("Tick the box", 302, body={"detail": "why"}),
        bad("not there any more", 302, body={"sure": "yes", "detail": "why", "exclusion": "manual"}),
        bad("not there any more", 302, body={"sure": "yes", "detail": "why", "exclusion": NUL}),
        bad("Say why", 302, body={"sure": "yes", "exclusion": "manual"}),
        *missing("study"),
    ],
    "session_end": [
        bad("Tick the box", 302, body={"detail": "why", "outcome": "timed_out"}),
        bad("Choose how", 302, body={"sure": "yes", "detail": "why", "outcome": "completed"}),
        bad("Choose how", 302, body={"sure": "yes", "detail": "why", "outcome": NUL}),
        bad("Say why", 302, body={"sure": "yes", "outcome": "timed_out"}),
        *missing("study"),
    ],
    "ask_for_export": [
        bad("", 404, body={"origin": "none"}),
        bad("", 404, body={"format": "none"}),
        bad("", 404, body={"origin": NUL}),
        bad("", 302, args=("draft",), body={}),
    ],
    "study_responses": [
        bad("Choose a file, or paste its text", body=RESPONSES),
        bad("no column participant_id", body=RESPONSES | {"text": "a,b\n1,2\n"}),
        bad("stands for both", body=RESPONSES | {"text": "a,b\n1,2\n", "real": "fake"}),
        bad("is not NAME=VALUE", body=RESPONSES | {"text": "a,b\n1,2\n", "only": "Display"}),
        bad("no sound", body=RESPONSES | {"text": "participant_id,stimulus_id,response\nx,nowhere.wav,fake\n"}),
        bad("This field is required", body={"text": "a"}),
        bad("Null characters", body=RESPONSES | {"text": NUL}),
        bad("is no JSON", body=RESPONSES | {"text": "[1"}),
        bad("never launched", args=("draft",), body=RESPONSES | {"text": "a,b\n1,2\n"}),
    ],
    "study_identifiers": [
        bad("Tick that you need the identities", 302, body={}),
        bad("", 404, body={"sure": "on", "origin": "none"}),
        bad("", 404, body={"sure": "on", "origin": NUL}),
    ],
    "cancel_export": missing("study"),
    "retry_export": missing("study"),
    "invite_member": [
        bad("This field is required", body={"invite-role": "editor"}),
        bad("Select a valid choice", body={"invite-note": "x", "invite-role": "owner"}),
        bad("at most 200", body={"invite-note": LONG, "invite-role": "editor"}),
        bad("Null characters", body={"invite-note": NUL, "invite-role": "editor"}),
    ],
    "add_member": [
        bad("No account has the name", body={"add-username": "nobody", "add-role": "editor"}),
        bad("owns this study", body={"add-username": "owner", "add-role": "editor"}),
        bad("takes part already", body={"add-username": "viewer", "add-role": "editor"}),
        bad("Select a valid choice", body={"add-username": "stranger", "add-role": "owner"}),
        bad("at most 150", body={"add-username": LONG, "add-role": "editor"}),
        bad("Null characters", body={"add-username": NUL, "add-role": "editor"}),
    ],
    "hand_over": [
        bad("tick that you mean it", 302, body={"member": "{member}"}),
        bad("tick that you mean it", 302, body={"member": HUGE, "sure": "on"}),
        bad("", 404, body={"member": "0", "sure": "on"}),
    ],
    "set_role": [
        *(bad("There is no such role", 302, body={"role": role}) for role in ("", "owner", NUL)),
        *missing("study"),
    ],
    "remove_member": missing("study"),
    "revoke_invitation": missing("study"),
}  # fmt: skip
EMBED = {"embed-stimulus_set": "{set}", "embed-encoder": "aisfx"}
TRAIN = {
    "train-stimulus_set": "{set}", "train-encoder": "aisfx", "train-protocol": "paper", "train-n_runs": "1",
    "train-seed": "1",
}  # fmt: skip
SELECT = {"buckets": "incorrect_positive", "run_choice": "best", "per_class": "7", "into": "chosen"}
DETECTOR: dict[str, list[Case] | str] = {
    "detector:embed": [
        bad("Choose a set", 422, body={}),
        bad("no such set", 422, body=EMBED | {"embed-stimulus_set": "none"}),
        bad("Select a valid choice", 422, body=EMBED | {"embed-encoder": "none"}),
        bad("no such set", 422, body=EMBED | {"embed-stimulus_set": NUL}),
    ],
    "detector:train": [
        bad("Choose a set", 422, body={}),
        bad("Select a valid choice", 422, body=TRAIN | {"train-protocol": "none"}),
        bad("greater than or equal", 422, body=TRAIN | {"train-n_runs": "0"}),
        bad("less than or equal", 422, body=TRAIN | {"train-seed": HUGE}),
        bad("whole number", 422, body=TRAIN | {"train-seed": "x"}),
        bad("vectors", 422, body=TRAIN | {"train-encoder": "clap-2023"}),
    ],
    "detector:compute_comparison": [
        bad("two", 302, body={"training": ["{training}"]}),
        bad("", 404, body={"training": ["0", "{training}"]}),
        bad("", 404, body={"training": ["x"]}),
        bad("", 404, body={"training": [HUGE]}),
        bad("", 404, body={"training": [NUL]}),
    ],
    "detector:compute_report": missing(),
    "detector:score": [
        bad("Choose a set", 422, body={"score-run_choice": "best"}),
        bad("no run 99", 422, body={"score-run_choice": "99", "score-stimulus_set": "{set}"}),
        bad("type best", 422, body={"score-run_choice": "x", "score-stimulus_set": "{set}"}),
        bad("no such set", 422, body={"score-run_choice": "best", "score-stimulus_set": "none"}),
        *missing(),
    ],
    "detector:select": [
        bad("tick at least one", 422, body=SELECT | {"buckets": []}),
        bad("Select a valid choice", 422, body=SELECT | {"buckets": "none"}),
        bad("from 1 to 1000", 422, body=SELECT | {"per_class": "0"}),
        bad("from 0 to 10", 422, body=SELECT | {"n_controls": "11"}),
        bad("letters from a to z", 422, body=SELECT | {"into": "a b"}),
        bad("no run 99", 422, body=SELECT | {"run_choice": "99"}),
        bad("built", 422, body=SELECT | {"into": "built"}),
        *missing(),
    ],
    **{
        f"detector:{name}": missing()
        for name in (
            "cancel_embedding", "retry_embedding", "cancel_training", "retry_training", "cancel_report",
            "cancel_scoring", "retry_scoring", "cancel_comparison",
        )
    },
}  # fmt: skip
BAD: dict[str, list[Case] | str] = PUBLIC | ACCOUNTS | SETS | STUDIES | DETECTOR
