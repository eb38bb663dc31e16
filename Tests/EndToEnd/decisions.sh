# shellcheck shell=bash
# shellcheck disable=SC2016 # what a container's shell expands
# The decisions as `codetainer logs` shows them.
echo '-- decisions'
cage --detach --name $label-decisions >/dev/null
within 20 ready decisions >/dev/null
decisions() {
    local text status=0
    text=$(docker exec $label-decisions codetainer logs "$@") || status=$?
    grep -v ' 127\.0\.0\.11 \|"127\.0\.0\.11"' <<<"$text" | grep . || :
    return $status
}
objects_of() { decisions --json "${@:2}" | jq --exit-status --slurp "$1"; }
# But for Docker's own resolver, which anybody may have tried.
check "what boot tried itself is left out" silent decisions
agent_of decisions "getent ahostsv4 allowed.test; getent ahostsv4 denied.test; : >/dev/tcp/${v4}66/8443" >/dev/null 2>&1
stamp='^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z'
check "an allowed name has its address and its rule" \
    says "$stamp allowed allowed\.test ${v4}10, rule allowed\.test" decisions
check "a denied one has the reason" says "$stamp denied  denied\.test, no rule allows it" decisions
check "a refused packet has where it went and who sent it" \
    says "$stamp refused ${v4}66 tcp/8443, uid 1000" decisions
check "that is all, a line each" all 3 "$stamp (allowed|denied |refused) " decisions
check "--denied leaves out what was allowed, and nothing else" all 2 "$stamp (denied |refused) " decisions --denied
check "as JSON each is an object" objects_of "map(.verdict) | sort == [\"allowed\", \"denied\", \"refused\"]"
check "with what is known" objects_of "any(.name == \"allowed.test\" and .address == \"${v4}10\" and
        .addresses == 1 and .rule == \"allowed.test\") and any(.name == \"denied.test\" and
        .reason == \"no-rule\") and any(.address == \"${v4}66\" and .protocol == \"tcp\" and
        .port == 8443 and .user == 1000)"
check "--since shows what came after" all 3 "$stamp " decisions --since 10m
check "and nothing before" silent decisions --since "$(date --utc --date '1 hour' +%FT%TZ)"
check "a time that is none is refused" fails 64 'since yesterday: write 30s' decisions --since yesterday
check "with the command's own usage" says 'Usage: codetainer logs ' \
    docker exec $label-decisions sh -c 'codetainer logs --since yesterday 2>&1 || :'
check "an output that takes nothing is said" fails 74 'cannot write the answer: No space left on device' \
    docker exec $label-decisions sh -c 'codetainer logs >/dev/full'
ask_often='for i in 1 2 3 4 5 6 7 8 9 10; do getent hosts often.denied.test; done'
agent_of decisions "$ask_often" >/dev/null
check "what is alike is one line with a count" objects_of \
    'map(select(.name == "often.denied.test")) | (map(.count) | add) >= 10 and length <= 2'
agent_of decisions ": >/dev/tcp/${v4}10/8443" >/dev/null 2>&1
check "the address of a name that was allowed before has the name" within 5 objects_of \
    'any(.verdict == "refused" and .name == "allowed.test" and .port == 8443)'

agent_of decisions ": >/dev/tcp/${v4}10/443"
check "a connection that is allowed is said as well" within 5 \
    says "$stamp allowed ${v4}10 tcp/443, an address of allowed\.test, uid 1000" decisions
check "with its parts in JSON" objects_of "any(.verdict == \"allowed\" and .name == \"allowed.test\" and
        .address == \"${v4}10\" and .protocol == \"tcp\" and .port == 443 and .user == 1000)"
check "and is none of those refused" fails 1 '^$' eval 'decisions --denied | grep "tcp/443"'
check "nor counted as one" json decisions "[.egress.refused[] | select(.address == \"${v4}10\") | .port] == [8443]"

