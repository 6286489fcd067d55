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

from index.disk import sha256_of
from index.export import export
from qa.reader.model import WEIGHTS, WeightsManifest
from qa.training.network import OUTPUTS, open_network

READ = ("start", "end")
"""The outputs that ship; the others were for the training alone."""


class _Outputs(torch.nn.Module):
    """The network with what the reader reads of each token as outputs of their own."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:
        logits = self.model(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).logits
        return tuple(logits[..., OUTPUTS.index(name)] for name in READ)


def export_reader(trained: Path, out: Path, *, source: str) -> None:
    """Write ``reader.onnx``, ``tokenizer.json`` and ``manifest.json`` into ``out``."""
    model = open_network(trained, attention="eager")
    out.mkdir(parents=True, exist_ok=True)
    target = out / "reader.onnx"
    export(_Outputs(model), target, outputs=READ)
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
    parser.add_argument(
        "--source", default="all-MiniLM-L6-v2, fine-tuned by qa/training/recipe.toml"
    )
    arguments = parser.parse_args()
    export_reader(arguments.trained, arguments.out, source=arguments.source)


if __name__ == "__main__":
    main()
