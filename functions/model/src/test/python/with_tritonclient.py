"""tritonclient, unmodified, by HTTP (binary tensors, its default, and JSON) and by gRPC, against the digits model at ADDRESS.

Through a gateway, HOST is the name by which that knows the model.
"""

import sys

import numpy as np
import tritonclient.grpc
import tritonclient.http
from tritonclient.utils import InferenceServerException

address, models = sys.argv[1:3]
host = sys.argv[3] if len(sys.argv) > 3 else address
x = np.load(f"{models}/digits-x.npy")
expected = np.load(f"{models}/digits-sklearn-probabilities.npy")
labels = np.load(f"{models}/digits-sklearn-label.npy")


class Named(tritonclient.http.InferenceServerClientPlugin):
    """Gives every request the host's name."""

    def __call__(self, request):
        request.headers["Host"] = host


def check(client, module, **kind):
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready("digits")
    given = module.InferInput("x", list(x.shape), "FP32")
    given.set_data_from_numpy(x, **kind)
    reply = client.infer("digits", [given], request_id="seven")
    np.testing.assert_allclose(reply.as_numpy("probabilities"), expected, atol=1e-5)
    np.testing.assert_array_equal(reply.as_numpy("label"), labels)

    only = [module.InferRequestedOutput("label", **kind)]
    reply = client.infer("digits", [given], outputs=only, model_version=version(client))
    np.testing.assert_array_equal(reply.as_numpy("label"), labels)
    assert reply.as_numpy("probabilities") is None

    waiting = [
        client.async_infer("digits", [given]) if module is tritonclient.http else asynchronous(client, given)
        for _ in range(20)
    ]
    for one in waiting:
        result = one.get_result() if module is tritonclient.http else one()
        np.testing.assert_array_equal(result.as_numpy("label"), labels)

    wrong = module.InferInput("x", [1, 3], "FP32")
    wrong.set_data_from_numpy(np.zeros((1, 3), np.float32), **kind)
    for model, inputs, words in (("none", [given], "no model none"), ("digits", [wrong], "has to have [-1, 64]")):
        try:
            client.infer(model, inputs)
            raise AssertionError(f"{words}: not refused")
        except InferenceServerException as refusal:
            assert words in refusal.message(), refusal


def crowd(client, module):
    """A thousand requests at once, of one to five rows each: every one gets the digits of its own rows."""
    asked = []
    for i in range(1000):
        first, rows = i % (len(x) - 5), i % 5 + 1
        given = module.InferInput("x", [rows, 64], "FP32")
        given.set_data_from_numpy(x[first : first + rows])
        one = (
            client.async_infer("digits", [given], request_id=str(i))
            if module is tritonclient.http
            else asynchronous(client, given, str(i))
        )
        asked.append((i, first, rows, one))
    for i, first, rows, one in asked:
        reply = one.get_result() if module is tritonclient.http else one()
        identity = reply.get_response()["id"] if module is tritonclient.http else reply.get_response().id
        assert identity == str(i), identity
        np.testing.assert_array_equal(reply.as_numpy("label"), labels[first : first + rows])


def version(client):
    metadata = client.get_model_metadata("digits")
    return metadata["versions"][0] if isinstance(metadata, dict) else metadata.versions[0]


def asynchronous(client, given, identity=""):
    import queue

    done = queue.Queue()
    client.async_infer("digits", [given], callback=lambda result, error: done.put((result, error)), request_id=identity)

    def wait():
        result, error = done.get(timeout=120)
        assert error is None, error
        return result

    return wait


with tritonclient.http.InferenceServerClient(address, concurrency=64) as client:
    client.register_plugin(Named())
    crowd(client, tritonclient.http)
    assert "binary_tensor_data" in client.get_server_metadata()["extensions"]
    check(client, tritonclient.http)
    check(client, tritonclient.http, binary_data=False)
    given = tritonclient.http.InferInput("x", list(x.shape), "FP32")
    given.set_data_from_numpy(x)
    for algorithm in ("gzip", "deflate"):
        packed = client.infer("digits", [given], request_compression_algorithm=algorithm)
        np.testing.assert_array_equal(packed.as_numpy("label"), labels)
named = [("grpc.default_authority", host)]
with tritonclient.grpc.InferenceServerClient(address, channel_args=named) as client:
    crowd(client, tritonclient.grpc)
    check(client, tritonclient.grpc)
    given = tritonclient.grpc.InferInput("x", list(x.shape), "FP32")
    given.set_data_from_numpy(x)
    packed = client.infer("digits", [given], compression_algorithm="gzip")
    np.testing.assert_array_equal(packed.as_numpy("label"), labels)
print("tritonclient agrees")
