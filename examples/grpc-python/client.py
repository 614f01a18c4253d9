"""Calls a service by its name. Its endpoints, and the weight of each, come from Fingerpost."""

import sys

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.wrappers_pb2 import StringValue

service = sys.argv[1] if len(sys.argv) > 1 else "greeter"
with grpc.insecure_channel(f"xds:///{service}") as channel:
    # In a real program the generated stub makes the calls.
    name = channel.unary_unary("/example.Greeter/Name", Empty.SerializeToString, StringValue.FromString)
    for _ in range(10):
        print(name(Empty(), timeout=10).value)
