from claims_crm.errors import BusinessRuleError, InvalidInput


class KeyRatesUnreadable(InvalidInput):
    """A file is none of those the Bank of Russia publishes key rates in, or a row of it makes no sense."""

    code = "key_rates_unreadable"


class KeyRatesDiffer(BusinessRuleError):
    """A file and the table contradict each other: a person has to say which of them is right."""

    code = "key_rates_differ"


class BankOfRussiaUnreachable(BusinessRuleError):
    code = "bank_of_russia_unreachable"
