import django.db.models.deletion
import django.utils.timezone
import webhooks.models
import webhooks.signing
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('claims', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Subscription',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='The name of the other program.', max_length=100, verbose_name='name')),
                ('url', models.CharField(max_length=500, validators=[webhooks.models.check_url], verbose_name='address')),
                ('events', models.JSONField(default=list, validators=[webhooks.models.check_events], verbose_name='events')),
                ('secret', models.CharField(default=webhooks.signing.new_secret, editable=False, max_length=100, verbose_name='secret')),
                ('is_active', models.BooleanField(default=True, verbose_name='on')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='created at')),
                ('failures', models.PositiveIntegerField(default=0, editable=False)),
                ('not_before', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('off_since', models.DateTimeField(editable=False, null=True, verbose_name='switched off at')),
                ('off_because', models.CharField(blank=True, choices=[('failed', 'no message could be delivered for three days'), ('gone', 'the receiver answered 410: it wants no more messages')], editable=False, max_length=6)),
            ],
            options={
                'verbose_name': 'webhook',
                'verbose_name_plural': 'webhooks',
                'ordering': ['name', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(default=webhooks.models.new_key, max_length=40, unique=True, verbose_name='id of the message')),
                ('event', models.CharField(choices=[('claim.created', 'a claim is registered'), ('payment.settled', 'a payment is marked as paid'), ('payment.reopened', 'a paid payment is reopened'), ('payment.scheduled', 'a payment is scheduled'), ('claim.stage_changed', 'a claim has moved to another stage'), ('claim.settled', 'a claim is paid in full'), ('claim.closed', 'a claim is closed'), ('task.completed', 'a task is done'), ('task.created', 'a task is raised')], max_length=20, verbose_name='event')),
                ('facts', models.JSONField()),
                ('occurred_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='happened at')),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('delivered', 'delivered'), ('failed', 'given up')], default='waiting', max_length=9)),
                ('attempts', models.PositiveIntegerField(default=0, verbose_name='attempts')),
                ('first_tried_at', models.DateTimeField(null=True)),
                ('not_before', models.DateTimeField(default=django.utils.timezone.now)),
                ('ended_at', models.DateTimeField(null=True)),
                ('claim', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='claims.claim', verbose_name='claim')),
                ('subscription', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='webhooks.subscription', verbose_name='webhook')),
            ],
            options={
                'verbose_name': 'message',
                'verbose_name_plural': 'messages sent',
                'ordering': ['-pk'],
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='Attempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='when')),
                ('took', models.PositiveIntegerField(verbose_name='milliseconds')),
                ('status', models.PositiveSmallIntegerField(null=True, verbose_name='status')),
                ('error', models.CharField(blank=True, choices=[('refused', 'the address is not on the open internet'), ('name', 'the name does not exist'), ('connection', 'no connection'), ('tls', 'the certificate is not trusted'), ('slow', 'no response in time'), ('protocol', 'the answer is not HTTP'), ('internal', 'the message could not be made; the log of the worker says why')], max_length=10, verbose_name='error')),
                ('answer', models.TextField(blank=True, help_text='The first kilobyte.', verbose_name='answer')),
                ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tries', to='webhooks.delivery')),
            ],
            options={
                'verbose_name': 'attempt',
                'verbose_name_plural': 'attempts',
                'ordering': ['pk'],
                'default_permissions': (),
            },
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['subscription', 'claim', 'id'], name='delivery_of_claim_waiting'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['subscription', 'id'], name='delivery_waiting'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'delivered')), fields=['subscription', 'ended_at'], name='delivery_delivered'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['occurred_at'], name='delivery_by_time'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('state', 'waiting')), models.Q(models.Q(('state', 'waiting'), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='delivery_ended_has_time'),
        ),
    ]
