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
        "entitlement.upgraded": "Entitlement upgraded",
        "entitlement.redeemed": "Entitlement redeemed",
        "entitlement.refunded": "Entitlement refunded",
        "entitlement.transferred": "Entitlement transferred",
        "entitlement.extended": "Entitlement extended",
        "entitlement.frozen": "Entitlement frozen",
        "entitlement.freeze_ended": "Freeze of an entitlement ended",
        "entitlement.expired": "Entitlement expired",
        "breakage.run": "Breakage taken",
        "event.voided": "Event voided",
        "journal.posted": "Journal entry posted",
        "vendor.billed": "Vendor’s bill entered",
        "period.closed": "Period closed",
        "period.soft_closed": "Period soft closed",
        "period.reopening_requested": "Reopening of a period asked for",
        "period.reopened": "Period reopened",
        "period.reopening_declined": "Reopening of a period declined",
        "rule.drafted": "Rule drafted",
        "rule.draft_edited": "Draft of a rule edited",
        "rule.examples_written": "Worked examples of a rule written",
        "rule.backtested": "Back-test of a rule asked for",
        "rule.draft_deleted": "Draft of a rule deleted",
        "rule.activated": "Rule activated",
        "rule.ended": "Rule ended",
    }
)
