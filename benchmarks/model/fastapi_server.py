"""What a user would write: FastAPI and uvicorn serve the digits model at PORT, by the protocol's JSON, with torch or ONNX Runtime.

    python fastapi_server.py PORT digits.pt|digits.onnx
"""

import sys

import uvicorn
from digits import load
from fastapi import FastAPI
from pydantic import BaseModel

infer_rows = load(sys.argv[2])
app = FastAPI()


class Tensor(BaseModel):
    name: str
    shape: list[int]
    datatype: str
    data: list[float]


class Request(BaseModel):
    id: str | None = None
    inputs: list[Tensor]


@app.post("/v2/models/digits/infer")
def infer(request: Request):
    probabilities, label = infer_rows(request.inputs[0].data, request.inputs[0].shape)
    return {
        "model_name": "digits",
        "id": request.id,
        "outputs": [
            {"name": "probabilities", "datatype": "FP32", "shape": list(probabilities.shape), "data": probabilities.flatten().tolist()},
            {"name": "label", "datatype": "INT64", "shape": list(label.shape), "data": label.tolist()},
        ],
    }


uvicorn.run(app, port=int(sys.argv[1]), log_level="warning")
