# shellcheck shell=bash
# The outside world, and the ways into it. Whatever is made here is named or labelled $label,
# so that the next run clears away what a killed one left.
label=codetainer-e2e
eval "label=\${CODETAINER_E2E_LABEL:-$label}" # out of shellcheck's sight: it is one word, unquoted below
token=github_pat_e2e # world/make-site sets it as the password
scratch=$(mktemp -d)
apparmor=()
if "$docker" info --format '{{.SecurityOptions}}' | grep name=apparmor >/dev/null; then
    apparmor=(--security-opt apparmor=unconfined) # docker-default forbids mount(2)
fi

docker() { command "$docker" "$@"; }

world_down() {
    docker ps --all --quiet --filter label=$label | xargs -r "$docker" rm --force --volumes
    docker network ls --quiet --filter label=$label | xargs -r "$docker" network rm
    docker volume ls --quiet --filter label=$label | xargs -r "$docker" volume rm
} >/dev/null

# What no answer may open, though a listener waits there: the routes lead to it.
not_public4='10.1.2.3 100.64.1.1 100.100.100.200 169.254.169.254 169.254.7.7 172.16.1.1 192.168.1.1 198.18.0.1'
not_public6='fd00::1 fd00:ec2::254 64:ff9b::a01:203 2002:a01:203::1 2001::1'
route() { # CONTAINER: sends all that to the world
    docker run --rm --network "container:$label-$1" --cap-add NET_ADMIN --entrypoint sh $label-world -c '
        gateway=$1; for address in $2; do ip route add "$address" via "$gateway"; done
        gateway=$3; for address in $4; do ip route add "$address" via "$gateway"; done' \
        - "${v4}53" "$not_public4" "${v6}53" "$not_public6"
}

# The network's addresses count as public, as a name's answer opens no other; they are of a range
# that nobody routes, and the first free one of twenty.
# shellcheck disable=SC2086 # one word each
world_up() {
    local net
    world_down
    docker build --quiet --tag $label-world world
    for net in $(seq 77 96); do
        v4=11.$net.0. v6=2e00:$net::
        # Addresses that the engine gives out are none of the world's own.
        ! docker network create --label $label --ipv6 --subnet "${v4}0/24" --ip-range "${v4}128/25" --gateway "${v4}1" \
            --subnet "$v6/64" $label || break
    done
    docker run --detach --name $label-world --label $label --cap-add NET_ADMIN \
        --network $label --ip "${v4}53" --ip6 "${v6}53" $label-world "$v4" "$v6" $not_public4 $not_public6
    docker network connect bridge $label-world
    bridge=$(docker inspect --format '{{.NetworkSettings.Networks.bridge.IPAddress}}' $label-world)
    docker cp $label-world:/world/authorities.crt "$scratch/authorities.crt"
    sed "s/V4\./$v4/; s/BRIDGE/$bridge/" domains.conf >"$scratch/domains.conf"
    docker run --detach --name $label-outside --label $label --network $label --dns "${v4}53" \
        --volume "$scratch/authorities.crt:/etc/ssl/certs/ca-certificates.crt:ro" \
        --entrypoint sleep $label-world infinity
    route outside
    within 10 outside curl --silent --fail https://allowed.test
} >/dev/null

# cage OPTION…: runs the image under test on the world's network.
cage() { caged --network $label --dns "${v4}53" "$@"; }

# caged OPTION…: the same where the options say.
capabilities=(--cap-add NET_ADMIN --cap-add SYS_ADMIN)
caged() {
    docker run --label $label "${capabilities[@]}" "${apparmor[@]}" \
        --env CODETAINER_PROFILE=shell \
        --volume "$PWD/world/attack:/usr/local/bin/attack:ro" \
        --volume "$scratch/domains.conf:/opt/network/domains.conf:ro" \
        --volume "$scratch/authorities.crt:/etc/ssl/certs/ca-certificates.crt:ro" "$@" "$image"
}

# A plain container on the world's network: every denial's positive control.
outside() { docker exec $label-outside "$@"; }

# The agent's network seen with the world's tools and the agent's uid; `join` makes it.
inside() { docker exec $label-inside "$@"; }
join() { # CAGE NAME
    docker run --detach --name "$label-$2" --label $label --network "container:$label-$1" \
        --user 1000:1000 --entrypoint sleep $label-world infinity
} >/dev/null

# A shell command as a child of the agent's tmux server, so with all that confines the agent.
tmux_socket=/run/user/1000/tmux-1000/default
agent() { agent_of agent "$1"; }
agent_of() { # CAGE COMMAND
    docker exec --user claude "$label-$1" sh -c '
        printf "%s\n" "$2" >/tmp/check.sh
        tmux -S "$1" run-shell "bash /tmp/check.sh >/tmp/check.out 2>&1"
        status=$?
        cat /tmp/check.out
        exit $status' - "$tmux_socket" "$2"
}

# Root in the container, as an operator is.
operator() { docker exec $label-agent "$@"; }
json() { docker exec "$label-$1" codetainer status --json | jq --exit-status --slurp ".[0] | $2"; }

# A connection attempt in bash: prints the error, if any, and the milliseconds it took.
attempt='attempt() {
    local start=${EPOCHREALTIME/./} status=0
    (exec 3<>"/dev/tcp/$1/$2") || status=$?
    echo "after $(((${EPOCHREALTIME/./} - start) / 1000)) ms"
    return $status
}; attempt'
try() { outside timeout 5 bash -c "$attempt $1 $2"; }
try_as_agent() { agent "$attempt $1 $2"; }
refused() {
    local output status=0
    output=$(fails 1 'Connection refused' "$@") || status=$?
    printf '%s\n' "$output"
    [ "$status" = 0 ] && below 100 sed -n 's/^after \([0-9]*\) ms$/\1/p' <<<"$output"
}

# What the recorder saw come from one address to another. A packet of our own, sent and seen first,
# shows that nothing sent earlier is still under way.
arrived() {
    local mark=$((RANDOM + 20000))
    outside bash -c "echo >/dev/udp/${v4}66/$mark"
    within 5 docker exec $label-world grep -q "> ${v4}66.$mark: UDP" /var/log/arrived || return 2
    docker exec $label-world grep -E " ${1//./\\.}[. ].*> " /var/log/arrived | grep -F "> $2"
}
nothing_arrived() { [ "$1" ] && { arrived "$@"; [ $? = 1 ]; }; }
address() { docker inspect --format "{{(index .NetworkSettings.Networks \"$label\").$2}}" "$label-$1"; }
queried() { docker exec $label-world grep -iE "query.*$1 from $2$" /var/log/queries; }
not_queried() { [ "$2" ] && { queried "$@"; [ $? = 1 ]; }; }

# What topics ask of a cage.
ready() { docker exec "$label-$1" test -e /run/codetainer/ready || { docker logs "$label-$1"; false; }; }
runs() { json "$1" '.session.state == "running"'; }
logged() { docker logs "$label-$1" 2>&1 | grep -E -- "$2"; }
verify() { docker exec "$label-$1" codetainer verify "${@:2}"; }
code() { docker inspect --format '{{.State.ExitCode}}' "$label-$1"; }
stop() { # CAGE: the milliseconds it takes
    local start=${EPOCHREALTIME/./}
    docker stop --time 10 "$label-$1" >/dev/null
    echo $(((${EPOCHREALTIME/./} - start) / 1000))
}
refuses() { # CODE REGEX OPTION…
    fails "$1" "$2" timeout 20 "$docker" run --rm --label $label "${capabilities[@]}" \
        "${apparmor[@]}" --env CODETAINER_PROFILE=shell "${@:3}" "$image"
}
