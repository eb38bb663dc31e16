"""The package's service between the settings that hold and the executions of this one."""

import asyncio
import hmac
import logging
import os

import grpc
from codemode.config.sidecar_config import SidecarConfig
from codemode.executor import runner
from codemode.executor import service as package
from codemode.protos import codemode_pb2, codemode_pb2_grpc

from codetainer_executor import callbacks, outputs
from codetainer_executor.configuration import Unusable
from codetainer_executor.executions import Executions

logger = logging.getLogger(__name__)

EXECUTOR = codemode_pb2.DESCRIPTOR.services_by_name["ExecutorService"].full_name
# Whether it lives and whether it reaches the application, it tells without a key, as the package does.
OPEN = {f"/{EXECUTOR}/Health", f"/{EXECUTOR}/Ready"}

# Executions at a time: what is asked for beyond waits, and its time does not run meanwhile. Each takes
# some 5 MiB of memory of its own.
MOST_AT_ONCE = 64

# Nobody else of this uid can listen on the same port beside the service (SO_REUSEPORT).
SERVER = [("grpc.so_reuseport", 0)]


class ApiKey(grpc.aio.ServerInterceptor):
    """Refuses what comes without the key. The package means to (its `abort` is never awaited)."""

    def __init__(self, key: str) -> None:
        self._expected = f"Bearer {key}".encode()

    async def intercept_service(self, continuation, details):
        handler = await continuation(details)
        given = dict(details.invocation_metadata).get("authorization", "")
        given = given if isinstance(given, bytes) else given.encode()
        if handler is None or details.method in OPEN or hmac.compare_digest(given, self._expected):
            return handler

        async def refuse(request, context):
            logger.warning("Refused a call without the API key from %s", context.peer())
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "Invalid API key")

        return grpc.unary_unary_rpc_method_handler(
            refuse, handler.request_deserializer, handler.response_serializer
        )


class _RunnersAsyncio:
    """asyncio as the package's runner sees it: its subprocesses are executions."""

    def __init__(self, executions: Executions) -> None:
        self.create_subprocess_exec = executions.create_subprocess_exec

    def __getattr__(self, name: str):
        return getattr(asyncio, name)


def _service(config: SidecarConfig, tools: str) -> package.ExecutorGrpcService:
    service = package.ExecutorGrpcService.from_config(config)
    # What the runner writes into every execution's code: a socket instead of the application's
    # address, and no key.
    service.code_runner.main_app_target = f"unix:{tools}"
    service.code_runner.api_key = None
    run, slots = service.code_runner.run, asyncio.Semaphore(MOST_AT_ONCE)

    async def bounded(*, timeout: int, **request):
        """The package reads CODEMODE_CODE_TIMEOUT and goes by what the client asks for."""
        most = config.limits.code_timeout
        async with slots:
            return await run(timeout=min(timeout, most) if timeout > 0 else most, **request)

    service.code_runner.run = bounded
    service.Execute = outputs.counted(service.Execute)
    return service


def _listen(server: grpc.aio.Server, config: SidecarConfig) -> None:
    """Binds the port. The package takes every address whatever the host."""
    every = config.host in ("0.0.0.0", "::")
    host = f"[{config.host}]" if ":" in config.host else config.host
    # The health check comes by way of the loopback.
    addresses = {"[::]"} if every else {host, "[::1]" if ":" in config.host else "127.0.0.1"}
    try:
        credentials = package._load_server_credentials(config)
        for address in sorted(addresses):
            where = f"{address}:{config.port}"
            if credentials:
                server.add_secure_port(where, credentials)
            else:
                server.add_insecure_port(where)
    except OSError as error:
        raise Unusable(f"TLS: cannot read {error.filename}: {error.strerror}: mount it there") from None
    except (RuntimeError, ValueError) as error:
        what = "is the address the container's, and does the key belong to the certificate?"
        line = " ".join(str(error).split())
        raise Unusable(f"cannot listen on {config.host}:{config.port}: {line}: {what}") from None


async def serve(config: SidecarConfig) -> None:
    package._configure_logging(config)
    tools = os.path.join(os.environ["XDG_RUNTIME_DIR"], "tools.sock")
    executions = Executions()
    executions.start()
    runner.asyncio = _RunnersAsyncio(executions)
    server = grpc.aio.server(interceptors=[ApiKey(config.api_key)], options=SERVER)
    codemode_pb2_grpc.add_ExecutorServiceServicer_to_server(_service(config, tools), server)
    _listen(server, config)
    try:
        relay = await callbacks.serve(config, tools)
    except OSError as error:
        raise Unusable(f"TLS: cannot read {error.filename}: {error.strerror}: mount it there") from None
    await server.start()
    logger.info(
        "Executor on port %d, %s; tools at %s",
        config.port,
        "TLS" if config.tls.enabled else "no TLS",
        config.main_app_grpc_target,
    )
    await server.wait_for_termination()
    await relay.stop(None)
