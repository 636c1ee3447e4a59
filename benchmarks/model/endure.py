"""The heap of the model server under a load that lasts: what is left of it after a collection, before and after.

    python endure.py SECONDS RATE       (functions/model has to be built)

Eight clients ask for digits, RATE requests a second together. Prints heap and resident memory every minute, each after a full collection.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODULE = HERE.parent.parent / "functions" / "model"
BIN = Path(os.environ["JAVA_HOME"], "bin")
PORT = 18094
PATH = "/v2/models/digits/infer"

seconds, rate = int(sys.argv[1]), sys.argv[2]
body = Path(tempfile.mkdtemp(), "body.json")
body.write_text(json.dumps({"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 64], "data": [i % 17 for i in range(64)]}]}))
model = {
    "apiVersion": "tidemill.dev/v1alpha1",
    "kind": "Model",
    "metadata": {"name": "digits"},
    "spec": {
        "format": "ONNX",
        "source": {"bucket": "models", "key": "digits.onnx"},
        "inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 64]}],
        "outputs": [
            {"name": "probabilities", "datatype": "FP32", "shape": [-1, 10]},
            {"name": "label", "datatype": "INT64", "shape": [-1]},
        ],
        "batch": {"maxSize": 64},
    },
}
server = subprocess.Popen(
    [BIN / "java", "-XX:+UseSerialGC", "-Xmx512m", "--enable-native-access=ALL-UNNAMED", "-jar", MODULE / "target/quarkus-app/quarkus-run.jar"],
    env={
        **os.environ,
        "PORT": str(PORT),
        "TIDEMILL_MODEL": json.dumps(model),
        "TIDEMILL_MODEL_ARTIFACT": str(MODULE / "src/test/models/digits.onnx"),
        "TIDEMILL_NATIVES": str(MODULE / "target/natives"),
    },
    stdout=subprocess.DEVNULL,
)


def ready():
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{PORT}/v2/health/ready").status == 200
    except OSError:
        return False


def left(after):
    subprocess.run([BIN / "jcmd", str(server.pid), "GC.run"], check=True, capture_output=True)
    histogram = subprocess.run([BIN / "jcmd", str(server.pid), "GC.class_histogram"], check=True, capture_output=True, text=True).stdout
    heap = int(histogram.split()[-1])
    resident = next(line for line in Path(f"/proc/{server.pid}/status").read_text().splitlines() if line.startswith("VmRSS")).split()[1]
    print(f"{after:5} s   heap {heap / 2**20:7.2f} MiB   resident {int(resident) / 1024:7.1f} MiB", flush=True)


def load(duration):
    command = [BIN / "java", "-XX:TieredStopAtLevel=1", HERE / "Load.java", str(PORT), PATH, body, "8", str(duration), rate]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


try:
    while not ready():
        time.sleep(0.1)
    load(10).communicate()
    left(0)
    began = time.monotonic()
    running = load(seconds)
    while running.poll() is None:
        time.sleep(min(60, max(1, seconds - (time.monotonic() - began))))
        left(round(time.monotonic() - began))
    print(running.stdout.read(), end="")
finally:
    server.terminate()
