# shellcheck shell=bash
# shellcheck disable=SC2016 # what a container's shell expands
# Rows 14 to 21 of the catalogue of attacks; see threats-dns.sh for who is who.
echo '-- threats: network'
host_port=180${v4:3:2} # of the network's own, as another run may have taken others
# What listens on the gateway and on another container.
docker run --detach --name $label-host --label $label --network host --entrypoint socat $label-world \
    "TCP-LISTEN:$host_port,fork,reuseaddr" PIPE >/dev/null
docker exec --detach $label-outside socat TCP-LISTEN:8080,fork,reuseaddr PIPE
route agent
world() { docker exec $label-world "$@"; }
sent_to_allowed() { arrived "$1" "${v4}10" | grep -v 'Flags'; }
connections() { each "$1" "$2" '(: >/dev/tcp/$it) && echo open'; } # in bash, so that a zone can be named

literals="${v4}66/443 ${v6}66/443 ::ffff:${v4}66/443 64:ff9b::a01:203/443 2002:a01:203::1/443"
check "T14 literals are refused, mapped and translated ones too" all 10 'Connection refused$|connect: ' \
    connections agent_runs "$literals"
check "T14 which are open outside" all 5 '^open$' connections outside "$literals"
check "T14 nothing of it arrived" nothing_arrived "$agent_v4" "${v4}66.443"
check "T14 nor over IPv6" nothing_arrived "$agent_v6" "${v6}66.443"

# Somebody else's address as the source: a refusal, an answer or a "reply" would go there.
spoofs="'2001:db8::9 53' '${v6}66 4443' '::1 9' '${v6}10 443' '${v6}abcd 53'"
spoof='attack 10 2 17 option 41 78 01000000 bind '$v6'66 $((7770 + RANDOM % 10)) to $it'
check "T14 no socket takes a source that is not ours" all 8 'option: Operation not permitted' \
    each agent_runs "'10 41 78' '10 41 75' '10 0 15' '10 0 19' '2 0 15' '2 0 19'" \
    'set -- $it; attack $1 2 17 option $2 $3 01000000; [ $3 != 78 ] || attack 10 1 6 option 41 78 01000000; [ $3 != 75 ] || attack 10 2 58 option 41 78 01000000'
check "T14 and what has one anyway is dropped" all 5 'to: Operation not permitted' each inside "$spoofs" "$spoof"
check "T14 so is a connection's first segment" fails '1|110' 'to: (timed out|Operation not permitted)' \
    inside attack 10 1 6 option 41 78 01000000 bind "${v6}66" 7777 to "${v6}10" 443
check "T14 which leave outside" all 5 done each outside "$spoofs" "$spoof"
check "T14 and arrive" arrived "${v6}66" "${v6}10.443: UDP"
check "T14 no refusal took it there" nothing_arrived "$agent_v6" "${v6}66: ICMP6, dest"
check "T14 and no answer of the responder" nothing_arrived "${v6}abcd" "${v6}66.777"
check "T14 status counts them" json agent '[.egress.refused[] | select(.port == 4443 and .protocol == "udp")] | length == 1'

check "T15 other ports of an allowed address are refused" all 4 'to: Connection refused' \
    each agent_runs '22 80 8443' "attack 2 1 6 to ${v4}10 \$it; [ \$it != 80 ] || attack 2 1 262 to ${v4}10 80"
check "T15 one is open outside" outside attack 2 1 6 to "${v4}10" 8443
protocols="'2 17' '2 136' '2 1'" # QUIC, UDP-Lite, ping
check "T15 other protocols of it are refused" all 3 '(to|socket): Operation not permitted' \
    each agent_runs "$protocols" "attack 2 \$it to ${v4}10 443"
check "T15 and SCTP, which root alone can send" fails 1 'to: Operation not permitted' \
    docker exec --user 0 $label-inside attack 2 3 132 to "${v4}10" 443
check "T15 which leave outside" all 4 'done|to: (Connection refused|Protocol not available)' \
    each outside "$protocols '3 132'" "attack 2 \$it to ${v4}10 443"
check "T15 nothing but TCP arrived" fails 1 '^$' sent_to_allowed "$agent_v4"
check "T15 the recorder sees the rest" all 4 'UDP|proto-136|ICMP echo|sctp' sent_to_allowed "$outside_v4"

