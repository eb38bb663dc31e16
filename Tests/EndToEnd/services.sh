# shellcheck shell=bash
# shellcheck disable=SC2016 # what a container's shell expands
# Services of a profile: their order, readiness, restarts, output and confinement; and how all ends.
# `stop` and `code` are lifecycle.sh's.
echo '-- services'
profile() { # NAME: a profile of the shell's with what standard input says
    { cat ../../profiles/shell.toml; cat; } >"$scratch/$1.toml"
}
with_profile() { # NAME OPTION…
    cage --volume "$scratch/$1.toml:/etc/codetainer/profile.toml:ro" \
        --env CODETAINER_PROFILE=/etc/codetainer/profile.toml "${@:2}"
}
profile services <<'TOML'
[[service]]
name = "web"
command = ["perl", "-MIO::Socket::INET", "-e", '''
    $SIG{TERM} = sub { syswrite STDOUT, "web stops\n"; sleep 0.1; exit 0 };
    my $listener = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => 8099, Listen => 9, ReuseAddr => 1);
    while (1) { my $client = $listener->accept or next; print $client "from web\n"; close $client }
    ''']
user = "www-data"
ready = "port:8099"
after = ["schema"]

[[service]]
name = "data"
command = ["bash", "-c", '''
    trap "echo data stops; exit 0" TERM
    trap "echo data still speaks" USR1
    sleep 0.3; echo data is up; echo >&4; exec 4>&-
    while :; do sleep 0.05; done
    ''']
user = "nobody"
ready = "fd:4"

[[service]]
name = "schema"
command = ["sh", "-c", "echo on standard error >&2; exit 0"]
user = "nobody"
ready = "exit"
after = ["data"]

[[service]]
name = "flaky"
command = ["sh", "-c", "printf 'flaky \\033[31mdies'; exit 3"]
user = "nobody"
required = false
TOML
with_profile services --detach --name $label-services >/dev/null
check "a container with services boots" within 20 ready services
served() { docker exec $label-services "$@"; }
service() { json services ".services[] | select(.name == \"$1\") | $2"; }
lines() { docker logs "$label-$1" 2>&1; }
in_order() { # CAGE REGEX…: lines of the log that come in this order
    local cage=$1
    shift
    lines "$cage" | awk -v patterns="$(printf '%s\n' "$@")" '
        BEGIN { count = split(patterns, pattern, "\n"); next_one = 1 }
        { print }
        next_one <= count && $0 ~ pattern[next_one] { next_one++ }
        END { if (next_one <= count) { print "missing: " pattern[next_one]; exit 1 } }'
}
check "services start in their order, and before the session" in_order services \
    'service data: ready after' 'service schema: done after' 'service web: ready after' \
    ' services +[0-9.]+ ms' ' session +[0-9.]+ ms'
check "the time for readiness by descriptor is its own" below 3000 \
    sh -c "$docker logs $label-services 2>&1 | sed -n 's/.*service data: ready after \([0-9.]*\) ms/\1/p'"
check "status has the resolver and each service" json services '[.services[].name] ==
    ["resolver", "web", "data", "schema", "flaky"]'
check "with state, process and time" json services '[.services[:4][] | [.state, .ready, .restarts]] ==
    [["ready", true, 0], ["ready", true, 0], ["ready", true, 0], ["done", true, 0]] and .services[1].pid > 1'
check "for a person, too" says '^  web +ready +pid [0-9]+, 0 restarts, up [0-9]+ s' served codetainer status
check "a service that is not required makes it no worse" json services '.verdict == "LOCKED"'
logged() { lines "$1" | grep -E -- "$2" || { lines "$1"; false; }; }
check "a line of output has the service's name" logged services '^\[data\] data is up$'
check "standard error is output as well" logged services '^\[schema\] on standard error$'
check "a last line without an end is not lost, and moves no cursor" \
    logged services '^\[flaky\] flaky ␛\[31mdies$'
check "one that crashes is started again, at once, then with growing pauses" in_order services \
    'service flaky: exited with code 3: starting it again in 0.000 ms' 'flaky.* in 100.000 ms' \
    'flaky.* in 200.000 ms' 'flaky.* in 400.000 ms'
restarted() { service flaky '.restarts > 3 and (.required | not)'; }
check "status counts its restarts" within 5 restarted

