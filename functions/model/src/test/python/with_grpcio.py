"""gRPC's own clients for health and reflection, unmodified, against the digits model at ADDRESS: an inference by what reflection tells alone."""

import sys

import grpc
import numpy as np
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

address, models = sys.argv[1:]
INFERENCE = "inference.GRPCInferenceService"

with grpc.insecure_channel(address) as channel:
    health = health_pb2_grpc.HealthStub(channel)
    for service in ("", INFERENCE):
        asked = health_pb2.HealthCheckRequest(service=service)
        assert health.Check(asked).status == health_pb2.HealthCheckResponse.SERVING
        watched = health.Watch(asked)
        assert next(watched).status == health_pb2.HealthCheckResponse.SERVING
        watched.cancel()
    unknown = health_pb2.HealthCheckRequest(service="none")
    assert next(health.Watch(unknown)).status == health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
    try:
        health.Check(unknown)
        raise AssertionError("not refused")
    except grpc.RpcError as refusal:
        assert refusal.code() == grpc.StatusCode.NOT_FOUND, refusal

    told = ProtoReflectionDescriptorDatabase(channel)
    assert INFERENCE in told.get_services(), told.get_services()
    service = DescriptorPool(told).FindServiceByName(INFERENCE)
    infer = service.FindMethodByName("ModelInfer")
    Request, Response = GetMessageClass(infer.input_type), GetMessageClass(infer.output_type)
    call = channel.unary_unary(f"/{INFERENCE}/ModelInfer", Request.SerializeToString, Response.FromString)
    x = np.load(f"{models}/digits-x.npy")
    request = Request(model_name="digits", raw_input_contents=[x.tobytes()])
    request.inputs.add(name="x", datatype="FP32", shape=x.shape)
    reply = call(request)
    label = [output.name for output in reply.outputs].index("label")
    given = np.frombuffer(reply.raw_output_contents[label], np.int64)
    np.testing.assert_array_equal(given, np.load(f"{models}/digits-sklearn-label.npy"))

    # Whoever takes calls back does no harm to others on the connection.
    waiting = call.future(request)
    for _ in range(1_000):
        call.future(request).cancel()
    assert waiting.result().outputs and call(request).outputs
print("grpcio agrees")
