"""Forms of what changes an entitlement."""

from orgs.forms.organization import ReasonForm, date_field


class ExtendForm(ReasonForm):
    """A later last day."""

    expires_on = date_field(label="Usable until")

    field_order = ["expires_on", "reason"]


class FreezeForm(ReasonForm):
    """The days of a freeze, both included."""

    frozen_on = date_field(label="From")
    frozen_until = date_field(label="To")

    field_order = ["frozen_on", "frozen_until", "reason"]
