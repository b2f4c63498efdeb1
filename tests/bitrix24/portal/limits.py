"""The two limits of the cloud: requests a second (a leaky bucket) and working time of each method in ten minutes."""

import time
from collections import defaultdict

from .errors import RestError


class Limits:
    def __init__(self, *, size: float = 50, leak: float = 2, operating: float = 480, clock=time.time) -> None:
        self.size, self.leak, self.operating, self.clock = size, leak, operating, clock
        self.level, self.at = 0.0, clock()
        # {method: {minute it began: seconds worked}}
        self.worked: dict[str, dict[float, float]] = defaultdict(dict)
        self.refused = 0

    def request(self) -> None:
        now = self.clock()
        self.level, self.at = max(0.0, self.level - (now - self.at) * self.leak), now
        if self.level + 1 > self.size:
            self.refused += 1
            raise RestError("QUERY_LIMIT_EXCEEDED", "Too many requests", 503)
        self.level += 1

    def before(self, method: str) -> None:
        if self.used(method) > self.operating:
            self.refused += 1
            raise RestError("OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.", 429)

    def used(self, method: str) -> float:
        now = self.clock()
        baskets = self.worked[method]
        for begun in [begun for begun in baskets if begun + 600 <= now]:
            del baskets[begun]
        return sum(baskets.values())

    def work(self, method: str, seconds: float) -> dict:
        """Count the work; return the `time` of the answer."""
        now = self.clock()
        baskets = self.worked[method]
        begun = next((begun for begun in baskets if now - begun < 60), now)
        baskets[begun] = baskets.get(begun, 0.0) + seconds
        reset_at = int(min(baskets) + 600)
        return {"duration": seconds, "operating": self.used(method), "operating_reset_at": reset_at}
