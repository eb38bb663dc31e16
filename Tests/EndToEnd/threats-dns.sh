# shellcheck shell=bash
# shellcheck disable=SC2016 # what a container's shell expands
# Rows 1 to 13 of the catalogue of attacks. `agent` is the whole cage, `inside` its network with the
# world's tools; `victim` is the network of a second cage, whose upstream lies (world/hostile.py).
echo '-- threats: DNS'
cage --detach --name $label-hostile --env CODETAINER_UPSTREAMS="${v4}54" \
    --add-host host.docker.internal:host-gateway \
    --env CODETAINER_ALLOW='.hostile.test *.ip.test *.wild.test *.brief.test' >/dev/null
victim() { docker exec $label-victim "$@"; }
# The port behind 127.0.0.11:53, which Docker's own rules rewrite.
docker_dns() { printf '%d' "0x$("$1" sed -n 's/.*: 0B00007F:\(....\) .*/\1/p' "/proc/net/$2")"; }
each() { "$1" bash -c "for it in $2; do $3; done" 2>&1; } # one container command for many attempts
agent_runs() { agent "$3"; } # as "bash -c SCRIPT"
statuses() { "$1" dig +tries=1 +time=2 "${@:2}" | grep -o 'status: [A-Z]*'; }
to_not_public() {
    each "$1" "$not_public4" 'attack 2 1 6 to $it 443'
    each "$1" "$not_public6" 'attack 10 1 6 to $it 443'
}
outside_v4=$(address outside IPAddress)

servers="8.8.8.8 ${v4}53 ${v4}66 ${v6}53 ${v6}66"
check "T01 other servers are the responder" all 5 "^${v4}10$" \
    each inside "$servers" 'dig @$it +tries=1 +short allowed.test'
check "T01 over TCP too" all 5 "^${v4}10$" \
    each inside "$servers" 'dig @$it +tcp +tries=1 +short allowed.test'
check "T01 and deny as it does" all 10 'status: NXDOMAIN' \
    each inside "$servers" '(dig @$it denied.test; dig +tcp @$it denied.test) | grep status'
check "T01 which answer outside" all 4 "^${v4}66$" \
    each outside "${v4}53 ${v6}53" 'dig @$it +short denied.test; dig @$it +tcp +short denied.test'
check "T01 a socket bound to the interface reaches no server" all 2 'to: (timed out|Operation not permitted)' \
    agent "attack 2 1 6 device eth0 to ${v4}66 53; attack 10 2 17 device eth0 to ${v6}66 53"
check "T01 as it does outside" outside attack 2 1 6 device eth0 to "${v4}66" 53
check "T01 nothing went to port 53" nothing_arrived "$agent_v4" "${v4}66.53"
check "T01 nor over IPv6" nothing_arrived "$agent_v6" "${v6}66.53"
check "T01 which the recorder sees otherwise" arrived "$outside_v4" "${v4}66.53"

check "T02 DoT is refused" all 4 'to: Connection refused' \
    each agent_runs "${v4}10 ${v4}66" 'attack 2 1 6 to $it 853; attack 2 1 6 to $it 8853'
check "T02 DoQ is refused" all 2 'to: Operation not permitted' \
    each agent_runs "${v4}10 ${v4}66" 'attack 2 2 17 to $it 853'
check "T02 DoH at an unlisted address is refused" fails 7 'Connection refused|connect to server' \
    agent "curl -sSk https://${v4}66/dns-query"
check "T02 all three are open outside" all 3 done \
    each outside "'1 6 to ${v4}66 853' '2 17 to ${v4}66 853' '1 6 to ${v4}66 443'" 'attack 2 $it'
check "T02 nothing of it arrived" nothing_arrived "$agent_v4" ".853:"

data=$(printf '%063d' 7)
data=$data.$data.$data
check "T03 labels under an unlisted name are NXDOMAIN" all 2 'status: NXDOMAIN' \
    statuses inside "$data.denied.test" "$data.denied.test" TXT
