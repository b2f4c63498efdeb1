class RestError(Exception):
    """What a method answers with instead of a result."""

    def __init__(self, code: str, description: str = "", status: int = 400) -> None:
        super().__init__(code)
        self.code, self.description, self.status = code, description, status

    @property
    def body(self) -> dict:
        return {"error": self.code, "error_description": self.description or self.code}


class Interrupted(Exception):
    """The connection ends without an answer, as by a time-out on the way."""


def not_found() -> RestError:
    return RestError("NOT_FOUND", "Element not found")


def missing(name: str) -> RestError:
    return RestError("100", f"Could not find value for parameter {{{name}}}")
