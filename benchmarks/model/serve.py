"""The digits model over HTTP: this server, FastAPI with uvicorn, and KServe's model server, by turns, with the same clients and requests.

    python serve.py SECONDS ROUNDS digits.pt|digits.onnx [fastapi|kserve…]

Against both others, or those that are named. On a GPU where TIDEMILL_DEVICE is gpu and PYTORCH_LIBRARY_PATH names a libtorch with CUDA.
Needs kserve, uvicorn[standard], and torch or onnxruntime; functions/model has to be built. Prints for 1, 8 and 64 clients the medians over the
rounds, and the ratios.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
HOME = HERE.parent.parent
MODULE = HOME / "functions" / "model"
JAVA = str(Path(os.environ["JAVA_HOME"], "bin", "java"))
PATH = "/v2/models/digits/infer"

seconds, rounds = sys.argv[1], int(sys.argv[2])
others = sys.argv[4:] or ["fastapi", "kserve"]
ARTIFACT = MODULE / "src/test/models" / sys.argv[3]
body = Path(tempfile.mkdtemp(), "body.json")
body.write_text(
    json.dumps({"id": "1", "inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 64], "data": [i % 17 for i in range(64)]}]})
)
spec = {
    "format": "ONNX" if ARTIFACT.suffix == ".onnx" else "PyTorch",
    "source": {"bucket": "models", "key": ARTIFACT.name},
    "inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 64]}],
    "outputs": [
        {"name": "probabilities", "datatype": "FP32", "shape": [-1, 10]},
        {"name": "label", "datatype": "INT64", "shape": [-1]},
    ],
    "batch": {"maxSize": 64},
}
model = {"apiVersion": "tidemill.dev/v1alpha1", "kind": "Model", "metadata": {"name": "digits"}, "spec": spec}


def tidemill(port):
    jar = MODULE / "target/quarkus-app/quarkus-run.jar"
    options = ["-XX:+UseSerialGC", "-Xmn64m", "-Dai.djl.pytorch.num_threads=1", "--enable-native-access=ALL-UNNAMED"]
    return subprocess.Popen(
        [JAVA, *options, "-jar", jar],
        env={
            **os.environ,
            "PORT": str(port),
            "TIDEMILL_MODEL": json.dumps(model),
            "TIDEMILL_MODEL_ARTIFACT": str(ARTIFACT),
            "TIDEMILL_NATIVES": str(MODULE / "target/natives"),
        },
        stdout=subprocess.DEVNULL,
    )


def python(script):
    return lambda port: subprocess.Popen([sys.executable, HERE / script, str(port), str(ARTIFACT)], stderr=subprocess.DEVNULL)


def ask(port):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{PATH}", body.read_bytes(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as reply:
        return json.load(reply)["outputs"]


def load(port, clients, duration):
    said = subprocess.run(
        [JAVA, HERE / "Load.java", str(port), PATH, body, str(clients), str(duration)], check=True, capture_output=True, text=True
    ).stdout
    return json.loads(said)


servers = {
    "tidemill": (18090, tidemill),
    **{other: (18091 + i, python(f"{other}_server.py")) for i, other in enumerate(others)},
}
processes = [start(port) for port, start in servers.values()]
try:
    for port, _ in servers.values():
        for _ in range(600):
            try:
                ask(port)
                break
            except OSError:
                time.sleep(0.1)
        else:
            sys.exit(f"nobody answers at {port}")
    ours, *theirs = ({output["name"]: output["data"] for output in ask(port)} for port, _ in servers.values())
    for other in theirs:
        assert ours["label"] == other["label"]
        assert all(abs(a - b) < 1e-5 for a, b in zip(ours["probabilities"], other["probabilities"]))
    print("clients   server      requests/s   p50 µs   p99 µs")
    for clients in (1, 8, 64):
        for port, _ in servers.values():
            load(port, clients, 5)
        found = {name: [] for name in servers}
        for _ in range(rounds):
            for name, (port, _) in servers.items():
                found[name].append(load(port, clients, seconds))
        medians = {
            name: {key: median(result[key] for result in results) for key in ("rps", "p50_us", "p99_us")}
            for name, results in found.items()
        }
        for name, m in medians.items():
            print(f"{clients:7}   {name:9} {m['rps']:12,.0f} {m['p50_us']:8,.0f} {m['p99_us']:8,.0f}")
        for name in others:
            ratio = medians["tidemill"]["rps"] / medians[name]["rps"]
            p99 = medians["tidemill"]["p99_us"] / medians[name]["p99_us"]
            print(f"{clients:7}   against {name:9} {ratio:6.1f}× {'':8} {p99:8.2f}", flush=True)
finally:
    for process in processes:
        process.terminate()
