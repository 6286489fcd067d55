"""An exported model computes what the module did, with weights in a quarter of the bytes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

from index.export import INPUTS, export, quantize_weights, strip_notes
from index.inference import CompiledModel, Encoded
from tests.index import graphs

WORDS, WIDTH, OUT = 200, 96, 80
RANDOM = np.random.default_rng(7)
TABLE = RANDOM.normal(size=(WORDS, WIDTH)).astype(np.float32)
MATRIX = RANDOM.normal(size=(WIDTH, OUT)).astype(np.float32)
IDS = RANDOM.integers(0, WORDS, size=(3, 11))
PER_TOKEN = helper.make_tensor_value_info("out", TensorProto.FLOAT, ["b", "t", OUT])


def embedding(
    table: NDArray[np.float32] = TABLE, matrix: NDArray[np.float32] = MATRIX
) -> onnx.ModelProto:
    """Rows of a table by id, times a matrix."""
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["rows"], name="rows"),
        helper.make_node("MatMul", ["rows", "matrix"], ["out"], name="product"),
    ]
    return graphs.model(nodes, [PER_TOKEN], {"table": table, "matrix": matrix})


def computed(model: onnx.ModelProto, ids: NDArray[Any] = IDS) -> NDArray[np.float32]:
    given = {"input_ids": ids, "attention_mask": ids, "token_type_ids": ids}
    (out,) = ReferenceEvaluator(model).run(None, given)
    assert isinstance(out, np.ndarray)
    return out


def types(model: onnx.ModelProto) -> dict[str, int]:
    return {tensor.name: tensor.data_type for tensor in model.graph.initializer}


# Quantising weights


def test_results_stay_and_the_file_shrinks() -> None:
    model = embedding()
    before, size = computed(model), model.ByteSize()
    quantize_weights(model)
    onnx.checker.check_model(model, full_check=True)
    assert model.ByteSize() < 0.3 * size
    assert {TensorProto.INT8, TensorProto.FLOAT} == set(types(model).values())
    assert "table" not in types(model)
    after = computed(model)
    assert after.shape == before.shape
    assert np.abs(after - before).max() < 0.02 * np.abs(before).max()


def test_openvino_computes_the_same(tmp_path: Path) -> None:
    model = embedding()
    quantize_weights(model)
    onnx.save(model, str(tmp_path / "model.onnx"))
    rows = [Encoded(row.tolist(), [0] * len(row)) for row in IDS]
    outputs = CompiledModel(tmp_path / "model.onnx", threads=1).run(rows, per_token=True)
    found = np.stack([out for (out,) in outputs])
    expected = computed(embedding())
    assert np.abs(found - expected).max() < 0.05 * np.abs(expected).max()


@given(seed=st.integers(0, 1_000), scale=st.sampled_from([1e-6, 0.02, 1.0, 1e4]))
def test_no_weight_moves_by_more_than_half_a_step(seed: int, scale: float) -> None:
    """The step of a column or a row is the 127th part of its largest weight."""
    random = np.random.default_rng(seed)
    table = (random.normal(size=(WORDS, 64)) * scale).astype(np.float32)
    model = embedding(table, np.eye(64, OUT, dtype=np.float32))
    quantize_weights(model)
    ids = np.arange(WORDS).reshape(1, -1)
    moved = np.abs(computed(model, ids)[0, :, :64] - table)
    steps = np.abs(table).max(axis=1, keepdims=True) / 127
    assert (moved <= 0.501 * steps).all()


def test_each_output_has_a_scale_of_its_own() -> None:
    """A column of tiny weights keeps its precision beside one of huge ones."""
    matrix = MATRIX.copy()
    matrix[:, 0] *= 1e4
    matrix[:, 1] *= 1e-4
    before = computed(embedding(matrix=matrix))
    model = embedding(matrix=matrix)
    quantize_weights(model)
    moved = np.abs(computed(model) - before).max(axis=(0, 1))
    assert (moved < 0.02 * np.abs(before).max(axis=(0, 1))).all()


def test_a_row_of_zeros_stays_zero() -> None:
    table, matrix = TABLE.copy(), MATRIX.copy()
    table[5], matrix[:, 3] = 0, 0
    model = embedding(table, matrix)
    quantize_weights(model)
    out = computed(model, np.array([[5, 6]]))
    assert (out[0, 0] == 0).all()
    assert (out[..., 3] == 0).all()
    assert np.isfinite(out).all()


def test_one_table_may_be_gathered_from_twice() -> None:
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["one"], name="one"),
        helper.make_node("Gather", ["table", "token_type_ids"], ["two"], name="two"),
        helper.make_node("Add", ["one", "two"], ["out"], name="sum"),
    ]
    outputs = [helper.make_tensor_value_info("out", TensorProto.FLOAT, ["b", "t", WIDTH])]
    model = graphs.model(nodes, outputs, {"table": TABLE})
    before = computed(model)
    quantize_weights(model)
    onnx.checker.check_model(model, full_check=True)
    assert types(model)["table_int8"] == TensorProto.INT8
    assert np.abs(computed(model) - before).max() < 0.05


def test_a_gathered_row_may_be_the_models_output() -> None:
    outputs = [helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["b", "t", WIDTH])]
    nodes = [helper.make_node("Gather", ["table", "input_ids"], ["rows"], name="rows")]
    model = graphs.model(nodes, outputs, {"table": TABLE})
    quantize_weights(model)
    assert np.abs(computed(model) - TABLE[IDS]).max() < 0.05


def columns() -> onnx.ModelProto:
    """Columns of a table by id, which a scale for each row does not fit."""
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["columns"], axis=1, name="columns"),
        helper.make_node("ReduceSum", ["columns", "axes"], ["out"], keepdims=0, name="sum"),
    ]
    outputs = [helper.make_tensor_value_info("out", TensorProto.FLOAT, ["b", "t"])]
    weights: dict[str, NDArray[Any]] = {"table": MATRIX, "axes": np.array([0], dtype=np.int64)}
    return graphs.model(nodes, outputs, weights)


def tied() -> onnx.ModelProto:
    """A table that is gathered from and multiplied by."""
    square = RANDOM.normal(size=(OUT, OUT)).astype(np.float32)
    nodes = [
        helper.make_node("Gather", ["table", "token_type_ids"], ["rows"], name="rows"),
        helper.make_node("MatMul", ["rows", "table"], ["out"], name="product"),
    ]
    return graphs.model(nodes, [PER_TOKEN], {"table": square})


def small() -> onnx.ModelProto:
    """A head of two outputs."""
    nodes = [
        helper.make_node("Cast", ["input_ids"], ["numbers"], to=TensorProto.FLOAT, name="cast"),
        helper.make_node("Unsqueeze", ["numbers", "last"], ["column"], name="column"),
        helper.make_node("MatMul", ["column", "head"], ["out"], name="product"),
    ]
    outputs = [helper.make_tensor_value_info("out", TensorProto.FLOAT, ["b", "t", 2])]
    head = RANDOM.normal(size=(1, 2)).astype(np.float32)
    return graphs.model(nodes, outputs, {"head": head, "last": np.array([2], dtype=np.int64)})


@pytest.mark.parametrize("model", [columns(), tied(), small()], ids=["columns", "tied", "small"])
def test_what_would_come_out_wrong_or_gain_nothing_is_left(model: onnx.ModelProto) -> None:
    before = model.SerializeToString(deterministic=True)
    quantize_weights(model)
    assert model.SerializeToString(deterministic=True) == before


# What the exporter notes


def test_notes_go_and_nothing_else() -> None:
    model = embedding()
    model.doc_string = model.graph.doc_string = "written in /home/someone"
    for part in (model, model.graph, model.graph.node[0], model.graph.input[0]):
        entry = part.metadata_props.add()
        entry.key, entry.value = "stack_trace", "/home/someone/model.py"
    strip_notes(model)
    assert b"/home/someone" not in model.SerializeToString()
    assert model.SerializeToString() == embedding().SerializeToString()


# Exporting


@pytest.mark.slow
def test_a_module_is_exported_with_free_batch_and_length(tmp_path: Path) -> None:
    import torch  # seconds to import, which the other tests need not wait for

    class Small(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            torch.manual_seed(1)
            self.words = torch.nn.Embedding(WORDS, WIDTH)
            self.dense = torch.nn.Linear(WIDTH, OUT)

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:
            rows = self.dense(self.words(input_ids)) * attention_mask.unsqueeze(-1)
            return rows, rows.sum(-1) + token_type_ids

    module, path = Small(), tmp_path / "small.onnx"
    export(module, path, outputs=["rows", "sums"])
    raw = path.read_bytes()
    assert len(raw) < 0.5 * 4 * (TABLE.size + MATRIX.size)
    assert str(Path(__file__).parent).encode() not in raw
    model = onnx.load(str(path))
    assert [one.name for one in model.graph.input] == list(INPUTS)
    assert [one.name for one in model.graph.output] == ["rows", "sums"]
    for shape in ((1, 1), (3, 11), (2, 40)):
        check_same(module, CompiledModel(path, threads=1), shape)


def check_same(module: Any, compiled: CompiledModel, shape: Sequence[int]) -> None:
    import torch

    ids = np.random.default_rng(3).integers(0, WORDS, size=shape)
    with torch.no_grad():
        given = torch.from_numpy(ids)
        rows, sums = module(given, torch.ones_like(given), torch.zeros_like(given))
    inputs = [Encoded(row.tolist(), [0] * len(row)) for row in ids]
    for place, (found, total) in enumerate(compiled.run(inputs, per_token=True)):
        assert np.abs(found - rows[place].numpy()).max() < 0.06
        assert np.abs(total - sums[place].numpy()).max() < 0.3


@pytest.mark.slow
def test_the_same_module_gives_the_same_file(tmp_path: Path) -> None:
    import torch

    class Doubled(torch.nn.Module):  # type: ignore[misc]
        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:
            return input_ids * 2.0 + attention_mask + token_type_ids

    for name in ("one", "two"):
        export(Doubled(), tmp_path / name, outputs=["out"])
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
