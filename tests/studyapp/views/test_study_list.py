"""The list of studies: found, sorted, and counted without asking once for each."""

import pytest
from django.test import Client

from studyapp.models import Study
from studyapp.vocab import StudyState
from tests.factories import make_session, make_user, make_version

pytestmark = pytest.mark.django_db


def test_lists_studies_by_state_and_words(client: Client) -> None:
    owner = make_user()
    client.force_login(owner)
    assert "There is no study yet" in client.get("/studies/").content.decode()
    rain, dogs = make_version(owner=owner, slug="rain").study, make_version(owner=owner, slug="dogs").study
    Study.objects.filter(pk=dogs.pk).update(state=StudyState.CLOSED.value)

    def shown(query: str) -> list[str]:
        return [each.slug for each in client.get(f"/studies/?{query}").context["listing"].page]

    assert shown("") == ["dogs", "rain"]
    assert shown("sort=title") == sorted(["dogs", "rain"], key=lambda slug: {"rain": rain, "dogs": dogs}[slug].title)
    assert shown("state=closed") == ["dogs"]
    assert shown("state=nothing") == ["dogs", "rain"]
    assert shown("q=RAI+study") == ["rain"]
    assert shown("q=%00") == ["dogs", "rain"]
    assert "No study is like that" in client.get("/studies/?q=cats").content.decode()


def test_a_list_of_studies_asks_as_often_however_long_it_is(client: Client, django_assert_num_queries) -> None:
    owner = make_user()
    client.force_login(owner)
    for _ in range(4):
        make_session(make_version(owner=owner))
    with django_assert_num_queries(5):
        page = client.get("/studies/?sort=-sessions")
    assert [each.n_live for each in page.context["listing"].page] == [1, 1, 1, 1]
