"""Whoever signed in otherwise than the bound network asks is not let in, and is told what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from core.actors import UserActor
from orgs.queries.enterprise import factor_asked_of_owner
from orgs.queries.signin import Asked
from orgs.rules.settings import IDLE_MINUTES, METHODS, SESSION_HOURS
from people.queries.signin import (
    METHODS as ALL_METHODS,
)
from people.queries.signin import (
    has_second_factor,
    longest_pause,
    seconds_signed_in,
    signed_in_by,
    used_second_factor,
)


def turned_away(request: Any) -> HttpResponse | None:
    """The answer to a person whose session the bound network doesn't take as it is; None for everybody else."""
    asked = Asked(request.actor)
    ended = _why_ended(request, asked)
    if ended:
        return _sign_in_again(request, ended)
    page = _wrong_method(request, asked)
    if page is None and asked.is_second_factor_asked:
        page = _second_factor(request, request.network.name, asked.why_second_factor)
    return None if page is None else _show(request, page)


def owner_turned_away(request: Any) -> HttpResponse | None:
    """The answer to an owner of an enterprise without the second factor that one of its networks asks for."""
    asked = factor_asked_of_owner(UserActor.of(request.user.pk, str(request.user)))
    if asked is None:
        return None
    name, why = asked
    page = _second_factor(request, name, lambda: why)
    return None if page is None else _show(request, page)


def _show(request: Any, page: dict[str, Any]) -> HttpResponse:
    if request.headers.get("HX-Request"):  # a part of a page can't say it: the whole page does
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("home")})
    return render(request, "orgs/turned_away.html", page, status=403)


def _why_ended(request: Any, asked: Asked) -> str:
    name = request.network.name
    if longest_pause(request) > asked.idle_minutes * 60:
        limit = IDLE_MINUTES.show(asked.idle_minutes)
        return f"{name} ends a session that nobody used for more than {limit}. Sign in again to go on."
    if seconds_signed_in(request) > asked.session_hours * 3600:
        limit = SESSION_HOURS.show(asked.session_hours)
        return f"{name} ends a session {limit} after signing in. Sign in again to go on."
    return ""


def _sign_in_again(request: Any, sentence: str) -> HttpResponse:
    there = request.get_full_path() if request.method == "GET" else reverse("home")
    part = bool(request.headers.get("HX-Request"))
    logout(request)
    messages.error(request, sentence)
    url = f"{reverse('account_login')}?{urlencode({'next': reverse('home') if part else there})}"
    return HttpResponse(status=204, headers={"HX-Redirect": url}) if part else HttpResponseRedirect(url)


def _wrong_method(request: Any, asked: Asked) -> dict[str, Any] | None:
    allowed, used = asked.methods, signed_in_by(request)
    if used in allowed or len(allowed) == len(ALL_METHODS):
        return None
    if not allowed:
        text = (
            "Your organizations allow no way to sign in that they have in common. Ask their administrators."
        )
    else:
        text = f"You may come in by: {METHODS.show(allowed)}. Sign out, and in again that way."
    return {
        "title": "Sign in another way",
        "text": text,
        "why": asked.why_methods(used),
        "sign_out": True,
    }


def _second_factor(request: Any, name: str, why: Callable[[], str]) -> dict[str, Any] | None:
    if used_second_factor(request):
        return None
    there = request.get_full_path() if request.method == "GET" else reverse("home")
    if has_second_factor(request.user.pk):
        return {
            "title": "Show your second factor",
            "text": f"{name} opens to sessions that were confirmed by it.",
            "why": why(),
            "label": "Enter a code",
            "url": f"{reverse('mfa_reauthenticate')}?{urlencode({'next': there})}",
        }
    return {
        "title": "Set up a second factor",
        "text": f"{name} opens to people who sign in with an authenticator app besides. "
        "It takes a minute, and a phone.",
        "why": why(),
        "label": "Set it up",
        "url": reverse("mfa_activate_totp"),
    }
