"""Say who takes part in running a study, and as what."""

from django.db import transaction

from studyapp.errors import InvalidAction, NotFound
from studyapp.models import Study, StudyMember, User
from studyapp.services.audit import record_audit
from studyapp.vocab import StudyRole


@transaction.atomic
def add_member(*, study: Study, username: str, role: StudyRole, actor: User) -> StudyMember:
    """Let somebody who has an account take part.

    Raises NotFound for an unknown name, InvalidAction for who takes part already.
    """
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise NotFound(f"No account has the name {username}. Capitals count. Who has none can be invited by a link.")
    if user.pk == study.owner_id:
        raise InvalidAction(f"{username} owns this study.")
    member, is_new = StudyMember.objects.get_or_create(study=study, user=user, defaults={"role": role.value})
    if not is_new:
        raise InvalidAction(f"{username} takes part already, as {member.role}. Change the role in the table.")
    _record(actor, "add_member", study, user, role=role.value)
    return member


@transaction.atomic
def change_role(*, member: StudyMember, role: StudyRole, actor: User) -> None:
    """Give a member another role."""
    was, member.role = member.role, role.value
    member.save(update_fields=["role"])
    _record(actor, "change_role", member.study, member.user, role=role.value, was=was)


@transaction.atomic
def remove_member(*, member: StudyMember, actor: User) -> None:
    """Take a member out of the study. What they did in it stays on record."""
    study, user, role = member.study, member.user, member.role
    member.delete()
    _record(actor, "remove_member", study, user, was=role)


@transaction.atomic
def hand_over(*, member: StudyMember, actor: User) -> None:
    """Make a member the study's owner; who owned it becomes an editor.

    Raises InvalidAction for a closed account: nobody could manage the study then.
    """
    if not member.user.is_active:
        raise InvalidAction(f"The account of {member.user.username} is closed. Choose somebody who can sign in.")
    study = Study.objects.select_for_update(of=("self",)).get(pk=member.study_id)
    was, new = study.owner, member.user
    member.delete()
    study.owner = new
    study.save(update_fields=["owner", "updated_at"])
    if was is not None and was.pk != new.pk:
        StudyMember.objects.get_or_create(study=study, user=was, defaults={"role": StudyRole.EDITOR.value})
    _record(actor, "hand_over_study", study, new, was=was.username if was else "")


def _record(actor: User, action: str, study: Study, user: User, **detail: str) -> None:
    record_audit(
        actor=actor, action=action, object_type="study", object_id=study.slug, detail={"user": user.username, **detail}
    )
