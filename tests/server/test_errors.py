"""Every error as HTTP."""

import inspect

import pytest
from litestar.exceptions import HTTPException

import index.errors
import qa.errors
from index.errors import PinciteError
from server.errors import Fault, Problem, invalid, problem_of

# Bases that are never raised themselves, and errors of commands that no route runs.
UNMAPPED = {"PinciteError", "IndexingError", "AnsweringError", "DataError", "InvalidSetting"}


def package_errors() -> list[type[PinciteError]]:
    found = [
        kind
        for module in (index.errors, qa.errors)
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, PinciteError)
    ]
    return sorted(set(found), key=lambda kind: kind.__name__)


@pytest.mark.parametrize("kind", package_errors())
def test_every_error_of_the_packages_has_its_status(kind: type[PinciteError]) -> None:
    problem = problem_of(kind("what failed: what to do"))
    if kind.__name__ in UNMAPPED:
        assert problem.status == 500
        assert "what failed" not in problem.detail
        return
    assert problem.status in {404, 413, 415, 422, 503, 507}
    assert problem.detail == "what failed: what to do"
    assert ("Retry-After" in problem.headers) == (problem.status == 503)
    assert bool(problem.errors) == (problem.status == 422)


def test_an_unforeseen_error_says_nothing_of_itself(caplog: pytest.LogCaptureFixture) -> None:
    problem = problem_of(KeyError("the reader's question"))
    assert problem.status == 500
    assert "question" not in problem.detail
    (record,) = caplog.records
    assert record.fields["error"] == "KeyError"  # type: ignore[attr-defined]
    assert "reader" not in str(record.__dict__)


def test_a_problem_stays_itself() -> None:
    problem = Problem(418, "no")
    assert problem_of(problem) is problem


def test_litestars_server_errors_are_unforeseen() -> None:
    assert problem_of(HTTPException(status_code=500, detail="inside")).detail != "inside"


def test_an_invalid_request_reads_as_a_sentence() -> None:
    document = invalid(
        Fault("is missing", pointer="#/question"), Fault("must be text", parameter="cursor")
    ).document
    assert document.detail == (
        "question is missing; cursor must be text. Correct this and send it again."
    )
    assert document.title == "Invalid request"
    assert document.type == "urn:pincite:invalid-request"