# What holds it, from the kernel; a process that docker exec starts as the same user is the control.
held='^(Uid:.33.33.33.33|Gid:.33.33.33.33|CapPrm:.0+|CapEff:.0+|CapBnd:.0+|CapAmb:.0+|NoNewPrivs:.1|Seccomp:.2)$'
fields='^(Uid|Gid|CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs|Seccomp):'
web() { service web .pid; }
service_status() { served grep -E "$fields" "/proc/$(web)/status"; }
check "a service has its uid, no capability, a filter and no way to more" all 8 "$held" service_status
check "which a process of the same uid has not by itself" says '^NoNewPrivs:.0$' \
    docker exec --user www-data $label-services grep -E "$fields" /proc/self/status
descriptors() { docker exec --user nobody "$label-services" ls "/proc/$(service data .pid)/fd" | xargs; }
check "it has no descriptor of PID 1's" says '^0 1 2$' descriptors
check "the agent reaches a service on the loopback" says 'from web' \
    agent_of services 'timeout 5 bash -c "exec 3<>/dev/tcp/127.0.0.1/8099; cat <&3"'
check "and can neither signal nor see it" fails 1 '(not permitted|No such process)' \
    agent_of services "kill -TERM $(web)"

first=$(web)
served kill -KILL "$first"
again() { service web ".pid != $first and .restarts == 1 and .ready"; }
check "a required service that is killed is back and ready" within 5 again
check "and the container lives" served codetainer health
relay() { served pgrep -f 'relay data'; }
served kill -KILL "$(relay)"
check "a relay that is killed is replaced" within 5 logged services 'the relay of service data was ended by SIGKILL'
within 5 relay >/dev/null
served kill -USR1 "$(service data .pid)"
check "and what the service says goes on" within 5 logged services '^\[data\] data still speaks$'
check "docker stop of it takes less than a second" below 1000 stop services
check "the exit code is SIGTERM's" says '^143$' code services
check "the agent goes first, then services that come after others" in_order services \
    'SIGTERM: stopping' 'stopping: SIGTERM to the agent' 'stopping: SIGTERM and SIGHUP to what is left of the session' \
    'stopping: SIGTERM to service web' 'stopping: SIGTERM to service data' \
    'stopping: SIGTERM and SIGHUP to all that is left' 'ended with code 143'
# Each by a relay of its own, so in no order with what PID 1 says.
check "the one has its last word" logged services '^\[web\] web stops'
check "and so has the other" logged services '^\[data\] data stops'

# What a service leaves: its process group has its grace, and what left that is not there at its next start.
profile left <<'TOML'
[[service]]
name = "crew"
command = ["bash", "-c", '''
    (trap "sleep 0.5; echo the worker is done; exit" TERM; while :; do sleep 0.05; done) &
    trap "echo the leader is done; exit 0" TERM
    echo >&3; exec 3>&-
    while :; do sleep 0.05; done
    ''']
user = "www-data"
ready = "fd:3"

[[service]]
name = "leaver"
command = ["sh", "-c", "setsid sleep 4321 & sleep 4323 & sleep 0.2; exit 3"]
user = "nobody"
required = false

[[service]]
name = "once"
command = ["sh", "-c", "sleep 4322 & exit 0"]
user = "games"
ready = "exit"
TOML
with_profile left --detach --name $label-left >/dev/null
within 20 ready left >/dev/null
within 10 logged left 'leaver: exited with code 3: .* in 400.000 ms' >/dev/null
check "what left a service's process group is not there at its next start" says '^[01]$' \
    docker exec $label-left sh -c 'pgrep -f "^sleep 4321" | wc -l'
check "nor is what stayed in it" says '^[01]$' docker exec $label-left sh -c 'pgrep -f "^sleep 4323" | wc -l'
check "what a one-shot has left lives when it is done" docker exec $label-left pgrep -u games -f '^sleep 4322'
stop left >/dev/null
check "a service is over when the last of its process group is" logged left '^\[crew\] the worker is done$'
docker rm --force $label-left >/dev/null

# What hangs, and what a signal has stopped.
profile hangs <<'TOML'
[[service]]
name = "beats"
command = ["bash", "-c", "trap 'while :; do sleep 1; done' USR1; while :; do echo >&3; sleep 0.2; done"]
user = "www-data"
ready = "fd:3"
heartbeat = "1s"

