"""Running a compiled model: an ONNX file, OpenVINO, token ids in, arrays out. No torch."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import openvino
from numpy.typing import NDArray

from index.errors import ModelError

_BATCH_TOKENS = 2048
"""Tokens in one run, padding included: small enough for the processor's cache to hold."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """One input's token ids and segment ids, without padding."""

    ids: Sequence[int]
    segments: Sequence[int]


class CompiledModel:
    """An ONNX file compiled for this processor.

    Safe to call from several threads: each has its own request to the one compiled model.
    """

    def __init__(self, path: Path, *, threads: int, cache: Path | None = None) -> None:
        """Compile ``path``. ``cache`` keeps the compiled form for the next start.

        Raises ModelError where the file is missing or can't be compiled.
        """
        options: dict[str, str | int] = {
            "INFERENCE_NUM_THREADS": threads,
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": "bf16" if _has_bfloat16() else "f32",
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": 384,
        }
        if cache is not None:
            options["CACHE_DIR"] = str(cache)
        try:
            self._model = openvino.Core().compile_model(str(path), "CPU", options)
        except RuntimeError as error:
            raise ModelError(
                f"can't load the model {path}: {str(error).strip().splitlines()[-1]}; "
                "reinstall Pincite, or delete the folder of compiled models"
            ) from error
        self._local = threading.local()

    def run(
        self, inputs: Sequence[Encoded], *, per_token: bool
    ) -> list[tuple[NDArray[np.float32], ...]]:
        """For each input, in order, the model's outputs for it.

        Inputs are sorted by length and run in batches, so that little padding is computed.
        ``per_token`` says that the outputs have one value a token: padding is cut off them.
        """
        results: list[tuple[NDArray[np.float32], ...]] = [()] * len(inputs)
        order = sorted(range(len(inputs)), key=lambda i: len(inputs[i].ids))
        for batch in _batches(order, [len(inputs[i].ids) for i in order]):
            width = max(len(inputs[i].ids) for i in batch)
            outputs = self._infer([inputs[i] for i in batch], width)
            for row, i in enumerate(batch):
                length = len(inputs[i].ids)
                results[i] = tuple(out[row][:length] if per_token else out[row] for out in outputs)
        return results

    def _infer(self, rows: Sequence[Encoded], width: int) -> list[NDArray[np.float32]]:
        if not hasattr(self._local, "request"):
            self._local.request = self._model.create_infer_request()
        ids = np.zeros((len(rows), width), np.int64)
        mask, segments = np.zeros_like(ids), np.zeros_like(ids)
        for row, encoded in enumerate(rows):
            length = len(encoded.ids)
            ids[row, :length] = encoded.ids
            segments[row, :length] = encoded.segments
            mask[row, :length] = 1
        request = self._local.request
        request.infer({"input_ids": ids, "attention_mask": mask, "token_type_ids": segments})
        return [np.array(request.get_output_tensor(i).data) for i in range(len(self._model.outputs))]


def _batches(order: Sequence[int], lengths: Sequence[int]) -> list[list[int]]:
    batches: list[list[int]] = []
    for i, length in zip(order, lengths, strict=True):
        if batches and (len(batches[-1]) + 1) * length <= _BATCH_TOKENS:
            batches[-1].append(i)
        else:
            batches.append([i])
    return batches


def _has_bfloat16() -> bool:
    return "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
