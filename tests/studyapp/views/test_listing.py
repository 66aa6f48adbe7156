"""Long tables: the order and the page come from the address, whatever stands in it."""

import pytest
from django.test import RequestFactory

from studyapp.models import StimulusSet
from studyapp.views.listing import Column, list_rows

pytestmark = pytest.mark.django_db
COLUMNS = [
    Column(key="name", label="Name", order=("slug",)),
    Column(key="title", label="Title", order=("title", "-slug"), is_number=True),
    Column(key="why", label="Why"),
]


@pytest.fixture
def rows():
    for slug, title in (("a", "2"), ("b", "1"), ("c", "1")):
        StimulusSet.objects.create(slug=slug, title=title)
    return StimulusSet.objects.all()


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", "abc"),
        ("sort=-name", "cba"),
        ("sort=title", "cba"),
        ("sort=-title", "abc"),
        ("sort=owner__password", "abc"),  # not on the list: as if nothing was asked
        ("sort=-why", "abc"),
        ("sort=", "abc"),
        ("page=99", "abc"),
        ("page=-1&sort=%00", "abc"),
    ],
)
def test_sorts_by_what_is_on_the_list(rows, query: str, wanted: str) -> None:
    listing = list_rows(RequestFactory().get(f"/?{query}"), rows, COLUMNS, start="name")
    assert "".join(each.slug for each in listing.page) == wanted


def test_headings_lead_to_the_other_direction(rows) -> None:
    listing = list_rows(RequestFactory().get("/?sort=name"), rows, COLUMNS, start="name", page_size=2)
    assert [(each.target, each.aria) for each in listing.headings] == [
        ("-name", "ascending"),
        ("title", "none"),
        ("", "none"),
    ]
    assert (listing.n, len(listing.page)) == (3, 2)