[[service]]
name = "stands"
command = ["sleep", "infinity"]
user = "nobody"
TOML
with_profile hangs --detach --name $label-hangs >/dev/null
within 20 ready hangs >/dev/null
pid() { docker exec $label-hangs codetainer status --json | jq ".services[] | select(.name == \"$1\") | .pid"; }
docker exec $label-hangs kill -STOP "$(pid stands)"
sleep 2
check "a service that shows that it works goes on" json hangs '.services[] | select(.name == "beats") | .ready and .restarts == 0'
docker exec $label-hangs kill -USR1 "$(pid beats)"
check "one that hangs is started again" within 5 logged hangs \
    'service beats: no heartbeat within 1000.000 ms .a newline on descriptor 3.: starting it again'
check "so is one that a signal has stopped for 10 s" within 15 logged hangs 'service stands: stopped by a signal for 10000.000 ms'
docker rm --force $label-hangs >/dev/null

# A trap while all of it ends: nobody is asked twice, and what has come of it already counts.
profile trapped <<'TOML'
[[service]]
name = "slow"
command = ["bash", "-c", '''
    trap "echo slow is asked; sleep 1.5; echo slow is done; exit 0" TERM
    echo >&3; exec 3>&-
    while :; do sleep 0.05; done
    ''']
user = "nobody"
ready = "fd:3"
stop-grace = "4s"
TOML
sed -i '0,/^command = .*/s//command = ["sh", "-c", "trap '"'echo asked; exit 3'"' TERM; while :; do sleep 0.05; done"]\nheadless = true/; s/^session = .*//; s/^on-exit = .*/on-exit = "end"/' "$scratch/trapped.toml"
with_profile trapped --detach --name $label-trapped >/dev/null
within 20 ready trapped >/dev/null
trap_meanwhile() { { within 5 logged trapped '^.slow. slow is asked' && docker exec $label-trapped sh -c 'kill -SEGV 1'; } & stop trapped; wait; }
check "a trap while the container ends makes it no longer" below 3000 trap_meanwhile
check "the code is the agent's all the same" says '^3$' code trapped
check "and everybody was asked once" all 2 'asked$' logged trapped 'asked$'
check "by a PID 1 that came back" logged trapped 'came back from a trap'
check "and never stood still" fails 1 '' logged trapped 'stood still'
docker rm --force $label-trapped >/dev/null

# Services that a container does not start with, or does not go on with.
ends() { # CODE REGEX OPTION…: with the profile that standard input adds
    profile broken
    fails "$1" "$2" with_profile broken --rm "${@:3}"
}
doomed='[[service]]
name = "doomed"
user = "nobody"'
boot_failure() {
    ends 69 'service doomed: exited with code 3: 5 failures in a row: it cannot stay up' <<<"$doomed
command = ['sh', '-c', 'echo the reason is here; exit 3']
ready = 'fd:3'" && output=$(with_profile broken --rm 2>&1)
    printf '%s\n' "$output"
    grep -q '^codetainer: service doomed said: the reason is here$' <<<"$output" &&
        grep -q ' services .* FAILED$' <<<"$output"
}
check "a required service that cannot come up ends boot with 69 and its last lines" boot_failure
check "one that cannot stay up later ends the container, with its last lines" \
    ends 69 'service doomed said: too late' <<<"$doomed
command = ['sh', '-c', 'sleep 0.5; echo too late; exit 3']"
check "one that is not ready in time ends boot with what was waited for" \
    ends 69 'service doomed: not ready within 1000.000 ms \(connections on port 8098\)' <<<"$doomed
command = ['sleep', 'infinity']
ready = 'port:8098'
ready-within = '1s'"
check "a one-shot that fails ends boot" ends 69 'service doomed: exited with code 4' <<<"$doomed
command = ['sh', '-c', 'exit 4']
ready = 'exit'"
check "a program that is not there is named" ends 69 'no-such-program' <<<"$doomed
command = ['no-such-program']
ready = 'fd:3'"
check "a circle is a mistake with its line" \
    ends 78 'profile.toml:[0-9]+: services wait for each other: doomed after other after doomed' <<<"$doomed
