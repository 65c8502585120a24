"""Mail about signing in, in the name of the person's network."""

from __future__ import annotations

from core.tenancy import bound
from orgs.actions.mail import mail_ending
from orgs.hosts import leads_elsewhere
from orgs.queries.branding import letterhead, sender_name
from orgs.queries.membership import networks_of_user
from orgs.queries.tree import root
from orgs.rules.settings import LOCALE
from people.adapter import AccountAdapter, MailLook
from people.queries.user import user_by_email


class NetworkAccountAdapter(AccountAdapter):
    """Signs mail as the network does where it is clear which one: the host name's, or the person's only one.

    A host name alone is not enough: whoever holds no role in its network gets mail in the installation's name.
    """

    def look_for(self, email: str) -> MailLook:
        user = user_by_email(email)
        networks = [] if user is None else networks_of_user(user.pk)
        here = [pk for pk in networks if not leads_elsewhere(self.request, pk)]
        if len(here) != 1:
            return super().look_for(email)
        with bound(here[0]):
            parent = root()
            return MailLook(letterhead(parent), sender_name(parent), mail_ending(parent), LOCALE.at_network())
