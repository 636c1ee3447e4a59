"""What PyTorch makes of silero-vad's TorchScript: python hear_with_silero.py silero_vad.jit

The file is silero_vad/data/silero_vad.jit of the PyPI package silero-vad 6.2.3. Writes silero-x.npy, 40 pieces of 512 samples at
16 kHz, and silero-probabilities.npy, made with torch 2.7.1 on a CPU. The detector keeps a state from piece to piece; one of another
rate, first, resets it.
"""

import pathlib
import sys

import numpy
import torch

here = pathlib.Path(__file__).parent
random = numpy.random.default_rng(3)
t = numpy.arange(40 * 512) / 16_000
pitch = 120 + 20 * numpy.sin(2 * numpy.pi * 2 * t)
phase = 2 * numpy.pi * numpy.cumsum(pitch) / 16_000
# Harmonics under the formants of an open vowel, in syllables, over a little noise; then noise alone.
voice = sum(
    numpy.sin(k * phase) * sum(numpy.exp(-(((k * 120 - f) / w) ** 2)) for f, w in [(700, 130), (1220, 150), (2600, 200)])
    for k in range(1, 30)
)
syllables = numpy.clip(numpy.sin(2 * numpy.pi * 3 * t), 0, 1) * (t < 0.9)
x = (0.2 * voice * syllables + 0.002 * random.normal(size=len(t))).astype(numpy.float32).reshape(40, 512)
detector = torch.jit.load(sys.argv[1])
with torch.no_grad():
    detector(torch.zeros(1, 256), 8_000)
    heard = [detector(torch.from_numpy(piece[None]), 16_000).item() for piece in x]
numpy.save(here / "silero-x.npy", x)
numpy.save(here / "silero-probabilities.npy", numpy.array(heard, numpy.float32))
print(heard)
