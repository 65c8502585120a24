"""/console/patients/, and the tab of an organization."""

from django.urls import path

from patients.views import filled, listing, many, patient, registration

urlpatterns = [
    path("patients/", listing.PatientList.as_view(), name="patient-list"),
    path("patients/register/", patient.PatientRegister.as_view(), name="patient-register"),
    path("patients/many/register/", many.PatientsRegister.as_view(), name="patient-register-many"),
    path("patients/<int:pk>/", patient.PatientPage.as_view(), name="patient"),
    path("patients/<int:pk>/edit/", patient.PatientEdit.as_view(), name="patient-edit"),
    path("patients/<int:pk>/register-at/", registration.RegisterAt.as_view(), name="patient-register-at"),
    path("patients/<int:pk>/home/", registration.SetHome.as_view(), name="patient-home"),
    path("patients/<int:pk>/forms/", filled.PatientForms.as_view(), name="patient-forms"),
    path("patients/<int:pk>/forms/fill/", filled.ChooseForm.as_view(), name="patient-form-choose"),
    path(
        "patients/<int:pk>/forms/fill/<int:organization>/<int:content>/",
        filled.FillForm.as_view(),
        name="patient-form-fill",
    ),
    path("patients/<int:pk>/forms/<int:form>/", filled.FilledPage.as_view(), name="patient-form"),
    path("patients/<int:pk>/forms/<int:form>/edit/", filled.EditFilled.as_view(), name="patient-form-edit"),
    path(
        "patients/<int:pk>/forms/<int:form>/error/", filled.MarkInError.as_view(), name="patient-form-error"
    ),
    path(
        "patients/<int:pk>/forms/<int:form>/files/<slug:link_id>/",
        filled.FilledFile.as_view(),
        name="patient-form-file",
    ),
    path("patients/<int:pk>/reads/", patient.PatientReads.as_view(), name="patient-reads"),
    path(
        "organizations/<int:pk>/patients/",
        listing.OrganizationPatients.as_view(),
        name="organization-patients",
    ),
]
