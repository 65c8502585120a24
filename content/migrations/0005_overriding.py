import core.tenancy.models
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('content', '0004_program'),
    ]

    operations = [
        migrations.AddField(
            model_name='contentitem',
            name='overlay',
            field=models.JSONField(help_text='Of an override: what it changes of the shared form.', null=True),
        ),
        migrations.AddField(
            model_name='contentitem',
            name='overrides',
            field=core.tenancy.models.TenantKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='overridden_by', to='content.contentitem'),
        ),
        migrations.AddField(
            model_name='contentitem',
            name='overriding',
            field=models.CharField(choices=[('none', 'No: they fill it as it is'), ('add', 'They may add questions of their own at the end'), ('adapt', 'They may also hide questions and reword them')], default='none', help_text='What organizations that it is linked to may change of it.', max_length=10),
        ),
        migrations.AddField(
            model_name='contentshare',
            name='pinned',
            field=core.tenancy.models.TenantKey(help_text='The version that is used there until somebody moves it on; without, always the newest.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='content.contentversion'),
        ),
        migrations.AddField(
            model_name='contentversion',
            name='base',
            field=core.tenancy.models.TenantKey(help_text='Of an override: the version of the shared form that it was laid over.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='content.contentversion'),
        ),
        migrations.AddConstraint(
            model_name='contentitem',
            constraint=models.CheckConstraint(condition=models.Q(('overriding__in', ['none', 'add', 'adapt'])), name='contentitem_overriding_known'),
        ),
        migrations.AddConstraint(
            model_name='contentitem',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('overlay__isnull', True), ('overrides__isnull', True)), models.Q(('overlay__isnull', False), ('overrides__isnull', False), ('overriding', 'none'), ('source__isnull', True)), _connector='OR'), name='contentitem_override_whole'),
        ),
        migrations.AddConstraint(
            model_name='contentitem',
            constraint=models.UniqueConstraint(condition=models.Q(('overrides__isnull', False)), fields=('network', 'overrides', 'organization'), name='contentitem_override_once'),
        ),
        migrations.AddConstraint(
            model_name='contentitem',
            constraint=core.tenancy.models.SameNetwork(field='overrides', name='contentitem_overrides_same_network'),
        ),
        migrations.AddConstraint(
            model_name='contentshare',
            constraint=models.CheckConstraint(condition=models.Q(('pinned__isnull', True), ('mode', 'linked'), _connector='OR'), name='contentshare_pinned_is_linked'),
        ),
        migrations.AddConstraint(
            model_name='contentshare',
            constraint=core.tenancy.models.SameNetwork(field='pinned', name='contentshare_pinned_same_network'),
        ),
        migrations.AddConstraint(
            model_name='contentversion',
            constraint=core.tenancy.models.SameNetwork(field='base', name='contentversion_base_same_network'),
        ),
    ]
