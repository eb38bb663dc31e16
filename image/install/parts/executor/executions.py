"""Executions, as the package's runner starts them: in the place of asyncio's subprocesses."""

import asyncio
import itertools
import os
import socket
import subprocess
import sys

from codetainer_executor import outputs

# What an execution's environment is made of; nothing of the service's own is in it.
PASSED = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "TZ"]


class Execution:
    """The part of asyncio.subprocess.Process that the package's runner uses."""

    def __init__(self, server: "Executions", name: bytes, output: int, error: int) -> None:
        self.returncode: int | None = None
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._server, self._name = server, name
        self._outputs = (output, error)
        self._share = outputs.share.get()

    async def communicate(self) -> tuple[bytes, bytes]:
        reads = [asyncio.ensure_future(_read(one, self._share)) for one in self._outputs]
        try:
            output, error = await asyncio.gather(*reads)
            self.returncode = await asyncio.shield(self.ended)
            return output, error
        except asyncio.CancelledError:
            # The time is over, or whoever asked is gone.
            self.kill()
            raise

    def kill(self) -> None:
        self._server.send(b"kill " + self._name)

    async def wait(self) -> int:
        self.returncode = await asyncio.shield(self.ended)
        return self.returncode


class Executions:
    """The forking server, started when it is needed and whenever it has ended."""

    def __init__(self) -> None:
        self._control: socket.socket | None = None
        self._process: subprocess.Popen | None = None
        self._running: dict[bytes, Execution] = {}
        self._names = itertools.count(1)

    def start(self) -> None:
        """Starts the server, which takes as long as an interpreter and its imports do."""
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-u", "-m", "codetainer_executor.forkserver", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env={name: os.environ[name] for name in PASSED if name in os.environ},
            )
        ours.setblocking(False)
        self._control = ours
        loop.add_reader(ours, self._receive)

    async def create_subprocess_exec(self, *words: str, **_) -> Execution:
        """asyncio.create_subprocess_exec(python, "-u", "-c", code, stdout=PIPE, stderr=PIPE)"""
        code = words[-1]
        if "\0" in code:
            raise ValueError("embedded null byte")
        if self._control is None:
            self.start()
        name = b"%d" % next(self._names)
        file = os.memfd_create("code", os.MFD_CLOEXEC)
        output, output_end = os.pipe()
        error, error_end = os.pipe()
        execution = Execution(self, name, output, error)
        self._running[name] = execution
        try:
            with open(file, "wb", closefd=False) as stream:
                stream.write(code.encode())
            while not self.send(b"run " + name, [file, output_end, error_end]):
                await asyncio.sleep(0.01)
        finally:
            for descriptor in [file, output_end, error_end]:
                os.close(descriptor)
        return execution

    def send(self, message: bytes, descriptors: list[int] | None = None) -> bool:
        """False when the server has no room for more; a message without descriptors is sent later."""
        if self._control is None:
            return True  # it is gone, and with it all that it ran
        try:
            socket.send_fds(self._control, [message], descriptors or [])
            return True
        except BlockingIOError:
            if not descriptors:
                asyncio.get_running_loop().call_later(0.01, self.send, message)
            return False
        except OSError:
            self._lose()
            return True

    def _receive(self) -> None:
        try:
            message = self._control.recv(64)
        except BlockingIOError:
            return
        except OSError:
            message = b""
        if not message:
            return self._lose()
        _, name, code = message.split()
        self._end(self._running.pop(name, None), int(code))

    def _lose(self) -> None:
        """The server has ended, for want of memory for one; the next execution starts another."""
        if self._control is not None:
            asyncio.get_running_loop().remove_reader(self._control)
            self._control.close()
            self._control = None
            self._process.wait()
        running, self._running = self._running, {}
        for execution in running.values():
            self._end(execution, -9)

    @staticmethod
    def _end(execution: Execution | None, code: int) -> None:
        if execution is not None and not execution.ended.done():
            execution.ended.set_result(code)


async def _read(descriptor: int, share: outputs.Share) -> bytes:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    transport, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb", buffering=0)
    )
    kept = bytearray()
    try:
        while chunk := await reader.read(1 << 16):
            kept += chunk[: share.take(len(chunk), len(kept))]
    finally:
        transport.close()
    return bytes(kept)
