"""Trains the reader: data in, weights (safetensors) out. Resumable; prints its progress.

    python -m qa.training.train --articles FOLDER... --paragraphs FILE... --out FOLDER

The objective is the cross-entropy of start and end over the passage's tokens and [CLS], which
stands for "not in this passage" (Devlin et al. 2019), with the mass spread evenly over all
accepted spans. Weights are averaged over the steps (EMA), which is what is saved.
"""

import argparse
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor
from transformers import BertForQuestionAnswering

from index.settings import IndexSettings
from qa import questions
from qa.training.examples import Example, from_articles, from_paragraphs, noisy, read_sets

MAX_TOKENS = 352
BATCH_TOKENS = 4096
POOL = 40
"""Batches whose examples are sorted by length together: little padding, still mixed."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What decides the result besides the data."""

    learning_rate: float = 6e-5
    warmup: float = 0.06
    ema: float = 0.998
    weight_decay: float = 0.01
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Tokens:
    """An example as the network reads it, with the first and last token of each answer."""

    ids: list[int]
    segments: list[int]
    answers: list[tuple[int, int]]


def tokenize(example: Example, tokenizer: Tokenizer) -> Tokens | None:
    """None where the passage's answer lies beyond what is read."""
    encoding = tokenizer.encode(example.question, example.passage)
    answers = []
    for span in example.spans:
        inside = [
            i
            for i, (offset, kind) in enumerate(
                zip(encoding.offsets, encoding.type_ids, strict=True)
            )
            if kind == 1 and offset[0] < span.end and offset[1] > span.start
        ]
        if inside:
            answers.append((inside[0], inside[-1]))
    if example.spans and not answers:
        return None
    return Tokens(encoding.ids, encoding.type_ids, answers)


def batches(examples: Sequence[Tokens], chooser: random.Random) -> list[list[Tokens]]:
    """Mixed batches of at most BATCH_TOKENS tokens, padding included."""
    shuffled = list(examples)
    chooser.shuffle(shuffled)
    made: list[list[Tokens]] = []
    size = POOL * BATCH_TOKENS // 200
    for start in range(0, len(shuffled), size):
        pool = sorted(shuffled[start : start + size], key=lambda one: len(one.ids))
        batch: list[Tokens] = []
        for one in pool:
            if batch and (len(batch) + 1) * len(one.ids) > BATCH_TOKENS:
                made.append(batch)
                batch = []
            batch.append(one)
        if batch:
            made.append(batch)
    chooser.shuffle(made)
    return made


def loss_of(model: BertForQuestionAnswering, batch: Sequence[Tokens]) -> Tensor:
    """The mean cross-entropy of start and end."""
    width = max(len(one.ids) for one in batch)
    ids = torch.zeros((len(batch), width), dtype=torch.int64)
    segments, mask = torch.zeros_like(ids), torch.zeros_like(ids)
    start = torch.zeros((len(batch), width))
    end = torch.zeros_like(start)
    for row, one in enumerate(batch):
        length = len(one.ids)
        ids[row, :length] = torch.tensor(one.ids)
        segments[row, :length] = torch.tensor(one.segments)
        mask[row, :length] = 1
        for first, last in one.answers or [(0, 0)]:
            start[row, first] += 1 / max(1, len(one.answers))
            end[row, last] += 1 / max(1, len(one.answers))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        out = model(input_ids=ids, attention_mask=mask, token_type_ids=segments)
    outside = (mask == 0) | ((segments == 0) & (torch.arange(width) > 0))
    losses = [
        -(target * logits.float().masked_fill(outside, -1e4).log_softmax(-1)).sum(-1).mean()
        for target, logits in ((start, out.start_logits), (end, out.end_logits))
    ]
    return (losses[0] + losses[1]) / 2


