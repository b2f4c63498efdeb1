"""What may go wrong between us and a portal, by a seed, or one by one as a test asks for it."""

from random import Random

# of a whole HTTP call
BUSY = "busy"  # 503 QUERY_LIMIT_EXCEEDED, nothing done
BROKEN = "broken"  # 500, nothing done
BROKEN_AFTER = "broken after"  # 500, and yet everything done
NO_CONNECTION = "no connection"  # nothing done, nothing answered
NO_ANSWER = "no answer"  # everything done, nothing answered
# of one command of a batch
COMMAND = "command"

KINDS = (BUSY, BROKEN, BROKEN_AFTER, NO_CONNECTION, NO_ANSWER)


class Faults:
    """Decides for each call what goes wrong: first what was asked for by `next_calls`, then by chance."""

    def __init__(self, *, seed: int = 0, share: float = 0.0, of_commands: float = 0.0) -> None:
        self.random = Random(seed)
        self.share, self.of_commands = share, of_commands
        self.asked: list[str | None] = []
        self.happened = 0

    def next_calls(self, *kinds: str | None) -> None:
        """Let the next calls fail so, one each; None is a call that goes well."""
        self.asked += kinds

    def of_call(self) -> str | None:
        kind = self.asked.pop(0) if self.asked else self._by_chance()
        self.happened += kind is not None
        return kind

    def of_command(self) -> bool:
        fails = self.random.random() < self.of_commands
        self.happened += fails
        return fails

    def stop(self) -> None:
        self.share = self.of_commands = 0.0
        self.asked.clear()

    def _by_chance(self) -> str | None:
        return self.random.choice(KINDS) if self.random.random() < self.share else None
