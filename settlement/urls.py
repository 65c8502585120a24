"""/console/reconciliation/ and /console/settlements/."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
