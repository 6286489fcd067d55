"""Trains the reader: data in, weights (safetensors) out. Resumable; prints its progress.

    python -m qa.training.train --data FOLDER --out FOLDER

What is trained on, and how long, is in ``recipe.toml``. A training that was stopped goes on from
its last checkpoint, and a finished round is not done again. The weights of a round are averaged
over its steps (EMA), and those that ship are the mean of the rounds'.
"""

import argparse
import random
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from index.settings import IndexSettings
from qa import questions
from qa.training.examples import Group, ParagraphExamples, from_articles, noisy, trained_on
from qa.training.network import Tokens, batch_of, loss_of, open_network, open_tokenizer, tokenize
from qa.training.recipe import Recipe, read_recipe

BATCH_TOKENS = 4096
POOL = 409
"""Questions that are sorted by length together, some forty batches: little padding, still mixed."""

WARMUP = 0.06
EMA = 0.998
WEIGHTS = "model.safetensors"
WEIGHT_DECAY = 0.01
CHECKPOINT_STEPS = 200

Row = list[Tokens]
"""The passages of one question, tokenized."""


def batches(rows: Sequence[Row], chooser: random.Random) -> list[list[Row]]:
    """Mixed batches of at most BATCH_TOKENS tokens, padding included; a question stays whole."""
    shuffled = list(rows)
    chooser.shuffle(shuffled)
    made: list[list[Row]] = []
    for start in range(0, len(shuffled), POOL):
        made += _filled(sorted(shuffled[start : start + POOL], key=_width))
    chooser.shuffle(made)
    return made


def _width(row: Row) -> int:
    return max(len(one.ids) for one in row)


