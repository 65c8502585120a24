"""What can be allowed about patients."""

from core.permissions import permission

PATIENT_VIEW = permission(
    "patient:view",
    "See patients",
    roles="organization_administrator front_desk scheduler clinician privacy_officer",
)
PATIENT_REGISTER = permission(
    "patient:register", "Register patients", roles="organization_administrator front_desk"
)
PATIENT_EDIT = permission("patient:edit", "Edit patients", roles="organization_administrator front_desk")
PATIENT_EXPORT = permission("patient:export", "Export patients", roles="organization_administrator")
PATIENT_READS = permission("patient:reads", "See who saw a patient", roles="privacy_officer")
FORM_FILL = permission(
    "form:fill", "See and fill the forms of patients", roles="organization_administrator front_desk clinician"
)
