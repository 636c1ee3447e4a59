"""kserve's inference clients, unmodified, by REST and by gRPC, against the digits model at PORT."""

import asyncio
import sys

import numpy as np
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest, RESTConfig

port, models = sys.argv[1:]
x = np.load(f"{models}/digits-x.npy")
expected = np.load(f"{models}/digits-sklearn-probabilities.npy")
labels = np.load(f"{models}/digits-sklearn-label.npy")


def check(reply):
    outputs = {output.name: output.as_numpy() for output in reply.outputs}
    np.testing.assert_allclose(outputs["probabilities"], expected, atol=1e-5)
    np.testing.assert_array_equal(outputs["label"], labels)


def request(binary):
    given = InferInput("x", list(x.shape), "FP32")
    given.set_data_from_numpy(x, binary_data=binary)
    return InferRequest("digits", [given], request_id="seven")


async def main():
    url = f"http://localhost:{port}"
    rest = InferenceRESTClient(RESTConfig(protocol="v2"))
    assert await rest.is_server_live(url) and await rest.is_server_ready(url)
    assert await rest.is_model_ready(url, "digits")
    for binary in (True, False):
        reply = await rest.infer(url, request(binary), model_name="digits")
        assert reply.id == "seven"
        check(reply)
    await rest.close()
    grpc = InferenceGRPCClient(f"localhost:{port}")
    assert await grpc.is_server_live() and await grpc.is_server_ready() and await grpc.is_model_ready("digits")
    for binary in (True, False):
        check(await grpc.infer(request(binary)))
    await grpc.close()


asyncio.run(main())
print("kserve agrees")
