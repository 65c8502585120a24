"""The sign-in pages of allauth that we use, and no others: there is no sign-up and no e-mail change."""

from allauth.account import views
from allauth.mfa.base import views as factor
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from django.urls import path, re_path

from people.views.second_factor import SetUp

SHOWN_AND_SENT = ["get", "head", "post", "options"]  # a form without fields must not be sent by PUT

urlpatterns = [
    path("sign-in/", views.login, name="account_login"),
    path("sign-out/", views.logout, name="account_logout"),
    path("sign-in/code/", views.request_login_code, name="account_request_login_code"),
    path("sign-in/code/confirm/", views.confirm_login_code, name="account_confirm_login_code"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    re_path(  # the key has a hyphen of its own, so the id ends at the first
        r"^password/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/changed/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("password/change/", views.password_change, name="account_change_password"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("your-sign-in/", factor.index, name="mfa_index"),
    path("second-factor/", factor.authenticate, name="mfa_authenticate"),
    path("second-factor/confirm/", factor.reauthenticate, name="mfa_reauthenticate"),
    path("second-factor/set-up/", SetUp.as_view(), name="mfa_activate_totp"),
    path(
        "second-factor/remove/",
        totp.DeactivateTOTPView.as_view(http_method_names=SHOWN_AND_SENT),
        name="mfa_deactivate_totp",
    ),
    path("recovery-codes/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "recovery-codes/new/",
        recovery.GenerateRecoveryCodesView.as_view(http_method_names=SHOWN_AND_SENT),
        name="mfa_generate_recovery_codes",
    ),
]
