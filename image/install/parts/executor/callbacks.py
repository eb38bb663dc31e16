"""Tool calls of executions, passed on to the application with the service's key and certificates.

An execution knows the path of a socket and nothing else: code that reads all of its memory finds no
key there.
"""

import grpc
from codemode.config.sidecar_config import SidecarConfig
from codemode.executor.service import _get_callback_credentials
from codemode.protos import codemode_pb2

SERVICE = codemode_pb2.DESCRIPTOR.services_by_name["ToolService"].full_name
# What the package's proxies send besides the key.
PASSED = {"x-correlation-id", "traceparent"}

# An application that restarts is found again at once, as a new channel for each call would find it.
CHANNEL = [
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.dns_min_time_between_resolutions_ms", 1000),
]


class Callbacks(grpc.GenericRpcHandler):
    def __init__(self, config: SidecarConfig) -> None:
        target = config.main_app_grpc_target
        credentials = _get_callback_credentials(config)
        self._channel = (
            grpc.aio.secure_channel(target, credentials, options=CHANNEL)
            if credentials
            else grpc.aio.insecure_channel(target, options=CHANNEL)
        )
        self._authorization = ("authorization", f"Bearer {config.api_key}")

    def service(self, details):
        if not details.method.startswith(f"/{SERVICE}/"):
            return None
        call = self._channel.unary_unary(details.method)

        async def forward(request: bytes, context) -> bytes:
            metadata = [(k, v) for k, v in context.invocation_metadata() if k in PASSED]
            try:
                return await call(
                    request,
                    timeout=context.time_remaining(),
                    metadata=[*metadata, self._authorization],
                )
            except grpc.aio.AioRpcError as error:
                await context.abort(error.code(), error.details() or "")

        return grpc.unary_unary_rpc_method_handler(forward)


async def serve(config: SidecarConfig, path: str) -> grpc.aio.Server:
    """Listens on the socket at `path`, which only the service may make or remove."""
    server = grpc.aio.server()
    server.add_generic_rpc_handlers([Callbacks(config)])
    server.add_insecure_port(f"unix:{path}")
    await server.start()
    return server
