"""The words by which a patient is found."""

from django.db import models

from core.tenancy import Tenancy, TenantKey, TenantModel


class SearchWord(TenantModel):
    """One normalized word of a name, one form of a phone number, or '#' and an identifier's key.

    A row for each word, so that words are found in any order by a prefix range on one index.
    """

    tenancy = Tenancy(web="SELECT, INSERT, DELETE", keyed=False)

    patient = TenantKey("patients.Patient", on_delete=models.CASCADE, related_name="+", db_index=False)
    word = models.CharField(max_length=100, db_collation="C")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network", "patient", "word"], name="search_word_unique")
        ]
        indexes = [models.Index(fields=["network", "word", "patient"], name="search_word_prefix")]
