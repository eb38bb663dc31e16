"""A process that has imported what every execution imports, and forks one for each, under a warden.

It is started without the API key and without the service's environment, so that no execution
inherits them, and has one thread. Usage: python -u -m codetainer_executor.forkserver DESCRIPTOR
"""

import asyncio  # noqa: F401  the imports of the package's own preamble
import contextlib
import gc
import json  # noqa: F401
import os
import select
import signal
import socket
import sys
import types
from collections.abc import Container

import grpc
import grpc.aio  # noqa: F401
from codemode.protos import codemode_pb2, codemode_pb2_grpc  # noqa: F401
from google.protobuf import struct_pb2  # noqa: F401
from google.protobuf.json_format import MessageToDict  # noqa: F401

from codetainer_executor import kernel
from codetainer_executor.configuration import FILE

# What an execution may write, as its cage has it.
WRITABLE = ["/tmp", "/sandbox", "/outputs", "/dev/shm"]
USABLE = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"]
# What is the service's alone: keys, its configuration and the copies of both.
HIDDEN = ["/certs", "/run", str(FILE)]

# What a warden waits for: its execution's end, and being asked for it.
WAITED_FOR = {signal.SIGCHLD, signal.SIGTERM}


def _readable() -> list[str]:
    paths = []
    for directory in ["/", os.path.dirname(FILE)]:
        for name in os.listdir(directory):
            path = os.path.join(directory, name)
            if path not in HIDDEN and path != os.path.dirname(FILE):
                paths.append(path)
    return paths


class _Server:
    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.sandbox = kernel.Sandbox(_readable(), WRITABLE, USABLE)
        self.running: dict[int, bytes] = {}  # the service's word for each execution, by its warden's pid
        self.wakeup = os.pipe()

    def serve(self) -> str:
        """Forks for every request; returns in an execution's process alone, with its code."""
        for descriptor in self.wakeup:
            os.set_blocking(descriptor, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.wakeup[1], warn_on_full_buffer=False)
        poll = select.poll()
        poll.register(self.control, select.POLLIN)
        poll.register(self.wakeup[0], select.POLLIN)
        while True:
            for descriptor, _ in poll.poll():
                if descriptor == self.wakeup[0]:
                    os.read(self.wakeup[0], 4096)
                    self._reap()
                    continue
                code = self._take_request()
                if code is not None:
                    return code

    def _take_request(self) -> str | None:
        message, descriptors, _, _ = socket.recv_fds(self.control, 64, 3)
        if not message:
            os._exit(0)  # the service is gone, and the wardens see that this process is
        verb, name = message.split()
        if verb == b"kill":
            for pid in [pid for pid, running in self.running.items() if running == name]:
                os.kill(pid, signal.SIGTERM)
            return None
        # The warden waits for these two, from its first instruction on.
        signal.pthread_sigmask(signal.SIG_BLOCK, WAITED_FOR)
        try:
            pid = os.fork()
        except OSError as error:
            pid = None
            _refuse(self.control, name, descriptors[2], error)
        if pid == 0:
            return self._watch(name, descriptors)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, WAITED_FOR)
        if pid is not None:
            self.running[pid] = name
        for descriptor in descriptors:
            os.close(descriptor)
        return None

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            name = self.running.pop(pid, None)
            if name is not None and status != 0:
                # Memory ran out for the warden itself. What it had to watch ends with it, or is
                # a child of this process now.
                _kill_children(all_but=self.running)
                self.control.send(b"ended %b %d" % (name, os.waitstatus_to_exitcode(status)))

    def _watch(self, name: bytes, descriptors: list[int]) -> str:
        """The warden of one execution: forks it, and ends what it leaves. Returns in the execution's
        process alone, with its code.

        It is in the execution's sandbox, so that it reaches all of that and nothing else, and the
        execution in one more, so that it cannot reach the warden.
        """
        server = os.getppid()
        signal.set_wakeup_fd(-1)
        kernel.adopt_orphans()
        kernel.end_with_parent(signal.SIGTERM)
        # Before the sandbox, where /proc is not writable; so the execution cannot lower it again.
        kernel.end_first()
        self.sandbox.enter()
        try:
            pid = os.fork()
        except OSError as error:
            _refuse(self.control, name, descriptors[2], error)
            os._exit(0)
        if pid == 0:
            return self._become_execution(*descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        code = _outcome(pid, server)
        if self.sandbox.holds_signals:
            _kill_all()
        _kill_children()
        self.control.send(b"ended %b %d" % (name, code))
        os._exit(0)

    def _become_execution(self, code: int, output: int, error: int) -> str:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, WAITED_FOR)
        os.setsid()
        text = os.pread(code, os.fstat(code).st_size, 0).decode()
        os.dup2(output, 1)
        os.dup2(error, 2)
        kernel.end_with_parent(signal.SIGKILL)
        self.sandbox.enter()
        self.control.detach()  # or its end would close whatever has the number by then
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        return text


def _refuse(control: socket.socket, name: bytes, error: int, reason: OSError) -> None:
    """Answers for an execution that there is no process for."""
    with contextlib.suppress(OSError):
        os.write(error, f"codetainer: no process for this execution: {reason.strerror}\n".encode())
    control.send(b"ended %b %d" % (name, os.EX_OSERR))


def _outcome(pid: int, server: int) -> int:
    """How the execution ended: its code, or a signal's number below zero. A request to end it, and the
    server's own end, end it."""
    while True:
        # The server may have ended before it was asked to be told.
        if os.getppid() != server or signal.sigwait(WAITED_FOR) == signal.SIGTERM:
            os.kill(pid, signal.SIGKILL)
            return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        while (ended := _ended_child()) is not None:
            if ended[0] == pid:
                return os.waitstatus_to_exitcode(ended[1])


def _ended_child() -> tuple[int, int] | None:
    ended = os.waitpid(-1, os.WNOHANG)
    return ended if ended[0] != 0 else None


def _kill_all() -> None:
    """Everything that this process may signal, at one instant: none of it forks meanwhile (kill(2))."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(-1, signal.SIGKILL)


def _kill_children(all_but: Container[int] = ()) -> None:
    """Kills the children of this process until there are none, orphans that it adopts meanwhile too.

    They are hidden, to it as well; the kernel's own list has them (proc_pid_task_children(5)).
    """
    while True:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            children = [pid for pid in map(int, file.read().split()) if pid not in all_but]
        if not children:
            return
        for pid in children:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        for pid in children:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


def _main_module() -> types.ModuleType:
    """A module as `python -c` makes it."""
    module = types.ModuleType("__main__")
    module.__loader__ = __loader__
    module.__annotations__ = {}
    return module


def _show(kind, value, trace) -> None:
    """Prints an exception without the frames between the interpreter and the code."""
    while trace is not None and trace.tb_frame.f_code.co_filename != "<string>":
        trace = trace.tb_next
    sys.__excepthook__(kind, value.with_traceback(trace), trace)


def _prepare() -> _Server:
    kernel.adopt_orphans()
    kernel.refuse_what_outlasts()
    kernel.hide_from_own_user()
    control = socket.socket(fileno=int(sys.argv[1]))
    os.set_inheritable(control.fileno(), False)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.argv = ["-c"]
    sys.path[0] = ""
    server = _Server(control)
    gc.collect()
    # What is shared stays shared: the collector writes into no object of before.
    gc.freeze()
    return server


_code = _prepare().serve()
sys.excepthook = _show
sys.modules["__main__"] = _main = _main_module()
exec(compile(_code, "<string>", "exec"), _main.__dict__)