def _filled(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Rows in the order of their widths, as many a batch as fit."""
    batch: list[Row] = []
    passages = 0
    for row in rows:
        if batch and (passages + len(row)) * _width(row) > BATCH_TOKENS:
            yield batch
            batch, passages = [], 0
        batch.append(row)
        passages += len(row)
    if batch:
        yield batch


class Trainer:
    """The loop: steps, averaged weights, checkpoints to go on from."""

    def __init__(self, start: Path, out: Path, *, rate: float, steps: int, seed: int) -> None:
        torch.manual_seed(seed)
        self.model = open_network(start)
        self.average = {k: v.detach().clone() for k, v in self.model.state_dict().items()}
        self.out, self.steps, self.done = out, steps, 0
        self.trained = [one for one in self.model.parameters() if one.requires_grad]
        self.optimizer = torch.optim.AdamW(
            self.trained, lr=rate, weight_decay=WEIGHT_DECAY, fused=True
        )
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, self._rate)
        self._resume()

    def _rate(self, step: int) -> float:
        warm = max(1, int(WARMUP * self.steps))
        if step < warm:
            return (step + 1) / warm
        return max(0.0, (self.steps - step) / max(1, self.steps - warm))

    def step(self, batch: Sequence[Row]) -> float:
        """One update; gives the loss."""
        self.model.train()
        loss = loss_of(self.model, batch_of(batch))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.trained, 1.0)
        self.optimizer.step()
        self.schedule.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.done += 1
        # The average of the first steps is over as many as there are.
        decay = min(EMA, (1 + self.done) / (10 + self.done))
        with torch.no_grad():
            for name, value in self.model.named_parameters():
                if value.requires_grad:
                    self.average[name].lerp_(value, 1 - decay)
        return float(loss.detach())

    def checkpoint(self) -> None:
        """Write all that is needed to go on after a stop."""
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
        """Write the averaged weights and the tokenizer; the weights' file means it is finished."""
        tokenizer.no_truncation()
        tokenizer.save(str(self.out / "tokenizer.json"))
        self.model.load_state_dict(self.average)
        self.model.half().save_pretrained(self.out)


def passes(recipe: Recipe, number: int, index: IndexSettings) -> Iterator[list[Group]]:
    """Each pass of a round over the data, with noise in its questions."""
    this, seed = recipe.rounds[number], recipe.seed + 100 * number
    chooser = random.Random(seed)
    files = recipe.articles()
    kept = [questions.read(path) for path in files if not recipe.is_held_out(path)]
    print(f"{len(kept)} articles; {len(files) - len(kept)} held out", flush=True)
    articles = from_articles(kept, index, seed=seed)
    sets = [
        (ParagraphExamples(trained_on(questions.read(one.path)), index), one.questions)
        for one in recipe.paragraphs.values()
    ]
    for turn in range(this.passes):
        groups = list(articles)
        for examples, most in sets:
            limit = round(this.paragraphs * most)
            groups += examples.draw(limit=limit, negatives=recipe.negatives, seed=seed + turn)
        print(f"pass {turn + 1}: {len(groups)} questions", flush=True)
        yield [noisy(group, chooser) for group in groups]


def plan_of(recipe: Recipe, number: int, out: Path, tokenizer: Tokenizer) -> list[list[Row]]:
    """All batches of a round in their order, made once and kept beside the checkpoints."""
    kept = out / "plan.pt"
    if not kept.exists():
        chooser = random.Random(recipe.seed + 100 * number)
        plan: list[list[Row]] = []
        for groups in passes(recipe, number, IndexSettings()):
            rows = [row for group in groups if (row := tokenize(group, tokenizer))]
            plan += batches(rows, chooser)
        torch.save([[[astuple(one) for one in row] for row in batch] for batch in plan], kept)
    return [
        [[Tokens(*one) for one in row] for row in batch]
        for batch in torch.load(kept, weights_only=True)
    ]


def train(recipe: Recipe, out: Path) -> None:
    """Train by the recipe, round after round; nothing where it is finished."""
    if (out / WEIGHTS).exists():
        print(f"{out} holds finished weights; remove it to train again")
        return
    start = recipe.start
    folders = [out / f"round-{number}" for number in range(1, len(recipe.rounds) + 1)]
    for number, folder in enumerate(folders):
        if not (folder / WEIGHTS).exists():
            train_round(recipe, number, start, folder)
        start = folder
    for name in ("config.json", "tokenizer.json"):
        shutil.copyfile(start / name, out / name)
    mean = mean_weights([load_file(folder / WEIGHTS) for folder in folders])
    save_file(mean, out / WEIGHTS, metadata={"format": "pt"})


def mean_weights(rounds: Sequence[Mapping[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """The mean of the rounds' weights, each counting the same (Wortsman et al. 2022).

    It keeps what the last round would forget of the earlier ones.
    """
    return {
        name: torch.stack([one[name].float() for one in rounds]).mean(dim=0).half()
        for name in rounds[0]
    }


def train_round(recipe: Recipe, number: int, start: Path, out: Path) -> None:
    """One round from the weights in ``start``; goes on from its last checkpoint."""
    print(f"round {number + 1} of {len(recipe.rounds)}", flush=True)
    out.mkdir(parents=True, exist_ok=True)
    tokenizer = open_tokenizer(recipe.start)
    plan = plan_of(recipe, number, out, tokenizer)
    rate = recipe.rounds[number].rate
    trainer = Trainer(start, out, rate=rate, steps=len(plan), seed=recipe.seed + number)
    first, began, mean = trainer.done, time.monotonic(), 0.0
    print(f"{len(plan)} steps, from {first}", flush=True)
    for batch in plan[first:]:
        loss = trainer.step(batch)
        mean += (0.02 if mean else 1.0) * (loss - mean)
        if trainer.done % 25 == 0:
            pace = (time.monotonic() - began) / (trainer.done - first)
            left = pace * (len(plan) - trainer.done) / 60
            print(
                f"step {trainer.done}/{len(plan)} loss {mean:.3f} {left:.0f} min left",
                flush=True,
            )
        if trainer.done % CHECKPOINT_STEPS == 0:
            trainer.checkpoint()
    trainer.save(tokenizer)


def main() -> None:
    """The command line of this module."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True, help="folder of the recipe's files")
    parser.add_argument("--out", type=Path, required=True, help="gets weights and checkpoints")
    arguments = parser.parse_args()
    train(read_recipe(arguments.data), arguments.out)


if __name__ == "__main__":
    main()
