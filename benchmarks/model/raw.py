"""One call of a graph in Python and in Java, by turns: the same TorchScript, the same input, the same device.

    python raw.py cpu|gpu SECONDS JAVA… -- BATCH…

JAVA is the command that runs dev.tidemill.functions.model.benchmark.GraphBenchmark, without its arguments. Prints for each model and
batch size the medians over three rounds of both, their ratio, and how far the outputs lie apart.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
import torch

device, seconds = sys.argv[1], float(sys.argv[2])
java = sys.argv[3 : sys.argv.index("--")]
batches = [int(batch) for batch in sys.argv[sys.argv.index("--") + 1 :]]
cuda = device == "gpu"
folder = Path(tempfile.mkdtemp())


def models():
    torch.manual_seed(7)
    digits = torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10))
    yield "digits", torch.jit.script(digits.eval()), (64,)
    wide = torch.nn.Sequential(*(layer for _ in range(4) for layer in (torch.nn.Linear(1024, 1024), torch.nn.ReLU())))
    yield "mlp", torch.jit.script(wide.eval()), (1024,)
    try:
        from torchvision.models import resnet18
    except ImportError:
        return
    yield "resnet18", torch.jit.trace(resnet18().eval(), torch.zeros(1, 3, 224, 224)), (3, 224, 224)


def call(module, x):
    with torch.inference_mode():
        given = torch.from_numpy(x)
        return module(given.cuda() if cuda else given).cpu().numpy()


def timed(module, x, budget):
    times = []
    end = time.perf_counter() + budget
    while time.perf_counter() < end:
        begin = time.perf_counter_ns()
        call(module, x)
        times.append(time.perf_counter_ns() - begin)
    return median(times) / 1e3


print(f"torch {torch.__version__}, {torch.cuda.get_device_name() if cuda else f'{torch.get_num_threads()} threads'}")
print("model     batch   Python µs     Java µs  Python/Java   apart")
for name, module, shape in models():
    module.save(folder / f"{name}.pt")
    module = torch.jit.load(folder / f"{name}.pt", map_location="cuda" if cuda else "cpu")
    inputs = {}
    for batch in batches:
        x = np.random.default_rng(batch).standard_normal((batch, *shape), dtype=np.float32)
        inputs[batch] = x
        np.save(folder / f"{name}-x-{batch}.npy", x)
        np.save(folder / f"{name}-y-{batch}.npy", call(module, x))
    python, ours, apart = ({batch: [] for batch in batches} for _ in range(3))
    for _ in range(3):
        for batch, x in inputs.items():
            timed(module, x, seconds / 4)
            python[batch].append(timed(module, x, seconds))
        said = subprocess.run(
            [*java, folder, name, device, str(seconds), *map(str, batches)], check=True, stdout=subprocess.PIPE, text=True
        ).stdout
        for line in said.splitlines():
            if line.startswith("{"):
                result = json.loads(line)
                assert result["device"] == device, result
                ours[result["batch"]].append(result["median_us"])
                apart[result["batch"]].append(result["worst"])
    for batch in batches:
        p, o = median(python[batch]), median(ours[batch])
        print(f"{name:9} {batch:5} {p:11.1f} {o:11.1f} {p / o:12.2f} {max(apart[batch]):7.1e}", flush=True)
