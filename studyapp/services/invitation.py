"""Invite people by a link that is good once: into a study, or as experimenters with studies of their own."""

import secrets
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from studyapp.errors import InvalidAction, NotFound
from studyapp.models import Invitation, Study, StudyMember, User
from studyapp.selectors.people import GONE, open_invitations, token_digest
from studyapp.services.audit import record_audit
from studyapp.vocab import StudyRole

GOOD_FOR = timedelta(days=7)
MOST_OPEN = 200  # for one study


@transaction.atomic
def invite(
    *, inviter: User | None, note: str, study: Study | None = None, role: StudyRole | None = None
) -> tuple[Invitation, str]:
    """Make an invitation and return it with its token, which is stored nowhere. `inviter` is None for commands.

    Raises InvalidAction when too many are open.
    """
    if (study is None) != (role is None):
        raise ValueError("a role goes with a study")
    if open_invitations(study).count() >= MOST_OPEN:
        raise InvalidAction(f"{MOST_OPEN} invitations are open already. Withdraw some first.")
    token = secrets.token_urlsafe(32)
    made = Invitation.objects.create(
        token_sha256=token_digest(token),
        note=note,
        study=study,
        role=role.value if role else "",
        invited_by=inviter,
        expires_at=timezone.now() + GOOD_FOR,
    )
    _record(inviter, "invite", made)
    return made, token


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, actor: User) -> None:
    """Withdraw an invitation, so that its link opens nothing. Raises NotFound when it was used or withdrawn before."""
    open_now = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
    if not open_now.update(revoked_at=timezone.now()):
        raise NotFound(GONE)
    _record(actor, "revoke_invitation", invitation)


@transaction.atomic
def accept_invitation(*, invitation: Invitation, user: User) -> None:
    """Let the user take the invitation.

    Raises NotFound when somebody was faster, InvalidAction for who takes part in the study already.
    """
    study = invitation.study
    if study is not None and (study.owner_id == user.pk or study.members.filter(user=user).exists()):
        raise InvalidAction("You take part in this study already. The link is still good for somebody else.")
    now = timezone.now()
    is_taken = Invitation.objects.filter(
        pk=invitation.pk, accepted_at=None, revoked_at=None, expires_at__gt=now
    ).update(accepted_by=user, accepted_at=now)
    if not is_taken:
        raise NotFound(GONE)
    if study is not None:
        StudyMember.objects.create(study=study, user=user, role=invitation.role)
    _record(user, "accept_invitation", invitation)


@transaction.atomic
def make_account(*, invitation: Invitation, user: User) -> User:
    """Store the new account, not yet stored, and let it take the invitation.

    Raises NotFound when somebody was faster with the invitation, InvalidAction when with the name.
    """
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        raise InvalidAction("This name is taken. Choose another one.") from None
    record_audit(actor=user, action="make_account", object_type="user", object_id=user.username)
    accept_invitation(invitation=invitation, user=user)
    return user


def _record(actor: User | None, action: str, invitation: Invitation) -> None:
    detail = {"invitation": invitation.pk, "for": invitation.note}
    if invitation.study is None:
        record_audit(actor=actor, action=action, object_type="site", object_id="experimenters", detail=detail)
    else:
        record_audit(
            actor=actor,
            action=action,
            object_type="study",
            object_id=invitation.study.slug,
            detail=detail | {"role": invitation.role},
        )
