"""What the scheduler starts, and when (UTC)."""

from datetime import timedelta

from celery.schedules import crontab

# Name, task, schedule, and for how many seconds it may wait for a worker. Each of these asks "what is due and not
# done?", so a missed run costs nothing but time.
BEAT_SCHEDULE = (
    ("heartbeat", "claims_crm.tasks.heartbeat", timedelta(minutes=1), 60),
    ("sweep", "notifications.tasks.sweep", timedelta(minutes=5), 300),
    ("mail", "notifications.tasks.send_mail", timedelta(minutes=1), 60),
    ("digests", "notifications.tasks.send_digests", timedelta(minutes=10), 600),
    ("imports", "register.tasks.continue_imports", timedelta(seconds=15), 15),
    ("jobs", "jobs.tasks.continue_jobs", timedelta(minutes=1), 60),
    ("old keys", "claims_crm.tasks.forget_old_keys", crontab(minute=20), 3600),
    ("webhooks", "webhooks.tasks.deliver_due", timedelta(seconds=15), 15),
    ("old webhooks", "webhooks.tasks.forget_old", crontab(hour=1, minute=20), 3600),
    ("old jobs", "jobs.tasks.delete_old_jobs", crontab(hour=1, minute=0), 3600),
    ("sessions", "accounts.tasks.clear_sessions", crontab(hour=1, minute=10), 3600),
    ("sizes", "claims_crm.tasks.analyze", crontab(hour=1, minute=30), 3600),
    ("audit", "payments.tasks.audit_balances", crontab(hour=0, minute=30), 3600),
    ("bitrix24", "bitrix24.tasks.push", timedelta(seconds=30), 30),
)
