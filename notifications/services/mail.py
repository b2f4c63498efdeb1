"""Mail: notices that wait for it, and the morning digest."""


def send_waiting_mail() -> int:
    return 0


def write_digests() -> int:
    return 0
