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
