from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('work', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='mail',
            name='html',
            field=models.TextField(blank=True, db_default="", help_text='The body drawn; empty: it goes as text alone.'),
        ),
        migrations.AddField(
            model_name='mail',
            name='logo_id',
            field=models.BigIntegerField(help_text="The network's stored file.", null=True),
        ),
        migrations.AddField(
            model_name='mail',
            name='network_id',
            field=models.BigIntegerField(help_text='Whose logo it has.', null=True),
        ),
        migrations.AddConstraint(
            model_name='mail',
            constraint=models.CheckConstraint(condition=models.Q(('logo_id', None), ('network_id__isnull', False), _connector='OR'), name='mail_logo_of_a_network'),
        ),
    ]
