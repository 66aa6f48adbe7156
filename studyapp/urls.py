"""All addresses of the site. The detector is named by string: studyapp never imports it."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    # What browsers ask for beside pages that name no icon, such as Django's own.
    path("favicon.ico", login_not_required(RedirectView.as_view(url=static("icon.svg")))),
    # One way in: throttled, and in the audit log.
    path("admin/login/", login_not_required(RedirectView.as_view(pattern_name="login", query_string=True))),
    path("admin/", admin.site.urls),
    path("detector/", include("detector.urls")),
    path("api/v1/", include("studyapp.api.urls")),
    path("", include("studyapp.views.urls")),
]
