"""Makes the models of the tests, and what Python's own engines compute with them.

    python make_models.py torch       # torch, onnx, onnxruntime and scikit-learn: *.pt, *.onnx, *.npy
    python make_models.py tensorflow  # tensorflow: *.zip; reads the weights that the first call wrote

Made with torch 2.7.1, onnx 1.17.0, onnxruntime 1.21.1, scikit-learn 1.5.2 and tensorflow-cpu 2.12.1. Every file is small and committed;
tests compare with *.npy to 1e-5.
"""

import sys
import zipfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
ROWS = 97


def save(name, array):
    np.save(HERE / f"{name}.npy", np.ascontiguousarray(array))


def make_torch():
    import onnx
    import onnxruntime
    import torch
    from onnx import TensorProto, helper, numpy_helper
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split
    from sklearn.neural_network import MLPClassifier

    digits = load_digits()
    pixels, labels = digits.data.astype(np.float32), digits.target
    train_x, test_x, train_y, _ = train_test_split(pixels, labels, test_size=0.3, random_state=7)
    mlp = MLPClassifier(hidden_layer_sizes=(32,), max_iter=400, random_state=7).fit(train_x / 16, train_y)
    w1, w2 = (w.astype(np.float32) for w in mlp.coefs_)
    b1, b2 = (b.astype(np.float32) for b in mlp.intercepts_)
    np.savez(HERE / "digits-weights.npz", w1=w1, b1=b1, w2=w2, b2=b2)

    # Of the whole table, as k8s/examples/06-model.yaml reads it.
    (HERE / "digits-all-sklearn-label.txt").write_text("".join(f"{label}\n" for label in mlp.predict(pixels / 16)))
    test_x = test_x[:ROWS]
    save("digits-x", test_x)
    save("digits-sklearn-probabilities", mlp.predict_proba(test_x / 16).astype(np.float32))
    save("digits-sklearn-label", mlp.predict(test_x / 16).astype(np.int64))

    class AddOne(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x + 1

    class Digits(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.hidden = torch.nn.Linear(64, 32)
            self.out = torch.nn.Linear(32, 10)

        def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            logits = self.out(torch.relu(self.hidden(x / 16)))
            return torch.softmax(logits, 1), torch.argmax(logits, 1)

    class Embedding(torch.nn.Module):
        """Refuses an index that it does not have."""

        def __init__(self):
            super().__init__()
            self.table = torch.nn.Embedding(100, 4)
            with torch.no_grad():
                self.table.weight.copy_(torch.arange(400).reshape(100, 4))

        def forward(self, index: torch.Tensor) -> torch.Tensor:
            return self.table(index).sum(1)

    class Pairs(torch.nn.Module):
        """Needs memory for the square of its rows."""

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return (x * x.t()).sum(1)

    module = Digits()
    with torch.no_grad():
        module.hidden.weight.copy_(torch.from_numpy(w1.T.copy()))
        module.hidden.bias.copy_(torch.from_numpy(b1))
        module.out.weight.copy_(torch.from_numpy(w2.T.copy()))
        module.out.bias.copy_(torch.from_numpy(b2))
    for name, made in (("add_one", AddOne()), ("digits", module), ("embedding", Embedding()), ("pairs", Pairs())):
        torch.jit.script(made.eval()).save(HERE / f"{name}.pt")
    torch.save(module.state_dict(), HERE / "pickle.pt")
    with torch.inference_mode():
        probabilities, label = torch.jit.load(HERE / "digits.pt")(torch.from_numpy(test_x))
    save("digits-torch-probabilities", probabilities.numpy())
    save("digits-torch-label", label.numpy())

    def graph(name, nodes, inputs, outputs, weights=()):
        model = helper.make_model(
            helper.make_graph(nodes, name, inputs, outputs, list(weights)),
            opset_imports=[helper.make_opsetid("", 17)],
        )
        model.ir_version = 8
        onnx.checker.check_model(model)
        onnx.save(model, HERE / f"{name}.onnx")

    def value(name, kind, shape):
        return helper.make_tensor_value_info(name, kind, shape)

    graph(
        "add_one",
        [helper.make_node("Add", ["x", "one"], ["y"])],
        [value("x", TensorProto.FLOAT, ["n", 3])],
        [value("y", TensorProto.FLOAT, ["n", 3])],
        [numpy_helper.from_array(np.float32(1), "one")],
    )
    graph(
        "digits",
        [
            helper.make_node("Div", ["x", "sixteen"], ["scaled"]),
            helper.make_node("Gemm", ["scaled", "w1", "b1"], ["hidden"]),
            helper.make_node("Relu", ["hidden"], ["active"]),
            helper.make_node("Gemm", ["active", "w2", "b2"], ["logits"]),
            helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
            helper.make_node("ArgMax", ["logits"], ["label"], axis=1, keepdims=0),
        ],
        [value("x", TensorProto.FLOAT, ["n", 64])],
        [value("probabilities", TensorProto.FLOAT, ["n", 10]), value("label", TensorProto.INT64, ["n"])],
        [
            numpy_helper.from_array(array, name)
            for name, array in (("sixteen", np.float32(16)), ("w1", w1), ("b1", b1), ("w2", w2), ("b2", b2))
        ],
    )
    session = onnxruntime.InferenceSession(HERE / "digits.onnx")
    probabilities, label = session.run(["probabilities", "label"], {"x": test_x})
    save("digits-onnx-probabilities", probabilities)
    save("digits-onnx-label", label)

    # One input and one output of every type that the engine exchanges.
    kinds = {
        "BOOL": TensorProto.BOOL, "UINT8": TensorProto.UINT8, "INT8": TensorProto.INT8, "INT16": TensorProto.INT16,
        "INT32": TensorProto.INT32, "INT64": TensorProto.INT64, "FP16": TensorProto.FLOAT16,
        "BF16": TensorProto.BFLOAT16, "FP32": TensorProto.FLOAT, "FP64": TensorProto.DOUBLE,
        "BYTES": TensorProto.STRING,
    }  # fmt: skip
    graph(
        "identity",
        [helper.make_node("Identity", [f"in_{kind}"], [f"out_{kind}"]) for kind in kinds],
        [value(f"in_{kind}", code, ["n", 2]) for kind, code in kinds.items()],
        [value(f"out_{kind}", code, ["n", 2]) for kind, code in kinds.items()],
    )

    graph(
        "texts",
        [helper.make_node("Identity", ["text"], ["same"])],
        [value("text", TensorProto.STRING, ["n"])],
        [value("same", TensorProto.STRING, ["n"])],
    )

    # What the engine does not exchange.
    graph(
        "odd",
        [
            helper.make_node("Cast", ["x"], ["y"], to=TensorProto.UINT64),
            helper.make_node("SequenceConstruct", ["x"], ["parts"]),
        ],
        [value("x", TensorProto.FLOAT, ["n", 2])],
        [
            value("y", TensorProto.UINT64, ["n", 2]),
            helper.make_tensor_sequence_value_info("parts", TensorProto.FLOAT, None),
        ],
    )


def make_tensorflow():
    import tensorflow as tf

    def pack(name, module, function, *specs):
        folder = HERE / f"{name}-saved-model"
        tf.saved_model.save(module, folder, signatures={"serving_default": function.get_concrete_function(*specs)})
        with zipfile.ZipFile(HERE / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(folder.rglob("*")):
                if file.is_file() and file.name != "fingerprint.pb":
                    archive.writestr(zipfile.ZipInfo(str(file.relative_to(folder))), file.read_bytes(), zipfile.ZIP_DEFLATED)
        for file in sorted(folder.rglob("*"), reverse=True):
            file.unlink() if file.is_file() else file.rmdir()
        folder.rmdir()

    class AddOne(tf.Module):
        @tf.function
        def __call__(self, x):
            return {"y": x + 1}

    class Digits(tf.Module):
        def __init__(self):
            super().__init__()
            weights = np.load(HERE / "digits-weights.npz")
            self.w1, self.b1, self.w2, self.b2 = (tf.Variable(weights[key]) for key in ("w1", "b1", "w2", "b2"))

        @tf.function
        def __call__(self, x):
            logits = tf.nn.relu(x / 16 @ self.w1 + self.b1) @ self.w2 + self.b2
            return {"probabilities": tf.nn.softmax(logits), "label": tf.argmax(logits, 1)}

    class Bytes(tf.Module):
        @tf.function
        def __call__(self, bytes):
            return {"same": tf.identity(bytes)}

    add_one, digits, texts = AddOne(), Digits(), Bytes()
    pack("bytes", texts, texts.__call__, tf.TensorSpec([None], tf.string, "bytes"))
    pack("add_one", add_one, add_one.__call__, tf.TensorSpec([None, 3], tf.float32, "x"))
    pack("digits", digits, digits.__call__, tf.TensorSpec([None, 64], tf.float32, "x"))
    given = digits(tf.constant(np.load(HERE / "digits-x.npy")))
    save("digits-tensorflow-probabilities", given["probabilities"].numpy())
    save("digits-tensorflow-label", given["label"].numpy())


{"torch": make_torch, "tensorflow": make_tensorflow}[sys.argv[1]]()
