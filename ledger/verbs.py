"""What the audit trail calls the acts of this app."""

from core.verbs import declare_verbs

declare_verbs(
    {
        "service.added": "Service added",
        "service.edited": "Service edited",
        "service.retired": "Service retired",
        "service.reactivated": "Service taken into use again",
        "service.charged": "Service charged",
        "price.set": "Price set",
        "package.created": "Package added",
        "package.edited": "Package edited",
        "package.put_on_sale": "Package put on sale",
        "package.withdrawn": "Package withdrawn",
        "package.sold": "Package sold",
        "entitlement.redeemed": "Entitlement redeemed",
        "entitlement.refunded": "Entitlement refunded",
        "entitlement.expired": "Entitlement expired",
        "breakage.run": "Breakage taken",
        "event.voided": "Event voided",
        "journal.posted": "Journal entry posted",
        "vendor.billed": "Vendor’s bill entered",
        "period.closed": "Period closed",
        "rule.drafted": "Rule drafted",
        "rule.draft_edited": "Draft of a rule edited",
        "rule.examples_written": "Worked examples of a rule written",
        "rule.backtested": "Back-test of a rule asked for",
        "rule.draft_deleted": "Draft of a rule deleted",
        "rule.activated": "Rule activated",
        "rule.ended": "Rule ended",
    }
)
