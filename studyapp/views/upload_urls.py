"""Addresses of new sets and of uploads into sets. No set can have a name that hides one of them."""

from django.urls import path

from studyapp.views import set_new, upload_describe, upload_jobs, uploads

urlpatterns = [
    path("sets/new/", set_new.set_new, name="set_new"),
    path("stimuli/<slug:slug>/add/", uploads.add_sounds, name="add_sounds"),
    path("stimuli/<slug:slug>/add/file", uploads.add_file, name="add_file"),
    path("stimuli/<slug:slug>/add/remove", uploads.remove_sent, name="remove_sent"),
    path("stimuli/<slug:slug>/add/discard", uploads.discard_waiting, name="discard_waiting"),
    path("stimuli/<slug:slug>/add/corpus", uploads.add_corpus, name="add_corpus"),
    path("stimuli/<slug:slug>/add/describe/", upload_describe.describe_upload, name="describe_upload"),
    path("stimuli/<slug:slug>/uploads/<int:pk>/progress", upload_jobs.upload_progress, name="upload_progress"),
    path("stimuli/<slug:slug>/uploads/<int:pk>/cancel", upload_jobs.cancel_upload, name="cancel_upload"),
    path("stimuli/<slug:slug>/uploads/<int:pk>/retry", upload_jobs.retry_upload, name="retry_upload"),
    path("stimuli/<slug:slug>/uploads/<int:pk>/reopen", upload_jobs.reopen, name="reopen_upload"),
    path("stimuli/<slug:slug>/uploads/<int:pk>/discard", upload_jobs.discard, name="discard_upload"),
]
