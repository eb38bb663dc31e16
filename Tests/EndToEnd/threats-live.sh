# shellcheck shell=bash
# shellcheck disable=SC2016 # what a container's shell expands
# Rows 19 to 21 where the operator changes the policy of a running cage; after threats-network.sh,
# whose `victim` it uses. live.test is .66, which echoes on every port.
echo '-- threats: live policy'
policy() { docker exec $label-hostile codetainer "$@"; }
flow() { # NAME TYPE: talks to .66, port 7777, until that fails; type 1 is TCP, 2 UDP
    docker exec --detach $label-victim sh -c 'exec python3 -c "$0" "$2" "$3" >"/tmp/$1" 2>&1' '
import socket, sys, time
try:
    flow = socket.socket(socket.AF_INET, int(sys.argv[1]))
    flow.settimeout(1)
    flow.connect((sys.argv[2], 7777))
    while True:
        flow.send(b"beat")
        try:
            flow.recv(9)
            print("alive", flush=True)
        except TimeoutError: # its answer came too late to be let in
            pass
        time.sleep(0.02)
except OSError as error:
    print("cut:", error.strerror)' "$1" "$2" "${v4}66"
}
# A kernel without CONFIG_INET_DIAG_DESTROY resets what sends.
cut='^cut: (Software caused connection abort|Connection reset by peer)$'
reader() { # NAME PORT: sends once, and then only receives
    docker exec --detach $label-victim sh -c 'exec python3 -c "$0" "$2" "$3" >"/tmp/$1" 2>&1' '
import socket, sys
try:
    flow = socket.create_connection((sys.argv[1], int(sys.argv[2])))
    flow.send(b"once")
    flow.recv(9)
    print("waits", flush=True)
    flow.recv(9)
    print("over")
except OSError as error:
    print("cut:", error.strerror)' "$1" "${v4}66" "$2"
}
state() { victim tail -n 1 "/tmp/$1"; }
listed() { victim dig +tries=2 +time=2 +short live.test; } # opens its address, too

check "T19 an unlisted name is denied" all 1 'status: NXDOMAIN' statuses victim live.test
check "T19 allow opens it" policy allow live.test:7777
policy allow live.test:7777/udp >/dev/null
check "T19 at once" says "^${v4}66$" listed
flow tcp 1
flow udp 2
reader waiting 7777
within 3 says waits state waiting >/dev/null
check "T19 flows to it live" within 3 says alive state tcp
check "T19 over UDP too" within 3 says alive state udp
check "T19 but to no other port" fails 111 refused victim attack 2 1 6 to "${v4}66" 443
check "T19 deny cuts what it closes" policy deny live.test
check "T19 the connection at once" within 1 says "$cut" state tcp
check "T19 and one that only receives" within 1 says "$cut" state waiting
check "T19 and the UDP flow" within 3 says '^cut: Operation not permitted$' state udp
check "T19 a new one is refused" fails 111 refused victim attack 2 1 6 to "${v4}66" 7777
check "T19 its name is denied" all 1 'status: NXDOMAIN' statuses victim live.test
check "T19 another name's address stays open" victim attack 2 1 6 to "${v4}10" 443

check "T19 what is allowed for a time opens" policy allow live.test:7777 --for 1s
listed >/dev/null
flow timed 1
check "T19 lives" within 1 says alive state timed
check "T19 and is cut when the time is over" within 3 says "$cut" state timed

# A grant that has expired under a flow that goes on, without five minutes' wait.
outlive() { # NAME
    policy allow live.test:7777 >/dev/null
    listed >/dev/null
    flow "$1" 1
    within 3 says alive state "$1" >/dev/null
    docker run --rm --network container:$label-hostile --cap-add NET_ADMIN --entrypoint nft $label-world \
        delete element inet codetainer granted4 "{ ${v4}66 . tcp . 7777 }"
}
outlive expired
check "T19 a flow outlives its grant" says alive state expired
policy deny live.test >/dev/null
check "T19 and is cut when its name is denied" within 2 says "$cut" state expired

# PID 1 comes back, and nothing but the flow itself says what it was opened for. What came in from outside
# is not its to cut.
outlive older
policy upgrade /usr/local/bin/codetainer >/dev/null
check "T19 a flow outlives its grant and PID 1's program" says alive state older
policy deny live.test >/dev/null
check "T19 and is cut with its name all the same" within 2 says "$cut" state older

