"""Running a compiled model: an ONNX file, OpenVINO, token ids in, arrays out. No torch."""

import contextlib
import hashlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import openvino
from numpy.typing import NDArray

from index.disk import replace_file, sha256_of
from index.errors import ModelError

_BATCH_TOKENS = 2048
"""Tokens in one run, padding included: small enough for the processor's cache to hold."""

_MOST_PADDING = 1.25
"""Padded tokens for one that is read: below that one run is cheaper than two."""

_LONGEST = 512
_WIDTHS = 16
"""Widths are multiples of this: OpenVINO prepares each new shape of input anew, and keeps it."""

_DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True)
class Encoded:
    """One input's token ids and segment ids, without padding."""

    ids: Sequence[int]
    segments: Sequence[int]


class CompiledModel:
    """An ONNX file compiled for this processor.

    Safe to call from several threads: each has its own request to the one compiled model.
    """

    def __init__(
        self, path: Path, *, threads: int, cache: Path | None = None, sha256: str | None = None
    ) -> None:
        """Compile ``path``. ``cache`` is a folder that keeps the compiled form for the next start.

        ``sha256`` is the file's, where the caller has checked it and it need not be read again.
        Raises ModelError where the file is missing or can't be compiled.
        """
        core = openvino.Core()
        able = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        options: dict[str, str | int] = {
            "INFERENCE_NUM_THREADS": threads,
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": "bf16" if "BF16" in able else "f32",
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": 384,
        }
        try:
            kept = None
            if cache is not None:
                name = _form_name(core, sha256 or sha256_of(path), options)
                kept = cache / f"{path.stem}-{name}.compiled"
            self._model = _kept_form(core, kept, options) or _compiled(core, path, options, kept)
        except (OSError, RuntimeError) as error:
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
            width = _rounded_up(max(len(inputs[i].ids) for i in batch))
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
        return [
            np.array(request.get_output_tensor(i).data) for i in range(len(self._model.outputs))
        ]


def _form_name(core: openvino.Core, model: str, options: Mapping[str, str | int]) -> str:
    """What names a compiled form: another model, processor, or OpenVINO has another."""
    made_by = [openvino.get_version(), core.get_property("CPU", "FULL_DEVICE_NAME")]
    able = sorted(core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"))
    identity = repr((model, made_by, able, sorted(options.items())))
    return hashlib.sha256(identity.encode()).hexdigest()[:16]


def _kept_form(
    core: openvino.Core, kept: Path | None, options: Mapping[str, str | int]
) -> openvino.CompiledModel | None:
    """The compiled form in a file that ``_compiled`` wrote; None where it is not whole.

    OpenVINO's own cache is not used because it does not notice changed bytes, and then gives
    other numbers.
    """
    if kept is None:
        return None
    with contextlib.suppress(OSError, RuntimeError):
        data = memoryview(kept.read_bytes())
        digest, form = data[:_DIGEST_BYTES], data[_DIGEST_BYTES:]
        if digest == hashlib.sha256(form).digest():
            tensor = openvino.Tensor(np.frombuffer(form, np.uint8))
            return core.import_model(tensor, "CPU", options)
    return None


def _compiled(
    core: openvino.Core, path: Path, options: Mapping[str, str | int], kept: Path | None
) -> openvino.CompiledModel:
    model = core.compile_model(str(path), "CPU", options)
    if kept is not None:
        form = model.export_model().getvalue()
        # Where it can't be kept, the next start takes a fifth of a second longer.
        with contextlib.suppress(OSError):
            kept.parent.mkdir(parents=True, exist_ok=True)
            replace_file(kept, hashlib.sha256(form).digest() + form)
    return model


def _rounded_up(tokens: int) -> int:
    """The least multiple of ``_WIDTHS`` that holds so many tokens, up to what models have."""
    return max(tokens, min(-(-tokens // _WIDTHS) * _WIDTHS, _LONGEST))


def _batches(order: Sequence[int], lengths: Sequence[int]) -> list[list[int]]:
    """Neighbours in the order of length, as long as little of a batch is padding."""
    batches: list[list[int]] = []
    tokens = 0
    for i, length in zip(order, lengths, strict=True):
        tokens += length
        padded = (len(batches[-1]) + 1) * _rounded_up(length) if batches else 0
        if batches and padded <= min(_BATCH_TOKENS, _MOST_PADDING * tokens):
            batches[-1].append(i)
        else:
            batches.append([i])
            tokens = length
    return batches
