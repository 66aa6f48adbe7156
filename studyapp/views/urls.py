"""Addresses of the experimenters' and participants' pages."""

from django.urls import path

from . import analysis, home, participant_urls, stimuli, study_urls

urlpatterns = [
    path("", home.home, name="home"),
    path("stimuli/", stimuli.stimulus_sets, name="stimulus_sets"),
    path("stimuli/<slug:slug>/", stimuli.stimulus_set, name="stimulus_set"),
    path("stimuli/<slug:slug>/sounds/<int:key>", stimuli.stimulus_sound, name="stimulus_sound"),
    *study_urls.urlpatterns,
    path("studies/<slug:slug>/analysis/", analysis.study_analysis, name="study_analysis"),
    path("studies/<slug:slug>/judgements.csv", analysis.study_judgements_csv, name="study_judgements_csv"),
    *participant_urls.urlpatterns,
]
