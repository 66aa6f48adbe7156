"""What a user may do in a study: its owner and staff everything, its members what their role says, others nothing."""

from django.db.models import Q, QuerySet

from studyapp.models import Study, StudyMember, User
from studyapp.vocab import RIGHTS_OF_ROLE, Right, StudyRole

ALL = frozenset(Right)


def rights_in(user: User, study: Study) -> frozenset[Right]:
    """Return the user's rights in the study; none means that for them it does not exist. One query for members."""
    if user.is_staff or study.owner_id == user.pk:
        return ALL
    role = StudyMember.objects.filter(study=study, user=user).values_list("role", flat=True).first()
    return RIGHTS_OF_ROLE[StudyRole(role)] if role else frozenset()


def studies_with(user: User, right: Right) -> QuerySet[Study]:
    """Return the studies in which the user has the right."""
    if user.is_staff:
        return Study.objects.all()
    roles = _roles_with(right)
    joined = StudyMember.objects.filter(user=user, role__in=roles).values("study")
    return Study.objects.filter(Q(owner=user) | Q(pk__in=joined))


def studies_joined_without(user: User, right: Right) -> QuerySet[Study]:
    """Return the studies in which the user is a member whose role lacks the right."""
    lacking = StudyMember.objects.filter(user=user).exclude(role__in=_roles_with(right))
    return Study.objects.filter(pk__in=lacking.values("study"))


def _roles_with(right: Right) -> list[str]:
    return [role.value for role, rights in RIGHTS_OF_ROLE.items() if right in rights]
