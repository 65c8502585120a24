"""One customer, who may own several Parent Accounts."""

from django.db import models


class Enterprise(models.Model):
    """One customer. It stands outside tenancy: it has a name and no data of its networks."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name
