"""Forms as FHIR Questionnaires: a version as a file, and a file as a draft."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404, HttpResponse

from content.actions.version import change_draft
from content.fhir import About, questionnaire_of
from content.forms.fhir import QuestionnaireForm
from content.models import ContentVersion
from content.permissions import CONTENT_EDIT, CONTENT_VIEW
from content.rules.kinds import PROGRAM
from content.views.parts import DraftForm, VersionSubject


class QuestionnaireFile(VersionSubject):
    """A version of a form as a Questionnaire."""

    permission = CONTENT_VIEW

    def get(self, request: Any, pk: int) -> HttpResponse:
        version, item = self.subject, self.subject.item
        if item.kind == PROGRAM:
            raise Http404("A program is no questionnaire.")
        about = About(item.code, item.name, item.description, version.number, version.state)
        text = json.dumps(questionnaire_of(about, version.body), ensure_ascii=False, indent=2)
        name = f"{item.code}-{version.number}.json"
        return HttpResponse(
            text,
            content_type="application/fhir+json",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


class QuestionnaireImport(DraftForm):
    """Give a draft what a Questionnaire asks; it can be undone like every change."""

    permission = CONTENT_EDIT
    form_class = QuestionnaireForm
    title = "Import a FHIR Questionnaire"
    submit_label = "Import"

    def get_subject(self) -> ContentVersion:
        draft = super().get_subject()
        if draft.item.kind == PROGRAM or draft.base is not None:
            raise Http404("Only a form of one's own can be imported.")
        return draft

    def get_form(self, data: Any = None, files: Any = None) -> QuestionnaireForm:
        return QuestionnaireForm(data, files)

    def get_context(self) -> dict[str, Any]:
        return super().get_context() | {
            "consequences": ["It takes the place of all that the draft asks. Undo brings that back."]
        }

    def perform(self, form: Any) -> ContentVersion:
        self.left_out = len(form.read.unmatched)
        what = f"import: {form.cleaned_data['file'].name}"
        draft = self.subject
        return change_draft(self.actor, draft, body=form.read.body, what=what, version=draft.version)

    def success_message(self, result: ContentVersion) -> str:
        left = f" {self.left_out} left out." if self.left_out else ""
        return f"Imported: {len(result.body['items'])} items.{left}"
