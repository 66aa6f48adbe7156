"""Addresses of the experimenter's pages of studies."""

from django.urls import path

from studyapp.views import plan, power, study, study_link

urlpatterns = [
    path("studies/", study.studies, name="studies"),
    path("studies/<slug:slug>/", study.study, name="study"),
    path("studies/<slug:slug>/link/", study_link.study_link, name="study_link"),
    path("studies/<slug:slug>/plan/", plan.study_plan, name="study_plan"),
    path("studies/<slug:slug>/plan/<int:number>.<slug:ending>", plan.study_plan_file, name="study_plan_file"),
    path("power/", power.power, name="power"),
    path("studies/<slug:slug>/power/", power.study_power, name="study_power"),
]
