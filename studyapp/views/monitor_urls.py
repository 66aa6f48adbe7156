"""Addresses of the monitor of a study."""

from django.urls import path

from studyapp.views import monitor, monitor_session

urlpatterns = [
    path("studies/<slug:slug>/monitor/", monitor.study_monitor, name="study_monitor"),
    path("studies/<slug:slug>/monitor/live/", monitor.study_monitor_live, name="study_monitor_live"),
    path("studies/<slug:slug>/monitor/sounds/", monitor.study_exposure, name="study_exposure"),
    path("studies/<slug:slug>/sessions/<int:key>/", monitor_session.study_session, name="study_session"),
    path("studies/<slug:slug>/sessions/<int:key>/exclude/", monitor_session.exclude, name="session_exclude"),
    path("studies/<slug:slug>/sessions/<int:key>/include/", monitor_session.include, name="session_include"),
    path("studies/<slug:slug>/sessions/<int:key>/end/", monitor_session.end, name="session_end"),
]
