# shellcheck shell=bash
# shellcheck disable=SC2016 # what a container's shell expands
# The agent with other numbers than the image has: CODETAINER_UID and CODETAINER_GID, and everybody who
# asks who it is.
echo '-- numbers'
numbered() { # NAME OPTION…
    cage --detach --name "$label-$1" --env GH_PAT=$token "${@:2}" >/dev/null
    within 20 docker exec "$label-$1" test -e /run/codetainer/ready || docker logs "$label-$1"
}
mine() { docker exec --user claude "$label-$1" sh -c "$2"; }
whole='set -- $(id -u):$(id -g) $(id -un):$(id -gn) $(stat -c %u:%g ~ /tmp/tmux-* /run/user/*) $(getent passwd $(id -u) | cut -d: -f1,3,4)
    echo $*'
session() { # NAME COMMAND: below the agent's tmux server
    docker exec --user 4321 --env HOME=/home/claude --env TMUX_TMPDIR=/run/user/4321 "$label-$1" sh -c '
        printf "%s\n" "$1" >/tmp/check.sh
        tmux run-shell "bash /tmp/check.sh >/tmp/check.out 2>&1"
        status=$?; cat /tmp/check.out; exit $status' - "$2"
}
numbered moved --env CODETAINER_UID=4321
check "a cage whose agent has another uid is LOCKED" says LOCKED docker exec $label-moved status
check "the home, tmux and /etc/passwd have its numbers" \
    says '^4321:4321 claude:claude 4321:4321 4321:4321 4321:4321 claude:4321:4321$' mine moved "$whole"
check "so does the agent itself" says '^4321 4321 4321 4321$' \
    docker exec $label-moved sh -c 'awk "/^Uid/ { print \$2, \$3, \$4, \$5 }" /proc/$(codetainer status --json | jq .session.pid)/status'
check "the uid of the image is nobody's" fails 2 '' docker exec $label-moved getent passwd 1000
check "verify holds" says '^HOLDS' docker exec $label-moved codetainer verify
check "the agent may ask for status" mine moved 'codetainer status'
check "who has the image's uid may not" fails 2 'did not answer' docker exec --user 1000 $label-moved codetainer status
check "the broker knows the agent" says '^password=' session moved 'printf "protocol=https\nhost=github.com\n\n" | codetainer credential get'
check "and nobody else" silent docker exec --user 1000 $label-moved sh -c 'printf "protocol=https\nhost=github.com\n\n" | codetainer credential get'
check "the agent cannot change who it is" fails '[12]' '(denied|Read-only)' session moved 'echo x >>/etc/passwd'
docker restart --time 5 $label-moved >/dev/null
within 20 docker exec $label-moved test -e /run/codetainer/ready
check "a restart changes nothing" says '^4321:4321 claude:claude' mine moved "$whole"

numbered sealed --env CODETAINER_UID=4321 --env CODETAINER_GID=100 --read-only
check "on a root that is read-only the numbers are seen inside" says '^4321 4321 users$' \
    session sealed 'echo $(id -u) $(getent passwd claude | cut -d: -f3) $(id -gn)'
check "from a mount that nobody can write" says ' ro,' docker exec $label-sealed grep ' /etc/passwd ' /proc/self/mountinfo
check "and verify holds" says '^HOLDS' docker exec $label-sealed codetainer verify

# The owner of a workspace that is mounted.
belongs() { # NAME UID GID OPTION…
    mkdir "$scratch/workspace-$1" && chown "$2:$3" "$scratch/workspace-$1"
    numbered "$1" --volume "$scratch/workspace-$1:/workspace" "${@:4}"
}
belongs auto 5432 5433 --env CODETAINER_UID=auto
check "auto takes the workspace's owner" says '^5432:5433 claude:claude' mine auto "$whole"
check "whose files the agent's are" says '^5432:5433$' sh -c "$docker exec --user claude $label-auto touch /workspace/new; stat -c %u:%g '$scratch/workspace-auto/new'"
belongs other 5432 5433
check "without it the agent cannot write there" fails 1 'Permission denied' mine other 'touch /workspace/new'
check "and the log says what to do" says 'belongs to uid 5432, and the agent, uid 1000, cannot write there: set CODETAINER_UID=auto' docker logs $label-other
belongs roots 0 0 --env CODETAINER_UID=auto
check "auto is never root" says '^1000:1000 claude:claude' mine roots "$whole"
check "which the log says, too" says "the workspace is uid 0's, which is root: the agent stays uid 1000" docker logs $label-roots

unfit() { fails 78 "$1" cage --rm --env "$2"; }
check "root is refused" unfit 'CODETAINER_UID 0 is root: give one' CODETAINER_UID=0
check "the resolver's uid is" unfit "CODETAINER_UID 900 is codetainer's own" CODETAINER_UID=900
check "the metrics server's is" unfit "CODETAINER_UID 64055 is codetainer's own" CODETAINER_UID=64055
check "another account's is" unfit 'CODETAINER_UID 33 is www-data in the image' CODETAINER_UID=33
check "a name is" unfit 'CODETAINER_UID "claude" is not a number' CODETAINER_UID=claude
check "and a group that opens files" unfit 'CODETAINER_GID 42 is the group shadow in the image' CODETAINER_GID=42
docker rm --force $label-moved $label-sealed $label-auto $label-other $label-roots >/dev/null
