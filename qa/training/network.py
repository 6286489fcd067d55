"""The reader's network while it is trained: four numbers a token, and the loss on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits as binary_loss
from torch.nn.functional import pad
from transformers import AttentionInterface, AttentionMaskInterface, BertForTokenClassification
from transformers.masking_utils import eager_mask

from qa.training.examples import Example, Group

OUTPUTS = ("start", "end", "inside", "several")
"""What is said of each token. Of [CLS]: the null answer's start and end, whether the passage holds
an answer, whether the question asks for several things. Of others: whether an answer starts here,
ends here, or one item of it covers the token; ``several`` is not read there."""

MAX_TOKENS = 352
_MASKED = -1e4


def _attention(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None,
    scaling: float,
    **_: Any,
) -> tuple[Tensor, Tensor]:
    """Attention that stays in bfloat16: a step takes two thirds of the time of the eager one."""
    scores = torch.matmul(query * scaling, key.transpose(2, 3))
    if mask is not None:  # where nothing is padding
        scores = scores + mask.to(scores.dtype)
    weights = scores.softmax(-1)
    return torch.matmul(weights, value).transpose(1, 2).contiguous(), weights


AttentionInterface.register("pincite", _attention)
AttentionMaskInterface.register("pincite", eager_mask)


@dataclass(frozen=True, slots=True)
class Tokens:
    """An example as the network reads it, with the first and last token of each answer."""

    ids: list[int]
    segments: list[int]
    answers: list[tuple[int, int]]
    items: list[tuple[int, int]]


def open_network(start: Path, *, attention: str = "pincite") -> Any:
    """The network with the weights of a folder; a span extractor's get their missing outputs.

    Without dropout a step takes two thirds of the time on a processor, and the averaged weights
    are regular enough. The words' embeddings stay as they are: most are in too few examples to
    move well.
    """
    model = BertForTokenClassification.from_pretrained(
        start,
        num_labels=len(OUTPUTS),
        dtype=torch.float32,
        attn_implementation=attention,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    weights = load_file(start / "model.safetensors")
    if "qa_outputs.weight" in weights:
        with torch.no_grad():
            model.classifier.weight.mul_(0.1)
            model.classifier.weight[:2] = weights["qa_outputs.weight"].float()
            model.classifier.bias[:2] = weights["qa_outputs.bias"].float()
    model.bert.embeddings.word_embeddings.weight.requires_grad_(False)
    return model


def open_tokenizer(start: Path) -> Tokenizer:
    """The tokenizer of a folder, set to the lengths that are trained on."""
    tokenizer = Tokenizer.from_file(str(start / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS, strategy="only_second")
    return tokenizer


def tokenize(group: Group, tokenizer: Tokenizer) -> list[Tokens]:
    """A group's passages, without those whose answer lies beyond what is read."""
    made = [_tokens(example, tokenizer) for example in group]
    return [one for one in made if one is not None]


def _tokens(example: Example, tokenizer: Tokenizer) -> Tokens | None:
    encoding = tokenizer.encode(example.question, example.passage)
    passage = [
        (place, begin, end)
        for place, ((begin, end), kind) in enumerate(
            zip(encoding.offsets, encoding.type_ids, strict=True)
        )
        if kind == 1
    ]

    def marked(start: int, stop: int) -> list[tuple[int, int]]:
        inside = [place for place, begin, end in passage if begin < stop and end > start]
        return [(inside[0], inside[-1])] if inside else []

    answers = [range_ for span in example.spans for range_ in marked(span.start, span.end)]
    items = [range_ for span in example.items for range_ in marked(span.start, span.end)]
    if example.spans and not answers:
        return None
    return Tokens(encoding.ids, encoding.type_ids, answers, items)


@dataclass(frozen=True, slots=True)
class Batch:
    """Groups as tensors of shape (passages, width); ``groups`` says how many passages each has."""

    ids: Tensor
    segments: Tensor
    mask: Tensor
    start: Tensor
    end: Tensor
    inside: Tensor
    several: Tensor
    groups: list[int]


