"""The page "Pilot and launch": what works, and every refusal."""

import html
import re
from typing import Any

import pytest
from django.test import Client

from studyapp.models import AuditEntry, Session, StimulusSet, Study, StudyMember, User
from studyapp.services.study_create import create_study
from tests.factories import make_session, make_user
from tests.studyapp.launched import do_launches, launch, make_set

pytestmark = pytest.mark.django_db
PAGE = "/studies/study/pilot/"
POSTS = ["launch/", "pause/", "close/", "reopen/", "pilot/link/", "preview/", "bots/", "bots/delete/"]


@pytest.fixture(autouse=True)
def media_root(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def ada(client: Client) -> User:
    user = make_user("ada")
    client.force_login(user)
    return user


def draft(owner: User, **config: Any) -> Study:
    make_set(n_fake=2, n_real=2)
    given = {"slug": "study", "title": "A study", "stimulus_set": "sounds"} | config
    return create_study(config=given, owner=owner)


def text_of(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


def launch_on_page(client: Client, **form: str) -> str:
    """Ask for a launch, let it be done as by a worker, and return what the page says then."""
    client.post("/studies/study/launch/", form)
    do_launches()
    return text_of(client.get(PAGE))


def test_a_draft_becomes_a_pilot_then_live_with_the_same_version(client, ada):
    study = draft(ada)
    page = text_of(client.get("/studies/study/pilot/"))
    assert "A draft: nobody can take part yet" in page and "consent text is the default" in page
    assert "Nobody has completed the study in a pilot yet" in page and "No worker is running" in page
    said = launch_on_page(client, **{"as": "pilot"})
    assert "The pilot is open" in said and "only who brings the pilot link is let in" in said
    assert "?pilot=" in client.get("/studies/study/pilot/").content.decode()
    assert "Go live" in said
    assert "The study is live" in launch_on_page(client)
    study.refresh_from_db()
    assert (study.state, study.opened_as, study.versions.count()) == ("live", "live", 1)
    launches = AuditEntry.objects.filter(action="launch_study", object_id="study").order_by("pk")
    assert [entry.detail["as"] for entry in launches] == ["pilot", "live"]
    assert all(entry.actor == ada for entry in launches)


def test_a_study_is_paused_resumed_closed_and_opened_again(client, ada):
    study = draft(ada)
    launch_on_page(client, **{"as": "pilot"})
    for action, state, words in (
        ("pause", "paused", "Resume the pilot"),
        ("reopen", "pilot", "The pilot is open again"),
        ("close", "closed", "Open again as a pilot"),
        ("reopen", "pilot", "Go live"),
        ("launch", "live", "Pause"),
        ("pause", "paused", "The study is paused"),
        ("pause", "paused", "the study is paused; only a study that is pilot or live"),
        ("reopen", "live", "The study is live again"),
        ("close", "closed", "The study is closed"),
        ("close", "closed", "is closed; only a study"),
        ("reopen", "live", "whoever opens the participants"),
    ):
        said = text_of(client.post(f"/studies/study/{action}/", follow=True))
        if action == "launch":
            do_launches()
            said = text_of(client.get(PAGE))
        assert words in said, (action, words)
        study.refresh_from_db()
        assert study.state == state


def test_a_live_study_is_not_made_a_pilot_under_its_participants(client, ada):
    draft(ada)
    launch_on_page(client)
    said = text_of(client.post("/studies/study/launch/", {"as": "pilot"}, follow=True))
    assert "pause it first" in said and Study.objects.get().state == "live"


def test_what_blocks_a_launch_is_shown_with_where_to_go_and_no_button(client, ada):
    draft(ada, recruitment={"closes_at": "2020-01-31T18:00Z"})
    content = client.get("/studies/study/pilot/").content.decode()
    assert 'data-check="closing_past"' in content and "/studies/study/edit/recruitment/" in content
    assert "Launch the study</button>" not in content and "as a pilot</button>" not in content
    assert "has passed" in text_of(client.post("/studies/study/launch/", follow=True))
    assert Study.objects.get().state == "draft"


def test_an_empty_set_and_a_broken_design_are_said(client, ada):
    StimulusSet.objects.create(slug="sounds")
    study = create_study(config={"slug": "study", "title": "T", "stimulus_set": "sounds"}, owner=ada)
    assert "holds no sounds" in text_of(client.get("/studies/study/pilot/"))
    Study.objects.filter(pk=study.pk).update(config=study.config | {"task": {"plays": 0}})
    page = client.get("/studies/study/pilot/")
    assert page.status_code == 200 and "task.plays: must be" in text_of(page)


def links_of(page: Any) -> dict[str, str]:
    """What each Copy button copies: the field's id -> its value, as a browser reads it."""
    given = re.findall(r'<input class="form-control" id="([a-z]+-0)" value="([^"]*)"', page.content.decode())
    return {key: html.unescape(url).removeprefix("http://testserver") for key, url in given}


def test_two_people_with_the_copied_link_are_two(client, ada):
    draft(ada)
    launch_on_page(client)
    copied = links_of(client.get(PAGE))
    assert copied["live-0"] == "/s/study/" and copied["personal-0"] == "/s/study/?participant={{ID}}"
    for url in (copied["live-0"], copied["personal-0"]):
        Session.objects.all().delete()
        for _ in range(2):
            landing = Client().get(url).content.decode()
            fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', landing))
            assert Client().post("/s/study/start/", fields).status_code == 303
        assert Session.objects.values("participant").distinct().count() == 2


def test_where_an_id_is_needed_every_link_has_a_place_for_it(client, ada):
    draft(ada, recruitment={"require_person": True})
    launch_on_page(client)
    copied = links_of(client.get(PAGE))
    assert set(copied) == {"pilot-0", "personal-0"}
    assert all("participant={{ID}}" in url for url in copied.values())


def test_a_new_pilot_link_ends_the_one_before(client, ada):
    draft(ada)
    launch_on_page(client, **{"as": "pilot"})

    def link() -> str:
        return re.search(r'value="http://testserver(/s/study/\?pilot=[^"]+)"', client.get(PAGE).content.decode())[1]

    first = link()
    assert Client().get(first).status_code == 200
    client.post("/studies/study/pilot/link/")
    assert Client().get(first).status_code == 403
    assert Client().get(link()).status_code == 200
    assert AuditEntry.objects.filter(action="renew_pilot_link", actor=ada).count() == 1


@pytest.mark.parametrize("path", ["pilot/", *POSTS])
def test_every_address_refuses_visitors_strangers_and_who_may_not_edit(client, path):
    version = launch(n_fake=1, n_real=1)
    Study.objects.update(owner=make_user("owner"))
    ask = client.get if path == "pilot/" else client.post
    address = f"/studies/study/{path}"
    assert ask(address)["Location"].startswith("/accounts/login/")
    viewer = make_user("viewer")
    client.force_login(viewer)
    assert ask(address).status_code == 404
    for role in ("viewer", "assistant"):
        StudyMember.objects.update_or_create(study=version.study, user=viewer, defaults={"role": role})
        assert ask(address).status_code == 403
    assert Study.objects.get().state == "live"
    if path != "pilot/":
        assert client.get(address).status_code == 405


def test_the_page_asks_as_many_queries_for_many_sessions_and_sounds(client, ada, django_assert_max_num_queries):
    for slug, n in (("few", 1), ("many", 5)):
        version = launch(slug=slug, n_fake=n, n_real=n)
        Study.objects.filter(slug=slug).update(owner=ada)
        for _ in range(n):
            make_session(version)
        with django_assert_max_num_queries(25):
            assert client.get(f"/studies/{slug}/pilot/").status_code == 200


def test_a_study_that_closed_by_itself_says_why(client, ada):
    from studyapp.services.study_closing import close_studies_at_end

    version = launch(n_fake=1, n_real=1, config={"recruitment": {"quota": 1}})
    Study.objects.update(owner=ada)
    assert close_studies_at_end() == 0
    make_session(version)
    assert (close_studies_at_end(), close_studies_at_end()) == (1, 0)
    assert "It closed by itself" in text_of(client.get(PAGE)) and "all 1 places are completed" in text_of(
        client.get(PAGE)
    )
    assert "would close by itself at once" in text_of(client.post("/studies/study/reopen/", follow=True))
    assert Study.objects.get().state == "closed"


def test_the_pilot_link_is_a_code_for_telephones_where_they_are_let_in(client, ada):
    draft(ada, device={"allow": "any"}, recruitment={"groups": {"places": {"a": 1, "b": 1}}})
    launch_on_page(client, **{"as": "pilot"})
    content = client.get(PAGE).content.decode()
    assert content.count('role="img" aria-label="QR code: Pilot link of') == 2 and content.count("<svg ") == 2
    assert "group=a&amp;pilot=" in content
    Study.objects.update(config=Study.objects.get().config | {"device": {"allow": "desktop"}})
    launch_on_page(client, **{"as": "pilot"})
    assert "<svg " not in client.get(PAGE).content.decode()
