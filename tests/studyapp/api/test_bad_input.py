"""Every parameter of every operation, wrong in each way that its schema forbids; who has signed in; what is frozen."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from studyapp.models import Study
from tests.access.snapshot import everything, frozen_rows
from tests.studyapp.api.test_every_operation import DOCUMENT, OPERATIONS
from tests.studyapp.api.world import CALLS, WRONG, Call, World, make_world

pytestmark = pytest.mark.django_db
HUGE = "9" * 30
# Bodies that are wrong, beside the one of each operation's call: (body, status).
BODIES: dict[str, list[tuple[Any, int]]] = {
    "create_set": [({}, 422), ({"title": "a\x00b"}, 422), ({"title": "x" * 201}, 422), ({"title": 7}, 422),
                   ({"title": "x", "slug": "a b"}, 422), ({"title": "x", "slug": "study-sounds"}, 422), ([], 422)],
    "create_study": [([], 422), ({}, 422), (WRONG | {"title": "a\x00b"}, 422), ({"slug": "study"}, 422)],
    "replace_config": [([], 422), ({}, 422), ({"slug": "other"}, 422)],
    "ask_for_export": [({"format": "none"}, 422), ({"origin": 7}, 422), ([], 422)],
}  # fmt: skip
FORMS = [
    {"label": "real"}, {"label": "", "category": "rain"}, {"label": "real", "category": "a\x00b"},
    {"label": "real", "category": "x" * 101}, {"label": "real", "category": "rain", "name": "x" * 501},
    {"label": "real", "category": "rain", "name": "../up.wav"},
]  # fmt: skip


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> World:
    settings.MEDIA_ROOT = tmp_path / "media"
    return make_world()


def _path(name: str) -> str:
    revision = Study.objects.get(slug="draft").revision
    return CALLS[name].path.replace("{revision}", str(revision))


def _schemas(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the schemas that a value may follow, references resolved."""
    if "$ref" in schema:
        yield from _schemas(DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]])
    elif "anyOf" in schema:
        for each in schema["anyOf"]:
            yield from _schemas(each)
    elif schema.get("type") != "null":
        yield schema


def _wrong_values(schema: dict[str, Any]) -> list[str]:
    (only,) = _schemas(schema)
    if "enum" in only:
        return ["nothing", "\x00"]
    match only["type"]:
        case "integer":
            edges = [str(only[edge] + step) for edge, step in (("minimum", -1), ("maximum", 1)) if edge in only]
            return ["x", "", "1.5", HUGE, *edges]
        case "boolean":
            return ["maybe"]
        case "string":
            longer = ["x" * (only["maxLength"] + 1)] if "maxLength" in only else []
            return longer + ["\x00"] * ("pattern" in only)
    raise AssertionError(f"no wrong value is known for {only}")


def _parameters(name: str, place: str) -> list[dict[str, Any]]:
    return [each for each in OPERATIONS[name][1].get("parameters", []) if each["in"] == place]


@pytest.mark.parametrize("name", [name for name in sorted(CALLS) if _parameters(name, "query")])
def test_every_wrong_parameter_is_named_and_changes_nothing(world: World, name: str) -> None:
    before = everything()
    for parameter in _parameters(name, "query"):
        wrong = _wrong_values(parameter["schema"])
        assert wrong, f"{parameter['name']} has no bounds"
        for value in wrong:
            bare = _path(name).split("?")[0]
            path = f"{bare}?{parameter['name']}={quote(value)}"
            answer = world.ask(OPERATIONS[name][0], CALLS[name], world.tokens["owner"], path=path)
            assert answer.status_code in (404, 422), (path, answer.content)
            if answer.status_code == 422:
                assert any(each["path"].endswith(parameter["name"]) for each in answer.json()["problems"]), path
    assert everything() == before


@pytest.mark.parametrize("name", [name for name in sorted(CALLS) if _parameters(name, "path")])
def test_what_no_address_names_is_not_there(world: World, name: str) -> None:
    before = everything()
    call = CALLS[name]
    other = _path(name).replace("/study-sounds", "/none").replace("/study/", "/none/").replace("/draft/", "/none/")
    paths = [other if other != _path(name) else f"{_path(name)}-none"]
    for part in ("{export}", "{stimulus}"):
        paths += [_path(name).replace(part, number) for number in ("0", HUGE) if part in call.path]
    for path in paths:
        answer = world.ask(OPERATIONS[name][0], call, world.tokens["owner"], path=path)
        assert answer.status_code == 404 and answer.json()["detail"], path
    assert everything() == before


@pytest.mark.parametrize("name", BODIES)
def test_a_wrong_body_is_refused_and_changes_nothing(world: World, name: str) -> None:
    before = everything()
    for body, status in [*BODIES[name], (CALLS[name].bad_json, 422)]:
        answer = world.ask(OPERATIONS[name][0], CALLS[name], world.tokens["owner"], path=_path(name), body=body)
        assert (answer.status_code, bool(answer.json()["problems"])) == (status, True), (body, answer.content)
    assert everything() == before


@pytest.mark.parametrize("form", FORMS)
def test_a_sound_with_wrong_facts_is_not_kept(world: World, form: dict[str, str]) -> None:
    before = everything()
    call = Call(**{**CALLS["upload_stimulus"].__dict__, "form": form})
    answer = world.ask("POST", call, world.tokens["owner"])
    assert answer.status_code == 422 and answer.json()["detail"]
    assert everything() == before


@pytest.mark.parametrize("name", sorted(CALLS))
def test_who_has_signed_in_reads_what_is_theirs_and_writes_nothing(world: World, name: str) -> None:
    method, call = OPERATIONS[name][0], CALLS[name]
    address = "/api/v1" + _path(name).format(
        export=world.export_key,
        stimulus=world.stimulus_key,
        launch=world.launch_key,
        launch_of_draft=world.launch_of_draft_key,
    )
    stranger, owner = Client(), Client()
    owner.force_login(world.owner)
    stranger.force_login(type(world.owner).objects.get(username="stranger"))
    before = everything()
    if method != "GET":
        assert owner.generic(method, address, b"{}", content_type="application/json").status_code == 403
    else:
        # An export that no worker made yet has no file.
        assert owner.get(address).status_code == (404 if name == "download_export" else 200)
        if call.is_of_study:
            assert stranger.get(address).status_code == 404
    assert everything() == before


@pytest.mark.parametrize("name", sorted(name for name in CALLS if OPERATIONS[name][0] != "GET"))
def test_no_operation_changes_a_launched_version(world: World, name: str) -> None:
    before = frozen_rows()
    call, body = CALLS[name], CALLS[name].json
    path = _path(name)
    if name == "replace_config":  # of the launched study: the change is its draft's
        path = f"/studies/study/config?revision={Study.objects.get(slug='study').revision}"
        body = {**body, "slug": "study"}
    if name == "reopen_study":
        Study.objects.filter(slug="study").update(state="closed")
    answer = world.ask(OPERATIONS[name][0], call, world.tokens["owner"], path=path, body=body)
    assert answer.status_code == call.works, answer.content
    after = frozen_rows()
    assert {key: after.get(key) for key in before} == before
    if name == "replace_config":
        assert Study.objects.get(slug="study").title == "Another"
