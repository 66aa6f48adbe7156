"""All addresses of the site. The detector is named by string: studyapp never imports it."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    # What browsers ask for beside pages that name no icon, such as Django's own.
    path("favicon.ico", RedirectView.as_view(url=static("icon.svg"))),
    path("admin/", admin.site.urls),
    path("accounts/login/", LoginView.as_view(), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("detector/", include("detector.urls")),
    path("", include("studyapp.views.urls")),
]
