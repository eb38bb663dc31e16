# shellcheck shell=bash
# shellcheck disable=SC2016 # what a container's shell expands
# Metrics: as `status` prints them, and as the server beside PID 1 serves them.
echo '-- metrics'
cage --detach --name $label-metrics --env CODETAINER_METRICS=9464 >/dev/null
cage --detach --name $label-unmetered >/dev/null
within 20 ready metrics >/dev/null
within 20 ready unmetered >/dev/null
metrics() { docker exec $label-metrics codetainer status --format prometheus; }
# The parser of the Prometheus project, which knows OpenMetrics and takes nothing else.
parsed() { # EXPRESSION: over `of`, which has each sample's value by name and labels
    docker exec --interactive $label-outside python3 -c '
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
families = list(text_string_to_metric_families(sys.stdin.read()))
samples = [sample for family in families for sample in family.samples]
of = lambda name, **labels: next(s.value for s in samples if s.name == "codetainer_" + name and s.labels == labels)
print(len(families), "families", len(samples), "samples")
sys.exit(0 if eval("(" + sys.argv[1] + ")") else 1)' "$1"
}
printed() { metrics | parsed "$1"; }
broken() { metrics | sed "$1" | parsed True; }
check "status prints OpenMetrics" printed 'len(families) > 20'
check "with the verdict" printed 'of("verdict", codetainer_verdict="LOCKED") == 1 and of("verdict", codetainer_verdict="DEGRADED") == 0'
check "layers, boot and processes" printed 'of("layer_on", layer="lockdown", required="true") == 1 and
    of("boot_stage_duration_seconds", stage="verify") > 0 and of("service_ready", service="resolver", required="true") == 1'
check "the parser would see a mistake" fails 1 'ValueError' broken 's/^# EOF//'
check "nor is it lenient with names" fails 1 'ValueError' broken 's/_queries_total/_queries/'
before=$(metrics | sed -n 's/^codetainer_dns_denials_total //p')
agent_of metrics 'getent ahostsv4 counted.denied.test' >/dev/null
check "what is denied is counted" printed "of(\"dns_denials_total\") > $before"
check "and is no label" fails 1 '^$' eval 'metrics | grep counted'
check "though status has it" json metrics '.egress.denied | any(.name == "counted.denied.test")'
check "json and text are forms as well" says '"verdict":"LOCKED"' docker exec $label-metrics status --format json
check "and nothing else" fails 64 'write text, json or prometheus' docker exec $label-metrics status --format xml

# From outside.
there=$(address metrics IPAddress) there6=$(address metrics GlobalIPv6Address)
scrape() { outside curl --silent --show-error --max-time 10 "$@"; }
served_metrics() { scrape --fail "http://$there:9464/metrics" | parsed "$1"; }
check "they are served" served_metrics 'of("verdict", codetainer_verdict="LOCKED") == 1 and
    of("service_ready", service="metrics", required="false") == 1'
check "over IPv6 as well" says '^# EOF$' scrape --fail "http://[$there6]:9464/metrics"
check "with their type" says '^content-type: application/openmetrics-text; version=1.0.0; charset=utf-8.$' \
    eval "scrape --dump-header - --output /dev/null http://$there:9464/metrics | tr 'A-Z' 'a-z'"
check "HEAD has no body" eval \
    "[ \"\$(scrape --head http://$there:9464/metrics | tail -c 4 | od -An -tx1 | tr -d ' ')\" = 0d0a0d0a ]"
run_metered() { timeout 20 "$docker" run --rm --label $label "${capabilities[@]}" "${apparmor[@]}" \
    --env CODETAINER_PROFILE=shell --env CODETAINER_METRICS="$1" "$image"; }
answers() { scrape --output /dev/null --write-out '%{http_code}' "$@"; }
check "another path is not found" says ^404$ answers "http://$there:9464/"
check "another method is not allowed" says ^405$ answers --data x "http://$there:9464/metrics"
check "a field without end is too large" says ^431$ answers --header "X: $(printf '%5000s' '' | tr ' ' x)" "http://$there:9464/metrics"
check "what is no request is bad" says '^HTTP/1.1 400 ' outside bash -c \
    "exec 3<>/dev/tcp/$there/9464; printf '\\026\\003\\001\\r\\n\\r\\n' >&3; timeout 5 cat <&3"
check "without the setting the port is closed" fails '7|28' '^' \
    answers --max-time 2 "http://$(address unmetered IPAddress):9464/metrics"
check "as is any other port with it" fails '7|28' '^' answers --max-time 2 "http://$there:9465/metrics"
check "a port that is none stops boot" fails 78 'CODETAINER_METRICS "http" must be a TCP port' \
    run_metered http
