"""Addresses of the page that tries a study out and launches it."""

from django.urls import path

from studyapp.views import bots, launch, pilot

urlpatterns = [
    path("studies/<slug:slug>/pilot/", pilot.study_pilot, name="study_pilot"),
    path("studies/<slug:slug>/launch/", launch.study_launch, name="study_launch"),
    path("studies/<slug:slug>/launches/<int:pk>/progress", launch.launch_progress, name="launch_progress"),
    path("studies/<slug:slug>/launches/<int:pk>/cancel", launch.launch_cancel, name="launch_cancel"),
    path("studies/<slug:slug>/pause/", pilot.study_pause, name="study_pause"),
    path("studies/<slug:slug>/close/", pilot.study_close, name="study_close"),
    path("studies/<slug:slug>/reopen/", pilot.study_reopen, name="study_reopen"),
    path("studies/<slug:slug>/pilot/link/", pilot.pilot_link_renew, name="pilot_link_renew"),
    path("studies/<slug:slug>/preview/", pilot.pilot_preview, name="pilot_preview"),
    path("studies/<slug:slug>/bots/", bots.ask_for_bots, name="ask_for_bots"),
    path("studies/<slug:slug>/bots/delete/", bots.bots_delete, name="bots_delete"),
    path("studies/<slug:slug>/bots/<int:pk>/progress", bots.bot_run_job, name="bot_run_progress"),
    path("studies/<slug:slug>/bots/<int:pk>/cancel", bots.cancel_bots, name="cancel_bots"),
    path("studies/<slug:slug>/bots/<int:pk>/retry", bots.retry_bots, name="retry_bots"),
]