class Trainer:
    """The loop: steps, averaged weights, checkpoints to go on from."""

    def __init__(self, start: Path, out: Path, recipe: Recipe, *, steps: int) -> None:
        torch.manual_seed(recipe.seed)
        self.model = BertForQuestionAnswering.from_pretrained(start, dtype=torch.float32)
        self.average = {k: v.detach().clone() for k, v in self.model.state_dict().items()}
        self.out, self.recipe, self.steps, self.done = out, recipe, steps, 0
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay
        )
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, self._rate)
        self._resume()

    def _rate(self, step: int) -> float:
        warm = max(1, int(self.recipe.warmup * self.steps))
        if step < warm:
            return (step + 1) / warm
        return max(0.0, (self.steps - step) / max(1, self.steps - warm))

    def step(self, batch: Sequence[Tokens]) -> float:
        """One update; gives the loss."""
        self.model.train()
        loss = loss_of(self.model, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.schedule.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.done += 1
        # The average of the first steps is over as many as there are.
        decay = min(self.recipe.ema, (1 + self.done) / (10 + self.done))
        for name, value in self.model.state_dict().items():
            if value.is_floating_point():
                self.average[name].lerp_(value, 1 - decay)
        return float(loss.detach())

    def checkpoint(self) -> None:
        """Write all that is needed to go on after a stop."""
        self.out.mkdir(parents=True, exist_ok=True)
        state = {
            "model": self.model.state_dict(),
            "average": self.average,
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "done": self.done,
        }
        partial = self.out / "checkpoint.partial"
        torch.save(state, partial)
        partial.replace(self.out / "checkpoint.pt")

    def _resume(self) -> None:
        path = self.out / "checkpoint.pt"
        if path.exists():
            state = torch.load(path, weights_only=True)
            self.model.load_state_dict(state["model"])
            self.average = state["average"]
            self.optimizer.load_state_dict(state["optimizer"])
            self.schedule.load_state_dict(state["schedule"])
            self.done = state["done"]

    def save(self, tokenizer: Tokenizer) -> None:
        """Write the averaged weights and the tokenizer."""
        self.model.load_state_dict(self.average)
        self.model.half().save_pretrained(self.out)
        tokenizer.no_truncation()
        tokenizer.save(str(self.out / "tokenizer.json"))


def gather(arguments: argparse.Namespace, index: IndexSettings) -> list[Example]:
    """All examples, those of articles ``--repeat`` times."""
    sets = read_sets(arguments.articles)
    held_out = set(arguments.held_out)
    kept = [one for one in sets if not any(mark in one.name for mark in held_out)]
    found = list(from_articles(kept, index))
    print(f"{len(found)} examples of {len(kept)} articles, {len(sets) - len(kept)} held out")
    everything: list[Example] = found * arguments.repeat
    for path in arguments.paragraphs:
        part = list(
            from_paragraphs(
                questions.read(path),
                index,
                limit=arguments.limit,
                negatives=0.5,
                seed=arguments.seed,
            )
        )
        print(f"{len(part)} examples of {path.name}")
        everything += part
    return everything


def main() -> None:
    """The command line of this module."""
    recipe = Recipe()
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0] if __doc__ else None)
    parser.add_argument("--articles", type=Path, nargs="+", required=True)
    parser.add_argument("--paragraphs", type=Path, nargs="*", default=[])
    parser.add_argument("--start", type=Path, required=True, help="weights to start from")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--held-out", nargs="*", default=[], help="parts of names left out")
    parser.add_argument("--limit", type=int, default=2500, help="questions of a paragraph file")
    parser.add_argument("--repeat", type=int, default=2, help="passes over the articles")
    parser.add_argument("--rate", type=float, default=recipe.learning_rate)
    parser.add_argument("--seed", type=int, default=recipe.seed)
    arguments = parser.parse_args()
    chooser = random.Random(arguments.seed)
    tokenizer = Tokenizer.from_file(str(arguments.start / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS, strategy="only_second")
    examples = [noisy(one, chooser) for one in gather(arguments, IndexSettings())]
    tokens = [one for example in examples if (one := tokenize(example, tokenizer))]
    plan = batches(tokens, chooser)
    recipe = Recipe(learning_rate=arguments.rate, seed=arguments.seed)
    trainer = Trainer(arguments.start, arguments.out, recipe, steps=len(plan))
    print(json.dumps({"examples": len(tokens), "steps": len(plan), "from": trainer.done}))
    began, mean = time.monotonic(), 0.0
    first = trainer.done
    for batch in plan[first:]:
        mean += 0.02 * (trainer.step(batch) - mean) if mean else trainer.step(batch)
        if trainer.done % 25 == 0:
            pace = (time.monotonic() - began) / (trainer.done - first)
            left = pace * (len(plan) - trainer.done) / 60
            print(
                f"step {trainer.done}/{len(plan)} loss {mean:.3f} {left:.0f} min left", flush=True
            )
        if trainer.done % 200 == 0:
            trainer.checkpoint()
    trainer.save(tokenizer)


if __name__ == "__main__":
    main()
