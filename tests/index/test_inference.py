"""A compiled model gives each input its own outputs, whatever it is batched with."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import ModelError
from index.inference import CompiledModel, Encoded
from tests.index import graphs

# Small numbers, which any precision that a processor computes in holds exactly.
ROWS = st.lists(
    st.lists(st.tuples(st.integers(1, 100), st.integers(0, 1)), min_size=1, max_size=40),
    max_size=12,
)


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> CompiledModel:
    return CompiledModel(graphs.echo(tmp_path_factory.mktemp("model") / "echo.onnx"), threads=2)


@pytest.fixture(scope="module")
def shape(tmp_path_factory: pytest.TempPathFactory) -> CompiledModel:
    return CompiledModel(graphs.shape(tmp_path_factory.mktemp("model") / "shape.onnx"), threads=2)


def encoded(row: list[tuple[int, int]]) -> Encoded:
    return Encoded([id for id, _ in row], [segment for _, segment in row])


# Batches


@given(rows=ROWS)
def test_each_input_gets_its_own_outputs_in_order_and_without_padding(
    echo: CompiledModel, rows: list[list[tuple[int, int]]]
) -> None:
    inputs = [encoded(row) for row in rows]
    outputs = echo.run(inputs, per_token=True)
    assert [(ids.tolist(), segments.tolist()) for ids, segments in outputs] == [
        (list(one.ids), list(one.segments)) for one in inputs
    ]


@given(rows=ROWS)
def test_an_input_is_read_whole_and_its_padding_masked(
    shape: CompiledModel, rows: list[list[tuple[int, int]]]
) -> None:
    outputs = shape.run([encoded(row) for row in rows], per_token=False)
    for row, (out,) in zip(rows, outputs, strict=True):
        assert out.shape == (4,)
        assert out[1] == len(row)
        if sum(id for id, _ in row) <= 256:
            assert out[0] == sum(id for id, _ in row)


@given(lengths=st.lists(st.integers(1, 256), min_size=1, max_size=60))
def test_batches_hold_little_padding_and_fit_the_cache(
    shape: CompiledModel, lengths: list[int]
) -> None:
    inputs = [Encoded([0] * length, [0] * length) for length in lengths]
    batches = [
        (int(rows), int(width)) for ((_, _, rows, width),) in shape.run(inputs, per_token=False)
    ]
    assert all(width >= length for (_, width), length in zip(batches, lengths, strict=True))
    assert all(rows == 1 or rows * width <= 2048 for rows, width in batches)
    # Every row of a batch reports its width, so the sum is all that was computed.
    assert sum(width for _, width in batches) <= 1.25 * sum(lengths) + 16 * len(lengths)
    # Few widths, since each new shape is prepared anew.
    assert all(width % 16 == 0 for _, width in batches)


def test_inputs_of_one_length_are_read_together(shape: CompiledModel) -> None:
    outputs = shape.run([Encoded([1] * 100, [0] * 100)] * 20, per_token=False)
    assert {int(rows) for ((_, _, rows, _),) in outputs} == {18, 2}  # 18 rows 112 wide fit
    outputs = shape.run([Encoded([1] * 100, [0] * 100)] * 30, per_token=False)
    assert {int(rows) for ((_, _, rows, _),) in outputs} == {18, 12}


def test_no_inputs_give_no_outputs(echo: CompiledModel) -> None:
    assert echo.run([], per_token=True) == []


def test_one_model_serves_many_threads(echo: CompiledModel) -> None:
    start = threading.Barrier(4)

    def read(number: int) -> bool:
        start.wait()
        inputs = [Encoded([number + 1] * length, [0] * length) for length in (3, 17, 5)]
        wanted = [list(one.ids) for one in inputs]
        return all(
            [ids.tolist() for ids, _ in echo.run(inputs, per_token=True)] == wanted
            for _ in range(100)
        )

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(read, range(4)))


def test_what_was_given_is_kept_when_the_model_runs_again(echo: CompiledModel) -> None:
    (first,) = echo.run([Encoded([7, 8], [0, 1])], per_token=True)
    echo.run([Encoded([1, 2], [1, 0])], per_token=True)
    assert [out.tolist() for out in first] == [[7, 8], [0, 1]]


# Loading


@pytest.mark.parametrize("content", [None, b"", b"not a model", b"\x08\x0a" + b"\xff" * 99])
def test_what_is_no_model_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "model.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=r"model\.onnx.*reinstall"):
        CompiledModel(path, threads=1, cache=tmp_path / "cache")


def test_the_compiled_form_is_kept_and_used(tmp_path: Path) -> None:
    cache, path = tmp_path / "deep" / "cache", graphs.echo(tmp_path / "echo.onnx")
    CompiledModel(path, threads=1, cache=cache)
    (kept,) = cache.iterdir()
    before = kept.read_bytes(), kept.stat().st_mtime_ns
    reads_as_made(CompiledModel(path, threads=1, cache=cache))
    assert list(cache.iterdir()) == [kept]
    assert (kept.read_bytes(), kept.stat().st_mtime_ns) == before


def test_a_damaged_form_is_made_anew(tmp_path: Path) -> None:
    cache, path = tmp_path / "cache", graphs.echo(tmp_path / "echo.onnx")
    CompiledModel(path, threads=1, cache=cache)
    (kept,) = cache.iterdir()
    whole = kept.read_bytes()
    damaged = [b"", whole[:-1], whole[: len(whole) // 2], bytes(len(whole)), whole + b"\0"]
    for place in range(0, len(whole), len(whole) // 40):
        damaged.append(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
    for broken in damaged:
        kept.write_bytes(broken)
        reads_as_made(CompiledModel(path, threads=1, cache=cache))
        assert kept.read_bytes() != broken


def test_another_model_of_the_same_name_has_a_form_of_its_own(tmp_path: Path) -> None:
    path = graphs.shape(tmp_path / "model.onnx")
    CompiledModel(path, threads=1, cache=tmp_path / "cache")
    path = graphs.echo(tmp_path / "model.onnx")
    reads_as_made(CompiledModel(path, threads=1, cache=tmp_path / "cache"))


def test_a_cache_that_can_not_be_written_costs_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    path = graphs.echo(tmp_path / "echo.onnx")
    reads_as_made(CompiledModel(path, threads=1, cache=tmp_path / "file" / "cache"))


def reads_as_made(model: CompiledModel) -> None:
    ((ids, segments),) = model.run([Encoded([5, 6, 7], [0, 1, 1])], per_token=True)
    np.testing.assert_array_equal(ids, [5, 6, 7])
    np.testing.assert_array_equal(segments, [0, 1, 1])
