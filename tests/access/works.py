"""What each address is for, seen in its answer or in the database. ELSEWHERE names the test where it takes more."""

from typing import Any

from studyapp.models import ApiToken, Invitation, StudyExport, StudyMember
from studyapp.services import media
from tests.access.cases import Case
from tests.access.world import World


def page(*says: str, status: int = 200, **more: Any) -> list[Case]:
    return [Case(says=each, status=status, **more) for each in says]


def done(says: str, status: int = 302, **more: Any) -> list[Case]:
    return [Case(says=says, status=status, **more)]


def _has_export_file(world: World) -> bool:
    return bool(media.read(StudyExport.objects.get(pk=world.things["export"]).file_name) == b"PK")


def _role(world: World) -> str:
    return StudyMember.objects.get(pk=world.things["member"]).role


def _is_gone(world: World) -> bool:
    return Invitation.objects.get(pk=world.things["invitation"]).revoked_at is not None


WORKS: dict[str, list[Case]] = {
    "favicon": page("", status=302),
    "login": page("Sign in", 'name="password"', who="anonymous"),
    "invitation": page("Make an account", "viewer", who="anonymous"),
    "study_schema": page('"$schema"', '"StudyConfig"'),
    "participant_landing": page('method="post"', who="anonymous"),
    "participant_withdraw": page("Withdraw from the study", 'name="code"', who="anonymous"),
    "participant_run": page("module", who="anonymous"),
    "participant_state": page('"step": "trials"', who="anonymous"),
    "participant_sound": page("RIFF", who="anonymous"),
    "password_change": page("Change your password", "new_password2"),
    "api_tokens": page("Make a token", "own"),
    "experimenters": page("Open invitations", "for a test", who="staff"),
    "audit_log": page("Who saw, changed and exported what", "make api token", who="staff"),
    "home": page("From sounds to results", "/studies/study/"),
    "studies": page("/studies/study/", "Broken", "draft"),
    "study_new": page("New study", "built (2 sounds)"),
    "study_new_yaml": page("New study from YAML"),
    "stimulus_sets": page("built", "20"),
    "stimulus_set": page("Could they be told apart without listening?", "TASys01"),
    "stimulus_sound": page("RIFF"),
    "stimulus_picture": page("PNG"),
    "set_new": page("New stimulus set", "Short name"),
    "add_sounds": page("Drop sounds, a folder, or a ZIP file here"),
    "upload_progress": page('"state": "failed"'),
    "stimulus_tags": page("Into a draft", "echo"),
    "listening": page("Listen through 20 clips", "Your passes"),
    "listening_pass": page("Clip 1 of 20"),
    "listening_sound": page("RIFF"),
    "listening_picture": page("PNG"),
    "set_build": page("Build a set", "built"),
    "set_controls": page("Matched controls for", "0 of 20 clips have a control"),
    "study": page("Launched versions", "task:"),
    "study_edit": page("What participants see", "Length and cost"),
    "study_history": page("History", "Go back"),
    "study_yaml": page("The configuration as YAML", "plays: 2"),
    "study_yaml_file": page("plays: 2"),
    "study_duplicate": page("Duplicate this study", "study-copy"),
    "study_preview": page("participant"),
    "study_pilot": page("Checklist of the design as it is now", "Simulated participants"),
    "launch_progress": page('"state": "done"'),
    "bot_run_progress": page('"state": "cancelled"', '"unit": "participants"'),
    "study_monitor": page("Flow", "Last seen"),
    "study_monitor_live": page("Flow", "Figures"),
    "study_exposure": page("How often each sound was judged", "real-"),
    "study_session": page("Session of P"),
    "study_link": page("Where each end leads", "/s/study/"),
    "study_analysis": page("Where the sessions went", "Answers"),
    "study_machines": page("Human and machine", "No machine has judged these clips"),
    "analysis_progress": page('"state": "queued"', '"unit"'),
    "study_judgements_csv": page("row_id,study_id,"),
    "study_responses": page("Import judgements gathered elsewhere", "Column of the participant"),
    "study_reason_texts": page("What participants wrote", "Nothing was written"),
    "study_methods": page("# Methods", "## References"),
    "export_progress": page('"state": "done"'),
    "export_file": page("PK"),
    "study_plan": page("Primary test", "When data collection stops"),
    "study_plan_file": page("Frozen with version 1"),
    "power": page("How many listeners, how many clips?", "The spread behind it"),
    "study_power": page("More listeners or more clips?"),
    "study_people": page("Who runs this study", "helper", "assistant"),
    "study_log": page("Who saw, changed and exported what", "invite"),
    "detector:index": page("Encoders", "2. Trainings"),
    "detector:compare": page("Compare trainings", "On the same clips"),
    "detector:training": page("On clips that no run saw", "Select clips for a study"),
    "detector:training_progress": page('"state": "done"'),
    "detector:training_curves": page('"layer"'),
    "detector:report": page("Report of training", "Confusion matrices"),
    "detector:report_progress": page('"state": "cancelled"'),
    "detector:gallery": page("Clips held out by training"),
    "detector:embedding_progress": page('"state": "done"', '"unit": "clips"'),
    "detector:scoring_progress": page('"state": "done"'),
    "detector:comparison_progress": page('"state": "cancelled"'),
    # What is sent
    "logout": done("Sign in"),
    "revoke_api_token": done(
        "opens nothing any more", holds=lambda world: ApiToken.objects.get(pk=world.things["api_token"]).revoked_at
    ),
    "revoke_experimenter": done("its link opens nothing any more", who="staff"),
    "participant_start": done("module", 303, body={}, who="anonymous"),
    "add_member": done(
        "stranger takes part now", body={"add-username": "stranger", "add-role": "editor"},
        holds=lambda world: StudyMember.objects.get(user=world.users["stranger"]).role == "editor",
    ),
    "invite_member": done(
        "/invitations/", 200, body={"invite-note": "Grace", "invite-role": "editor"},
        holds=lambda world: Invitation.objects.filter(note="Grace", role="editor").exists(),
    ),
    "set_role": done("helper is editor now", body={"role": "editor"}, holds=lambda world: _role(world) == "editor"),
    "remove_member": done(
        "takes no part any more",
        holds=lambda world: not StudyMember.objects.filter(pk=world.things["member"]).exists(),
    ),
    "revoke_invitation": done("its link opens nothing any more", holds=_is_gone),
    "hand_over": done("helper owns this study now", body={"member": "{member}", "sure": "on"}),
    "study_identifiers": done("subject_id,session_id", 200, body={"sure": "on"}),
    "ask_for_export": done(
        "Export", body={"format": "csv"}, holds=lambda world: StudyExport.objects.filter(state="queued").exists()
    ),
    "cancel_export": done("Export", holds=_has_export_file),
    "detector:cancel_training": done("It had ended already."),
    "detector:retry_training": done("nothing to do again"),
    "detector:cancel_embedding": done("It had ended already."),
    "detector:cancel_scoring": done("It had ended already."),
    "detector:retry_scoring": done("nothing to do again"),
    "detector:cancel_report": done("It had ended already."),
    "detector:cancel_comparison": done("It had ended already."),
    "detector:compute_comparison": done("Compare trainings"),
    "detector:compute_report": done("Report of training"),
}  # fmt: skip
_UPLOADS = "tests/studyapp/uploads/test_upload_pages.py"
_STORED = "tests/studyapp/services/test_stored_analyses.py"
ELSEWHERE: dict[str, tuple[str, str]] = {
    "describe_upload": (_UPLOADS, "test_a_set_is_made_filled_described_and_imported"),
    "remove_sent": (_UPLOADS, "test_sent_files_are_removed_and_discarded"),
    "discard_waiting": (_UPLOADS, "test_sent_files_are_removed_and_discarded"),
    "cancel_upload": (_UPLOADS, "test_a_job_is_cancelled_retried_described_anew_and_discarded"),
    "retry_upload": (_UPLOADS, "test_a_job_is_cancelled_retried_described_anew_and_discarded"),
    "reopen_upload": (_UPLOADS, "test_a_job_is_cancelled_retried_described_anew_and_discarded"),
    "discard_upload": (_UPLOADS, "test_a_job_is_cancelled_retried_described_anew_and_discarded"),
    "add_corpus": (
        "tests/studyapp/uploads/test_upload_work.py", "test_a_corpus_of_the_server_is_chosen_and_never_a_free_path"
    ),
    "participant_act": (
        "tests/studyapp/views/test_session_races.py", "test_one_of_several_answers_at_once_is_stored"
    ),
    "listening_end": ("tests/studyapp/views/test_listening.py", "listening_end"),
    "listening_result": ("tests/studyapp/views/test_listening.py", "result"),
    "study_redo": (
        "tests/studyapp/views/test_study_editor.py", "test_undo_and_redo_show_the_section_that_they_changed"
    ),
    "study_launch": ("tests/studyapp/views/test_pilot_page.py", "/launch/"),
    "launch_cancel": ("tests/studyapp/views/test_launch_page.py", "test_a_cancelled_launch_leaves_the_study_as_it_was"),
    "compute_analysis": (_STORED, "test_a_cancelled_one_is_not_begun_again_by_itself_but_by_the_button"),
    "cancel_analysis": (_STORED, "test_a_cancelled_one_is_not_begun_again_by_itself_but_by_the_button"),
    "study_reopen": ("tests/studyapp/views/test_pilot_page.py", "/reopen/"),
    "session_include": (
        "tests/studyapp/views/test_monitor.py", "test_an_editor_excludes_takes_back_and_ends"
    ),
    "retry_export": (
        "tests/studyapp/test_exports_page.py", "test_a_failed_export_is_done_again_by_who_asked_for_it"
    ),
    "detector:embed": ("tests/detector/test_views.py", "embed"),
    "detector:train": ("tests/detector/test_views.py", "train"),
    "detector:score": ("tests/detector/test_views.py", "score"),
    "detector:select": ("tests/detector/test_views.py", "select"),
    "detector:retry_embedding": ("tests/detector/test_views_retry.py", "retry"),
}  # fmt: skip
