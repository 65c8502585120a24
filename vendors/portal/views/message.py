"""What a contact says to whoever ordered, and answers."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import Http404

from vendors.actions.message import answer_network, propose_time, write_to_network
from vendors.conversation import conversation
from vendors.models import RequestMessage
from vendors.permissions import PORTAL_ANSWER
from vendors.portal.forms import ProposeForm, ReplyForm, WriteForm
from vendors.portal.views.task import TaskForm
from vendors.queries.request import messages_of


class TaskWrite(TaskForm):
    permission = PORTAL_ANSWER
    form_class = WriteForm
    title = "Write to the network"
    submit_label = "Send"
    done = "written"

    def perform(self, form: Any, *, version: int, key: str) -> Any:
        return write_to_network(self.actor, self.found_task, **form.cleaned_data, version=version, key=key)


class TaskPropose(TaskForm):
    permission = PORTAL_ANSWER
    form_class = ProposeForm
    title = "Propose another time"
    submit_label = "Propose"
    done = "proposed"

    def perform(self, form: Any, *, version: int, key: str) -> Any:
        return propose_time(self.actor, self.found_task, **form.cleaned_data, version=version, key=key)


class TaskReply(TaskForm):
    permission = PORTAL_ANSWER
    title = "Answer the network"
    submit_label = "Answer"
    done = "replied"

    @cached_property
    def asked(self) -> RequestMessage:
        """The message that is answered, of this very task; raises Http404."""
        for one in messages_of(self.found_task.request):
            if one.pk == self.kwargs["message"]:
                return one
        raise Http404

    def get_form(self, *args: Any, **kwargs: Any) -> ReplyForm:
        cancels = self.asked.kind == RequestMessage.Kind.CANCELLATION
        return ReplyForm(*args, cancels=cancels, **kwargs)

    def perform(self, form: Any, *, version: int, key: str) -> Any:
        typed = form.cleaned_data
        return answer_network(
            self.actor,
            self.found_task,
            asked=self.asked,
            text=typed["text"],
            agreed=typed.get("agreed") != "no",
            version=version,
            key=key,
        )

    def show(self, form: Any, *, status: int = 200, **extra: Any) -> Any:
        (said,) = conversation([self.asked], RequestMessage.Side.VENDOR, lambda one: "", ended=True)
        return super().show(form, status=status, intro=f"{said.title}. {said.text}".strip(), **extra)