command = ['true']
after = ['other']
[[service]]
name = 'other'
command = ['true']
user = 'nobody'
after = ['doomed']"
check "so is root as the user" ends 78 'service doomed: user root has uid 0' <<<"${doomed/nobody/root}
command = ['true']"
check "and the resolver" ends 78 'shares uid or gid with codetainer' <<<"${doomed/nobody/codetainer-resolver}
command = ['true']"
check "a wrong time in the environment, too" ends 78 'CODETAINER_STOP_TIMEOUT "8" must be a time' \
    --env CODETAINER_STOP_TIMEOUT=8 </dev/null

profile waiting <<<"$doomed
command = ['sleep', 'infinity']
ready = 'fd:3'"
with_profile waiting --detach --name $label-waiting >/dev/null
check "a boot that waits for a service says so" within 10 json waiting '.boot.current == "services"'
check "docker stop meanwhile takes less than a second" below 1000 stop waiting
check "the exit code is SIGTERM's then, too" says '^143$' code waiting

# A flood of output, in JSON: PID 1 has nothing to do with it.
profile noisy <<<"$doomed
command = ['sh', '-c', 'echo first; exec yes \"\$(printf \"\\\\033[2Jnoise \\\\377\")\"']"
with_profile noisy --detach --name $label-noisy --env CODETAINER_LOG=json --log-opt max-size=1m >/dev/null
within 20 ready noisy >/dev/null
sleep 1
ticks() { docker exec $label-noisy awk '{ print $14 + $15 }' /proc/1/stat; }
before=$(ticks)
sleep 2
busy() { echo $(($(ticks) - before)); }
check "a service that floods the log leaves PID 1 idle" below 20 busy
check "and status answers" docker exec $label-noisy codetainer health
json_lines() { lines noisy | head -c 200000 | sed '$d' | jq --exit-status --raw-output 'select(.service == "doomed") | .message' | sort -u; }
check "each line is JSON with the service's name, and harmless" within 10 says '^␛\[2Jnoise �$' json_lines
docker rm --force $label-noisy >/dev/null

# How long ending takes.
stops() { # NAME COMMAND…: what stopping it takes at best, of three: started by the command each time
    for _ in 1 2 3; do
        docker rm --force "$label-$1" >/dev/null 2>&1
        "${@:2}" --detach --name "$label-$1" >/dev/null
        within 20 ready "$1" >/dev/null
        within 10 runs "$1" >/dev/null
        stop "$1"
    done | sort -n | head -n 1
}
profile plain </dev/null
check "docker stop of an obedient agent takes less than 0.3 s" below 300 stops plain with_profile plain
stubborn() { # SECONDS: the shell's profile with an agent that ignores what asks it to end
    sed "s/^command = .*/command = ['bash', '-c', 'trap \"\" TERM HUP INT; while :; do sleep 0.05; done']/" \
        ../../profiles/shell.toml
    printf '[shutdown]\nagent = "%s"\n' "$1"
}
stubborn 1s >"$scratch/stubborn.toml"
# The engine itself takes longer the more containers it has: what an obedient agent takes is that.
stubborn_time() { echo $(($(stops stubborn with_profile stubborn) - $(stops obedient cage))); }
check "one that ignores SIGTERM takes its grace and less than 0.2 s" below 1200 stubborn_time
check "and not less than its grace" in_order stubborn 'SIGTERM to the agent and its session, at most 1000 ms' \
    'stopping: SIGKILL to the session'
check "with SIGTERM's code" says '^143$' code stubborn
{ stubborn 5s; printf '%s\n' "$doomed" "command = ['bash', '-c', 'trap \"\" TERM; while :; do sleep 0.05; done']" \
    "stop-grace = '60s'"; } >"$scratch/total.toml"
with_profile total --detach --name $label-total --env CODETAINER_STOP_TIMEOUT=6s >/dev/null
within 20 ready total >/dev/null
within 10 runs total >/dev/null
check "the total holds, whatever the parts want" below 6300 stop total
check "and every part was tried" in_order total 'SIGKILL to the session' 'SIGTERM to service doomed' \
    'SIGKILL to service doomed' 'ended with code 143'
docker rm --force $label-services $label-plain $label-stubborn $label-obedient $label-total $label-waiting >/dev/null
