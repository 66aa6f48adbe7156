"""Addresses of the pages that build sets."""

from django.urls import path

from studyapp.views import set_building

urlpatterns = [
    path("sets/build/", set_building.build_set, name="set_build"),
    path("sets/<slug:slug>/take-out/", set_building.take_out, name="set_take_out"),
    path("sets/<slug:slug>/controls/", set_building.set_controls, name="set_controls"),
]
