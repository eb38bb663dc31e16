# shellcheck shell=bash
# What the agent cannot change, read or become.
echo '-- confinement'
status_of() { agent "cat /proc/self/status"; }
read_only() { fails 1 'Read-only file system' "$@"; }

check "the agent writes its workspace, home and /tmp" agent 'touch /workspace/x ~/x /tmp/x'
check "the root is read-only" read_only agent 'touch /x'
check "/usr is read-only, for root too" read_only operator touch /usr/local/bin/x
check "/etc/resolv.conf is read-only, for root too" fails 2 'Read-only file system' \
    operator sh -c 'echo nameserver 8.8.8.8 >/etc/resolv.conf'
check "/etc/hosts is read-only, for root too" fails 2 'Read-only file system' \
    operator sh -c 'echo 127.0.0.1 x >/etc/hosts'
check "resolv.conf names the responder" says '^nameserver 127.0.0.53$' operator cat /etc/resolv.conf
check "the agent reads its own environment" says '^HOME=/home/claude$' \
    agent 'cat /proc/self/environ | tr "\0" "\n"'
check "PID 1's environment is out of its sight" fails 1 'No such file|Permission denied' \
    agent 'cat /proc/1/environ'
check "other users' processes are out of its sight" silent agent 'pgrep -u root; pgrep -u 900; true'
check "which root sees" operator pgrep -u 900
check "the agent is uid 1000 of no other group" says '^uid=1000\(claude\) gid=1000\(claude\) groups=1000\(claude\)$' agent id
no_capabilities() { status_of | grep -cE '^Cap(Inh|Prm|Eff|Bnd|Amb):	0{16}$'; }
check "it has no capability of any kind" says '^5$' no_capabilities
check "PID 1 has some" operator grep -E 'CapEff:	.*[1-9a-f]' /proc/1/status
check "it cannot gain privileges" says '^NoNewPrivs:	1$' status_of
check "its system calls are filtered" says '^Seccomp:	2$' status_of
set_id() { docker run --rm --entrypoint find "$1" / -xdev -perm /6000; }
check "the image has no setuid or setgid file" silent set_id "$image"
check "its base has" says '/su$' set_id debian:bookworm-slim

# Landlock: what permissions alone would let it do.
layer() { json agent ".layers[] | select(.name == \"$1\") | \"\(.state): \(.reason)\""; }
check "Landlock holds the agent" says '"on: version [0-9]+ holds files, signals, abstract sockets, tracing"' layer landlock
check "the agent cannot read PID 1's files" fails 1 'Permission denied' agent 'cat /run/codetainer/resolv.conf'
check "which its permissions would let it" docker exec --user 1000 $label-agent cat /run/codetainer/resolv.conf
check "it reads the git configuration there" says 'credential' agent 'cat /run/codetainer/gitconfig'
check "it reaches the control socket" says 'LOCKED' agent status
docker exec --detach --user 1000 $label-agent sleep 300
check "a process of its uid runs outside its cage" within 5 operator pgrep -f 'sleep 300'
stranger=$(operator pgrep -f 'sleep 300' | head -n 1)
untouched='No such file|Permission denied'
check "the agent does not read its environment" fails 1 "$untouched" agent "cat /proc/$stranger/environ"
check "nor its memory" fails 1 "$untouched" agent "head -c 1 /proc/$stranger/mem"
check "nor sends it a signal" fails 1 'Operation not permitted' agent "kill -9 $stranger"
check "all of which another process outside does" docker exec --user 1000 $label-agent sh -c \
    "head -c 1 /proc/$stranger/environ >/dev/null && kill $stranger"
filters() { operator sh -c "grep Seccomp_filters: /proc/\$(pgrep -u $1)/status" | tr -dc 0-9; }
more_filters() { [ "$(filters 900)" -ge $(($(operator grep Seccomp_filters: /proc/1/status | tr -dc 0-9) + 2)) ]; }
check "the resolver has a filter for its start and one for its work" more_filters

# Sandboxes inside the agent, where the profile says so.
sed 's/^\[agent\]/&\nallow-user-namespaces = true/' ../../profiles/shell.toml >"$scratch/nested.toml"
check "a profile may allow user namespaces" cage --name $label-nested --detach --tty \
    --volume "$scratch/nested.toml:/etc/codetainer/profiles/nested.toml:ro" \
    --env CODETAINER_PROFILE=nested
check "its container boots" within 20 docker exec $label-nested codetainer health
nested() {
    docker exec $label-nested codetainer confine --uid 1000 --gid 1000 --seccomp "$1" -- \
        unshare --user --map-root-user --mount mount -t tmpfs none /tmp
}
check "a sandbox mounts inside its namespaces" nested agent-userns
check "which the agent's usual filter refuses" fails 1 'Operation not permitted' nested agent
shows() { json nested ".layers[] | select(.name == \"$1\") | \"\(.state): \(.reason)\""; }
check "status says so" says 'off: the profile allows them' shows user-namespaces
check "and what it costs" says 'off: allow-user-namespaces is set' shows landlock-files
check "signals stay held" says '"on: .*signals' shows landlock
docker rm --force $label-nested >/dev/null 2>&1
