"""Addresses about accounts: signing in, passwords, invitations, and the audit log."""

from django.contrib.auth.views import LogoutView
from django.urls import path, re_path

from studyapp.views import account, audit_log, invitation, people

STUDY = "studies/<slug:slug>/"

urlpatterns = [
    path("accounts/login/", account.SignIn.as_view(), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("accounts/password/", account.ChangePassword.as_view(), name="password_change"),
    path("accounts/invite/", invitation.experimenters, name="experimenters"),
    path("accounts/invite/<int:pk>/revoke", invitation.revoke_experimenter, name="revoke_experimenter"),
    re_path(r"^invitations/(?P<token>[A-Za-z0-9_-]{16,64})/$", invitation.invitation, name="invitation"),
    path(f"{STUDY}people/", people.study_people, name="study_people"),
    path(f"{STUDY}people/invite", people.invite_member, name="invite_member"),
    path(f"{STUDY}people/add", people.add_by_name, name="add_member"),
    path(f"{STUDY}people/owner", people.make_owner, name="hand_over"),
    path(f"{STUDY}people/<int:pk>/role", people.set_role, name="set_role"),
    path(f"{STUDY}people/<int:pk>/remove", people.remove, name="remove_member"),
    path(f"{STUDY}people/invitations/<int:pk>/revoke", people.revoke, name="revoke_invitation"),
    path("log/", audit_log.audit_log, name="audit_log"),
    path(f"{STUDY}log/", audit_log.study_log, name="study_log"),
]
