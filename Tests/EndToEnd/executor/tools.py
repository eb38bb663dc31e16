"""The application that executions call back: tools, sync and async, over the package's own server.

usage: tools.py PORT KEY [CERTIFICATE KEY-FILE [AUTHORITY]]
"""

import asyncio
import sys

import grpc
from codemode.core.registry import ComponentRegistry
from codemode.grpc.server import ToolService
from codemode.protos import codemode_pb2_grpc


class Add:
    """Adds two numbers."""

    def run(self, a, b):
        return a + b


class Echo:
    """Gives its arguments back."""

    async def run(self, **arguments):
        await asyncio.sleep(0.01)
        return arguments


class Fail:
    """Always fails."""

    def run(self):
        raise ValueError("the tool's own words")


class WhoAsks:
    """The authorization of the last call."""

    last = None

    def run(self):
        return WhoAsks.last


class Recorder(grpc.aio.ServerInterceptor):
    async def intercept_service(self, continuation, details):
        if details.method.endswith("/CallTool"):
            WhoAsks.last = dict(details.invocation_metadata).get("authorization")
        return await continuation(details)


def read(path):
    with open(path, "rb") as file:
        return file.read()


async def main():
    port, key, *files = sys.argv[1:]
    registry = ComponentRegistry()
    for name, tool in {"add": Add(), "echo": Echo(), "fail": Fail(), "who": WhoAsks()}.items():
        registry.register_tool(name, tool)
    server = grpc.aio.server(interceptors=[Recorder()])
    codemode_pb2_grpc.add_ToolServiceServicer_to_server(ToolService(registry, key), server)
    if files:
        certificate, private, *authority = map(read, files)
        credentials = grpc.ssl_server_credentials(
            [(private, certificate)],
            root_certificates=authority[0] if authority else None,
            require_client_auth=bool(authority),
        )
        server.add_secure_port(f"0.0.0.0:{port}", credentials)
    else:
        server.add_insecure_port(f"0.0.0.0:{port}")
    await server.start()
    await server.wait_for_termination()


asyncio.run(main())
