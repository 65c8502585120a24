"""/console/views/."""

from django.urls import path

from people.views import saved_view

urlpatterns = [
    path("views/save/", saved_view.ViewAdd.as_view(), name="view-save"),
    path("views/<int:pk>/", saved_view.ViewEdit.as_view(), name="view-edit"),
    path("views/<int:pk>/delete/", saved_view.ViewDelete.as_view(), name="view-delete"),
]
