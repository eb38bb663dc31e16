# shellcheck shell=bash
# opencodemode's executor service in its cage, by the package's own client: beside the package's own
# sidecar without one, which is every denial's control; over plain connections, TLS and both ways.
echo '-- executor'
executor=${CODETAINER_EXECUTOR_IMAGE:-$label-executor}
[ "${CODETAINER_EXECUTOR_IMAGE:-}" ] ||
    ../../scripts/build --agent executor --tag "$executor" >"$scratch/executor.log" 2>&1 || cat "$scratch/executor.log"
key="executor-key-e2e"
docker network create --label $label "$label-private" >/dev/null # where the application is: private addresses
python() { # OPTION… -- WORD…: a program of the package's beside the cages
    local options=()
    while [ "$1" != -- ]; do options+=("$1") && shift; done
    docker run --label $label --network "$label-private" --volume "$PWD/executor:/tests:ro" \
        --volume "$scratch/certs:/certs:ro" "${options[@]}" --entrypoint /opt/executor/bin/python "$executor" "${@:2}"
}
# The contract's command line, with what PID 1 needs besides.
contract=(--security-opt no-new-privileges:true --cap-drop ALL --memory 512m --cpus 1.0 --read-only
    --tmpfs "/tmp:size=100M,mode=1777" --restart unless-stopped)
least=(--cap-add NET_ADMIN --cap-add SETUID --cap-add SETGID --cap-add SETPCAP --cap-add KILL --cap-add CHOWN)
executor() { # NAME OPTION…
    docker run --label $label --network "$label-private" --name "$label-$1" --network-alias "$1" "${contract[@]}" \
        "${least[@]}" --cap-add SYS_ADMIN "${apparmor[@]}" --env CODEMODE_API_KEY=$key "${@:2}" "$executor"
}
serves() { docker exec "$label-$1" codetainer health || { docker logs "$label-$1" 2>&1 | tail -n 20; false; }; }
# A client for all calls: docker exec is quicker than a container for each.
client() { docker exec "$label-client" /opt/executor/bin/python /tests/calls.py "$@"; }
calls() { client "$1:8001" "$key" "${@:2}"; }                        # NAME WORD…
secure() { client "$1:8001" "$key" --tls /certs/ca.crt "${@:2}"; } # NAME [--cert …] WORD…
runs_code() { calls "$1" run "${@:2}"; }
gives() { [ "$(runs_code "${@:2}" | jq --raw-output '.result')" = "$1" ]; }
attack() { docker exec "$label-client" /opt/executor/bin/python /tests/attacks.py code "$@"; }
# Those of standard input, in the one or the other; then what one of them came to.
attacked() { docker exec --interactive "$label-client" /opt/executor/bin/python /tests/attacks.py at "$1:8001" $key >"$scratch/attacks-$1"; }
came_to() { # WHERE REGEX ATTACK…
    awk -F '\t' -v line="${*:3}" '$1 == line { print $2 }' "$scratch/attacks-$1" >"$scratch/one"
    says "^\"?($2)\"?$" cat "$scratch/one"
}
stopped() { came_to caged "$@"; }
passes() { came_to peer "$@"; }
pid_of_service() { docker exec "$label-$1" codetainer status --json | jq '.session.pid'; }

mkdir "$scratch/certs" "$scratch/outputs" "$scratch/work"
docker run --rm --volume "$PWD/executor:/tests:ro" --volume "$scratch/certs:/certs" --entrypoint sh $label-world \
    /tests/certificates /certs