def batch_of(groups: Sequence[Sequence[Tokens]]) -> Batch:
    """The tensors of some groups; targets are spread evenly over the accepted answers."""
    rows = [one for group in groups for one in group]
    width = max(len(one.ids) for one in rows)
    ids = torch.zeros((len(rows), width), dtype=torch.int64)
    segments, mask = torch.zeros_like(ids), torch.zeros_like(ids)
    start, end = torch.zeros((len(rows), width)), torch.zeros((len(rows), width))
    inside, several = torch.zeros_like(start), torch.zeros(len(rows))
    for row, one in enumerate(rows):
        length = len(one.ids)
        ids[row, :length] = torch.tensor(one.ids)
        segments[row, :length] = torch.tensor(one.segments)
        mask[row, :length] = 1
        for first, last in one.answers:
            start[row, first] += 1 / len(one.answers)
            end[row, last] += 1 / len(one.answers)
        longest = max(one.answers, key=lambda pair: pair[1] - pair[0], default=None)
        for first, last in one.items or ([longest] if longest else []):
            inside[row, first : last + 1] = 1
        inside[row, 0] = bool(one.answers)
        several[row] = bool(one.items)
    return Batch(ids, segments, mask, start, end, inside, several, [len(g) for g in groups])


def loss_of(model: Any, batch: Batch) -> Tensor:
    """Start and end within each passage and over all passages of a question, and the items.

    Over all passages (shared normalisation, Clark and Gardner 2018) each token counts by how far
    it is above its passage's null answer, as the service compares them; the null answer of the
    whole question is 0.
    """
    start, end, inside, several = _logits(model, batch).unbind(-1)
    passage = batch.segments == 1
    readable = passage.clone()
    readable[:, 0] = True
    losses = [
        0.5 * _in_passage(logits, target, readable)
        + 0.5 * _in_group(logits, target, passage, batch)
        for logits, target in ((start, batch.start), (end, batch.end))
    ]
    answered = batch.inside[:, 0] > 0
    told = passage & answered[:, None]
    items = binary_loss(inside[told], batch.inside[told]) if told.any() else inside.sum() * 0
    holds = binary_loss(inside[:, 0], batch.inside[:, 0])
    lists = binary_loss(several[:, 0][answered], batch.several[answered]) if answered.any() else 0
    return sum(losses) / 2 + 0.5 * items + 0.3 * holds + 0.2 * lists


def _logits(model: Any, batch: Batch) -> Tensor:
    """The outputs, of shape (passages, width, outputs).

    The shorter half of the passages goes through the network on its own: the passages of one
    question differ in length, and much of a common width would be padding.
    """
    lengths = batch.mask.sum(-1)
    order = lengths.argsort()
    parts = []
    for rows in order.tensor_split(2):
        width = int(lengths[rows].max()) if len(rows) else 0
        if width:
            with torch.autocast("cpu", dtype=torch.bfloat16):
                out = model(
                    input_ids=batch.ids[rows, :width],
                    attention_mask=batch.mask[rows, :width],
                    token_type_ids=batch.segments[rows, :width],
                ).logits
            parts.append(pad(out.float(), (0, 0, 0, batch.ids.shape[1] - width)))
    return torch.cat(parts)[order.argsort()]


def _in_passage(logits: Tensor, target: Tensor, readable: Tensor) -> Tensor:
    null = torch.zeros_like(target)
    null[:, 0] = (target.sum(-1) == 0).float()
    spread = logits.masked_fill(~readable, _MASKED).log_softmax(-1)
    return -((target + null) * spread).sum(-1).mean()


def _in_group(logits: Tensor, target: Tensor, passage: Tensor, batch: Batch) -> Tensor:
    margins = (logits - logits[:, :1]).masked_fill(~passage, _MASKED)
    total = margins.logsumexp(-1)
    zero = torch.zeros(1)
    losses = []
    for marks, margin, mass in zip(
        target.split(batch.groups),
        margins.split(batch.groups),
        total.split(batch.groups),
        strict=True,
    ):
        weight = marks.sum()
        right = (marks * margin).sum() / weight if weight else zero[0]
        losses.append(torch.cat((mass, zero)).logsumexp(0) - right)
    return torch.stack(losses).mean()
