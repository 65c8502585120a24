"""The forms of a patient: what was filled, filling another, and saying that one was an error."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import Http404, HttpResponse
from django.urls import reverse

from audit.trail import record_patient_read
from content.forms.answers import PREFIX, AnswerForm, typed_answers
from content.queries.available import Available, available_at
from content.queries.item import Asked, asked_by
from content.rules.answers import enabled, shown
from content.rules.settings import ATTACHMENT_MEBIBYTES
from core.errors import Stale
from core.views.base import found
from core.views.download import attachment
from patients.actions import filled as actions
from patients.forms.filled import ErrorForm
from patients.models import FilledForm, Patient
from patients.permissions import FORM_FILL
from patients.queries.filled import forms_for, offered_to, places_to_fill
from patients.views.patient import PatientForm
from patients.views.subject import PatientSubject
from work.queries.file import stored_file

SHOWN = 100


class PatientForms(PatientSubject):
    """What was filled for a patient, newest first."""

    permission = FORM_FILL
    shows = "Forms"

    def get(self, request: Any, pk: int) -> HttpResponse:
        rows = list(forms_for(self.actor, self.subject)[:SHOWN])
        asked = asked_by((row.content_version_id for row in rows), bodies=False)
        context = self.about() | {
            "forms": [{"form": row, "asked": asked[row.content_version_id]} for row in rows],
            "most": SHOWN,
            "may_fill": places_to_fill(self.actor, self.subject).exists(),
        }
        return self.page("patients/patient_forms.html", context)


class ChooseForm(PatientSubject):
    """What may be filled for a patient, by organization."""

    permission = FORM_FILL
    shows = "Choice of forms"

    def get(self, request: Any, pk: int) -> HttpResponse:
        context = self.about() | {"offered": offered_to(self.actor, self.subject)}
        return self.page("patients/form_choose.html", context | {"actions": []})


class FilledSubject(PatientSubject, abstract=True):
    """A page about one filled form of the patient. Whether one may is settled by where it was filled."""

    filled: FilledForm

    def get_subject(self) -> Patient:
        patient = super().get_subject()
        self.filled = found(forms_for(self.actor, patient), pk=self.kwargs["form"])
        return patient

    def permission_target(self) -> Any:
        return self.filled

    def asked(self) -> Asked:
        return asked_by([self.filled.content_version_id])[self.filled.content_version_id]

    def here(self) -> str:
        return reverse("patient-form", args=[self.subject.pk, self.filled.pk])


class FilledPage(FilledSubject):
    """One filled form with the version that asked it."""

    permission = FORM_FILL
    shows = "Filled form"

    def get(self, request: Any, pk: int, form: int) -> HttpResponse:
        filled, asked = self.filled, self.asked()
        answers = [
            {
                "item": item,
                "text": shown(item, filled.answers[item["linkId"]])
                if item["linkId"] in filled.answers
                else "",
                "score": filled.scores.get(item["linkId"]),
            }
            for item in enabled(asked.body, filled.answers)
        ]
        context = self.about() | {"filled": filled, "asked": asked, "answers": answers, "actions": []}
        return self.page("patients/filled_form.html", context)


class FilledFile(FilledSubject):
    """A file of a filled form, as an attachment. Fetching it is logged as opening the patient."""

    permission = FORM_FILL

    def get(self, request: Any, pk: int, form: int, link_id: str) -> HttpResponse:
        answer = self.filled.answers.get(link_id)
        file = stored_file(answer["file"]) if isinstance(answer, dict) else None
        if file is None:
            raise Http404("There is no such file in this form.")
        record_patient_read(self.actor, "open", [self.subject.pk], detail="File of a form")
        return attachment(file)


class AnswerPage(PatientForm, abstract=True):
    """A page that asks: answers are kept as a draft, or judged and completed."""

    template: ClassVar[str] = "patients/fill_form.html"

    def asked(self) -> Asked:
        raise NotImplementedError

    def filled_at(self) -> Any:
        """The organization where it is filled."""
        raise NotImplementedError

    def start(self) -> dict[str, Any]:
        """The answers there are already."""
        return {}

    def is_complete(self) -> bool:
        return self.request.POST.get("_save") != "draft"

    def get_form(self, data: Any = None, files: Any = None) -> AnswerForm:
        return AnswerForm(
            self.asked().body,
            data,
            files,
            answers=self.start(),
            complete=self.is_complete(),
            most_mebibytes=ATTACHMENT_MEBIBYTES.at(self.filled_at()),
        )

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if "_show" in request.POST:  # without script: what applies now, and nothing is judged yet
            body = self.asked().body
            form = self.get_form()
            form.initial = {PREFIX + k: v for k, v in typed_answers(body, request.POST, self.start()).items()}
            form.lost = {name: file.name for name, file in request.FILES.items()}
            return self.show(form)
        return super().post(request, *args, **kwargs)

    def get_context(self) -> dict[str, Any]:
        context = super().get_context()
        back = reverse("patient-forms", args=[self.subject.pk])
        context["crumbs"] = [*context["crumbs"], {"label": "Forms", "url": back}]
        asked = self.asked()
        return context | {
            "title": asked.name,
            "description": f"{self.subject.full_name} · version {asked.number}"
            + (f", as {asked.changed_by} changed it" if asked.changed_by else ""),
            "cancel_url": back,
        }

    def success_url(self, result: FilledForm) -> str:
        return reverse("patient-form", args=[self.subject.pk, result.pk])

    def success_message(self, result: FilledForm) -> str:
        return "Completed." if result.status == FilledForm.Status.COMPLETE else "Kept as a draft."


class FillForm(AnswerPage):
    """Fill something that is available at an organization."""

    permission = FORM_FILL
    shows = "Form to fill"
    keyed: ClassVar[bool] = True
    place: Any
    item: Available

    def get_subject(self) -> Patient:
        patient = super().get_subject()
        self.place = found(places_to_fill(self.actor, patient), pk=self.kwargs["organization"])
        offered = {one.item_id: one for one in available_at(self.place.pk)}
        if self.kwargs["content"] not in offered:
            raise Http404("This isn't filled at that organization.")
        self.item = offered[self.kwargs["content"]]
        return patient

    def permission_target(self) -> Any:
        return self.place

    def filled_at(self) -> Any:
        return self.place

    def record_version(self) -> None:
        """None: it is new."""

    def asked(self) -> Asked:
        if not hasattr(self, "_asked"):
            self._asked = asked_by([self.item.version_id])[self.item.version_id]
        return self._asked

    def get_context(self) -> dict[str, Any]:
        context = super().get_context()
        return context | {
            "description": f"{context['description']} · at {self.place.name}",
            "version_id": self.asked().version_id,
        }

    def perform(self, form: Any) -> FilledForm:
        if self.request.POST.get("_asked", str(self.asked().version_id)) != str(self.asked().version_id):
            raise Stale("form")
        return actions.fill_form(
            self.actor,
            self.place,
            patient=self.subject,
            version_id=self.asked().version_id,
            answers=form.answers,
            complete=self.is_complete(),
            key=self.idempotency_key(),
        )


class EditFilled(FilledSubject, AnswerPage):
    """Go on with a draft; it keeps the version that it was begun with."""

    permission = FORM_FILL
    shows = "Form to fill"

    def asked(self) -> Asked:
        if not hasattr(self, "_asked"):
            self._asked = super().asked()
        return self._asked

    def filled_at(self) -> Any:
        return self.filled.organization

    def start(self) -> dict[str, Any]:
        return self.filled.answers  # type: ignore[no-any-return]

    def get_context(self) -> dict[str, Any]:
        blocked = self.filled.status != FilledForm.Status.DRAFT
        text = f"It is {self.filled.get_status_display().lower()}, and its answers never change."
        return super().get_context() | {"blockers": [{"text": text}] if blocked else []}

    def record_version(self) -> int:
        return self.filled.version

    def _compare_version(self) -> None:
        if self.request.POST.get("_version") != str(self.filled.version):
            raise Stale("form")

    def perform(self, form: Any) -> FilledForm:
        return actions.change_filled(
            self.actor,
            self.filled,
            answers=form.answers,
            complete=self.is_complete(),
            version=self.filled.version,
        )


class MarkInError(FilledSubject, PatientForm):
    """Say that a form was entered in error."""

    permission = FORM_FILL
    form_class = ErrorForm
    title = "Mark as entered in error"
    submit_label = "Mark as entered in error"
    shows = "Form to mark an error"

    def get_context(self) -> dict[str, Any]:
        marked = self.filled.status == FilledForm.Status.ENTERED_IN_ERROR
        return super().get_context() | {
            "danger": True,
            "cancel_url": self.here(),
            "consequences": ["It can’t be taken back. The answers stay and are shown struck through."],
            "blockers": [{"text": "It is marked already.", "url": self.here()}] if marked else [],
        }

    def record_version(self) -> int:
        return self.filled.version

    def _compare_version(self) -> None:
        if self.request.POST.get("_version") != str(self.filled.version):
            raise Stale("form")

    def perform(self, form: Any) -> FilledForm:
        return actions.mark_in_error(
            self.actor, self.filled, reason=form.cleaned_data["reason"], version=self.filled.version
        )

    def success_url(self, result: FilledForm) -> str:
        return self.here()

    def success_message(self, result: FilledForm) -> str:
        return "Marked as entered in error."
