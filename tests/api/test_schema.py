"""What is said of the API is true, and all of it."""

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema


@pytest.fixture(scope="module")
def schema():
    GENERATOR_STATS.reset()
    return SchemaGenerator().get_schema(request=None, public=True)


def operations(schema):
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_the_generator_has_nothing_to_warn_of(schema):
    assert (dict(GENERATOR_STATS._warn_cache), dict(GENERATOR_STATS._error_cache)) == ({}, {})
    validate_schema(schema)
    assert schema["openapi"] == "3.1.0"


def test_it_is_served_to_anyone(client, db):
    answer = client.get("/api/schema/")

    assert answer.status_code == 200
    assert answer.json()["openapi"] == "3.1.0"


def test_every_post_takes_an_idempotency_key(schema):
    for name, operation in operations(schema):
        headers = {parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "header"}
        assert ("Idempotency-Key" in headers) == name.startswith("POST")


def test_every_refusal_is_declared_as_a_problem(schema):
    for name, operation in operations(schema):
        refusals = {status for status in operation["responses"] if status >= "400"}
        assert {"400", "401", "403", "429", "503"} <= refusals, name
        assert all("$ref" in operation["responses"][status] for status in refusals), name


def test_every_list_tells_its_orders(schema):
    parameters = {
        parameter["name"]: parameter for parameter in schema["paths"]["/api/v1/payments/"]["get"]["parameters"]
    }

    assert {"due_on", "-due_on"} <= set(parameters["ordering"]["schema"]["enum"])
    assert parameters["ordering"]["schema"]["default"] == "due_on"


def test_one_row_is_told_with_the_mark_of_its_state(schema):
    responses = schema["paths"]["/api/v1/claims/{id}/"]["get"]["responses"]

    assert "ETag" in responses["200"]["headers"]
    assert "304" in responses
