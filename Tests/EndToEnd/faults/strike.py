"""Strikes a service of a cage again and again: SIGKILL, SIGSTOP, SIGSEGV, SIGILL (a trap of
Swift's), SIGABRT and SIGTERM in turn, each time waiting until it is back.

usage: strike.py COUNT RESOLVER-UID       in the cage's process and network namespaces

Prints `strikes=N median=MS most=MS slowest=MS SIGNAL`: from a signal to an answer of the one that
came after; `most` is what 19 of 20 are within.
"""
import os
import signal
import socket
import struct
import sys
import time

limit, user = int(sys.argv[1]), int(sys.argv[2])
signals = [signal.SIGKILL, signal.SIGSTOP, signal.SIGSEGV, signal.SIGILL, signal.SIGABRT, signal.SIGTERM]


def services():
    """The resolvers of the namespace."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                if os.stat("/proc/" + name).st_uid == user:
                    with open("/proc/%s/stat" % name) as file:
                        if file.read().rpartition(") ")[2][0] != "Z":
                            found.append(int(name))
            except OSError:
                pass
    return found


def answers(number):
    """Whether a question for `localhost` is answered within 10 ms."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(0.01)
        asker.connect(("127.0.0.53", 53))
        try:
            asker.send(struct.pack(">6H", number, 0x100, 1, 0, 0, 0) + b"\x09localhost\0\0\1\0\1")
            return asker.recv(512)[:2] == struct.pack(">H", number)
        except OSError:
            return False


times = []
for strike in range(limit):
    running = services()
    if len(running) != 1:
        sys.exit("strike %d: there are %d resolvers" % (strike, len(running)))
    start = time.monotonic()
    os.kill(running[0], signals[strike % len(signals)])
    while True:
        if time.monotonic() - start > 10:
            sys.exit("strike %d: the resolver is not back" % strike)
        others = [process for process in services() if process != running[0]]
        if others and answers(strike) and running[0] not in services():
            break
    times.append((time.monotonic() - start, signals[strike % len(signals)].name))
    time.sleep(0.02)
times.sort()
median, most, slowest = (times[(len(times) - 1) * share // 20] for share in (10, 19, 20))
print(
    "strikes=%d median=%d most=%d slowest=%d %s"
    % (len(times), median[0] * 1000, most[0] * 1000, slowest[0] * 1000, slowest[1])
)
