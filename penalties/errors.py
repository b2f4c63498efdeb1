from claims_crm.errors import InputRefused, RuleBroken


class KeyRatesUnreadable(InputRefused):
    """A file is none of those the Bank of Russia publishes key rates in, or a row of it makes no sense."""

    code = "key_rates_unreadable"


class KeyRatesDiffer(RuleBroken):
    """A file and the table contradict each other: a person has to say which of them is right."""

    code = "key_rates_differ"


class BankOfRussiaUnreachable(RuleBroken):
    code = "bank_of_russia_unreachable"
