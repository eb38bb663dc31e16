"""A process that has imported what every execution imports, and forks one for each.

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

import grpc
import grpc.aio  # noqa: F401
from codemode.protos import codemode_pb2, codemode_pb2_grpc  # noqa: F401
from google.protobuf import struct_pb2  # noqa: F401
from google.protobuf.json_format import MessageToDict  # noqa: F401

from codetainer_executor import kernel
from codetainer_executor.configuration import FILE

# What an execution may write, as its cage has it.
WRITABLE = ["/tmp", "/sandbox", "/outputs", "/dev/shm"]
USABLE = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/proc"]
# What is the service's alone: keys, its configuration and the copies of both.
HIDDEN = ["/certs", "/run", str(FILE)]

# When memory runs out an execution ends, not the service (proc_pid_oom_score_adj(5)).
OOM_SCORE = "1000"


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
        self.running: dict[int, bytes] = {}  # the service's word for each, by pid
        self.wakeup = os.pipe()

    def serve(self) -> str:
        """Forks for every request; returns in the forked process alone, with its code."""
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
            self._end_all()  # the service is gone
        verb, name = message.split()
        if verb == b"kill":
            for pid in [pid for pid, running in self.running.items() if running == name]:
                _kill_group(pid)
            return None
        pid = os.fork()
        if pid == 0:
            return self._become_execution(*descriptors)
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
                break
            name = self.running.pop(pid, None)
            if name is None:
                continue  # an orphan
            _kill_group(pid)
            self.control.send(b"ended %b %d" % (name, os.waitstatus_to_exitcode(status)))
        if not self.running:
            _kill_children()

    def _end_all(self) -> None:
        for pid in self.running:
            _kill_group(pid)
        _kill_children()
        os._exit(0)

    def _become_execution(self, code: int, output: int, error: int) -> str:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        text = os.pread(code, os.fstat(code).st_size, 0).decode()
        os.dup2(output, 1)
        os.dup2(error, 2)
        # Its own /proc entries are root's while it is hidden.
        kernel.show_to_own_user()
        with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
            file.write(OOM_SCORE)
        kernel.hide_from_own_user()
        self.sandbox.enter()
        self.control.detach()  # or its end would close whatever has the number by then
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        return text


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass  # it has not got as far as its own session, or is gone
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def _kill_children() -> None:
    """What executions that have ended left behind, in sessions of its own."""
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat") as file:
                parent = int(file.read().rpartition(")")[2].split()[1])
            if parent == os.getpid():
                os.kill(int(name), signal.SIGKILL)
        except (OSError, IndexError):
            continue


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