# Two names with one address: each opens it for itself.
twin() { victim dig +tries=2 +time=2 +short live.twin.test; }
policy allow live.test:7777 >/dev/null
policy allow live.twin.test:7777 >/dev/null
listed >/dev/null
check "T19 two names may have one address" says "^${v4}66$" twin
flow shared 1
within 3 says alive state shared >/dev/null
policy deny live.test >/dev/null
sleep 0.5
check "T19 of which the one that stays keeps its flows" says alive state shared
check "T19 and opens it" victim attack 2 1 6 to "${v4}66" 7777
policy allow .twin.test:7777 --for 1s >/dev/null
twin >/dev/null
sleep 2
check "T19 the end of what was wider leaves it as well" says alive state shared
policy deny live.twin.test >/dev/null
check "T19 both denied, both are cut" within 2 says "$cut" state shared
check "T19 and closed" fails 111 refused victim attack 2 1 6 to "${v4}66" 7777

# A question that waits for its upstream while the policy changes.
waiting() {
    victim dig +tries=1 +time=5 silent.hostile.test >"$scratch/waiting" &
    local asked=$!
    sleep 0.5
    policy allow "waiting.test" >/dev/null
    wait "$asked"
    cat "$scratch/waiting"
}
check "T19 a question in flight is answered" says 'status: SERVFAIL' waiting
check "T19 with the reason" says 'EDE: 14 .*ask again' cat "$scratch/waiting"
quick() { sed -n 's/^;; Query time: \([0-9]*\) msec/\1/p' "$scratch/waiting"; }
check "T19 at once" below 2000 quick

# An exception of the operator's is named by whoever is refused for it.
policy deny open.hostile.test >/dev/null
check "T19 allow names the denial that is in its way" fails '6[59]|7.' 'codetainer deny open.hostile.test' \
    policy allow x.open.hostile.test
check "T19 and undoes it where it is asked to" policy allow open.hostile.test
check "T19 so that it resolves" all 1 'status: NOERROR' statuses victim x.open.hostile.test

# rules LINE: the file as it is with one more line, in its place, as its mount needs.
cp "$scratch/domains.conf" "$scratch/domains.before"
rules() { { cat "$scratch/domains.before"; echo "$1"; } >"$scratch/domains.conf"; }
policy allow live.test:9999 >/dev/null # lifts the denial
rules live.test:7777
check "T19 reload opens what the file has" policy reload
listed >/dev/null
flow file 1
check "T19 flows to it live" within 3 says alive state file
rules 'exa mple.com'
check "T19 a file with a mistake is refused" fails 78 'domains.conf:[0-9]+:4: ' policy reload
check "T19 and changes nothing" says alive state file
rules ''
check "T19 reload closes what the file lacks" policy reload
check "T19 and cuts it" within 2 says "$cut" state file

docker exec --detach $label-victim bash -c "$knock >/tmp/open" "${v4}10"
victim dig +short well.hostile.test >/dev/null
for turn in {1..5}; do
    policy reload
    policy allow "turn$turn.test"
    policy deny "turn$turn.test"
done >/dev/null
check "T20 while the policy changes nothing opens" all 1 '^closed$' victim sort -u /tmp/attempts
check "T20 and nothing that stays allowed closes" all 1 '^open$' victim sort -u /tmp/open

commands="'allow denied.test' 'deny allowed.test' reload"
check "T21 the agent cannot change the policy" all 3 'root|not allowed|permitted' \
    each agent_runs "$commands" 'codetainer $it'
check "T21 the name stays denied" all 1 'status: NXDOMAIN' statuses inside denied.test

# Addresses, and a list that changes its form.
policy allow "${v4}66:7777" >/dev/null
policy allow "${v4}64/26:7777" >/dev/null
reader narrow 7777
check "T19 an address that two rules open" within 3 says waits state narrow
policy deny "${v4}64/26:7777" >/dev/null
sleep 0.5
check "T19 stays open by the other" says waits state narrow
check "T19 which is taken back by itself" policy deny "${v4}66:7777"
check "T19 with its flow" within 2 says "$cut" state narrow
check "T19 what was not allowed so is not taken back" fails 78 'no `codetainer allow` opened it' \
    docker exec $label-hostile codetainer deny "${v4}66:7777"
policy allow live.test:7777 >/dev/null
listed >/dev/null
reader wider 7777
within 3 says waits state wider >/dev/null
policy allow .live.test:7777-7778 >/dev/null
check "T19 a wider rule beside it closes nothing" says waits state wider
policy deny live.test >/dev/null
check "T19 until its name is denied" within 2 says "$cut" state wider
