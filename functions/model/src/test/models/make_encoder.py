"""Makes encoder.pt and encoder.onnx, a small encoder of sentences, and what Python makes of some by them: python make_encoder.py

A transformer over the bytes of a sentence: two layers of attention, the mean over the bytes that the mask has, brought to length 1. Its
weights are drawn with a seed. Made with torch 2.7.1, onnx 1.17.0 and onnxruntime 1.21.1 on a CPU. Writes beside them encoder-tokens.npy
and encoder-mask.npy, the sentences, and encoder-torch.npy and encoder-onnx.npy, their embeddings.
"""

import pathlib

import numpy
import onnxruntime
import torch

WIDTH = 32
HEADS = 4
LONGEST = 64

SENTENCES = [
    "The mill stands still at low water.",
    "It grinds when the tide comes in.",
    "Bei Niedrigwasser steht die Mühle still.",
    "Le moulin tourne avec la marée.",
    "潮が満ちると水車が回る。",
    "a",
    "",
    "42",
    "Every object counts exactly once, however often a process dies.",
]


class Layer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.width, self.heads, self.share = WIDTH, HEADS, WIDTH // HEADS
        self.before = torch.nn.LayerNorm(WIDTH)
        self.attention = torch.nn.Linear(WIDTH, 3 * WIDTH)
        self.joined = torch.nn.Linear(WIDTH, WIDTH)
        self.between = torch.nn.LayerNorm(WIDTH)
        self.up = torch.nn.Linear(WIDTH, 2 * WIDTH)
        self.down = torch.nn.Linear(2 * WIDTH, WIDTH)

    def forward(self, h: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
        rows, length = h.size(0), h.size(1)
        parts = self.attention(self.before(h)).view(rows, length, 3, self.heads, self.share).permute(2, 0, 3, 1, 4)
        scores = parts[0] @ parts[1].transpose(2, 3) / self.share**0.5 + hidden
        heads = torch.softmax(scores, dim=-1) @ parts[2]
        h = h + self.joined(heads.transpose(1, 2).reshape(rows, length, self.width))
        return h + self.down(torch.nn.functional.gelu(self.up(self.between(h))))


class Encoder(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.bytes = torch.nn.Embedding(256, WIDTH)
        self.places = torch.nn.Embedding(LONGEST, WIDTH)
        self.first = Layer()
        self.second = Layer()

    def forward(self, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        seen = mask.to(torch.float32)
        # Not minus infinity: a sentence without bytes has nothing to attend to.
        hidden = ((1 - seen) * -1e9).unsqueeze(1).unsqueeze(1)
        h = self.bytes(tokens) + self.places(torch.arange(tokens.size(1), device=tokens.device))
        h = self.second(self.first(h, hidden), hidden)
        mean = (h * seen.unsqueeze(2)).sum(1) / seen.sum(1, keepdim=True).clamp(min=1)
        return torch.nn.functional.normalize(mean, dim=1)


here = pathlib.Path(__file__).parent
torch.manual_seed(11)
encoder = Encoder().eval()
texts = [sentence.encode()[:LONGEST] for sentence in SENTENCES]
tokens = numpy.zeros((len(texts), max(map(len, texts))), numpy.int64)
mask = numpy.zeros_like(tokens)
for row, text in enumerate(texts):
    tokens[row, : len(text)] = list(text)
    mask[row, : len(text)] = 1
inputs = (torch.from_numpy(tokens), torch.from_numpy(mask))

torch.jit.script(encoder).save(str(here / "encoder.pt"))
torch.onnx.export(
    encoder,
    inputs,
    str(here / "encoder.onnx"),
    input_names=["tokens", "mask"],
    output_names=["embedding"],
    dynamic_axes={"tokens": {0: "rows", 1: "bytes"}, "mask": {0: "rows", 1: "bytes"}, "embedding": {0: "rows"}},
    opset_version=17,
)
with torch.no_grad():
    numpy.save(here / "encoder-torch.npy", torch.jit.load(str(here / "encoder.pt"))(*inputs).numpy())
session = onnxruntime.InferenceSession(str(here / "encoder.onnx"))
numpy.save(here / "encoder-onnx.npy", session.run(None, {"tokens": tokens, "mask": mask})[0])
numpy.save(here / "encoder-tokens.npy", tokens)
numpy.save(here / "encoder-mask.npy", mask)
