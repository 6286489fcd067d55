"""From trained weights (safetensors) to the folder the reader loads.

python -m qa.training.export TRAINED_FOLDER [--out qa/reader/weights]
"""

import argparse
import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from transformers import BertForQuestionAnswering

from index.disk import sha256_of
from index.export import export
from qa.reader.model import WEIGHTS, WeightsManifest


class _SpanHead(torch.nn.Module):
    """The model with its two logit vectors as plain outputs."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:
        out = self.model(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        )
        return out.start_logits, out.end_logits


def export_reader(trained: Path, out: Path, *, source: str) -> None:
    """Write ``reader.onnx``, ``tokenizer.json`` and ``manifest.json`` into ``out``."""
    model = BertForQuestionAnswering.from_pretrained(
        trained, dtype=torch.float32, attn_implementation="eager", use_safetensors=True
    )
    out.mkdir(parents=True, exist_ok=True)
    target = out / "reader.onnx"
    export(_SpanHead(model), target, outputs=["start", "end"])
    shutil.copyfile(trained / "tokenizer.json", out / "tokenizer.json")
    manifest = WeightsManifest(
        model_sha256=sha256_of(target),
        tokenizer_sha256=sha256_of(out / "tokenizer.json"),
        trained=sha256_of(trained / "model.safetensors"),
        source=source,
    )
    (out / "manifest.json").write_text(json.dumps(asdict(manifest), indent=1) + "\n")


def main() -> None:
    """The command line of this module."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("trained", type=Path)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--source", default="a first fine-tuned all-MiniLM-L6-v2 span extractor")
    arguments = parser.parse_args()
    export_reader(arguments.trained, arguments.out, source=arguments.source)


if __name__ == "__main__":
    main()
