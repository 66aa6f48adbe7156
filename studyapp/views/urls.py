"""Addresses of the experimenters' and participants' pages."""

from django.urls import path

from . import home, participant_urls

urlpatterns = [
    path("", home.home, name="home"),
    *participant_urls.urlpatterns,
]
