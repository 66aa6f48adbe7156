"""What the tests of the API ask about: a launched study with answers, its people, their tokens."""

import io
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import numpy as np
import soundfile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import MULTIPART_CONTENT, encode_multipart
from django.utils import timezone

from studyapp.exports.work import plan_export
from studyapp.models import ApiToken, StudyExport, StudyMember, User
from studyapp.services.api_tokens import make_token
from studyapp.services.launch import plan_launch
from studyapp.services.study_create import create_study
from studyapp.vocab import Origin
from tests.factories import make_machine, make_session, make_user
from tests.studyapp.launched import BARE, launch

BOUNDARY = "boundary-of-tests"


@dataclass(frozen=True, kw_only=True)
class Call:
    """How an operation is asked: what works, who lacks the right, and what is wrong to send."""

    path: str
    works: int = 200
    needs: str = ""  # the right that an assistant lacks ("results") or a viewer ("edit"), "own_set" for a set
    json: Any = None
    form: dict[str, Any] | None = None
    bad: str = ""  # another path, or the same with a wrong query
    bad_json: Any = None
    bad_status: int = 422
    is_of_study: bool = True


def wav(seed: int = 1) -> bytes:
    target = io.BytesIO()
    noise = 0.1 * np.random.default_rng(seed).standard_normal(4000)
    soundfile.write(target, noise, 8000, format="WAV", subtype="PCM_16")
    return target.getvalue()


