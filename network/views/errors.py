"""Error pages: what went wrong, and what to do."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.modules import ModuleOff
from core.views.typed import typed_into


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, ModuleOff):
        typed = typed_into(request.POST)
        return render(request, "403_module.html", {"off": exception, "typed": typed}, status=403)
    return render(request, "403.html", {"reason": str(exception)}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    return render(request, "500.html", status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form from an old page: say so, keep what was typed."""
    typed = typed_into(request.POST)
    message = "This page was open too long or in another session. Nothing was saved; go back, reload and send it again."
    return render(request, "409.html", {"message": message, "typed": typed}, status=403)