# Names are the agent's choice.
agent_of decisions "perl -MIO::Socket::INET -e '
    my \$s = IO::Socket::INET->new(Proto => \"udp\", PeerAddr => \"127.0.0.53:53\");
    print \$s pack(\"n6\", 1, 256, 1, 0, 0, 0), \"\\x07\\x1b[31mab\\x04test\\x00\", pack(\"n2\", 1, 1)'" >/dev/null
check "a name that a terminal would obey is escaped" within 5 says 'denied  \\027\[31mab\.test,' decisions
no_escape() { local text; text=$("$@"); [ "$text" ] && ! grep -q $'\e' <<<"$text"; }
check "and stays so in JSON" within 5 says '\\\\027\[31mab\.test' decisions --json
check "in a pipe nothing is coloured" no_escape decisions
check "on a terminal verdicts are" says $'\e\[31mdenied' docker exec --tty $label-decisions codetainer logs
check "not where NO_COLOR is set" no_escape docker exec --tty --env NO_COLOR=1 $label-decisions codetainer logs

# Who may ask.
check "the agent may not read them" fails 1 'not permitted for uid 1000' agent_of decisions 'codetainer logs'
check "though it may ask for the status" says LOCKED agent_of decisions 'codetainer status'
check "where no codetainer runs it says so" fails 2 'not running here' \
    docker run --rm --label $label --entrypoint codetainer "$image" logs

# The resolver's end is none of theirs.
docker exec $label-decisions pkill -KILL -u 900
within 5 json decisions '.resolver.restarts == 1' >/dev/null
check "they outlive the resolver" says 'allowed allowed\.test' decisions
agent_of decisions 'getent hosts later.denied.test' >/dev/null
check "and go on after it" within 5 says 'denied  later\.denied\.test' decisions

# From now on.
{ docker exec $label-decisions codetainer logs --follow --since 0s >"$scratch/followed"; echo $? >"$scratch/code"; } &
follower=$!
follows() { docker exec $label-decisions pgrep -f 'logs --follow'; }
within 5 follows >/dev/null
agent_of decisions 'getent hosts now.denied.test' >/dev/null
check "--follow says what happens" within 5 grep 'denied  now\.denied\.test' "$scratch/followed"
ticks_of() { docker exec $label-decisions awk '{ print $14 + $15 }' "/proc/$1/stat"; }
followed=$(follows) before=$(ticks_of "$followed")
sleep 2
idle() { echo $(($(ticks_of "$followed") - before)); }
check "and costs next to nothing meanwhile" below 4 idle
check "ten seconds later it has said how often" within 20 eval \
    "agent_of decisions 'getent hosts now.denied.test' >/dev/null; grep 'now.denied.test.* times' $scratch/followed"
flood='my $s = IO::Socket::INET->new(Proto => "udp", PeerAddr => "127.0.0.53:53"); for my $n (1..20000) {
    print $s pack("n6", $n & 65535, 256, 1, 0, 0, 0), chr(length "n$n"), "n$n", "\x05flood\x00", pack("n2", 1, 1) }'
memory_of() { docker exec $label-decisions sh -c 'awk "/VmRSS/ { print \$2 }" "/proc/$(pgrep -u 900)/status"'; }
docker exec --user claude $label-decisions perl -MIO::Socket::INET -e "$flood" >/dev/null
check "what came faster than it was read is told" within 5 grep 'lost    [0-9]* decisions' "$scratch/followed"
check "a flood of denied names washes away nothing else" says 'refused .* tcp/8443' decisions
check "and what was allowed" says 'allowed allowed\.test' decisions
check "nor does it make the resolver grow (KiB)" below 9000 memory_of
docker exec $label-decisions pkill -INT -f 'logs --follow'
check "SIGINT ends it with 0" within 5 grep --line-regexp 0 "$scratch/code"
piped() { docker exec $label-decisions bash -c 'codetainer logs --follow | head -n 1'; }
check "so does the end of whoever reads it" says "$stamp" timeout 5 bash -c "$(declare -f piped docker decisions); docker=$docker label=$label piped"
docker exec $label-decisions codetainer logs --follow >/dev/null 2>&1 &
follower=$!
within 5 follows >/dev/null
docker stop --time 5 $label-decisions >/dev/null
check "and the end of the container" timeout 5 tail --pid=$follower --follow /dev/null
docker rm --force $label-decisions >/dev/null
