"""What one would write without Pincite: sentence-transformers, FAISS flat, transformers.

Five passages are read one by one with the reader's own weights, taken out of the ONNX file.
"""

from pathlib import Path
from typing import Any

import faiss
import numpy as np
import onnx
import torch
from onnx import numpy_helper
from sentence_transformers import SentenceTransformer
from transformers import BertConfig, BertForQuestionAnswering, PreTrainedTokenizerFast

from index.embedding import DEFAULT_MODEL, model_path

READ = 5


class PlainScript:
    """Encode, search, read: a question in, the best span out."""

    def __init__(self, passages: list[str], weights: Path) -> None:
        self.passages = passages
        self.encoder = SentenceTransformer(str(model_path(DEFAULT_MODEL)), device="cpu")
        rows = self.encoder.encode(passages, normalize_embeddings=True, batch_size=64)
        self.index = faiss.IndexFlatIP(rows.shape[1])
        self.index.add(np.asarray(rows, np.float32))
        self.tokenizer = PreTrainedTokenizerFast(
            tokenizer_file=str(weights / "tokenizer.json"), pad_token="[PAD]"
        )
        self.reader = _reader(weights / "reader.onnx")

    def ask(self, question: str) -> str:
        """The span with the best start and end over the passages found."""
        vector = self.encoder.encode([question], normalize_embeddings=True)
        _, found = self.index.search(np.asarray(vector, np.float32), READ)
        best, answer = -np.inf, ""
        for place in found[0]:
            passage = self.passages[place]
            given = self.tokenizer(
                question,
                passage,
                return_tensors="pt",
                return_offsets_mapping=True,
                truncation="only_second",
                max_length=512,
            )
            offsets = given.pop("offset_mapping")[0]
            with torch.inference_mode():
                out = self.reader(**given)
            start, end = int(out.start_logits.argmax()), int(out.end_logits.argmax())
            score = float(out.start_logits.max() + out.end_logits.max())
            if score > best and 0 < start <= end:
                best, answer = score, passage[offsets[start][0] : offsets[end][1]]
        return answer


def _reader(path: Path) -> BertForQuestionAnswering:
    """The torch model with the float values of the ONNX file's 8-bit weights."""
    model = onnx.load(str(path))
    values = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    state: dict[str, Any] = {
        name.removeprefix("model."): torch.tensor(value)
        for name, value in values.items()
        if name.startswith("model.") and not name.endswith(("_int8", "_scale"))
    }
    weight_of = {
        name: values[f"{name}_int8"].astype(np.float32) * values[f"{name}_scale"]
        for name in (key.removesuffix("_int8") for key in values if key.endswith("_int8"))
    }
    multiplied = {
        node.output[0]: node.input[1] for node in model.graph.node if node.op_type == "MatMul"
    }
    for node in model.graph.node:
        if node.op_type != "Add":
            continue
        for product, bias in (tuple(node.input), tuple(node.input)[::-1]):
            if product in multiplied and bias.endswith(".bias"):
                matrix = multiplied[product]
                value = weight_of[matrix] if matrix in weight_of else values[matrix]
                name = bias.removeprefix("model.").removesuffix("bias") + "weight"
                state[name] = torch.tensor(value.T.copy())
    for name, value in weight_of.items():
        if name.startswith("model."):
            state[name.removeprefix("model.")] = torch.tensor(value)
    reader = BertForQuestionAnswering(
        BertConfig(
            hidden_size=384,
            intermediate_size=1536,
            num_attention_heads=12,
            num_hidden_layers=6,
        )
    )
    missing, unexpected = reader.load_state_dict(state, strict=False)
    left = [name for name in missing if not name.endswith("position_ids")]
    if left:
        raise RuntimeError(f"the ONNX file lacks {left}; it has {unexpected} besides")
    return reader.eval()