mkdir "$scratch/client"
cp "$scratch"/certs/* "$scratch/client"
chown -R 1000:1000 "$scratch/client" "$scratch/outputs"
echo 'from the workspace' >"$scratch/work/file"

python --detach --name "$label-app" --network-alias main-app -- /tests/tools.py 50051 $key >/dev/null
python --detach --name "$label-app-tls" --network-alias main-app-tls -- \
    /tests/tools.py 50051 $key /certs/app.crt /certs/app.key /certs/ca.crt >/dev/null
docker run --detach --label $label --network "$label-private" --name "$label-client" --network-alias client --volume "$PWD/executor:/tests:ro" \
    --volume "$scratch/client:/certs:ro" --entrypoint sleep "$executor" infinity >/dev/null
python --detach --name "$label-peer" --network-alias peer --user 1000 --workdir /app --env CODEMODE_API_KEY=$key \
    --env CODEMODE_MAIN_APP_TARGET=main-app:50051 --env CODEMODE_MAX_CODE_LENGTH=10000 --volume "$scratch/work:/workspace:ro" \
    -- -m codemode.executor.service >/dev/null
executor caged --detach --health-interval 1s --env CODEMODE_MAIN_APP_TARGET=main-app:50051 \
    --volume "$scratch/work:/workspace:ro" --volume "$scratch/outputs:/outputs" >/dev/null
executor executor-mtls --detach --volume "$scratch/certs:/certs:ro" --env CODEMODE_TLS_ENABLED=true \
    --env CODEMODE_TLS_MODE=custom --env CODEMODE_TLS_CERT_FILE=/certs/server.crt \
    --env CODEMODE_TLS_KEY_FILE=/certs/server.key --env CODEMODE_TLS_CA_FILE=/certs/ca.crt \
    --env CODEMODE_TLS_REQUIRE_CLIENT_AUTH=true --env CODEMODE_MAIN_APP_TARGET=main-app-tls:50051 \
    --env CODEMODE_CALLBACK_TLS_ENABLED=true --env CODEMODE_CALLBACK_TLS_CA_FILE=/certs/ca.crt \
    --env CODEMODE_CALLBACK_TLS_CLIENT_CERT=/certs/client.crt --env CODEMODE_CALLBACK_TLS_CLIENT_KEY=/certs/client.key >/dev/null

# Ready, and what docker says about it.
docker_health() { docker inspect --format '{{.State.Health.Status}}' "$label-$1"; }
check "the image's health check is what users rely on" says '^\[CMD codetainer health\] 30s 10s 5s 3$' \
    docker inspect --format '{{with .Config.Healthcheck}}{{.Test}} {{.Interval}} {{.Timeout}} {{.StartPeriod}} {{.Retries}}{{end}}' "$executor"
check "the contract's command line boots" within 20 serves caged
is_healthy() { [ "$(docker_health "$1")" = "$2" ]; }
check "docker says that it is healthy" within 20 is_healthy caged healthy
check "it is LOCKED" says LOCKED docker exec "$label-caged" codetainer status
check "with every layer on" json caged '.layers | all(.state == "on")'
check "in what memory it has" json caged '.limits | tostring | length > 0'

# The package's calls, answered as its own sidecar answers them.
suite() { calls "$1" suite >"$scratch/suite-$1" && cat "$scratch/suite-$1"; }
within 20 calls peer health >/dev/null
suite peer >/dev/null &
suite caged >/dev/null
wait $!
check "the suite is the suite" says '^36$' sh -c "wc -l <'$scratch/suite-peer'"
check "every call is answered as the package's own sidecar does" diff "$scratch/suite-peer" "$scratch/suite-caged"
check "some of them with the application's answers" says '"result": "42.0"' cat "$scratch/suite-caged"
check "it is healthy and reaches the application" says '^healthy ready$' calls caged health
together() { says '^50 of 50 ' calls caged together 50; }
check "50 executions at once are answered" together
check "and the container has not run out of memory" says '^false$' docker inspect --format '{{.State.OOMKilled}}' "$label-caged"
rates() { # the middle of three of each, in turn
    for _ in 1 2 3; do
        calls peer rate 12 >>"$scratch/rate-peer" && calls caged rate 48 >>"$scratch/rate-caged" || return
    done
    awk -v peer="$(sort -n "$scratch/rate-peer" | sed -n 2p)" -v caged="$(sort -n "$scratch/rate-caged" | sed -n 2p)" \
        'BEGIN { print peer, "executions a second without a cage,", caged, "in it"; exit !(caged >= 0.9 * peer) }'
}
check "at no less than 0.9 of its rate" rates

# What the settings promise.
check "without the key nothing is executed" says 'UNAUTHENTICATED' client caged:8001 wrong run 'result = 1'
check "which with it is" gives 1 caged 'result = 1'
executor strict --detach --env CODEMODE_CODE_TIMEOUT=1 --env CODEMODE_MAX_CODE_LENGTH=100 --env CODEMODE_SIDECAR_PORT=9009 \
    --env CODEMODE_ALLOW_DIRECT_EXECUTION=True --env CODEMODE_ALLOWED_COMMANDS='cat, ls' >/dev/null
within 20 serves strict >/dev/null
strictly() { client strict:9009 "$key" run "$@"; }
check "the time limit holds for who asks for more" says 'Execution timeout after 1 seconds' \
    strictly 'import time; time.sleep(9)' 30
check "and what is quicker is answered" says '"result": "5"' strictly 'result = 5' 30
check "code that is too long is refused" says 'exceeds maximum length of 100' strictly "# $(printf 'x%.0s' {1..100})"
check "the port is the one that was asked for" says '"result": "5"' strictly 'result = 5'
check "direct execution is on where it was asked for" says '"result": "\\"hi\\\\n' \
    strictly "import subprocess as s; result = s.run(['cat'], input='hi\n', text=True, stdout=-1).stdout"
check "of the commands that are allowed" says 'unauthorized_command:id' strictly "import subprocess; subprocess.run(['id'])"
check "and off where it was not" says 'Blocked import' runs_code caged 'import subprocess'
check "the workspace is read" gives '"from the workspace\n"' caged "from pathlib import Path; result = Path('/workspace/file').read_text()"
place() { runs_code caged "from pathlib import Path; result = Path('$1').write_text('x')" | jq --raw-output '.result // .stderr'; }
check "and not written" says 'Read-only file system' place /workspace/file
check "outputs are" says '^1$' place /outputs/made
check "and reach the host" says '^x$' cat "$scratch/outputs/made"
check "so is the scratch" says '^1$' place /sandbox/made

# Attacks. Each by code that the package's text filter lets pass, and each succeeds in its own sidecar.
private_address() { docker inspect --format "{{(index .NetworkSettings.Networks \"$label-private\").IPAddress}}" "$label-$1"; }
app=$(private_address app) peer=$(private_address peer) service=$(pid_of_service caged)
attacks() { # PID: of the service; what stops the service itself comes last
    printf '%s\n' 'resolve main-app' "connect $app 50051" "connect $peer 8001" 'resolve client' "datagram $app 9" \
        environment "command-lines $key" own-key "environment-of $1 $key" "memory-of $1" "signal $1" signal-others \
        "trace $1" "limit $1" outlast lock 'read /proc/self/oom_score_adj' 'write /proc/self/oom_score_adj' 'remove /run/user/1000/tools.sock' namespace "ask-init 'allow a.test 0'" 'listen 8001'
}
attacks "$service" | attacked caged
attacks 1 | attacked peer
check "the application is private" stopped '(172|192\.168|10)\..*' resolve main-app
check "and its port opens" stopped connected connect "$app" 50051
check "a neighbour's does not" stopped ECONNREFUSED connect "$peer" 8001
check "which without a cage it does" passes connected connect "$peer" 8001
check "nor does another name resolve" stopped '.*(not known|Temporary failure).*' resolve client
check "which without a cage it does" passes '[0-9.]+' resolve client
check "nor is a datagram sent" stopped EPERM datagram "$app" 9
check "which without a cage it is" passes 'sent|ECONNREFUSED' datagram "$app" 9
check "nobody takes the service's port" stopped EACCES listen 8001
check "which without a cage anybody can" passes listens listen 8001
check "the environment has no key" stopped none environment
check "which without a cage it has" passes $key environment
check "no command line has it" stopped 0 command-lines $key
check "one of which without a cage has" passes 1 command-lines $key
check "nor has the code itself" stopped None own-key
check "which without a cage it has" passes $key own-key
check "and the application gets it all the same" says "Bearer $key" sh -c "tail -n 1 '$scratch/suite-caged'"
check "the service's environment is out of reach" stopped 'ENOENT|EACCES|EPERM' environment-of "$service" $key
check "which without a cage is open" passes true environment-of 1 $key
check "so is its memory" stopped 'ENOENT|EACCES|EPERM' memory-of "$service"
check "which without a cage is open" passes opened memory-of 1
check "its limits cannot be changed" stopped 'EPERM|ESRCH' limit "$service"
check "which without a cage they can" passes limited limit 1
check "it cannot be traced" stopped 'EPERM|ESRCH' trace "$service"
check "which without a cage it can" passes 'done' trace 1
check "nor signalled" stopped EPERM signal "$service"
check "which without a cage it can" passes 'may signal' signal 1
check "nor can anything else" stopped 0 signal-others
check "which without a cage can" passes '[1-9][0-9]*' signal-others
check "nothing is made that outlives it out of sight" stopped 'EPERM EPERM EPERM EPERM' outlast
check "which without a cage is" passes 'made made made made' outlast
check "what programs that are many need is" stopped locked lock
check "when memory runs out it is who ends" stopped '1000\\n' read /proc/self/oom_score_adj
check "which it cannot change" stopped EACCES write /proc/self/oom_score_adj
check "then the service" says '^500$' docker exec "$label-caged" codetainer enter -- cat /proc/self/oom_score_adj
check "the socket of the tools stays" stopped EACCES remove /run/user/1000/tools.sock
check "PID 1 opens nothing for it" stopped '.*not permitted for uid 1000.*' "ask-init 'allow a.test 0'"
check "a namespace is refused" stopped EPERM namespace
still() { [ "$(pid_of_service caged)" = "$service" ] && gives 4 caged 'result = 2 + 2'; }
check "after all that the service is the same, and serves" still
hungry() { runs_code caged "x = bytearray(1 << 30)" | jq --raw-output '.error' && still; }
check "code that takes all memory ends alone" says 'return code|Execution' hungry
crowd_out() { # where no execution ended, memory did not run out
    runs_code caged "$(attack eat)" 30 | jq --raw-output '.result // .error' >"$scratch/one"
    grep -E '[1-9][0-9]* ended|return code' "$scratch/one" && still
}
check "so does one that takes it with many that are small" crowd_out
flood() { says '^20 of 20$' calls caged flood 20 && still; }
check "many that write more than is kept are answered" flood
check "the container is the same all the while" says '^0$' docker inspect --format '{{.RestartCount}}' "$label-caged"

# What an execution leaves behind ends with it, in a session of its own too, were it all that there may be.
processes() { docker top "$label-$1" -o pid,comm | grep -c ' python'; }
before=$(processes caged) before_peer=$(processes peer)
check "an execution may leave a process" gives '"left"' caged "$(attack leave)"
check "which is gone when it is answered" says "^$before$" processes caged
check "in its own sidecar" gives '"left"' peer "$(attack leave)"
check "it stays" says "^$((before_peer + 1))$" processes peer
executor crowded --detach --pids-limit 120 >/dev/null
within 20 serves crowded >/dev/null
before=$(processes crowded)
bomb() { runs_code crowded "$(attack leave-all)" 20 | jq --raw-output '.result // .error'; }
runs_code crowded "$(attack leave-all)
import time; time.sleep(6)" 20 >"$scratch/crowd" &
crowd=$!
full() { runs_code crowded 'result = 5' | jq --raw-output '.stderr + .error'; }
check "where one takes every process, another is told" within 10 says 'no process for this execution|return code 71' full
wait $crowd
check "code that takes every process there may be is answered" says '^[0-9]{2,}$' bomb
check "and so is the next" gives 5 crowded 'result = 5'
check "nothing of it is left" within 5 says "^$before$" processes crowded
endless() { runs_code crowded "$(attack leave-all)
import time; time.sleep(60)" 1 | jq --raw-output .error; }
check "nor when its time is over" says 'timeout' endless
check "it has ended" within 5 says "^$before$" processes crowded
check "and the next is answered" gives 6 crowded 'result = 6'

# The application's name is a rule like any other: closed, opened and read again while it runs. Its addresses
# are private ones or none: a server that lies about each name gives it the others as well.
calls_back() { runs_code caged "result = tools['add'].run(a=40, b=2)" 10 add; }
operate() { docker exec "$label-caged" codetainer "$@"; }
check "reload leaves the application open" says 'rules in force' operate reload
check "so that it is called back" says '"42.0"' calls_back
check "deny closes it, and its live connections" says 'rules in force' operate deny main-app
check "so that it is not" says 'UNAVAILABLE' calls_back
check "allow opens its private address" says 'rules in force' operate allow 'main-app:50051 private' --for 10m
check "so that it is again" within 10 says '"42.0"' calls_back
executor known --detach --add-host "elsewhere.test:$app" --env CODEMODE_MAIN_APP_TARGET=elsewhere.test:50051 >/dev/null
within 20 serves known >/dev/null
check "a name that Docker gives by --add-host counts" says '^healthy ready$' calls known health
named() { local name=${1//./-}; printf '%s.ip.test' "${name//:/s}"; }
never4='127.0.0.1 169.254.169.254 169.254.7.7 100.64.1.1 0.0.0.0 224.0.0.251' never6='::1 fe80::1 fd00:ec2::254 64:ff9b::a01:203'
docker run --detach --label $label --name "$label-named" --network $label --dns "${v4}54" "${least[@]}" --cap-add SYS_ADMIN \
    "${apparmor[@]}" --env CODEMODE_API_KEY=$key --env CODEMODE_MAIN_APP_TARGET="$(named 10.1.2.3):443" \
    --env CODETAINER_ALLOW="$(for one in $never4 $never6 fd00::1; do printf '%s:443 private ' "$(named "$one")"; done)$(named 192.168.1.1):443" \
    "$executor" >/dev/null
within 20 serves named >/dev/null
route named
lookup() { docker exec --user executor "$label-named" getent "$@"; }
connect_by_name() { docker exec --user executor "$label-named" timeout 5 bash -c "exec 3<>/dev/tcp/$1/$2"; }
check "a target's private address is resolved" says '^10.1.2.3 ' lookup ahostsv4 "$(named 10.1.2.3)"
check "and reached at its port" connect_by_name "$(named 10.1.2.3)" 443
check "at no other" fails 1 'Connection refused' connect_by_name "$(named 10.1.2.3)" 80
check "which an allowed name's without the word is not" fails 2 '^' lookup ahostsv4 "$(named 192.168.1.1)"
check "IPv6's own private ones are" says '^fd00::1 ' lookup ahostsv6 "$(named fd00::1)"
none_resolves() {
    for one in $never4; do fails 2 '^' lookup ahostsv4 "$(named "$one")" || return; done
    for one in $never6; do fails 2 '^' lookup ahostsv6 "$(named "$one")" || return; done
}
check "loopback, link-local, metadata and the rest never are" none_resolves
check "and have no grant" json named '[.egress.grants[].address] | unique == ["10.1.2.3", "fd00::1"]'

# TLS.
certificate=(--cert /certs/client.crt --key /certs/client.key)
within 20 serves executor-mtls >/dev/null
executor executor-tls --detach --volume "$scratch/certs:/certs:ro" --env CODEMODE_TLS_ENABLED=true \
    --env CODEMODE_TLS_CERT_FILE=/certs/server.crt --env CODEMODE_TLS_KEY_FILE=/certs/server.key >/dev/null
within 20 serves executor-tls >/dev/null
check "TLS with a key that root alone may read" says '"result": "6"' secure executor-tls run 'result = 6'
check "is not spoken plainly" says 'UNAVAILABLE' calls executor-tls run 'result = 6'
check "and is for those who trust its authority" says 'UNAVAILABLE' \
    client executor-tls:8001 $key --tls /certs/stranger.crt run 'result = 6'
check "both ways it is spoken with a client's certificate" says '"result": "6"' \
    secure executor-mtls "${certificate[@]}" run 'result = 6'
check "and not without" says 'UNAVAILABLE' secure executor-mtls run 'result = 6'
check "nor with a stranger's" says 'UNAVAILABLE' \
    secure executor-mtls --cert /certs/other.crt --key /certs/other.key run 'result = 6'
check "callbacks are, both ways" says '"result": "42.0"|"result": "42"' \
    secure executor-mtls "${certificate[@]}" run "result = tools['add'].run(a=40, b=2)" 10 add
check "no code reads the key" says 'EACCES' secure executor-mtls "${certificate[@]}" run \
    "$(attack read /run/user/1000/CODEMODE_TLS_KEY_FILE)"

# What is wrong is said at boot, in one line. All of them at once; a few seconds for each is none of ours.
refusals=0
tries() { # OPTION…
    refusals=$((refusals + 1))
    {
        docker run --rm --label $label "${least[@]}" --cap-add SYS_ADMIN "${apparmor[@]}" "$@" "$executor"
        echo "exit code $?"
    } >"$scratch/refusal-$refusals" 2>&1 &
    waits+=($!)
}
wrong() { tries --env CODEMODE_API_KEY=$key --env "$@"; }
file() { # NAME TEXT: as the service's file, root's alone
    printf '%s\n' "$2" >"$scratch/$1.yaml" && chmod 600 "$scratch/$1.yaml"
}
filed() { # NAME TEXT
    file "$@" && wrong TZ=UTC --volume "$scratch/$1.yaml:/app/codemode-sidecar.yaml:ro"
}
waits=()
tries
wrong CODEMODE_CODE_TIMEOUT=301
wrong CODEMODE_CODE_TIMEOUT=0
wrong CODEMODE_MAX_CODE_LENGTH=99
wrong CODEMODE_SIDECAR_PORT=0
wrong CODEMODE_TLS_ENABLED=yes
wrong CODEMODE_LOG_LEVEL=LOUD
wrong CODEMODE_MAIN_APP_TARGET=main-app
wrong CODEMODE_MAIN_APP_TARGET=169.254.169.254:80
wrong CODEMODE_TLS_ENABLED=true --env CODEMODE_TLS_KEY_FILE=/certs/none
wrong CODEMODE_TLS_ENABLED=true
filed beyond 'limits: {code_timeout: 301}'
filed broken 'limits: ['
filed elsewhere 'port: 9000'
wait "${waits[@]}"
refused_with() { # NUMBER REGEX: with that code, in one line but for the stages and the end of what had begun
    cat "$scratch/refusal-$1"
    grep -q '^exit code 78$' "$scratch/refusal-$1" && grep -qE "^codetainer: .*$2" "$scratch/refusal-$1" &&
        [ "$(grep -vcE ' ms( FAILED)?$|: the agent ended|: stopping:|: ended with|^exit code' "$scratch/refusal-$1")" = 1 ]
}
check "without a key it does not start" refused_with 1 'secret CODEMODE_API_KEY is not set'
check "nor with too long a time" refused_with 2 'CODEMODE_CODE_TIMEOUT "301" must be a whole number from 1 to 300'
check "nor with none" refused_with 3 'CODEMODE_CODE_TIMEOUT "0" must be'
check "nor with too short a code" refused_with 4 'CODEMODE_MAX_CODE_LENGTH "99" must be a whole number from 100 to 100000'
check "nor with a port that is none" refused_with 5 'CODEMODE_SIDECAR_PORT "0" must be a TCP port'
check "nor with a switch that is none" refused_with 6 'CODEMODE_TLS_ENABLED "yes" must be true or false'
check "nor with a level that is none" refused_with 7 'CODEMODE_LOG_LEVEL "LOUD" must be one of'
check "nor with a target without its port" refused_with 8 'CODEMODE_MAIN_APP_TARGET "main-app" must be host:port'
check "nor with one that gives credentials away" refused_with 9 '169.254.169.254 is not opened for a target'
check "nor with a certificate that is not there" refused_with 10 'CODEMODE_TLS_KEY_FILE: cannot open /certs/none'
check "nor with TLS and no certificate at all" refused_with 11 'CODEMODE_TLS_MODE system has no certificate'
check "nor with a file that is wrong" refused_with 12 'codemode-sidecar.yaml: limits.code_timeout .* 300'
check "nor with one that is not YAML" refused_with 13 'codemode-sidecar.yaml: line 2'
check "nor with one that wants another port than the cage has" refused_with 14 'port 9000 is not what the cage opens, 8001'
file right 'limits: {max_code_length: 200}'
executor filed --detach --volume "$scratch/right.yaml:/app/codemode-sidecar.yaml:ro" >/dev/null
within 20 serves filed >/dev/null
check "a file that is right holds" says 'exceeds maximum length of 200' runs_code filed "# $(printf 'x%.0s' {1..200})"

# Without SYS_ADMIN: the runtime brings what is mounted otherwise. These capabilities are the least.
# shellcheck disable=SC2054 # commas within options
provided=(--tmpfs /run:size=16m,nosuid,nodev,mode=755 --tmpfs /run/user/1000:size=16m,nosuid,nodev,uid=1000,gid=1000,mode=700
    --tmpfs /sandbox:size=64m,nosuid,nodev,uid=1000,gid=1000,mode=755)
without() { # CAPABILITY OPTION…
    docker run --label $label "${contract[@]:0:${#contract[@]}-2}" "${least[@]/$1/AUDIT_WRITE}" "${provided[@]}" \
        --env CODEMODE_API_KEY=$key "${@:2}" "$executor"
}
without NONE --detach --network "$label-private" --network-alias less --name "$label-less" >/dev/null
check "without SYS_ADMIN it boots where the runtime mounts" within 20 serves less
check "and executes" gives 4 less 'result = 2 + 2'
lacking() { for one in NET_ADMIN SETUID SETGID SETPCAP KILL CHOWN; do fails 77 "$one" without "$one" --rm || return; done; }
check "without one of its six capabilities it does not, and names it" lacking
# One that never listens; docker looks every second here.
sed 's/^command = .*/command = ["sleep", "infinity"]/' ../../profiles/executor.toml >"$scratch/deaf.toml"
executor deaf --detach --health-interval 1s --health-retries 2 --health-start-period 4s \
    --volume "$scratch/deaf.toml:/etc/codetainer/profiles/executor.toml:ro" >/dev/null