check "so does the resolver's" fails 78 'CODETAINER_METRICS "53" must be a TCP port' run_metered 53

# From inside: the operator may, the agent may not.
local_answer='curl --silent --show-error --max-time 5 http://%s:9464/metrics'
for host in 127.0.0.1 '[::1]' "$there"; do
    # shellcheck disable=SC2059
    docker exec $label-metrics sh -c "$(printf "$local_answer" "$host")" | grep '^# EOF$' >"$scratch/root"
    # shellcheck disable=SC2059
    agent_of metrics "$(printf "$local_answer" "$host")" >"$scratch/agent" 2>&1
    echo "$host root $(cat "$scratch/root") agent $(cat "$scratch/agent")"
done >"$scratch/inside"
check "root reaches them from inside, the agent by no address" \
    all 3 'root # EOF agent curl: \(7\) ' cat "$scratch/inside"
check "the agent cannot take the port" fails 98 'in use' agent_of metrics \
    'perl -MIO::Socket::INET -e '\''IO::Socket::INET->new(Listen => 1, LocalAddr => "0.0.0.0", LocalPort => 9464) or do { print "$!\n"; exit $! + 0 }'\'
check "which it can with another" agent_of metrics \
    'perl -MIO::Socket::INET -e '\''IO::Socket::INET->new(Listen => 1, LocalAddr => "0.0.0.0", LocalPort => 9465) or die $!'\'

# What holds the server.
server() { json metrics '.services[] | select(.name == "metrics") | .pid'; }
held='^(Uid:.64055.64055.64055.64055|Gid:.64055.64055.64055.64055|CapPrm:.0+|CapEff:.0+|CapBnd:.0+|CapAmb:.0+|NoNewPrivs:.1|Seccomp:.2)$'
server_status() { docker exec $label-metrics grep -E '^(Uid|Gid|CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs|Seccomp):' "/proc/$(server)/status"; }
check "it has a uid of its own, no capability and a filter" all 8 "$held" server_status
server_files() { docker exec --user 64055:64055 $label-metrics ls -l "/proc/$(server)/fd" | sed -n 's/.* -> //p'; }
check "and nothing open but its sockets, its loop and its output" \
    all 6 '^(socket:\[|anon_inode:\[eventpoll\]|pipe:\[|/dev/null)' server_files
check "the agent can neither signal nor see it" fails 1 '(not permitted|No such process)' \
    agent_of metrics "kill -TERM $(server)"

# Connections that say nothing, from one who has more of them than there are places.
docker exec --detach $label-outside bash -c \
    "for n in {1..48}; do exec {slow}<>/dev/tcp/$there/9464; printf 'GET /met' >&\$slow; done; sleep 20"
sleep 1
check "connections without a request do not keep collectors away for long" \
    within 15 scrape --fail --max-time 3 "http://$there:9464/metrics"
check "nor PID 1 from work" docker exec $label-metrics codetainer health

# Ends of the server and of PID 1's program.
first=$(server)
docker exec $label-metrics kill -KILL "$first"
server_again() { [ "$(server)" != "$first" ] && served_metrics 'of("service_restarts_total", service="metrics") == 1'; }
check "a server that is killed is back" within 5 server_again
check "and the verdict is what it was" json metrics '.verdict == "LOCKED"'
docker exec $label-metrics sh -c 'kill -SEGV 1'
trapped() { served_metrics 'of("supervisor_traps_total") == 1 and of("service_restarts_total", service="metrics") == 1'; }
check "after a trap of PID 1 it serves on" within 5 trapped
docker cp $label-metrics:/usr/local/bin/codetainer "$scratch/same" >/dev/null
docker cp "$scratch/same" $label-metrics:/usr/local/bin/codetainer.new >/dev/null
docker exec $label-metrics codetainer upgrade /usr/local/bin/codetainer.new >/dev/null
upgraded() { served_metrics 'of("supervisor_upgrades_total") == 1'; }
check "after an upgrade, too" within 5 upgraded
docker exec $label-metrics codetainer reload
check "and after a reload of the policy" within 5 served_metrics 'of("policy_rules") > 0'
check "which leaves the lockdown as it must be" json metrics '.layers[] | select(.name == "lockdown") | .state == "on"'
sed 's/^\[user\]/[metrics]\nport = 9000\n&/' ../../profiles/shell.toml >"$scratch/metered.toml"
cage --detach --name $label-metered --env CODETAINER_PROFILE=/etc/codetainer/metered.toml \
    --volume "$scratch/metered.toml:/etc/codetainer/metered.toml:ro" >/dev/null
within 20 ready metered >/dev/null
check "a profile can name the port" says '^# EOF$' scrape --fail "http://$(address metered IPAddress):9000/metrics"
docker rm --force $label-metrics $label-unmetered $label-metered >/dev/null
