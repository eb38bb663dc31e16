"""The system calls that Python has no function for."""

import ctypes
import errno
import os
import platform

_libc = ctypes.CDLL(None, use_errno=True)

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_SET_CHILD_SUBREAPER = 36

_MOST_WILLING = 1000


def _checked(result: int, call: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")
    return result


def hide_from_own_user() -> None:
    """No process of the same uid may trace this one from now on, nor read its /proc entries."""
    _checked(_libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "prctl")


def show_to_own_user() -> None:
    _checked(_libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), "prctl")


def adopt_orphans() -> None:
    """Descendants whose parent ends become children of this process instead of PID 1."""
    _checked(_libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl")


def end_with_parent(number: int) -> None:
    """The kernel sends this signal when the thread that forked this process ends."""
    _checked(_libc.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0), "prctl")


def end_first() -> None:
    """When memory runs out the kernel ends this process, and what it forks from now on, before others
    (proc_pid_oom_score_adj(5))."""
    with open("/proc/self/oom_score_adj") as file:
        if int(file.read()) == _MOST_WILLING:
            return
    # Its own /proc entries are root's while it is hidden.
    show_to_own_user()
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write(str(_MOST_WILLING))
    hide_from_own_user()


# seccomp(2), bpf(2): what outlives its maker where no sandbox of files sees it. The architecture's number,
# and those of its calls shmget, semget, msgget and mq_open.
_OUTLASTING = {
    "x86_64": (0xC000003E, [29, 64, 68, 240]),
    "aarch64": (0xC00000B7, [194, 190, 186, 180]),
}
_LOAD, _IF_EQUAL, _ANSWER = 0x20, 0x15, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
_OF_CALL, _OF_ARCHITECTURE = 0, 4  # in struct seccomp_data
_MODE_FILTER = 2


class _Instruction(ctypes.Structure):
    _fields_ = [
        ("code", ctypes.c_uint16), ("then", ctypes.c_uint8), ("otherwise", ctypes.c_uint8),
        ("value", ctypes.c_uint32),
    ]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_uint16), ("instructions", ctypes.POINTER(_Instruction))]


def refuse_what_outlasts() -> None:
    """This process, and what it forks, makes no System V shared memory, semaphores or queues, nor POSIX
    queues: an execution's would stay in memory, and others could read them. What multiprocessing makes
    are files of /dev/shm."""
    architecture, calls = _OUTLASTING[platform.machine()]
    count = len(calls)
    program = [
        (_LOAD, 0, 0, _OF_ARCHITECTURE),
        (_IF_EQUAL, 0, count + 2, architecture),
        (_LOAD, 0, 0, _OF_CALL),
        *((_IF_EQUAL, count - index, 0, call) for index, call in enumerate(calls)),
        (_ANSWER, 0, 0, _ALLOW),
        (_ANSWER, 0, 0, _REFUSE),
    ]
    instructions = (_Instruction * len(program))(*program)
    filtering = _Program(len(program), instructions)
    _checked(_libc.prctl(PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(filtering), 0, 0), "seccomp")


# landlock(7). The numbers are the same on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_RULE_PATH_BENEATH, _RULE_NET_PORT = 1, 2

WRITE_FILE, READ_FILE = 1 << 1, 1 << 2
# Removing and making directories and files, sockets, pipes and links.
_CHANGES = sum(1 << bit for bit in (4, 5, 7, 8, 9, 10, 12))
_DEVICES = 1 << 6 | 1 << 11
_REFER, _TRUNCATE = 1 << 13, 1 << 14
_BIND_TCP = 1 << 0
_SCOPES = 1 << 0 | 1 << 1
# Rights that a rule about something other than a directory may have.
_OF_FILES = WRITE_FILE | READ_FILE | _TRUNCATE


class _Ruleset(ctypes.Structure):
    _fields_ = [("files", ctypes.c_uint64), ("ports", ctypes.c_uint64), ("scopes", ctypes.c_uint64)]


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


class _Port(ctypes.Structure):
    _fields_ = [("allowed", ctypes.c_uint64), ("port", ctypes.c_uint64)]


class Sandbox:
    """What an execution may reach of the files, ports and processes that its cage has.

    A process that enters it can neither trace nor signal one outside, and those inside another
    sandbox of the same rules are outside. It may enter once more: then those that have entered only
    once are outside for it, and it is still inside for them.
    """

    def __init__(self, readable: list[str], writable: list[str], usable: list[str]) -> None:
        """
        Args:
            readable: beneath these, files may be read.
            writable: beneath these, files may be changed, made and removed.
            usable: files and devices that may be written to.
        """
        self._ruleset: int | None = None
        # Whether signals stay inside (LANDLOCK_SCOPE_SIGNAL, Linux 6.12).
        self.holds_signals = False
        version = _libc.syscall(_CREATE_RULESET, None, 0, 1)
        if version < 2:
            return  # boot has said so, and `status` does
        self.holds_signals = version >= 6
        change = WRITE_FILE | _CHANGES | _REFER | (_TRUNCATE if version >= 3 else 0)
        attributes = _Ruleset(
            READ_FILE | change | _DEVICES,
            _BIND_TCP if version >= 4 else 0,
            _SCOPES if version >= 6 else 0,
        )
        # A kernel refuses a longer structure than it knows, were the rest zero as well.
        size = 8 if version < 4 else 16 if version < 6 else 24
        self._ruleset = _checked(
            _libc.syscall(_CREATE_RULESET, ctypes.byref(attributes), size, 0),
            "landlock_create_ruleset",
        )
        for paths, rights in [
            (readable, READ_FILE),
            (writable, READ_FILE | change),
            (usable, READ_FILE | WRITE_FILE | (_TRUNCATE if version >= 3 else 0)),
        ]:
            for path in paths:
                self._allow(path, rights)
        if version >= 4:
            # Any free port, never a chosen one: the service's own, while it restarts, for one.
            port = _Port(_BIND_TCP, 0)
            _checked(
                _libc.syscall(_ADD_RULE, self._ruleset, _RULE_NET_PORT, ctypes.byref(port), 0),
                "landlock_add_rule",
            )

    def _allow(self, path: str, rights: int) -> None:
        try:
            descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            return  # what is not there needs no rule
        try:
            rule = _PathBeneath(rights if os.path.isdir(path) else rights & _OF_FILES, descriptor)
            _checked(
                _libc.syscall(_ADD_RULE, self._ruleset, _RULE_PATH_BENEATH, ctypes.byref(rule), 0),
                "landlock_add_rule",
            )
        finally:
            os.close(descriptor)

    def enter(self) -> None:
        """Puts the calling process inside, for good."""
        if self._ruleset is not None:
            _checked(_libc.syscall(_RESTRICT_SELF, self._ruleset, 0), "landlock_restrict_self")
