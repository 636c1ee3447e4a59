"""The digits model in Python, by one thread, on a GPU where TIDEMILL_DEVICE says so."""

import os

import numpy


def load(artifact):
    """A function from numbers and their shape to probabilities and labels."""
    if artifact.endswith(".onnx"):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(artifact, options, providers=["CPUExecutionProvider"])
        return lambda data, shape: session.run(["probabilities", "label"], {"x": numpy.array(data, numpy.float32).reshape(shape)})
    import torch

    torch.set_num_threads(1)
    device = "cuda" if os.environ.get("TIDEMILL_DEVICE") == "gpu" else "cpu"
    module = torch.jit.load(artifact, map_location=device).eval()

    def infer(data, shape):
        with torch.inference_mode():
            return [output.cpu().numpy() for output in module(torch.tensor(data, dtype=torch.float32, device=device).reshape(shape))]

    return infer
