"""What PyTorch makes of scikit-learn's digits from the weights and in the order that a Model's seed gives: python train_network.py.

Writes network-torch.json: loss and accuracy on the way through each epoch, and of the network after the last one, made with torch 2.7.1 on a CPU.
"""

import json
import math
import pathlib

import numpy
import torch
from sklearn.datasets import load_digits

SEED, HIDDEN, EPOCHS, BATCH, RATE = 7, [32, 16], 8, 32, 0.002
MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


class Shuffle:
    """SplitMix64, as the trainer draws."""

    def __init__(self, seed, epoch):
        self.state = (seed * GOLDEN + epoch) & MASK

    def unit(self):
        self.state = (self.state + GOLDEN) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return ((z ^ (z >> 31)) >> 11) * 2.0**-53

    def order(self, n):
        order = [0] * n
        for i in range(n):
            j = int(self.unit() * (i + 1))
            order[i] = order[j]
            order[j] = i
        return order


digits = load_digits()
mean, scale = digits.data.mean(axis=0), digits.data.std(axis=0)
scale[scale == 0] = 1
x = torch.tensor((digits.data - mean) / scale, dtype=torch.float32)
y = torch.tensor(digits.target)
widths = [64, *HIDDEN, 10]
chance = Shuffle(SEED, 0)
layers = []
for i, o in zip(widths, widths[1:]):
    drawn = [(2 * chance.unit() - 1) / math.sqrt(i) for _ in range((i + 1) * o)]
    layer = torch.nn.Linear(i, o)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(drawn[: i * o], dtype=torch.float32).reshape(o, i))
        layer.bias.copy_(torch.tensor(drawn[i * o :], dtype=torch.float32))
    layers += [layer, torch.nn.ReLU()]
network = torch.nn.Sequential(*layers[:-1])
adam = torch.optim.Adam(network.parameters(), lr=RATE)
epochs = []
for epoch in range(1, EPOCHS + 1):
    loss, right = 0.0, 0
    for chosen in torch.tensor(Shuffle(SEED, epoch).order(len(y))).split(BATCH):
        margins = network(x[chosen])
        value = torch.nn.functional.cross_entropy(margins, y[chosen])
        adam.zero_grad()
        value.backward()
        adam.step()
        loss += value.item() * len(chosen)
        right += (margins.argmax(1) == y[chosen]).sum().item()
    epochs.append({"loss": loss / len(y), "accuracy": right / len(y)})
with torch.no_grad():
    margins = network(x)
right = (margins.argmax(1) == y).sum().item()
# The last figures are those of the network that came of it.
epochs[-1] = {"loss": torch.nn.functional.cross_entropy(margins, y).item(), "accuracy": right / len(y)}
result = {"epochs": epochs, "right": right}
pathlib.Path(__file__).with_name("network-torch.json").write_text(json.dumps(result, indent=1) + "\n")
