"""Every operation of the OpenAPI document: it works, answers as described, and refuses whom it must."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from studyapp.api.documents import openapi_document
from studyapp.api.urls import api
from studyapp.exports.work import export_planned
from studyapp.models import Study
from tests.studyapp.api.world import CALLS, WRONG, Call, World, make_world

pytestmark = pytest.mark.django_db
DOCUMENT = json.loads(json.dumps(openapi_document(api)))
OPERATIONS = {
    operation["operationId"]: (method.upper(), operation)
    for operations in DOCUMENT["paths"].values()
    for method, operation in operations.items()
}


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> World:
    settings.MEDIA_ROOT = tmp_path / "media"
    return make_world()


def _call(name: str) -> tuple[str, Call]:
    method, _ = OPERATIONS[name]
    call = CALLS[name]
    study = Study.objects.filter(slug="draft").first()
    if "{revision}" in call.path and study is not None:
        call = Call(**{**call.__dict__, "path": call.path.replace("{revision}", str(study.revision))})
    return method, call


def _check_problem(answer: Any, status: int) -> None:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    _check(answer.json(), {"$ref": "#/components/schemas/Refusal"})
    assert answer.json()["detail"]


def _check(content: Any, schema: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator({**schema, "components": DOCUMENT["components"]}).validate(content)


def test_the_table_has_a_line_for_every_operation_and_no_other() -> None:
    assert set(CALLS) == set(OPERATIONS)


@pytest.mark.parametrize("name", sorted(CALLS))
def test_it_works_and_answers_as_the_document_says(world: World, name: str) -> None:
    method, call = _call(name)
    if name == "download_export":
        assert export_planned(export_id=world.export_key)
    if name == "reopen_study":
        Study.objects.filter(slug="study").update(state="closed")
    answer = world.ask(method, call, world.tokens["owner"])
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert answer.status_code == call.works, content
    described = OPERATIONS[name][1]["responses"][str(call.works)]["content"]
    if "application/json" in described:
        _check(json.loads(content), described["application/json"]["schema"])
    else:
        assert answer["Content-Type"].split(";")[0] in described and len(content) > 100


@pytest.mark.parametrize("name", sorted(CALLS))
def test_it_refuses_who_has_no_token_or_none_that_is_good(world: World, name: str) -> None:
    method, call = _call(name)
    for token in ("", "ew_wrong", world.tokens["revoked"], world.tokens["expired"]):
        answer = world.ask(method, call, token)
        _check_problem(answer, 401)
        assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("name", sorted(name for name in CALLS if OPERATIONS[name][0] != "GET"))
def test_a_token_that_reads_changes_nothing(world: World, name: str) -> None:
    _check_problem(world.ask(*_call(name), world.tokens["reader"]), 403)


@pytest.mark.parametrize("name", sorted(name for name in CALLS if CALLS[name].is_of_study))
def test_what_is_somebody_elses_does_not_exist(world: World, name: str) -> None:
    _check_problem(world.ask(*_call(name), world.tokens["stranger"]), 404)


@pytest.mark.parametrize("name", sorted(name for name in CALLS if CALLS[name].needs))
def test_a_role_without_the_right_is_refused(world: World, name: str) -> None:
    method, call = _call(name)
    path = call.path.replace("/draft/", "/study/")
    who = "assistant" if call.needs == "results" else "viewer"
    _check_problem(world.ask(method, call, world.tokens[who], path=path), 403)


@pytest.mark.parametrize("name", sorted(CALLS))
def test_it_says_what_is_wrong_with_what_was_sent(world: World, name: str) -> None:
    method, call = _call(name)
    if call.form is not None:
        call = Call(**{**call.__dict__, "form": {"label": "green", "category": ""}})
    answer = world.ask(method, call, world.tokens["owner"], path=call.bad, body=call.bad_json)
    if call.bad_status == 200:
        assert answer.status_code == 200 and answer.json()["problems"]
    else:
        _check_problem(answer, call.bad_status)
        assert call.bad_status != 422 or answer.json()["problems"]


def test_a_configuration_that_is_wrong_is_told_with_paths_and_not_stored(world: World) -> None:
    answer = world.ask("POST", CALLS["create_study"], world.tokens["owner"], body=WRONG)
    assert {"slug", "title", "plays"} <= {each["path"] for each in answer.json()["problems"]}
    assert Study.objects.count() == 2