check "one whose port does not accept is starting at first" is_healthy deaf starting
check "and unhealthy then" within 30 is_healthy deaf unhealthy
check "with the reason" says 'port 8001 accepts no connection' \
    docker inspect --format '{{range .State.Health.Log}}{{.Output}}{{end}}' "$label-deaf"

# Compose: the file as it is, and an application over it. Its port is one that nothing else has.
tools=$PWD/../Deploy
check "the tools for that are there" silent "$tools/tools"
cp -r "$PWD/../../deploy/compose" "$scratch/compose-executor"
printf '%s\n' "$key" | install -m 600 /dev/stdin "$scratch/compose-executor/secrets/CODEMODE_API_KEY"
composed_executor() { # ARGUMENT…
    CODETAINER_EXECUTOR_IMAGE=$executor LABEL=$label KEY=$key TESTS=$PWD/executor EXECUTOR_PORT=0 docker-compose \
        --project-name "$label-executor" --file "$scratch/compose-executor/executor.yaml" --file "$tools/executor.yaml" "$@"
}
check "the Compose file is what the specification has" "$tools/validate" compose "$scratch/compose-executor/executor.yaml"
sed 's/read_only:/readonly:/' "$scratch/compose-executor/executor.yaml" >"$scratch/compose-executor/broken.yaml"
check "which a wrong one is not" fails 1 'readonly' "$tools/validate" compose "$scratch/compose-executor/broken.yaml"
composed_executor up --detach >"$scratch/up" 2>&1 || cat "$scratch/up"
check "Compose starts it" within 20 serves compose-executor
check "and it is LOCKED" says LOCKED docker exec "$label-compose-executor" codetainer status
check "its key is not in what Docker shows" fails 1 '^' sh -c "$docker inspect '$label-compose-executor' | grep -F $key"
from_compose() { # WORD…: from the application's own container, as users do
    docker exec "$label-compose-app" /opt/executor/bin/python /tests/calls.py executor:8001 "$key" "$@"
}
check "its application executes with it, and is called back" says '"result": "42.0"' \
    from_compose run "result = tools['add'].run(a=40, b=2)" 10 add
check "and outputs are written" says '"result": "1"' \
    from_compose run "from pathlib import Path; result = Path('/outputs/made').write_text('x')"
check "Compose stops it" composed_executor stop executor
check "and it ended by itself" says '^(0|143)$' docker inspect --format '{{.State.ExitCode}}' "$label-compose-executor"
composed_executor down --volumes >/dev/null 2>&1
