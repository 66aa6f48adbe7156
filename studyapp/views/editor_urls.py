"""Addresses of the study editor."""

from django.urls import path

from studyapp.views import study_edit, study_history, study_new, study_preview, study_yaml

urlpatterns = [
    path("studies/new/", study_new.study_new, name="study_new"),
    path("studies/new/yaml/", study_new.study_new_yaml, name="study_new_yaml"),
    path("studies/config.schema.json", study_new.study_schema, name="study_schema"),
    path("studies/<slug:slug>/edit/", study_edit.study_edit, name="study_edit"),
    path("studies/<slug:slug>/edit/<slug:section>/", study_edit.study_edit, name="study_edit_section"),
    path("studies/<slug:slug>/setting/", study_edit.study_setting, name="study_setting"),
    path("studies/<slug:slug>/undo/", study_edit.study_undo, name="study_undo"),
    path("studies/<slug:slug>/redo/", study_edit.study_redo, name="study_redo"),
    path("studies/<slug:slug>/history/", study_history.study_history, name="study_history"),
    path("studies/<slug:slug>/history/<int:number>/restore/", study_history.study_restore, name="study_restore"),
    path("studies/<slug:slug>/yaml/", study_yaml.study_yaml, name="study_yaml"),
    path("studies/<slug:slug>/config.yaml", study_yaml.study_yaml_file, name="study_yaml_file"),
    path("studies/<slug:slug>/duplicate/", study_new.study_duplicate, name="study_duplicate"),
    path("studies/<slug:slug>/preview/<slug:screen>/", study_preview.study_preview, name="study_preview"),
]
