"""Tiny ONNX graphs made by hand, whose results are known beforehand."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from index.export import INPUTS


def model(
    nodes: Sequence[onnx.NodeProto],
    outputs: Sequence[onnx.ValueInfoProto],
    weights: dict[str, NDArray[Any]] | None = None,
) -> onnx.ModelProto:
    """A checked graph over the three inputs of every compiled model, (batch, tokens) each."""
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["b", "t"]) for name in INPUTS]
    initial = [numpy_helper.from_array(value, name) for name, value in (weights or {}).items()]
    graph = helper.make_graph(list(nodes), "made", inputs, list(outputs), initial)
    made = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10, producer_name="tests"
    )
    onnx.checker.check_model(made)
    return made


def echo(path: Path) -> Path:
    """Per token: the ids and the segments, times the mask."""
    nodes = []
    for name, given in (("ids", "input_ids"), ("segments", "token_type_ids")):
        nodes += [
            helper.make_node("Mul", [given, "attention_mask"], [f"{name}_seen"]),
            helper.make_node("Cast", [f"{name}_seen"], [name], to=TensorProto.FLOAT),
        ]
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["b", "t"])
        for name in ("ids", "segments")
    ]
    onnx.save(model(nodes, outputs), str(path))
    return path


def shape(path: Path) -> Path:
    """Per input: its ids' sum, its mask's sum, and the batch it was read in: (batch, 4)."""
    nodes = [
        helper.make_node("Shape", ["input_ids"], ["dims"]),
        helper.make_node("Unsqueeze", ["dims", "zero"], ["row"]),
        helper.make_node("ReduceSum", ["input_ids", "one"], ["sum"], keepdims=1),
        helper.make_node("ReduceSum", ["attention_mask", "one"], ["seen"], keepdims=1),
        helper.make_node("Mul", ["sum", "zero"], ["nothing"]),
        helper.make_node("Add", ["nothing", "row"], ["dims_each"]),
        helper.make_node("Concat", ["sum", "seen", "dims_each"], ["all"], axis=1),
        helper.make_node("Cast", ["all"], ["out"], to=TensorProto.FLOAT),
    ]
    outputs = [helper.make_tensor_value_info("out", TensorProto.FLOAT, ["b", 4])]
    numbers = {"zero": np.array([0], dtype=np.int64), "one": np.array([1], dtype=np.int64)}
    onnx.save(model(nodes, outputs, numbers), str(path))
    return path
