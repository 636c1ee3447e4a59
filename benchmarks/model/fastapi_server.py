"""What a user would write: FastAPI, uvicorn and torch serve the digits model at PORT, by the protocol's JSON.

    python fastapi_server.py PORT digits.pt
"""

import sys

import torch
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

torch.set_num_threads(1)
module = torch.jit.load(sys.argv[2]).eval()
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
    x = torch.tensor(request.inputs[0].data, dtype=torch.float32).reshape(request.inputs[0].shape)
    with torch.inference_mode():
        probabilities, label = module(x)
    return {
        "model_name": "digits",
        "id": request.id,
        "outputs": [
            {"name": "probabilities", "datatype": "FP32", "shape": list(probabilities.shape), "data": probabilities.flatten().tolist()},
            {"name": "label", "datatype": "INT64", "shape": list(label.shape), "data": label.tolist()},
        ],
    }


uvicorn.run(app, port=int(sys.argv[1]), log_level="warning")
