"""Who may do what in a study."""

import pytest

from studyapp.models import StimulusSet, StudyMember
from studyapp.selectors.rights import rights_in, studies_with
from studyapp.selectors.stimulus_sets import list_sets, may_change_set
from studyapp.selectors.study_list import list_studies
from studyapp.vocab import RIGHTS_OF_ROLE, Right, StudyRole
from tests.factories import make_user, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    owner = make_user("owner")
    made = make_version().study
    made.owner = owner
    made.save()
    StimulusSet.objects.filter(pk=made.stimulus_set_id).update(owner=owner)
    return made


@pytest.mark.parametrize("role", list(StudyRole))
def test_a_member_has_the_rights_of_the_role(study, role: StudyRole) -> None:
    user = make_user()
    assert rights_in(user, study) == frozenset()
    assert not list_studies(user).exists()
    StudyMember.objects.create(study=study, user=user, role=role.value)
    assert rights_in(user, study) == RIGHTS_OF_ROLE[role]
    assert [each.pk for each in list_studies(user)] == [study.pk]
    for right in Right:
        assert studies_with(user, right).exists() == (right in RIGHTS_OF_ROLE[role])
    assert list_sets(user).exists() == (role is not StudyRole.ASSISTANT)
    assert not may_change_set(user, study.stimulus_set)


def test_owner_and_staff_may_do_everything(study) -> None:
    for user in (study.owner, make_user(is_staff=True)):
        assert rights_in(user, study) == frozenset(Right)
        assert studies_with(user, Right.MANAGE).exists()
