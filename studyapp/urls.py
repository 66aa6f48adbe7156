"""All addresses of the site. The detector is named by string: studyapp never imports it."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("django.contrib.auth.urls")),
    path("detector/", include("detector.urls")),
    path("", include("studyapp.views.urls")),
]
