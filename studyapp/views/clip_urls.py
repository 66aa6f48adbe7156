"""Addresses of the table of a set's clips and of what is done with them: changing, listening, tags."""

from django.urls import path

from studyapp.views import listening, stimulus_change, stimulus_table, stimulus_tags

LISTENING = "stimuli/<slug:slug>/listen/<int:key>/"

urlpatterns = [
    path("stimuli/<slug:slug>/pictures/<int:key>", stimulus_table.stimulus_picture, name="stimulus_picture"),
    path("stimuli/<slug:slug>/change/", stimulus_change.stimuli_change, name="stimuli_change"),
    path("stimuli/<slug:slug>/tags/", stimulus_tags.stimulus_tags, name="stimulus_tags"),
    path("stimuli/<slug:slug>/listen/", listening.listening, name="listening"),
    path(LISTENING, listening.listening_pass, name="listening_pass"),
    path(f"{LISTENING}end/", listening.listening_end, name="listening_end"),
    path(f"{LISTENING}result/", listening.listening_result, name="listening_result"),
    path(f"{LISTENING}clips/<int:place>", listening.listening_clip, name="listening_clip"),
    path(f"{LISTENING}clips/<int:place>/sound", listening.listening_sound, name="listening_sound"),
    path(f"{LISTENING}clips/<int:place>/picture/<str:kind>", listening.listening_picture, name="listening_picture"),
]