check "T03 so are labels under a name that is listed without them" all 3 'status: NXDOMAIN' \
    statuses inside "$data.allowed.test" "xallowed.test" "allowed.test.denied.test"
outside dig +tries=1 +short "$data.denied.test" >/dev/null
check "T03 none was asked for" not_queried "(denied|xallowed|7.allowed).test" "$agent_v4"
check "T03 which is asked for outside" queried "$data.denied.test" "$outside_v4"

within 20 ready hostile >/dev/null
join hostile victim
route hostile
hostile_v4=$(address hostile IPAddress)
tally() { statuses "$@" | sort | uniq -c; }
mapfile -t labels < <(printf 'data%s.wild.test\n' {1..70})
check "T04 a wildcard has a budget of labels" says '^ *60 status: NOERROR$' tally victim "${labels[@]}"
check "T04 which the answer tells" says 'more than 60 new names a minute' victim dig data99.wild.test
check "T04 names that it has let through still resolve" says "^${v4}10$" victim dig +short data7.wild.test
asked() { docker exec $label-world grep -cE "query.*data[0-9]+.wild.test from $1$" /var/log/queries; }
check "T04 no more were asked for" says '^60$' asked "$hostile_v4"
outside dig "@${v4}54" "${labels[@]}" >/dev/null
check "T04 as all are outside" says '^70$' asked "$outside_v4"
# Whose answers last no time, so that all is asked again, three types of each name.
mapfile -t brief < <(for each in {1..60}; do printf '%s\n' -q\ name"$each".brief.test\ -t\ {A,AAAA,CNAME}; done | tr ' ' '\n')
again() { for _ in 1 2 3 4; do tally victim "${brief[@]}"; sleep 1.1; done; }
check "T04 which of its names is asked again has a budget, too" says '^ *60 status: REFUSED$' again
briefly() { docker exec $label-world grep -cE "query.*name[0-9]+.brief.test from $1$" /var/log/queries; }
check "T04 no more were asked for" says '^6[67][0-9]$' briefly "$hostile_v4"

types='TXT NULL MX SRV ANY HTTPS SVCB SOA NS CAA TYPE65534'
check "T05 what carries free data is empty" all 11 'NOERROR.* ANSWER: 0,' \
    each inside "$types" 'dig allowed.test $it | tr "\n" " "; echo'
check "T05 it is not asked for" not_queried \
    '\[(TXT|NULL|MX|SRV|ANY|HTTPS|SVCB|SOA|NS|CAA|type=65534)\] allowed.test' "$agent_v4"
check "T05 it exists outside" says '"data"' outside dig +short allowed.test TXT
check "T05 and can be asked for" queried '\[TXT\] allowed.test' "$outside_v4"

check "T06 Docker's DNS does not answer the agent at its real port" \
    fails 9 'no servers could be reached' ask inside -p "$(docker_dns inside udp)" @127.0.0.11 denied.test
check "T06 nor over TCP" fails 9 'connection refused' \
    ask inside +tcp -p "$(docker_dns inside tcp)" @127.0.0.11 denied.test
check "T06 nor where it is no upstream" fails 9 'no servers could be reached' \
    ask victim -p "$(docker_dns victim udp)" @127.0.0.11 denied.test
check "T06 which it does outside" all 2 "^${v4}66$" outside sh -c "dig -p $(docker_dns outside udp) \
    @127.0.0.11 +short denied.test; dig +tcp -p $(docker_dns outside tcp) @127.0.0.11 +short denied.test"
check "T06 at its name port the responder answers" all 2 'status: NXDOMAIN' \
    each inside '+tcp +notcp' 'dig $it @127.0.0.11 denied.test | grep status'

files='/etc/resolv.conf /etc/hosts /etc/nsswitch.conf'
check "T07 what tells names from addresses cannot be written, replaced or removed" all 9 \
    'Read-only file system$' each agent_runs "$files" 'echo >$it; ln -sf /tmp/x $it; rm -f $it'
