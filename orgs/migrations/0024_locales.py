from django.db import migrations, models

_KNOWN = [
    "en-AU",
    "en-AT",
    "en-BE",
    "en-CA",
    "en-DK",
    "en-FI",
    "en-FR",
    "en-DE",
    "en-HK",
    "en-IN",
    "en-IE",
    "en-IT",
    "en-KE",
    "en-MY",
    "en-NL",
    "en-NZ",
    "en-NG",
    "en-NO",
    "en-PH",
    "en-PL",
    "en-PT",
    "en-SG",
    "en-ZA",
    "en-ES",
    "en-SE",
    "en-CH",
    "en-AE",
    "en-GB",
    "en-US",
]
_LOCALE_KNOWN = ~models.Q(key="branding.locale") | models.Q(value__in=_KNOWN)


class Migration(migrations.Migration):
    dependencies = [("orgs", "0022_leaving")]

    operations = [
        migrations.AddConstraint(
            model_name="settingassignment",
            constraint=models.CheckConstraint(
                condition=_LOCALE_KNOWN, name="settingassignment_locale_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="settingwaiver",
            constraint=models.CheckConstraint(condition=_LOCALE_KNOWN, name="settingwaiver_locale_known"),
        ),
    ]
