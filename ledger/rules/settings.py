"""The settings that this app declares."""

from decimal import Decimal

from core.setting_types import Amount, Choice, Choices, Flag, Text, Whole, Words, email_domain
from core.settings import NETWORK_WIDE, Mode, Setting, declare
from core.validators import email_address
from ledger.rules.payment import PAYMENT_METHODS
from ledger.rules.tax import TaxPoint

MAY_SELL = declare(
    Setting(
        "billing.may_sell",
        Flag(),
        True,
        "Sells packages",
        "Packages are sold here. Without it the counter redeems and charges, and sells nothing.",
        policy=True,
    )
)
MAY_REDEEM = declare(
    Setting(
        "billing.may_redeem",
        Flag(),
        True,
        "Redeems entitlements",
        "Patients use here what they bought, wherever they bought it.",
        policy=True,
    )
)
MAY_CHARGE = declare(
    Setting(
        "billing.may_charge",
        Flag(),
        True,
        "Charges for single services",
        "Patients may be charged the list price of a service here, without a package.",
        policy=True,
    )
)
SELL_TO_REGISTERED_ONLY = declare(
    Setting(
        "billing.sell_to_registered_only",
        Flag(),
        False,
        "Sells to registered patients only",
        "A sale or charge registers nobody: the patient has to be registered here before it.",
    )
)
PAYMENT_METHODS_TAKEN = declare(
    Setting(
        "billing.payment_methods",
        Choices(PAYMENT_METHODS, least=1),
        tuple(PAYMENT_METHODS),
        "Ways to pay",
        "How patients may pay here for packages and services.",
    )
)
DISCOUNT_CAP = declare(
    Setting(
        "billing.discount_cap",
        Whole(0, 100, "%"),
        100,
        "Largest discount",
        "A sale is not discounted by more than this part of its price.",
        policy=True,
    )
)
BACKDATING_DAYS = declare(
    Setting(
        "billing.backdating_days",
        Whole(0, 36_500, "days", zero="today only"),
        36_500,
        "Longest backdating",
        "Sales, redemptions, charges, refunds and voids are entered for a day at most so many days before today.",
        policy=True,
    )
)
MOST_UNITS_AT_ONCE = declare(
    Setting(
        "billing.most_units_at_once",
        Whole(0, 1000, "units", zero="no limit"),
        0,
        "Most units at once",
        "One redemption takes at most so many units of a service.",
    )
)
LONGEST_VALIDITY_DAYS = declare(
    Setting(
        "billing.longest_validity_days",
        Whole(0, 36_500, "days", zero="no limit"),
        0,
        "Longest validity",
        "A package whose care is owed here is valid for at most so many days, and never without end. For packages "
        "without a holder the parent organization's value counts.",
    )
)
EXPIRY_NOTICE_DAYS = declare(
    Setting(
        "billing.expiry_notice_days",
        Whole(0, 365, "days", zero="no notice"),
        30,
        "Notice of expiry",
        "What expires within so many days is marked at the counter, and on the page of patients at home here.",
    )
)
LONGEST_REMINDER_DAYS = 365
EXPIRY_REMINDER_DAYS = declare(
    Setting(
        "billing.expiry_reminder_days",
        Whole(0, LONGEST_REMINDER_DAYS, "days", zero="no reminder"),
        14,
        "Reminder of expiry by mail",
        "So many days before what is owed here expires, patients who consented are mailed once what is left and where.",
    )
)
DORMANCY_MONTHS = declare(
    Setting(
        "billing.dormancy_months",
        Whole(0, 600, "months", zero="at once"),
        36,
        "Dormancy",
        "Unclaimed property that is held here is due to the state so many months after the last day on which it could be "
        "used. Until then only the patient is paid.",
        policy=True,
    )
)
BREAKAGE_MONTHLY = declare(
    Setting(
        "billing.breakage_monthly",
        Flag(),
        False,
        "Takes breakage by itself",
        "After each month, breakage of packages whose care is owed here is brought up to the month's last day. What is "
        "expected never to be used, the package says.",
    )
)
MOST_TRANSFERS = declare(
    Setting(
        "billing.transfers",
        Whole(0, 100, "times", zero="never"),
        1,
        "Transfers to another patient",
        "An entitlement to care that is owed here is given to another patient at most so often.",
        policy=True,
    )
)
EXTENSION_DAYS = declare(
    Setting(
        "billing.extension_days",
        Whole(0, 36_500, "days", zero="no limit"),
        365,
        "Longest extension",
        "An entitlement to care that is owed here is extended by at most so many days at once.",
        policy=True,
    )
)
FREEZE_DAYS = declare(
    Setting(
        "billing.freeze_days",
        Whole(0, 3_650, "days", zero="no freeze"),
        90,
        "Days of freeze",
        "An entitlement to care that is owed here is frozen for at most so many days in all.",
        policy=True,
    )
)
REFUND_WINDOW_DAYS = declare(
    Setting(
        "billing.refund_window_days",
        Whole(0, 36_500, "days", zero="no limit"),
        0,
        "Refund window",
        "Care that is owed here is refunded until so many days after its sale. A package says who owes it: an "
        "organization, or whoever sells it.",
        policy=True,
    )
)
REFUND_APPROVAL_ABOVE = declare(
    Setting(
        "billing.refund_approval_above",
        Amount(zero="no limit"),
        Decimal(0),
        "Refunds that need approval",
        "Once more than this is refunded of one entitlement here, it takes somebody who may approve refunds.",
        policy=True,
    )
)
REFUND_ELSEWHERE = declare(
    Setting(
        "billing.refund_elsewhere",
        Flag(),
        True,
        "Others pay out its refunds",
        "Other organizations may pay out refunds of what is owed here, and are owed the money.",
        policy=True,
    )
)
VOID_WINDOW_DAYS = declare(
    Setting(
        "billing.void_window_days",
        Whole(0, 36_500, "days", zero="no limit"),
        0,
        "Void window",
        "What was posted here is voided until so many days after its effective date.",
        policy=True,
    )
)
LONGEST_QUOTE = declare(
    Setting(
        "billing.longest_quote",
        Whole(0, 3650, "days", zero="no limit"),
        0,
        "Longest quote",
        "A quote is good for at most so many days; then it lapses by itself.",
    )
)
TOP_UP_ANEW = declare(
    Setting(
        "billing.top_up_anew",
        Flag(),
        False,
        "Top-ups are valid anew",
        "What tops up an entitlement is usable for as many days as the package has, from the day of the top-up. Otherwise "
        "it ends with the entitlement that it tops up.",
    )
)
VOID_OWN = declare(
    Setting(
        "billing.void_own",
        Flag(),
        True,
        "People void their own postings",
        "Who sold, redeemed, charged or refunded may also void it; otherwise it takes somebody else.",
        policy=True,
    )
)
RECEIPT_NOTE = declare(
    Setting(
        "billing.receipt_note",
        Text(200, empty="none"),
        "",
        "Note on receipts",
        "Printed at the foot of receipts for sales made here, as a tax number or opening hours.",
    )
)
TAX_POINT = declare(
    Setting(
        "billing.tax_point",
        Choice(
            {
                TaxPoint.SALE: "At the sale (single-purpose voucher)",
                TaxPoint.REDEMPTION: "At each redemption (multi-purpose voucher)",
            }
        ),
        TaxPoint.SALE,
        "Tax on prepaid services is due",
        "Of packages whose care is owed here. Credit is taxed at each redemption whatever this says; what was sold keeps "
        "what was in force then.",
        policy=True,
    )
)
RULE_EXAMPLES_REQUIRED = declare(
    Setting(
        "billing.rule_examples_required",
        Flag(),
        False,
        "Rules need worked examples",
        "A transactional rule is activated only with worked examples that hold. Examples that a rule carries have to "
        "hold in any case. The parent organization’s value counts.",
        policy=True,
    )
)
RULE_PERCENT_PERFORMED_ONLY = declare(
    Setting(
        "billing.percentages_to_performers_only",
        Flag(),
        False,
        "Percentages only to who performs",
        "A rule that pays a percentage or the remainder to anybody but the servicing organization, the holder or the "
        "parent is not activated: who only refers patients gets no part of the price. Fixed amounts for a service "
        "named are paid. The parent organization’s value counts.",
        policy=True,
    )
)
SEALS_TO = declare(
    Setting(
        "billing.seals_to",
        Text(254, empty="nobody", parse=email_address),
        "",
        "Address for seals",
        "Who gets the day's seals of journal and audit trail by mail: an auditor outside, who can tell later whether the "
        "chain is still the one they got.",
        kinds=NETWORK_WIDE,
        modes=(Mode.DEFAULT, Mode.RECOMMENDED, Mode.ENFORCED),
        policy=True,
    )
)
REPORT_DOMAINS = declare(
    Setting(
        "billing.report_domains",
        Words(email_domain, none="nobody"),
        (),
        "Domains outside that reports go to",
        "Scheduled reports may also be sent to addresses at these domains that are nobody’s in the network: an auditor’s, a "
        "bank’s. Reports that may name patients never are.",
        kinds=NETWORK_WIDE,
        modes=(Mode.DEFAULT, Mode.RECOMMENDED, Mode.ENFORCED),
        policy=True,
    )
)
COUNTER_LOOKUP = declare(
    Setting(
        "privacy.counter_lookup",
        Flag(),
        True,
        "Look-up at the counter",
        "The counter finds patients who are not registered here, by the code on the receipt or by identifier and "
        "birth date.",
        policy=True,
    )
)
EXCHANGE_RATE_DAYS = declare(
    Setting(
        "billing.exchange_rate_days",
        Whole(0, 366, "days", zero="only that of the day itself"),
        31,
        "Oldest exchange rate",
        "Between organizations that keep different currencies, nothing is posted or valued at an older rate.",
        kinds=NETWORK_WIDE,
    )
)
