"""Addresses of the experimenter's pages of studies."""

from django.urls import path

from studyapp.views import study

urlpatterns = [
    path("studies/", study.studies, name="studies"),
    path("studies/new/", study.study_new, name="study_new"),
    path("studies/<slug:slug>/", study.study, name="study"),
    path("studies/<slug:slug>/edit/", study.study_edit, name="study_edit"),
    path("studies/<slug:slug>/launch/", study.study_launch, name="study_launch"),
    path("studies/<slug:slug>/close/", study.study_close, name="study_close"),
    path("studies/<slug:slug>/reopen/", study.study_reopen, name="study_reopen"),
]
