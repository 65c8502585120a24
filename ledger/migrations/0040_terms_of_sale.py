from django.db import migrations, models

REFUNDS = ["allocated_price", "list_price_clawback", "allocated_price_less_fee", "none"]
EXPIRIES = ["breakage_revenue", "unclaimed_property"]


class Migration(migrations.Migration):
    dependencies = [("ledger", "0031_reopening")]
    operations = [
        migrations.AddField(
            "sale",
            "refund",
            models.CharField(
                max_length=30,
                default="allocated_price",
                choices=[
                    ("allocated_price", "At the allocated price"),
                    ("list_price_clawback", "What was used is charged at its list price"),
                    ("allocated_price_less_fee", "At the allocated price, less a fee"),
                    ("none", "Not refunded"),
                ],
            ),
            preserve_default=False,
        ),
        migrations.AddField("sale", "refund_fee_minor", models.BigIntegerField(default=0)),
        migrations.AddField(
            "sale",
            "expiry",
            models.CharField(
                max_length=30,
                default="breakage_revenue",
                choices=[
                    ("breakage_revenue", "Breakage revenue"),
                    ("unclaimed_property", "Unclaimed property"),
                ],
            ),
            preserve_default=False,
        ),
        migrations.RunSQL(
            """
            UPDATE ledger_sale sale
               SET refund = package.refund, refund_fee_minor = package.refund_fee_minor, expiry = package.expiry
              FROM ledger_package package
             WHERE package.network_id = sale.network_id AND package.id = sale.package_id
            """,
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            "sale",
            models.CheckConstraint(
                condition=models.Q(refund__in=REFUNDS)
                & (
                    models.Q(refund="allocated_price_less_fee", refund_fee_minor__gte=0)
                    | models.Q(refund_fee_minor=0)
                ),
                name="sale_refund",
            ),
        ),
        migrations.AddConstraint(
            "sale",
            models.CheckConstraint(condition=models.Q(expiry__in=EXPIRIES), name="sale_expiry_known"),
        ),
    ]
