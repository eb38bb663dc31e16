"""DNS and connection load on a cage's network, until SIGTERM; then what became of it, on one line.

usage: load.py ALLOWED-ADDRESS DENIED-ADDRESS

An answer is waited for 300 ms and asked for again, as a stub resolver does, five times at most.
"""
import os
import signal
import socket
import struct
import sys
import time

allowed, denied = sys.argv[1:3]
count = dict(asked=0, again=0, unanswered=0, connected=0, refused=0, failed=0, opened=0)
slowest = 0.0


def query(name, number):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack(">6H", number, 0x100, 1, 0, 0, 0) + labels + struct.pack(">BHH", 0, 1, 1)


def ask(name, number):
    """The answer's code and its number of records."""
    global slowest
    start = time.monotonic()
    count["asked"] += 1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.connect(("127.0.0.53", 53))
        for attempt in range(5):
            try:
                asker.send(query(name, number))
                end = time.monotonic() + 0.3
                while time.monotonic() < end:
                    asker.settimeout(max(0.001, end - time.monotonic()))
                    answer = asker.recv(512)
                    if answer[:2] == struct.pack(">H", number):
                        slowest = max(slowest, time.monotonic() - start)
                        return answer[3] & 15, struct.unpack(">H", answer[6:8])[0]
            except OSError:
                pass
            count["again"] += 1
    count["unanswered"] += 1
    return None, 0


def connect(address):
    with socket.socket() as flow:
        flow.settimeout(1)
        flow.connect((address, 443))


ending = False


def end(*_):
    global ending
    ending = True


signal.signal(signal.SIGTERM, end)
number = os.getpid() & 0xFFF
while not ending:
    number = (number + 1) & 0xFFFF
    code, records = ask("allowed.test", number)
    try:
        connect(allowed)
        count["connected"] += 1
    except OSError:
        count["failed"] += 1
    number = (number + 1) & 0xFFFF
    # A name that is asked for the first time, so that no answer is ready.
    code, records = ask("x%d.denied.test" % number, number)
    if code is not None and (code != 3 or records):
        count["opened"] += 1
    try:
        connect(denied)
        count["opened"] += 1
    except ConnectionRefusedError:
        count["refused"] += 1
    except OSError:
        count["failed"] += 1
    time.sleep(0.002)
count["slowest"] = int(slowest * 1000)
print(" ".join("%s=%d" % entry for entry in count.items()))
