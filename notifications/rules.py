"""The task rules of a new funnel; administrators change them in the admin."""

DEFAULT_RULES = (
    {
        "trigger": "payment_due",
        "role": "accountants",
        "title_ru": "Оплатить {amount} по претензии {claim}",
        "title_en": "Pay {amount} on claim {claim}",
    },
    {
        "trigger": "all_paid",
        "role": "specialists",
        "title_ru": "Заверши работу с претензией {claim}",
        "title_en": "Complete the work on claim {claim}",
        "checklist_ru": "Акт о выплате\nПодпись клиента\nАрхивация",
        "checklist_en": "Act of payment\nClient's signature\nArchiving",
    },
    {
        "trigger": "under_scheduled",
        "role": "specialists",
        "title_ru": "Составь график на остаток по претензии {claim}",
        "title_en": "Schedule the rest of claim {claim}",
    },
)