check "T07 as it can outside" silent each outside "$files" ': >>$it'
check "T07 a name of one's own making opens nothing" fails 7 'Connection refused|connect to server' \
    agent "curl -sSk --resolve allowed.test:443:${v4}66 https://allowed.test"
check "T07 as it does outside" outside curl -sSk --max-time 1 --connect-to "::${v4}10:" https://allowed.test

at() { local name=${1//./-}; printf '%s.ip.test' "${name//:/s}"; } # the name of this address
closed4="$not_public4 127.0.0.1 0.0.0.0 224.0.0.251 255.255.255.255"
closed6="$not_public6 ::1 :: fe80::1 ff02::1 ::ffff:a01:203 ::a01:203"
questions=$(for address in $closed4; do printf ' %s A' "$(at "$address")"; done
    for address in $closed6; do printf ' %s AAAA' "$(at "$address")"; done)
# shellcheck disable=SC2086 # one word each
names_of_closed() { "$@" +short +tries=1 $questions; }
check "T08 addresses that are not public are filtered" silent names_of_closed victim dig
check "T08 which come outside" all "$(wc -w <<<"$closed4 $closed6")" '[.:]' \
    names_of_closed outside dig "@${v4}54"
check "T08 the answer tells why" says 'EDE: 17.*10.1.2.3 is not public' victim dig "$(at 10.1.2.3)"
check "T08 beside a public one only that is left" all 1 "^${v4}10$" victim dig +short mixed.hostile.test
check "T08 as Docker's upstream does" silent inside dig +short inside.test A inside.test AAAA
check "T08 which gives both outside" all 2 '^10.9.9.9$|^fd00::9$' \
    outside dig +short inside.test A inside.test AAAA
check "T08 none has a grant" json hostile "[.egress.grants[].address] | unique == [\"${v4}10\"]"
check "T08 none can be reached" all "$(wc -w <<<"$not_public4 $not_public6")" 'to: Connection refused' \
    to_not_public victim
check "T08 which all can outside" all "$(wc -w <<<"$not_public4 $not_public6")" done to_not_public outside

check "T09 an alias to an unlisted name gives that name's address" all 2 "^denied.test.$|^${v4}10$" \
    victim dig +short alias.hostile.test
check "T09 and does not list it" says 'status: NXDOMAIN' ask victim denied.test
check "T09 records of other names are dropped" all 1 "^bailiwick.hostile.test.*${v4}10$" \
    victim dig +noall +answer +authority +additional bailiwick.hostile.test
check "T09 and not kept" all 1 "^${v4}10$" victim dig +short poisoned.hostile.test
check "T09 they come outside" says "^poisoned.hostile.test.*${v4}66$" \
    outside dig "@${v4}54" +noall +additional bailiwick.hostile.test
check "T09 a chain of 16 aliases is followed" says "^${v4}10$" victim dig +short chain16.hostile.test
check "T09 a longer one, or a circle, is not" all 2 'status: SERVFAIL' \
    statuses victim chain17.hostile.test circle.hostile.test
check "T09 both are answers outside" all 2 'status: NOERROR' \
    statuses outside "@${v4}54" chain17.hostile.test circle.hostile.test
check "T09 nothing opened but the chain's address" \
    json hostile "[.egress.grants[].address] | unique == [\"${v4}10\"]"

lives() { "$@" +noall +answer zero.hostile.test sign.hostile.test years.hostile.test | awk '{ print $2 }'; }
check "T10 lifetimes are clamped to a second and a day" all 3 '^(1|86400)$' lives victim dig
check "T10 which they are not outside" all 3 '^(0|2147483648|2147483647)$' lives outside dig "@${v4}54"
check "T10 the grant lives five minutes all the same" json hostile ".egress.grants | any(.seconds > 290)"
check "T10 and none more than a day" json hostile ".egress.grants | all(.seconds <= 86400)"
check "T10 of 1,000 addresses 64 are given" all 64 '^2\.0\.0\.[0-9]+$' victim dig +tcp +short thousand.hostile.test
check "T10 and opened" json hostile '[.egress.grants[] | select(.address | startswith("2.0."))] | length == 64'
check "T10 all are outside" all 1000 '^2\.0\.' outside dig "@${v4}54" +tcp +short thousand.hostile.test
heard() { docker exec "$label-world" sh -c "grep -oE '(${1// /|}) from $hostile_v4' /var/log/queries | sort -u"; }
malformed=$(printf "%s.hostile.test " loop forward header reserved cut promise short oversized broken)
# shellcheck disable=SC2086 # one word each
check "T10 malformed answers are failures" all 9 'status: SERVFAIL' statuses victim $malformed
check "T10 which came" all 9 . heard "${malformed% }"
check "T10 the resolver lives on" json hostile '.resolver.restarts == 0 and .verdict == "LOCKED"'
check "T10 and answers" says "^${v4}10$" victim dig +short well.hostile.test

check "T11 forged answers are dropped: identifier, name, type, class, flags, port" \
    all 1 "^${v4}10$" victim dig +short spoofed.hostile.test
check "T11 some are believed outside" says "^${v4}66$" outside dig "@${v4}54" +short spoofed.hostile.test
check "T11 an answer that lost its capitals is asked for over TCP" \
    all 1 "^${v4}10$" victim dig +short lowered.hostile.test
check "T11 and believed outside" all 1 "^${v4}66$" outside dig "@${v4}54" +short lowered.hostile.test
check "T11 the forged address stays closed" fails 111 refused victim attack 2 1 6 to "${v4}66" 443
check "T11 and the true one is open" victim attack 2 1 6 to "${v4}10" 443

odd=('allowed\.test' 'denied.test\000.hostile.test' 'x\000.hostile.test' 'a\.b.hostile.test')
check "T12 NUL and dots inside labels are refused" all 4 'status: FORMERR' statuses victim "${odd[@]}"
check "T12 and answered outside" all 4 'status: NOERROR' statuses outside "@${v4}54" "${odd[@]}"
check "T12 capitals and the last dot are one name" all 3 "^${v4}10$" \
    inside dig +short ALLOWED.TEST aLLoWeD.tEsT. allowed.test.
check "T12 and denied as one" all 3 'status: NXDOMAIN' statuses inside DENIED.TEST dEnIeD.test. denied.test.
check "T12 none of it was asked for" not_queried '(test\\x00|x\\x00|a\.b).hostile.test' "$hostile_v4"

reuse='option 1 2 01000000 option 1 15 01000000'
binds="'2 2 17 bind 127.0.0.53' '2 1 6 bind 127.0.0.53' '2 2 17 bind 0.0.0.0' '2 1 6 bind 0.0.0.0' \
    '2 2 17 $reuse bind 127.0.0.53' '2 1 6 $reuse bind 127.0.0.53' '2 2 17 device lo bind 127.0.0.53' \
    '10 2 17 bind ::1' '10 2 17 $reuse bind ::' '10 2 17 option 41 26 01000000 bind ::1' \
    '10 2 17 bind ::ffff:127.0.0.53'"
check "T13 the responder's port is taken" all 11 'bind: Address already in use' \
    each agent_runs "$binds" 'attack $it 53'
check "T13 another port is not" all 11 'done' each agent_runs "$binds" 'attack $it 5300'
check "T13 port 53 of other addresses hears no query" all 2 '^done$|^'"${v4}10$" \
    inside sh -c 'attack 2 2 17 bind 127.0.0.1 53 hear & dig @127.0.0.1 +short allowed.test; wait'
check "T13 which it does outside" fails 5 'hear: Input/output error' outside sh -c \
    '(sleep 0.1; dig @127.0.0.1 +tries=1 +time=1 allowed.test) >/dev/null & attack 2 2 17 bind 127.0.0.1 53 hear; code=$?; wait; exit $code'
