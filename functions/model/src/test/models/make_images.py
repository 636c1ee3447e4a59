"""Makes pictures of digits, a model that reads them, and what Pillow and onnxruntime come to together:

    python make_images.py

writes k8s/examples/data/digit-images, k8s/examples/models/digit-images.onnx and digit-images.json here. Made with Pillow 12.2.0, numpy
2.4.6, onnx 1.17.0 and onnxruntime 1.21.1. The digits are the first ones of k8s/examples/data/digits, larger, with a margin on two sides,
in several modes of PNG and JPEG; the network is that of make_models.py, of pixels from 0 to 1.
"""

import csv
import gzip
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[4] / "k8s" / "examples"
PICTURES = EXAMPLES / "data" / "digit-images"
SIDE = 8
COUNT = 24


def picture(row, number):
    """16 becomes white; every third one is wider than high, every third one higher than wide."""
    pixels = np.array(row[: SIDE * SIDE], float).reshape(SIDE, SIDE) * (255 / 16)
    larger = np.kron(np.rint(pixels).astype(np.uint8), np.ones((3 + number % 5, 3 + number % 5), np.uint8))
    margin = (0, 0), (0, 0)
    if number % 3:
        margin = ((0, 0), (5, 4)) if number % 3 == 1 else ((6, 7), (0, 0))
    return Image.fromarray(np.pad(larger, margin))


def save(image, number):
    match number % 6:
        case 0:
            image.save(PICTURES / f"{number:02}-grey.png")
        case 1:
            image.convert("RGB").save(PICTURES / f"{number:02}-colours.png")
        case 2:
            image.convert("P").save(PICTURES / f"{number:02}-palette.png")
        case 3:
            image.convert("RGBA").save(PICTURES / f"{number:02}-alpha.png")
        case 4:
            image.save(PICTURES / f"{number:02}-grey.jpg", quality=95)
        case 5:
            image.convert("RGB").save(PICTURES / f"{number:02}-colours.jpg", quality=95)


def tensor(file):
    """torchvision's Grayscale, Resize(8), CenterCrop(8) and ToTensor."""
    image = Image.open(file).convert("RGB").convert("L")
    width, height = image.size
    size = (SIDE, int(SIDE * height / width)) if width <= height else (int(SIDE * width / height), SIDE)
    image = image.resize(size, Image.Resampling.BILINEAR)
    left, top = round((size[0] - SIDE) / 2), round((size[1] - SIDE) / 2)
    image = image.crop((left, top, left + SIDE, top + SIDE))
    return (np.asarray(image, np.float32) / np.float32(255))[None]


def model():
    weights = np.load(HERE / "digits-weights.npz")
    made = helper.make_model(
        helper.make_graph(
            [
                helper.make_node("Flatten", ["x"], ["pixels"]),
                helper.make_node("Gemm", ["pixels", "w1", "b1"], ["hidden"]),
                helper.make_node("Relu", ["hidden"], ["active"]),
                helper.make_node("Gemm", ["active", "w2", "b2"], ["logits"]),
                helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
                helper.make_node("ArgMax", ["logits"], ["label"], axis=1, keepdims=0),
            ],
            "digit-images",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 1, SIDE, SIDE])],
            [
                helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", 10]),
                helper.make_tensor_value_info("label", TensorProto.INT64, ["n"]),
            ],
            [numpy_helper.from_array(weights[name], name) for name in ("w1", "b1", "w2", "b2")],
        ),
        opset_imports=[helper.make_opsetid("", 17)],
    )
    made.ir_version = 8
    onnx.checker.check_model(made)
    return made.SerializeToString()


def main():
    PICTURES.mkdir(exist_ok=True)
    with gzip.open(EXAMPLES / "data" / "digits" / "digits.csv.gz", "rt") as digits:
        rows = [row for row, _ in zip(csv.reader(digits), range(COUNT))]
    for number, row in enumerate(rows):
        save(picture(row, number), number)
    artifact = EXAMPLES / "models" / "digit-images.onnx"
    artifact.write_bytes(model())
    files = sorted(PICTURES.glob("*.*"))
    session = onnxruntime.InferenceSession(artifact)
    probabilities, labels = session.run(["probabilities", "label"], {"x": np.stack([tensor(file) for file in files])})
    right = sum(int(label) == int(rows[int(file.name[:2])][-1]) for file, label in zip(files, labels))
    print(f"{right} of {len(files)} are read right")
    told = {
        file.name: {"label": int(label), "probabilities": [float(p) for p in each]}
        for file, label, each in zip(files, labels, probabilities)
    }
    (HERE / "digit-images.json").write_text(json.dumps(told, indent=1) + "\n")


main()
