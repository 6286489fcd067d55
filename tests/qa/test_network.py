"""The training's loss by hand, and that its targets stand where the answers do."""

import math
import random
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from index.types import Span
from qa.reader.model import WEIGHTS
from qa.training.examples import Example
from qa.training.network import OUTPUTS, Tokens, batch_of, loss_of, open_tokenizer, tokenize
from qa.training.train import batches, mean_weights

PASSAGE = "Ada sold it to Bo Ek."


def test_targets_stand_where_the_answers_do() -> None:
    tokenizer = open_tokenizer(WEIGHTS)
    start = PASSAGE.index("Bo")
    group = (
        Example("Who bought?", PASSAGE, (Span(start, start + 5),), (Span(0, 3), Span(start, 20))),
        Example("Who bought?", "No one.", ()),
    )
    one, other = tokenize(group, tokenizer)
    words = tokenizer.encode("Who bought?", PASSAGE).tokens
    assert [words[a : b + 1] for a, b in one.answers] == [["bo", "ek"]]
    assert [words[a : b + 1] for a, b in one.items] == [["ada"], ["bo", "ek"]]
    batch = batch_of([[one, other]])
    assert batch.start.argmax(-1).tolist()[0] == one.answers[0][0]
    assert batch.inside[0].nonzero().flatten().tolist() == [0, 5, 9, 10]
    assert not batch.start[1].any()
    assert batch.several.tolist() == [1.0, 0.0]


def test_an_answer_beyond_what_is_read_is_no_example() -> None:
    passage = "It is old. " * 200 + "Ada sold it."
    example = Example("Who sold it?", passage, (Span(2200, 2203),))
    assert tokenize((example,), open_tokenizer(WEIGHTS)) == []


class Fixed(torch.nn.Module):
    """A network that says the same of every token, whatever it is asked."""

    def __init__(self, **likes: float) -> None:
        super().__init__()
        self.likes = likes

    def forward(self, input_ids: Tensor, **_: Any) -> SimpleNamespace:
        values = torch.tensor([self.likes.get(name, 0.0) for name in OUTPUTS])
        return SimpleNamespace(logits=values.expand(*input_ids.shape, len(OUTPUTS)))


def row(*answers: tuple[int, int]) -> Tokens:
    """[CLS], two tokens of a question and three of a passage."""
    return Tokens([101, 5, 102, 6, 7, 102], [0, 0, 0, 1, 1, 1], list(answers), [])


def test_the_loss_of_knowing_nothing() -> None:
    """In a passage, one of its tokens or the null answer; in a group, one of all passages' or 0."""
    loss = float(loss_of(Fixed(), batch_of([[row((3, 4)), row()]])))
    in_passage, in_group = math.log(4), math.log(7)
    even = math.log(2)
    assert loss == pytest.approx((in_passage + in_group) / 2 + 0.5 * even + 0.3 * even + 0.2 * even)


def test_passages_of_one_question_are_compared_and_of_two_are_not() -> None:
    together = float(loss_of(Fixed(), batch_of([[row((3, 4)), row()]])))
    apart = float(loss_of(Fixed(), batch_of([[row((3, 4))], [row()]])))
    assert together - apart == pytest.approx((math.log(7) - math.log(4)) / 2)


def test_padding_and_the_question_count_for_nothing() -> None:
    long = Tokens([101, 5, 102, *[9] * 40, 102], [0, 0, 0, *[1] * 41], [], [])
    alone = float(loss_of(Fixed(), batch_of([[row((3, 3))]])))
    beside = float(loss_of(Fixed(), batch_of([[row((3, 3))], [long]])))
    other = float(loss_of(Fixed(), batch_of([[long]])))
    # The loss on items and on lists is over the answered passage only, the rest the mean of both.
    shared = (0.5 + 0.2) * math.log(2)
    assert beside == pytest.approx((alone - shared + other) / 2 + shared, abs=1e-5)


def test_a_question_stays_in_one_batch_and_none_is_lost() -> None:
    rows = [[row(), row()] for _ in range(900)]
    made = batches(rows, random.Random(1))
    assert sum(map(len, made)) == 900
    assert all(len(group) == 2 for batch in made for group in batch)
    assert all(sum(map(len, batch)) * 6 <= 4096 for batch in made)


def test_the_mean_of_the_rounds_counts_each_the_same() -> None:
    rounds = [{"a": torch.tensor([1.0, 2.0]).half()}, {"a": torch.tensor([3.0, -2.0]).half()}]
    (mean,) = mean_weights(rounds).values()
    assert mean.tolist() == [2.0, 0.0]
    assert mean.dtype == torch.float16
