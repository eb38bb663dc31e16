# shellcheck shell=bash
# shellcheck disable=SC2016,SC2086 # what a container's shell expands; names are words
# PID 1's program is swapped for another, and PID 1 watched: stalls, and what is healthy.
echo '-- upgrade'
docker create --name $label-binary --label $label "$image" >/dev/null
docker cp $label-binary:/usr/local/bin/codetainer "$scratch/codetainer" >/dev/null
own=$(docker run --rm --entrypoint codetainer "$image" --version | cut -d ' ' -f 2)
# version NUMBER: the same program with another version in it.
version() { LC_ALL=C sed "s/codetainer-version:$own/codetainer-version:$1/" "$scratch/codetainer"; }
mkdir -m 755 "$scratch/programs"
version 9.9.9 >"$scratch/programs/newer"
version 0.0.1 >"$scratch/programs/older"
cp "$scratch/programs/newer" "$scratch/programs/agents"
cp "$scratch/programs/newer" "$scratch/programs/open"
head -c 4096 /dev/urandom >"$scratch/programs/noise"
printf '#!/bin/sh\necho codetainer 99.0.0\necho more\n' >"$scratch/programs/liar"
printf '#!/bin/sh\nsleep 60\n' >"$scratch/programs/silent"
chmod 755 "$scratch"/programs/*
chmod 775 "$scratch/programs/open"
chown 1000 "$scratch/programs/agents"

names=$(printf 'zero.n%s.hostile.test ' {1..10})
printf '\n[health]\nport = 8001\n' | cat ../../profiles/shell.toml - >"$scratch/healthy.toml"
cage --detach --name $label-swap --env CODETAINER_UPSTREAMS="${v4}54" \
    --env "CODETAINER_ALLOW=live.hostile.test:4000 $names" \
    --health-cmd 'codetainer health' --health-interval 1s --health-retries 1 \
    --env CODETAINER_PROFILE=/etc/codetainer/healthy.toml \
    --volume "$scratch/healthy.toml:/etc/codetainer/healthy.toml:ro" \
    --volume "$scratch/programs:/opt/programs:ro" >/dev/null
within 20 ready swap
swapped() { docker exec $label-swap "$@"; }
upgrade() { swapped codetainer upgrade "/opt/programs/$1"; }
session=$(swapped codetainer status --json | jq .session.pid)

check "an older program is refused" fails 78 "older is 0.0.1, older than this $own" upgrade older
check "the agent's is refused" fails 78 'agents belongs to uid 1000: it must be root.s' upgrade agents
check "one that others may write is refused" fails 78 'open may be written by others' upgrade open
check "noise is refused" fails 78 'noise is no codetainer' upgrade noise
check "one that only says it is one is refused" fails 78 'liar is no codetainer' upgrade liar
check "another program is refused" fails 78 'is no codetainer that can go on' swapped codetainer upgrade /bin/true
check "one that never answers is refused" fails 78 'silent is no codetainer' upgrade silent
check "a directory is refused" fails 78 'programs is not a file' swapped codetainer upgrade /opt/programs
check "what is not there is said" fails 66 'No such file' upgrade nonesuch
check "the agent may not ask" fails 78 'not permitted for uid 1000' \
    docker exec --user claude $label-swap codetainer upgrade /opt/programs/newer
check "nothing has changed" json swap ".version == \"$own\" and .supervisor.upgrades == 0 and .supervisor.traps == 0"

docker run --rm --network "container:$label-swap" --user 1000:1000 \
    --volume "$PWD/world/load:/usr/local/bin/load:ro" --entrypoint sh $label-world -c '
    dig @127.0.0.53 +short live.hostile.test >/dev/null
    exec load "$@"' - 8 127.0.0.53 "${v4}66:4000" $names >"$scratch/load" 2>&1 &
loading=$!
sleep 2
check "a newer one takes over" says 'PID 1 is codetainer 9.9.9 now' upgrade newer
wait $loading
loaded=$?
loaded_well() { cat "$scratch/load"; return $loaded; }
check "under load: no question unanswered, no connection broken" loaded_well
check "status shows the version" json swap '.version == "9.9.9" and .supervisor.upgrades == 1 and .supervisor.traps == 0'
check "the same program runs" says '^/opt/programs/newer$' docker run --rm --cap-add SYS_PTRACE \
    --pid "container:$label-swap" --entrypoint readlink $label-world /proc/1/exe
check "the resolver is of it, too" within 5 says '/newer$' docker run --rm --cap-add SYS_PTRACE \
    --pid "container:$label-swap" --entrypoint sh $label-world -c 'readlink "/proc/$1/exe"' - \
    "$(swapped codetainer status --json | jq .resolver.pid)"
check "the session is the same" json swap ".session.pid == $session and .session.state == \"running\""
check "it is LOCKED" swapped codetainer status
swapped codetainer upgrade /usr/local/bin/codetainer >"$scratch/back" 2>&1
check "there is no way back" says "older than this 9.9.9" cat "$scratch/back"
check "the same version may take over" says '9.9.9 now' upgrade newer

healthy() { [ "$(docker inspect --format '{{.State.Health.Status}}' $label-swap)" = "$1" ]; }
check "a port that accepts nothing is not healthy" fails 1 'DEGRADED.*port 8001 accepts no connection: Connection refused' \
    swapped codetainer health
check "Docker knows" within 5 healthy unhealthy
docker exec --detach --user claude $label-swap perl -MSocket -e '
    socket(S, 2, 1, 6) && bind(S, pack_sockaddr_in(8001, INADDR_LOOPBACK)) && listen(S, 5);
    close C while accept(C, S)'
check "one that does is" within 5 says '^."healthy":true,"verdict":"LOCKED","reasons":\[\],"port":8001.$' \
    swapped codetainer health
check "Docker knows that, too" within 5 healthy healthy
mean() {
    swapped bash -c 'start=${EPOCHREALTIME/./}
        for i in {1..20}; do codetainer health >/dev/null; done
        echo $(((${EPOCHREALTIME/./} - start) / 20))'
}
check "health takes less than 10 ms" below 10000 mean

timeout 2 strace -qq -p "$(docker inspect --format '{{.State.Pid}}' $label-swap)" \
    -e trace=accept4 -e inject=accept4:delay_enter=400ms:when=1 2>/dev/null &
sleep 0.5
swapped codetainer health >/dev/null
wait $!
paused=$(docker inspect --format '{{.State.Pid}}' $label-swap)
kill -STOP "$paused" && sleep 0.5 && kill -CONT "$paused"
check "that PID 1 was stopped is told" within 5 says 'stood still for [0-9]+ ms at waiting: it was stopped' \
    eval 'docker logs $label-swap 2>&1'
check "a stall of PID 1's loop is counted" json swap '.supervisor.stalls > 0'
check "and told with its cause" says 'stood still for [45][0-9]{2} ms at new connections: it waited in the kernel' \
    eval 'docker logs $label-swap 2>&1'
