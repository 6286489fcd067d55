"""What is learned from a follow-up: the words that its written-out form has and it has not."""

from qa.training.fit_carryover import Case, f1_of, rows_of
from qa.types import Turn

HISTORY = (Turn("Who led the diving?", "Ingrid Solheim"),)
LEANS = Case("canard", HISTORY, "When was she born?", "When was Ingrid Solheim born?", False)
STANDS = Case("switches", HISTORY, "Who sold boats?", "Who sold boats?", False)


def test_what_is_wanted_are_the_words_that_are_lacking() -> None:
    assert LEANS.wanted == {"ingrid", "solheim"}
    assert STANDS.wanted == frozenset()


def test_each_word_of_the_history_is_a_row_and_a_question_that_stands_alone_wants_none() -> None:
    rows, labels = rows_of([STANDS])
    assert len(rows) == len(labels)
    assert not labels.any()
    _, labels = rows_of([LEANS])
    assert labels.sum() == 2


def test_f1_counts_over_the_words_that_were_said() -> None:
    assert f1_of([LEANS], [frozenset({"ingrid", "solheim"})])["f1"] == 100
    assert f1_of([LEANS], [frozenset({"ingrid", "dive"})]) == {"p": 50, "r": 50, "f1": 50}
    assert f1_of([LEANS], [frozenset()])["f1"] == 0