gateway=$(docker exec $label-hostile getent hosts host.docker.internal | cut -d' ' -f1)
link_local=$(docker exec $label-world ip -6 -o address show dev eth0 scope link | grep -o 'fe80::[0-9a-f:]*')
neighbours="169.254.169.254/80 169.254.7.7/80 fd00:ec2::254/80 $link_local%eth0/443 ${v4}1/$host_port
    $gateway/$host_port $outside_v4/8080"
neighbours=${neighbours//$'\n'/}
check "T16 metadata, link-local, the host and other containers are refused" all 14 \
    'Connection refused$|connect: ' connections agent_runs "$neighbours"
check "T16 which are open outside" all 7 '^open$' connections outside "$neighbours"
check "T16 nothing of it arrived" nothing_arrived "$agent_v4" 169.254.
check "T16 nor over IPv6" nothing_arrived "$agent_v6" fd00:
check "T16 the host has no name" says 'status: NXDOMAIN' ask inside host.docker.internal
check "T16 a name that Docker gives it opens nothing" fails 111 'to: Connection refused' \
    victim attack 2 1 6 to "$gateway" "$host_port"

sockets="'2 3 1' '2 3 255' '10 3 58' '17 3 768' '17 2 768' '40 1 0' '38 5 0' '44 3 0' '16 3 12' '16 3 15' '4294967313 3 768'"
check "T17 raw, packet, vsock, alg, xdp and netfilter sockets are forbidden" all 11 \
    'socket: Operation not permitted' each agent_runs "$sockets" 'attack $it'
check "T17 most exist outside" all 6 done \
    each outside "'2 3 1' '2 3 255' '10 3 58' '17 3 768' '40 1 0' '16 3 12'" 'attack $it'
check "T17 ICMP echo is refused" all 2 'to: (Operation not permitted|Permission denied)' \
    agent "attack 2 2 1 to ${v4}66 0; attack 10 2 58 to ${v6}66 0"
check "T17 nothing of it arrived" nothing_arrived "$agent_v4" "${v4}66: ICMP"
check "T17 nor over IPv6" nothing_arrived "$agent_v6" "${v6}66: ICMP6, echo"
check "T17 it works outside" all 2 done \
    outside bash -c "attack 2 2 1 to ${v4}66 0; attack 10 2 58 to ${v6}66 0"
check "T17 and arrives" arrived "$outside_v4" "${v4}66: ICMP echo request"
writes="'route add 10.99.0.0/24 dev lo' 'address add 10.99.0.1/24 dev lo' 'link set lo mtu 1400' \
    'neighbour add 10.99.0.2 dev lo lladdr 2:0:0:0:0:1' 'rule add to 10.99.0.0/24 blackhole'"
check "T17 netlink takes no writes" all 5 'Operation not permitted$' each inside "$writes" 'ip $it'
# Not in the world itself: lo has one neighbour for all its addresses, and this would be it.
rooted() { docker run --rm --label $label --cap-add NET_ADMIN --entrypoint "$1" $label-world "${@:2}"; }
check "T17 which root can" silent each rooted "$writes" 'ip $it'

groups="'2 2 17 to 224.0.0.251 5353' '2 2 17 to 224.0.0.252 5355' '2 2 17 to 239.255.255.250 1900' \
    '10 2 17 to ff05::fb 5353' '10 2 17 to ff0e::1:3 5355' \
    '2 2 17 option 1 6 01000000 to 255.255.255.255 9' '2 2 17 option 1 6 01000000 to ${v4}255 9'"
check "T18 mDNS, LLMNR, SSDP, multicast and broadcast are refused" all 7 \
    'to: (Operation not permitted|Permission denied)' each agent_runs "$groups" 'attack $it'
check "T18 which leave outside" all 7 done each outside "$groups" 'attack $it'
join4='option 0 35 e001010100000000 hear'
secret=ff0e0000736563726574206461746121
joins6="'20 ${secret}00000000' '42 $(printf '%016d0a%014d%s%0208d' 0 0 $secret 0)'"
check "T18 no IPv6 group is joined, as the kernel would report it" all 2 \
    'option: Operation not permitted' each agent_runs "$joins6" 'attack 10 2 0 option 41 $it'
check "T18 which is so outside" all 2 done each outside "$joins6" 'attack 10 2 0 option 41 $it'
agent "attack 2 2 17 $join4" >/dev/null
outside sh -c "attack 2 2 17 $join4" >/dev/null
check "T18 IPv4 groups are reported outside" within 3 arrived "$outside_v4" 224.0.0.22:
multicast() { arrived "$1" '' | grep -E "> (2(2[4-9]|3[0-9]|55)\.|${v4//./\\.}255|ff)" | grep -v solicitation; }
check "T18 and nothing from inside" fails 1 '^$' multicast "$agent_v4"
check "T18 nor over IPv6" fails 1 '^$' multicast "$agent_v6"
check "T18 the recorder sees what leaves" says '> 255.255.255.255' multicast "$outside_v4"
check "T18 over IPv6 too" says '> ff05::fb' multicast "$(address outside GlobalIPv6Address)"

knock='while :; do (: >/dev/tcp/$0/443) && echo open || echo closed; sleep 0.02; done'
# The container was there, and sent, before the cage that shares its network boots.
docker run --detach --name $label-early --label $label --network $label --dns "${v4}53" \
    --entrypoint bash $label-world -c "$knock" "${v4}66" >/dev/null
attempts() { docker logs $label-early 2>/dev/null | uniq; }
# A SYN that was on its way is sent again after a second.
closed_for_good() { within 3 all 2 '^(open|closed)$' attempts; }
check "T20 before the rules are in, the network is open" within 5 says '^open$' attempts
caged --detach --name $label-late --network container:$label-early --env CODETAINER_UPSTREAMS="${v4}54" >/dev/null
within 20 ready late >/dev/null
check "T20 from then on it is closed" closed_for_good
docker kill $label-late >/dev/null
check "T20 also when PID 1 is killed" closed_for_good
docker restart $label-late >/dev/null
within 20 ready late >/dev/null
check "T20 and when it boots again" closed_for_good

resolver() { docker exec $label-hostile sh -c "kill -$1 \$(codetainer status --json | jq .resolver.pid)"; }
docker exec --detach $label-victim bash -c "$knock >/tmp/attempts" "${v4}66"
resolver STOP
check "T20 a stopped resolver is replaced, and loses no question" says "^${v4}10$" \
    victim dig +tries=1 +time=2 +short stopped.hostile.test
check "T20 what was not granted stays closed" fails 111 refused victim attack 2 1 6 to "${v4}12" 443
check "T20 what was stays open" victim attack 2 1 6 to "${v4}10" 443
for turn in 1 2 3; do
    resolver KILL
    victim attack 2 2 17 bind 127.0.0.53 53
    victim dig +tries=5 +time=1 +short again$turn.hostile.test
done >"$scratch/killed" 2>&1
check "T20 a killed one is back, and its port was never free" all 6 "^${v4}10$|bind: Address already in use" \
    cat "$scratch/killed"
check "T20 nothing opened meanwhile" all 1 '^closed$' victim sort -u /tmp/attempts
check "T20 it was restarted" json hostile '.resolver.restarts == 4 and .verdict == "LOCKED"'

# On a second network: what passes between the container's own addresses passes for a flow there, too.
docker network create --label $label $label-second >/dev/null
docker network connect $label-second $label-hostile
own_ways() { # ADDRESS
    victim python3 -c '
import socket, sys
def made(port, device=b""):
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if device: made.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device)
    made.bind((sys.argv[1], port))
    made.settimeout(1)
    return made
sender, receiver = made(5000), made(6000)
sender.sendto(b"one", (sys.argv[1], 6000))
receiver.recv(9)
receiver.sendto(b"two", (sys.argv[1], 5000))
print("inside:", sender.recv(9).decode())
sender.close()
try:
    print("outside:", made(5000, b"eth1").sendto(b"out", (sys.argv[1], 6000)))
except OSError as error:
    print("outside:", error.strerror)' "$1"
}
check "T14 a flow between its own addresses lives inside" says '^inside: two$' own_ways "$hostile_v4"
check "T14 and does not leave" says '^outside: Operation not permitted$' own_ways "$hostile_v4"
docker network disconnect $label-second $label-hostile
docker network rm $label-second >/dev/null

commands="'flush ruleset' 'delete table inet codetainer' 'delete set inet codetainer granted4' \
    'add element inet codetainer granted4 { ${v4}66 . tcp . 443 }' 'flush chain inet codetainer output' \
    'add rule inet codetainer output accept' 'list ruleset'"
check "T21 the ruleset is out of reach" all 7 'Operation not permitted' \
    each inside "$commands" 'nft "$it" 2>&1 | grep -o "Operation not permitted" | head -1'
check "T21 root sees it" says 'table inet codetainer' \
    docker run --rm --network container:$label-agent --cap-add NET_ADMIN --entrypoint nft $label-world list tables
check "T21 no namespace of one's own either" fails 1 'unshare failed: Operation not permitted' \
    agent 'unshare --user --net true'
check "T21 it holds" refused try_as_agent "${v4}66" 443
