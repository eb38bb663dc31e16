"""An upstream DNS server that lies: the question's first label says how, as in LIES.

usage: hostile.py ADDRESS HONEST FORGED      serves UDP and TCP on port 5354
"""
import ipaddress
import socket
import struct
import sys
import threading

server, honest, forged = sys.argv[1:]
log = open("/var/log/queries", "a", buffering=1)
A, CNAME, AAAA = 1, 5, 28


def wire(name):
    return b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"


def record(kind, data, owner=b"\xc0\x0c", life=60):
    return owner + struct.pack("!HHIH", kind, 1, life, len(data)) + data


def address(text, **more):
    packed = ipaddress.ip_address(text).packed
    return record(AAAA if len(packed) == 16 else A, packed, **more)


def alias(target, **more):
    return record(CNAME, wire(target), **more)


def message(asked, *records, flags=0x8180, count=None, extra=b""):
    identifier, question = asked[:2], asked[12:]
    count = len(records) if count is None else count
    header = struct.pack("!HHHHH", flags, 1, count, 0, bool(extra))
    return identifier + header + question + b"".join(records) + extra


def chain(length):
    steps = [alias(f"c{step}.test", owner=wire(f"c{step - 1}.test")) for step in range(1, length)]
    return [alias("c0.test")] + steps + [address(honest, owner=wire(f"c{length - 1}.test"))]


# What each name is answered; a list of datagrams where there is more than one.
LIES = {
    "live": lambda q: message(q, address(forged)),
    "silent": lambda q: [],
    "mixed": lambda q: message(q, address("10.1.2.3"), address(honest), address("169.254.169.254")),
    "alias": lambda q: message(q, alias("denied.test"), address(honest, owner=wire("denied.test"))),
    "bailiwick": lambda q: message(
        q, address(honest), address(forged, owner=wire("denied.test")),
        address(forged, owner=wire("poisoned.hostile.test")), record(16, b"\x04text"),
        extra=address(forged, owner=wire("poisoned.hostile.test"))),
    "circle": lambda q: message(
        q, alias("circle2.test"), record(CNAME, b"\xc0\x0c", owner=wire("circle2.test"))),
    "chain16": lambda q: message(q, *chain(16)),
    "chain17": lambda q: message(q, *chain(17)),
    "zero": lambda q: message(q, address(honest, life=0)),
    "sign": lambda q: message(q, address(honest, life=1 << 31)),
    "years": lambda q: message(q, address(honest, life=(1 << 31) - 1)),
    "thousand": lambda q: message(q, flags=0x8380),
    "loop": lambda q: message(q, address(honest, owner=b"\xc0" + bytes([len(q)]))),
    "forward": lambda q: message(q, address(honest, owner=b"\xc0\xff")),
    "header": lambda q: message(q, address(honest, owner=b"\xc0\x00")),
    "reserved": lambda q: message(q, address(honest, owner=b"\x80\x0c")),
    "cut": lambda q: message(q, address(honest))[:-2],
    "promise": lambda q: message(q, address(honest), count=1000),
    "short": lambda q: message(q, record(A, b"\x0a\x00")),
    "oversized": lambda q: message(q, *[address(honest)] * 4000),
    "broken": lambda q: message(q, flags=0x8380),
    # Each forgery misses in one thing (the port of the last is wrong); then comes what is true.
    "spoofed": lambda q: [
        b"", q[:5],
        message(bytes([q[0] ^ 1]) + q[1:], address(forged)),
        message(q[:13] + b"x" + q[14:], address(forged)),
        message(q[:-3] + b"\x1c" + q[-2:], address(forged)),
        message(q[:-1] + b"\x03", address(forged)),
        message(q, address(forged), flags=0x0100),
        message(q, address(forged), flags=0xa980),
        message(q, address(forged)), message(q, address(honest))],
    # Over UDP the capitals are lost, so that answer counts for nothing.
    "lowered": lambda q: message(q[:12] + q[12:].lower(), address(forged)),
}
# Over TCP, where nobody can forge or cut.
STREAMED = {
    "thousand": lambda q: message(
        q, *[address(f"2.0.{index >> 8}.{index & 255}") for index in range(1000)]),
    "lowered": lambda q: message(q, address(honest)),
    "broken": lambda q: message(q, address(honest))[:20],
}


def reply(packet, peer, lies):
    labels, position = [], 12
    while packet[position]:
        label = packet[position + 1:position + 1 + packet[position]].lower()
        labels.append(label.decode("latin1").encode("unicode_escape").decode())
        position += 1 + packet[position]
    kind = packet[position + 2]
    asked = packet[:position + 5]
    print(f"query[{kind}] {'.'.join(labels)} from {peer}", file=log)
    if labels[-2:] == ["ip", "test"]:  # 10-1-2-3.ip.test is 10.1.2.3, fd00ss1.ip.test is fd00::1
        text = labels[0].replace("-", ".") if "-" in labels[0] else labels[0].replace("s", ":")
        return message(asked, *[address(text)] * (("-" in labels[0]) == (kind == A)))
    if labels[-2:] == ["brief", "test"]:
        return lies["zero"](asked)
    return lies.get(labels[0], lambda q: message(q, address(honest)))(asked)


def datagrams():
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("", 5354))
    elsewhere = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    elsewhere.bind((server, 5353))
    while True:
        packet, peer = udp.recvfrom(4096)
        answers = reply(packet, peer[0], LIES)
        answers = answers if isinstance(answers, list) else [answers]
        for place, answer in enumerate(answers):
            (elsewhere if place == len(answers) - 2 else udp).sendto(answer, peer)


def streams():
    tcp = socket.create_server(("", 5354))
    while True:
        stream, peer = tcp.accept()
        packet = stream.recv(4096)[2:]
        answer = reply(packet, peer[0], LIES | STREAMED)
        stream.sendall(struct.pack("!H", len(answer) + 40000 * (len(answer) == 20)) + answer)
        stream.close()


threading.Thread(target=streams).start()
datagrams()
