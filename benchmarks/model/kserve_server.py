"""KServe's model server (PyPI kserve) with the digits model at PORT.

    python kserve_server.py PORT digits.pt|digits.onnx
"""

import logging
import sys

from digits import load
from kserve import InferOutput, InferRequest, InferResponse, Model, ModelServer


class Digits(Model):
    def __init__(self):
        super().__init__("digits")
        self.infer_rows = load(sys.argv[2])
        self.ready = True

    def predict(self, payload: InferRequest, headers=None, response_headers=None) -> InferResponse:
        x = payload.inputs[0]
        probabilities, label = self.infer_rows(x.data, x.shape)
        return InferResponse(
            payload.id,
            self.name,
            [
                InferOutput("probabilities", list(probabilities.shape), "FP32", probabilities.flatten().tolist()),
                InferOutput("label", list(label.shape), "INT64", label.tolist()),
            ],
        )


# A line a request would be most of what it does.
logging.disable(logging.INFO)
server = ModelServer(http_port=int(sys.argv[1]), enable_grpc=False, enable_latency_logging=False)
server.start([Digits()])
