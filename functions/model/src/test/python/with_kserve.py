"""kserve's inference clients, unmodified, by REST and by gRPC, against the digits model at ADDRESS.

Through a gateway, HOST is the name by which that knows the model.
"""

import asyncio
import sys

import numpy as np
from grpc import StatusCode
from grpc.aio import AioRpcError
from httpx import HTTPStatusError
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest, RESTConfig

address, models = sys.argv[1:3]
host = sys.argv[3] if len(sys.argv) > 3 else address
x = np.load(f"{models}/digits-x.npy")
expected = np.load(f"{models}/digits-sklearn-probabilities.npy")
labels = np.load(f"{models}/digits-sklearn-label.npy")


def check(reply):
    outputs = {output.name: output.as_numpy() for output in reply.outputs}
    np.testing.assert_allclose(outputs["probabilities"], expected, atol=1e-5)
    np.testing.assert_array_equal(outputs["label"], labels)


def request(binary, model="digits"):
    given = InferInput("x", list(x.shape), "FP32")
    given.set_data_from_numpy(x, binary_data=binary)
    return InferRequest(model, [given], request_id="seven")


async def main():
    grpc = InferenceGRPCClient(address, channel_args=[("grpc.default_authority", host)])
    assert await grpc.is_server_live() and await grpc.is_server_ready() and await grpc.is_model_ready("digits")
    for binary in (True, False):
        check(await grpc.infer(request(binary)))
    try:
        await grpc.infer(request(True, "none"))
        raise AssertionError("gRPC: a model that is not there")
    except AioRpcError as refusal:
        assert refusal.code() == StatusCode.NOT_FOUND and "no model none" in refusal.details(), refusal
    await grpc.close()

    url = f"http://{address}"
    named = {"Host": host}
    rest = InferenceRESTClient(RESTConfig(protocol="v2"))
    assert await rest.is_server_live(url, headers=named) and await rest.is_server_ready(url, headers=named)
    assert await rest.is_model_ready(url, "digits", headers=named)
    for binary in (True, False):
        reply = await rest.infer(url, request(binary), model_name="digits", headers=dict(named))
        assert reply.id == "seven"
        check(reply)
    try:
        await rest.infer(url, request(True, "none"), model_name="none", headers=dict(named))
        raise AssertionError("REST: a model that is not there")
    except HTTPStatusError as refusal:
        assert refusal.response.status_code == 404 and "no model none" in str(refusal), refusal
    await rest.close()


asyncio.run(main())
print("kserve agrees")
