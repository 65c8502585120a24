"""The project's addresses and the design page, which is there in debug only."""

from django.urls import path

from network import urls
from network.urls import handler400, handler403, handler404, handler500  # noqa: F401 - Django looks for them here
from network.views.design import design, design_dialog

urlpatterns = [
    *urls.urlpatterns,
    path("console/design/", design, name="design"),
    path("console/design/dialog/", design_dialog, name="design-dialog"),
]