@dataclass
class World:
    """People with their tokens, and a study with a set, sessions, a machine and an export."""

    owner: User
    tokens: dict[str, str] = field(default_factory=dict)
    export_key: int = 0
    stimulus_key: int = 0
    launch_key: int = 0
    launch_of_draft_key: int = 0  # it is not done

    def ask(self, method: str, call: Call, token: str, *, path: str = "", body: Any = None) -> Any:
        """Send the operation's call with somebody's token (none for an empty one)."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        keys = {name.removesuffix("_key"): key for name, key in vars(self).items() if name.endswith("_key")}
        address = f"/api/v1{(path or call.path).format(**keys)}"
        sent = call.json if body is None else body
        if call.form is not None:
            fields = {**call.form, "file": SimpleUploadedFile("rain/new.wav", wav(9), content_type="audio/wav")}
            content = encode_multipart(BOUNDARY, fields)
            kind = MULTIPART_CONTENT.replace("BoUnDaRyStRiNg", BOUNDARY)
            return Client().generic(method, address, content, content_type=kind, headers=headers)
        content = b"" if sent is None else json.dumps(sent).encode()
        return Client().generic(method, address, content, content_type="application/json", headers=headers)


def make_world() -> World:
    """Make it: the owner ada, her viewer, her assistant, a stranger, and tokens that are no longer good."""
    ada = make_user("ada")
    version = launch(slug="study", config=BARE, n_fake=2, n_real=2)
    study = version.study
    study.owner = ada
    study.save()
    study.stimulus_set.owner = ada
    study.stimulus_set.save()
    world = World(owner=ada)
    for name, role in (("viewer", "viewer"), ("assistant", "assistant"), ("stranger", "")):
        user = make_user(name)
        if role:
            StudyMember.objects.create(study=study, user=user, role=role)
        world.tokens[name] = make_token(user=user, name=name, may_write=True)[1]
    world.tokens["owner"] = make_token(user=ada, name="own", may_write=True)[1]
    world.tokens["reader"] = make_token(user=ada, name="reads", may_write=False)[1]
    for name, change in (
        ("revoked", {"revoked_at": timezone.now()}),
        ("expired", {"expires_at": timezone.now() - timedelta(hours=1)}),
    ):
        made, world.tokens[name] = make_token(user=ada, name=name, may_write=True)
        ApiToken.objects.filter(pk=made.pk).update(**change)
    make_session(version, reason=None)
    make_machine(version, is_right=lambda frozen, index: index > 0, slug="m")
    world.launch_of_draft_key = plan_launch(study=create_study(config=draft("draft"), owner=ada), user=ada).pk
    world.launch_key = study.launches.get().pk
    world.export_key = plan_export(study=study, origin=Origin.LIVE, owner=ada).pk
    world.stimulus_key = study.stimulus_set.members.first().stimulus_id
    assert StudyExport.objects.count() == 1
    return world


def draft(slug: str) -> dict[str, Any]:
    return {"slug": slug, "title": "A draft", "stimulus_set": "study-sounds", **BARE}


WRONG = {"slug": "Wrong slug!", "title": "", "plays": 3}
CALLS: dict[str, Call] = {
    "list_sets": Call(path="/sets", bad="/sets?limit=0", is_of_study=False),
    "create_set": Call(
        path="/sets", works=201, json={"title": "Mine"}, bad_json={"title": "", "owner": 1}, is_of_study=False
    ),
    "get_set": Call(path="/sets/study-sounds", bad="/sets/none", bad_status=404),
    "list_stimuli": Call(path="/sets/study-sounds/stimuli?sort=-name", bad="/sets/study-sounds/stimuli?sort=home_set"),
    "upload_stimulus": Call(
        path="/sets/study-sounds/stimuli",
        works=201,
        form={"label": "real", "category": "rain", "name": "rain/new.wav"},
        needs="own_set",
        bad="/sets/study-sounds/stimuli",
    ),
    "download_stimulus": Call(
        path="/sets/study-sounds/stimuli/{stimulus}/sound",
        bad="/sets/study-sounds/stimuli/999999/sound",
        bad_status=404,
    ),
    "list_machines": Call(path="/sets/study-sounds/machines", bad="/sets/none/machines", bad_status=404),
    "list_scores": Call(path="/sets/study-sounds/scores?machine=m", bad="/sets/study-sounds/scores?limit=501"),
    "list_studies": Call(path="/studies?state=live&q=a", bad="/studies?state=gone", is_of_study=False),
    "create_study": Call(path="/studies", works=201, json=draft("fresh"), bad_json=WRONG, is_of_study=False),
    "find_problems": Call(path="/studies/problems", json=WRONG, bad_json=[1], bad_status=200, is_of_study=False),
    "get_study": Call(path="/studies/study", bad="/studies/none", bad_status=404),
    "get_config": Call(path="/studies/study/config", needs="edit", bad="/studies/none/config", bad_status=404),
    "replace_config": Call(
        path="/studies/draft/config?revision={revision}",
        json=draft("draft") | {"title": "Another"},
        needs="edit",
        bad_json=WRONG,
    ),
    "check_study": Call(path="/studies/study/check", needs="edit", bad="/studies/none/check", bad_status=404),
    "launch_study": Call(
        path="/studies/study/launch", works=202, needs="edit", bad="/studies/none/launch", bad_status=404
    ),
    "get_launch": Call(
        path="/studies/study/launches/{launch}", needs="edit", bad="/studies/study/launches/99999", bad_status=404
    ),
    "cancel_launch": Call(
        path="/studies/draft/launches/{launch_of_draft}/cancel",
        needs="edit",
        bad="/studies/study/launches/{launch}/cancel",
        bad_status=409,
    ),
    "pause_study": Call(path="/studies/study/pause", needs="edit", bad="/studies/draft/pause", bad_status=409),
    "close_study": Call(path="/studies/study/close", needs="edit", bad="/studies/draft/close", bad_status=409),
    "reopen_study": Call(path="/studies/study/reopen", needs="edit", bad="/studies/draft/reopen", bad_status=409),
    "count_sessions": Call(path="/studies/study/counts", bad="/studies/none/counts", bad_status=404),
    "list_sessions": Call(
        path="/studies/study/sessions?origin=live&outcome=completed", bad="/studies/study/sessions?offset=-1"
    ),
    "analyze_study": Call(path="/studies/study/analysis", needs="results", bad="/studies/study/analysis?origin=x"),
    "list_judgements": Call(
        path="/studies/study/judgements?limit=2&offset=1", needs="results", bad="/studies/study/judgements?limit=x"
    ),
    "download_judgements": Call(
        path="/studies/study/judgements.csv", needs="results", bad="/studies/study/judgements.csv?origin=x"
    ),
    "ask_for_export": Call(
        path="/studies/study/exports", works=202, json={}, needs="results", bad_json={"origin": "x", "owner": 1}
    ),
    "get_export": Call(
        path="/studies/study/exports/{export}", needs="results", bad="/studies/study/exports/99999", bad_status=404
    ),
    "download_export": Call(
        path="/studies/study/exports/{export}/file",
        needs="results",
        bad="/studies/study/exports/99999/file",
        bad_status=404,
    ),
}
