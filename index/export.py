"""From a torch model to a small ONNX file: exported once, weights kept as 8-bit integers.

Weights are quantised symmetrically, one scale an output channel (a row for an embedding
table), and turned back by ``DequantizeLinear`` in the graph. OpenVINO reads that pattern as
compressed weights and quantises activations on the fly, which keeps logits within a few
tenths of the float model where static or onnxruntime's dynamic quantisation moves them by
one to three (README, "The compiled form").
"""

import itertools
import logging
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

if TYPE_CHECKING:  # torch takes seconds to import, and only exporting needs it
    import torch

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_SMALLEST = 64  # a dimension below this marks a bias or a head: not worth quantising


def export(module: "torch.nn.Module", path: Path, *, outputs: Sequence[str]) -> None:
    """Write ``module(*INPUTS)`` to ``path`` as ONNX with 8-bit weights.

    The inputs are int64 of shape (batch, tokens), both free; ``outputs`` names what the
    module returns. The module must use eager attention.
    """
    import torch

    ids = torch.ones((2, 16), dtype=torch.int64)
    free = torch.export.Dim.DYNAMIC
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        # What torch deprecates inside its own exporter is nothing a user can act on.
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            module.eval(),
            (ids, ids.clone(), torch.zeros_like(ids)),
            input_names=list(INPUTS),
            output_names=list(outputs),
            dynamic_shapes=({0: free, 1: free},) * len(INPUTS),
            dynamo=True,
            opset_version=20,
            verbose=False,
        )
    if program is None:
        raise RuntimeError("torch.onnx.export returned nothing for this module")
    model = program.model_proto
    quantize_weights(model)
    strip_notes(model)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def quantize_weights(model: onnx.ModelProto) -> None:
    """Replace the large float matrices of a graph by 8-bit ones, in place."""
    graph = model.graph
    users: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.node:
        for name in node.input:
            users.setdefault(name, []).append(node)
    for tensor in list(graph.initializer):
        if len(tensor.dims) != 2 or min(tensor.dims) < _SMALLEST or tensor.name not in users:
            continue
        if tensor.data_type != onnx.TensorProto.FLOAT:
            continue
        kinds = {node.op_type for node in users[tensor.name]}
        if kinds == {"MatMul"}:
            _quantize_matrix(graph, tensor)
        elif kinds == {"Gather"} and all(map(_gathers_rows, users[tensor.name])):
            _quantize_table(graph, tensor, users[tensor.name])


def strip_notes(model: onnx.ModelProto) -> None:
    """Drop what the exporter notes of where each node comes from, in place.

    Its stack traces name folders of the machine, and would make each machine's file another.
    """
    graph = model.graph
    parts = (graph.node, graph.input, graph.output, graph.value_info, graph.initializer)
    for part in [model, graph, *itertools.chain(*parts)]:
        part.ClearField("doc_string")
        part.ClearField("metadata_props")


def _gathers_rows(node: onnx.NodeProto) -> bool:
    return all(attribute.name != "axis" or attribute.i == 0 for attribute in node.attribute)


def _quantize_matrix(graph: onnx.GraphProto, tensor: onnx.TensorProto) -> None:
    _replace(graph, tensor, numpy_helper.to_array(tensor), axis=1)
    name = tensor.name
    graph.node.insert(
        0,
        helper.make_node(
            "DequantizeLinear", [f"{name}_int8", f"{name}_scale"], [name], axis=1, name=f"{name}_dq"
        ),
    )


def _quantize_table(
    graph: onnx.GraphProto, tensor: onnx.TensorProto, users: list[onnx.NodeProto]
) -> None:
    # Rows are gathered first and scaled after, so that the whole table is never unpacked.
    _replace(graph, tensor, numpy_helper.to_array(tensor), axis=0, keep=True)
    for node in users:
        out, name = node.output[0], tensor.name
        at = list(graph.node).index(node)
        node.input[0], node.output[0] = f"{name}_int8", f"{out}_int8"
        scaled: list[Any] = [
            helper.make_node("Cast", [f"{out}_int8"], [f"{out}_float"], to=1, name=f"{out}_cast"),
            helper.make_node(
                "Gather", [f"{name}_scale", node.input[1]], [f"{out}_scale"], name=f"{out}_rows"
            ),
            helper.make_node(
                "Mul", [f"{out}_float", f"{out}_scale"], [out], name=f"{out}_rescaled"
            ),
        ]
        for offset, extra in enumerate(scaled, start=1):
            graph.node.insert(at + offset, extra)


def _replace(
    graph: onnx.GraphProto,
    tensor: onnx.TensorProto,
    weights: NDArray[np.float32],
    *,
    axis: int,
    keep: bool = False,
) -> None:
    scale = (np.abs(weights).max(axis=1 - axis, keepdims=True) / 127).astype(np.float32)
    scale[scale == 0] = 1.0
    quantized = np.clip(np.round(weights / scale), -127, 127).astype(np.int8)
    graph.initializer.remove(tensor)
    graph.initializer.extend(
        [
            numpy_helper.from_array(quantized, f"{tensor.name}_int8"),
            numpy_helper.from_array(scale if keep else scale.ravel(), f"{tensor.name}_scale"),
        ]
    )
