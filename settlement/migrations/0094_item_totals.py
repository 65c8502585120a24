import core.tenancy.models
import django.db.models.deletion
from django.db import migrations, models

from core.sql import sql_file


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0003_schema_owners'),
        ('ledger', '0081_schedules'),
        ('settlement', '0093_statement_runs'),
    ]

    operations = [
        migrations.CreateModel(
            name='ItemTotal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField()),
                ('items', models.BigIntegerField()),
                ('minor', models.BigIntegerField()),
                ('account', core.tenancy.models.TenantKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.account')),
                ('network', models.ForeignKey(db_default=core.tenancy.models.BoundNetwork(), db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.network')),
                ('run', core.tenancy.models.TenantKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='settlement.settlementrun')),
            ],
            options={
                'verbose_name': 'total of items',
                'constraints': [core.tenancy.models.TenantPolicy(name='itemtotal_tenancy', tenancy={'keyed': False, 'web': 'SELECT, INSERT, UPDATE (items, minor)'}), models.UniqueConstraint(fields=('network', 'account', 'run', 'on'), name='itemtotal_once', nulls_distinct=False), core.tenancy.models.SameNetwork(field='account', name='itemtotal_account_same_network'), core.tenancy.models.SameNetwork(field='run', name='itemtotal_run_same_network')],
            },
        ),
        sql_file(__file__, "0094_item_totals"),
    ]
