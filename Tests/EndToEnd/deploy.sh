# shellcheck shell=bash
# Every file of deploy/, as far as one machine can try it: started, used, stopped, and held to its
# schema, with a broken copy beside it that is refused. ../Deploy has the tools.
echo '-- deploy'
deploy=$PWD/../../deploy tools=$PWD/../Deploy
check "the tools of these tests are there" silent "$tools/tools"

# The path of docs/getting-started.md, the same for each way: nothing is open, then one host is.
# runs NAME COMMAND…: as the operator, in the cage of that name; tenant NAME COMMAND: as its agent.
runs() { docker exec "$label-$1" "${@:2}"; }
deploy_ready() { runs "$1" test -e /run/codetainer/ready || { docker logs "$label-$1"; false; }; }
locked() { says 'LOCKED' runs "$1" status; }
tenant_resolves() { agent_of "$1" "getent hosts $2"; }
tenant_fetches() { agent_of "$1" "curl -sSk https://$2"; }
closed() { fails 2 '^' tenant_resolves "$1" "$2"; }
opened() { # NAME FILE: a line more, as the guide has it
    echo allowed.test >>"$2" && runs "$1" codetainer reload && says 'reached allowed.test' tenant_fetches "$1" allowed.test
}
ended() { says '^(0|143)$' docker inspect --format '{{.State.ExitCode}}' "$label-$1"; } # 137: it was killed
ends_with() { # NAME CODE REGEX
    says "^$2\$" timeout 20 "$docker" wait "$label-$1" && says "$3" docker logs "$label-$1"
}
shows() { docker inspect "$label-$1" | grep -F -- "$2"; }
not_shown() { shows "$1" CODETAINER_PROFILE >/dev/null && ! shows "$@"; }
check "a name that the cages below must not reach answers outside" says "^${v4}66$" outside dig +short denied.test


# Docker.
stand_in=(--label "$label" --network "$label" --dns "${v4}53" --volume "$PWD/claude:/usr/local/bin/claude:ro")
printf '%s\n' $token >"$scratch/GH_PAT"
printf '%s\n' oauth_e2e >"$scratch/CLAUDE_CODE_OAUTH_TOKEN"
chmod 600 "$scratch/GH_PAT" "$scratch/CLAUDE_CODE_OAUTH_TOKEN"
chown 1000:1000 "$scratch/GH_PAT" "$scratch/CLAUDE_CODE_OAUTH_TOKEN" # as a person's own are
with_docker() { # NAME OPTION…
    docker=$docker "$deploy/docker/run.sh" --name "$label-$1" --image "$image" "${@:2}" -- "${stand_in[@]}"
}
mkdir "$scratch/deploy-own"
: >"$scratch/deploy-own/own.conf"
with_docker run --allow "$scratch/deploy-own" --secret "GH_PAT=$scratch/GH_PAT" \
    --secret "CLAUDE_CODE_OAUTH_TOKEN=$scratch/CLAUDE_CODE_OAUTH_TOKEN" >/dev/null
with_docker run-without --secret "GH_PAT=$scratch/GH_PAT" >/dev/null
health() { docker inspect --format '{{index .Config.Healthcheck.Test 1}}' "$label-$1"; }
check "docker/run.sh starts a cage" within 20 deploy_ready run
check "it is LOCKED" locked run
check "with every layer on" json run '.layers | all(.state == "on")'
check "the agent has its secrets" agent_of run "[ \"\$GH_TOKEN\" = $token ]"
check "which are not in what Docker shows" not_shown run $token
check "nor where they were mounted" fails 2 'No such file' runs run ls /run/secrets/GH_PAT
check "its health check succeeds" runs run sh -c "$(health run)"
check "a name is closed" closed run allowed.test
check "and open with one line more" opened run "$scratch/deploy-own/own.conf"
check "which opens no other" closed run denied.test
check "it stops" docker stop $label-run
check "by itself" ended run
check "without one of its secrets it says which, and stays down" \
    ends_with run-without 78 'secret CLAUDE_CODE_OAUTH_TOKEN is not set'

# Compose, the file as it is and the test's network over it.
cp -r "$deploy/compose" "$scratch/compose"
cp -p "$scratch/GH_PAT" "$scratch/CLAUDE_CODE_OAUTH_TOKEN" "$scratch/compose/secrets"
composed() { # FILE ARGUMENT…
    CODETAINER_IMAGE=$image LABEL=$label WORLD_DNS=${v4}53 STAND_IN=$PWD/claude docker-compose \
        --project-name "$label-compose" --file "$1" --file "$tools/world.yaml" "${@:2}"
}
composed "$scratch/compose/claude-code.yaml" up --detach >"$scratch/up" 2>&1 || cat "$scratch/up"
check "the Compose file is what the specification has" "$tools/validate" compose "$deploy/compose/claude-code.yaml"
sed 's/cap_add:/capadd:/' "$deploy/compose/claude-code.yaml" >"$scratch/compose/broken.yaml"
check "which a wrong one is not" fails 1 'capadd' "$tools/validate" compose "$scratch/compose/broken.yaml"
check "nor does Compose take it" fails 1 "capadd" composed "$scratch/compose/broken.yaml" config
check "Compose starts a cage" within 20 deploy_ready compose
check "it is LOCKED" locked compose
check "with every layer on" json compose '.layers | all(.state == "on")'
check "the agent has its secrets" agent_of compose "[ \"\$GH_TOKEN\" = $token ]"
check "which are not in what Docker shows" not_shown compose $token
check "its health check succeeds" runs compose "$(health compose)" health
check "an operator's commands work by way of Compose" \
    says LOCKED composed "$scratch/compose/claude-code.yaml" exec -T cage status
check "a name is closed" closed compose allowed.test
check "and open with one line more" opened compose "$scratch/compose/network/own.conf"
check "which opens no other" closed compose denied.test
check "Compose stops it" composed "$scratch/compose/claude-code.yaml" stop
check "and it ended by itself" ended compose
sed 's/, SETPCAP//; s/on-failure:3/"no"/' "$deploy/compose/claude-code.yaml" >"$scratch/compose/less.yaml"
composed "$scratch/compose/less.yaml" up --detach >/dev/null 2>&1
check "with a capability less it does not boot" ends_with compose 77 'SETPCAP'
sed 's/, DAC_OVERRIDE//; s/on-failure:3/"no"/' "$deploy/compose/claude-code.yaml" >"$scratch/compose/less.yaml"
composed "$scratch/compose/less.yaml" up --detach >/dev/null 2>&1
check "nor does it read what is a person's own" ends_with compose 78 'Permission denied: make the file root.s, or add'
composed "$scratch/compose/claude-code.yaml" down --timeout 1 >/dev/null 2>&1

# Kubernetes: the manifests, then the pod as a kubelet would make it, on the test's network.
manifest=$deploy/kubernetes/cage.yaml
check "the manifests are what Kubernetes has" \
    "$tools/validate" kubernetes "$manifest" "$deploy/kubernetes/network-policy.yaml"
sed 's/readOnlyRootFilesystem/readOnlyRootFileSystem/' "$manifest" >"$scratch/broken.yaml"
check "which a wrong one is not" fails 1 'readOnlyRootFileSystem' "$tools/validate" kubernetes "$scratch/broken.yaml"
sed 's/cidr: 0/cdir: 0/' "$deploy/kubernetes/network-policy.yaml" >"$scratch/broken.yaml"
check "nor a wrong policy" fails 1 "ipBlock: 'cidr' is a required property" "$tools/validate" kubernetes "$scratch/broken.yaml"
as_kubelet() { # NAME MANIFEST
    local arguments
    mkdir -p "$scratch/$1/cage"
    cp "$scratch/GH_PAT" "$scratch/CLAUDE_CODE_OAUTH_TOKEN" "$scratch/$1/cage"
    mapfile -t arguments < <("$tools/arguments" kubernetes "$2" "$scratch/$1")
    docker run --detach --name "$label-$1" "${stand_in[@]}" "${apparmor[@]}" "${arguments[@]}" "$image"
} >/dev/null
probe() { # PROBE: as the manifest has it, in the pod
    /usr/bin/python3 - "$manifest" "$1" <<'PYTHON'
import sys, yaml
[pod] = [d for d in yaml.safe_load_all(open(sys.argv[1])) if d["kind"] == "Deployment"]
print(*pod["spec"]["template"]["spec"]["containers"][0][sys.argv[2]]["exec"]["command"], sep="\n")
PYTHON
}
probed() { local command; mapfile -t command < <(probe "$2") && runs "$1" "${command[@]}"; }
as_kubelet pod "$manifest"
sed 's/, NET_BIND_SERVICE//' "$manifest" >"$scratch/less.yaml"
as_kubelet pod-without "$scratch/less.yaml"
check "the pod boots" within 20 deploy_ready pod
check "it is LOCKED" locked pod
check "with every layer on" json pod '.layers | all(.state == "on")'
check "the agent has its secrets" agent_of pod "[ \"\$GH_TOKEN\" = $token ]"
check "and nobody their files" fails 2 'No such file' runs pod ls /run/secrets/cage/GH_PAT
check "it is started" probed pod startupProbe
check "and ready" probed pod readinessProbe
check "and alive" probed pod livenessProbe
check "a name is closed" closed pod allowed.test
check "and open with one line more" opened pod "$scratch/pod/volume-network/..data/own.conf"
check "which opens no other" closed pod denied.test
check "it stops" docker stop $label-pod
check "by itself" ended pod
check "with a capability less it does not boot" ends_with pod-without 77 'lacks CAP_NET_BIND_SERVICE: add'

# The same manifest as it is, in an engine that reads such: podman. It has no network there.
podman() { CONTAINERS_CONF=$tools/containers.conf command podman "$@" 2> >(grep -v 'systemd connection' >&2); }
played=$label-cage-pod-0
pod_gone() {
    podman pod rm --force --ignore "$played"
    podman secret rm "$label-cage"
    podman rmi --force "localhost/$label-codetainer"
} >/dev/null 2>&1
pod_gone
docker tag "$image" "localhost/$label-codetainer"
docker save "localhost/$label-codetainer" | podman load --quiet >/dev/null
docker rmi "localhost/$label-codetainer" >/dev/null
# It takes the values as they are, where Kubernetes has them in base64.
printf 'apiVersion: v1\nkind: Secret\nmetadata: {name: cage}\ndata: {GH_PAT: %s, CLAUDE_CODE_OAUTH_TOKEN: %s}\n' \
    $token oauth_e2e | podman secret create "$label-cage" - >/dev/null
sed "s,image: codetainer:local,image: localhost/$label-codetainer,; s/^  name: cage$/  name: $label-cage/
    s/secretName: cage/secretName: $label-cage/" "$manifest" >"$scratch/played.yaml"
podman kube play --network none "$scratch/played.yaml" >/dev/null
played() { podman exec "$played-cage" "$@"; }
played_agent() { CONTAINERS_CONF=$tools/containers.conf docker=podman label=$label-cage-pod agent_of 0-cage "$1"; }
check "podman plays the manifest, and the cage in it is LOCKED" within 20 says LOCKED played status
check "the agent has its secrets" played_agent "[ \"\$GH_TOKEN\" = $token ]"
check "it is alive" played codetainer health
check "it stops" podman pod stop "$played"
check "by itself" says '^(0|143)$' podman inspect --format '{{.State.ExitCode}}' "$played-cage"
pod_gone

# A Fly Machine, as far as a container is one: another first process, and a listener for SSH.
check "fly.toml is what Fly has" "$tools/validate" fly "$deploy/fly/fly.toml"
sed 's/kill_timeout/kill_timout/' "$deploy/fly/fly.toml" >"$scratch/broken.toml"
check "which a wrong one is not" fails 1 'kill_timout' "$tools/validate" fly "$scratch/broken.toml"
cp -r "$deploy/fly" "$scratch/fly"
docker build --quiet --build-arg "IMAGE=$image" --tag $label-fly "$scratch/fly" >/dev/null
mapfile -t machine < <("$tools/arguments" fly "$scratch/fly/fly.toml")
docker run --detach --name $label-fly "${stand_in[@]}" "${machine[@]}" "${capabilities[@]}" "${apparmor[@]}" \
    --env GH_PAT=$token --env CLAUDE_CODE_OAUTH_TOKEN=oauth_e2e --tmpfs /.fly:mode=755 $label-fly >/dev/null
within_fly() { # COMMAND…: in the cage's namespaces, as the script operator goes there
    runs fly sh -c 'outer=$(pgrep --oldest --exact unshare) &&
        exec nsenter --pid="/proc/$outer/ns/pid_for_children" --mount="/proc/$outer/ns/mnt" -- "$@"' - "$@"
}
fly_agent() { # COMMAND: below the agent's tmux server
    within_fly setpriv --reuid 1000 --regid 1000 --clear-groups sh -c '
        printf "%s\n" "$2" >/tmp/check.sh
        tmux -S "$1" run-shell "bash /tmp/check.sh >/tmp/check.out 2>&1"
        status=$?; cat /tmp/check.out; exit $status' - $tmux_socket "$1"
}
fly_ready() { says LOCKED runs fly status || { docker logs $label-fly; false; }; }
fly_opened() { echo allowed.test >>"$scratch/fly/own.conf" && runs fly codetainer reload; }
# shellcheck disable=SC2086
attached() { timeout 5 "$docker" exec --tty $label-fly attach | grep -m 1 -F 'dangerously-skip-permissions'; }
check "a Machine boots, and the cage in it is LOCKED" within 20 fly_ready
check "with every layer on" says '^true$' sh -c "'$docker' exec $label-fly status --json | jq '.layers | all(.state == \"on\")'"
check "attach goes in" attached
check "the agent has its secrets" fly_agent "[ \"\$GH_TOKEN\" = $token ]"
check "it does not see Fly's processes" fails 1 '^' fly_agent 'cat /proc/[0-9]*/comm | grep -x docker-init'
check "which an operator does" runs fly sh -c 'cat /proc/[0-9]*/comm | grep -x docker-init'
check "nor Fly's API" fails '1|2' 'Permission denied' fly_agent 'ls /.fly'
check "a name is closed" fails 2 '^' fly_agent 'getent hosts allowed.test'
check "a rule more is read" fly_opened
check "and open is the name" says 'reached allowed.test' fly_agent 'curl -sSk https://allowed.test'
check "and no other" fails 2 '^' fly_agent 'getent hosts denied.test'
docker run --detach --name $label-fly-ssh --label $label --network container:$label-fly --entrypoint sh \
    $label-world -c 'socat TCP6-LISTEN:22,fork,reuseaddr PIPE & exec socat TCP6-LISTEN:2222,fork,reuseaddr PIPE' >/dev/null
fly_address=$(address fly GlobalIPv6Address)
check "SSH comes in over IPv6" within 5 outside timeout 2 bash -c ": >/dev/tcp/$fly_address/22"
check "another port does not" fails 124 '^' outside timeout 2 bash -c ": >/dev/tcp/$fly_address/2222"
check "though somebody listens there" runs fly bash -c ': >/dev/tcp/::1/2222'
check "it stops" docker stop $label-fly
check "by itself" ended fly

# An editor's development container.
check "devcontainer.json is what the reference has" \
    "$tools/validate" devcontainer "$deploy/devcontainer/.devcontainer/devcontainer.json"
sed 's/"runArgs": \[\(.*\)\]/"runArgs": \1/' "$deploy/devcontainer/.devcontainer/devcontainer.json" >"$scratch/broken.json"
check "which a wrong one is not" fails 1 '.' "$tools/validate" devcontainer "$scratch/broken.json"
sed 's/"capAdd"/"capabilities"/' "$deploy/devcontainer/.devcontainer/devcontainer.json" >"$scratch/broken.json"
check "nor one with a property that there is not" fails 1 'capabilities' "$tools/validate" devcontainer "$scratch/broken.json"
mkdir "$scratch/project"
cp -r "$deploy/devcontainer/.devcontainer" "$scratch/project"
echo mine >"$scratch/project/file"
chown -R 1000:1000 "$scratch/project"
chmod 711 "$scratch"
mapfile -t container < <(GH_PAT=$token CLAUDE_CODE_OAUTH_TOKEN=oauth_e2e "$tools/arguments" devcontainer \
    "$scratch/project/.devcontainer/devcontainer.json" "$scratch/project")
docker run --detach --name $label-editor "${stand_in[@]}" "${container[@]}" "$image" >/dev/null
docker run --detach --name $label-editor-without "${stand_in[@]}" "${container[@]/--cap-add=DAC_OVERRIDE/--env=LESS=yes}" \
    "$image" >/dev/null
check "the development container boots" within 20 deploy_ready editor
check "it is LOCKED" locked editor
check "with every layer on" json editor '.layers | all(.state == "on")'
check "the agent writes the project" agent_of editor 'echo changed >/workspace/project/file'
check "which is the one outside" says '^changed$' cat "$scratch/project/file"
check "but not what the host runs, nor its allowlist" fails 1 'Read-only' agent_of editor \
    'echo >>/workspace/project/.devcontainer/devcontainer.json'
check "nor another in its place" fails 1 'busy|Read-only' agent_of editor 'mv /workspace/project/.devcontainer /workspace/project/x'
check "the editor's server has a place to live" docker exec --user claude $label-editor \
    sh -c 'mkdir ~/.vscode-server && touch ~/.vscode-server/x'
check "a name is closed" closed editor allowed.test
check "and open with one line more" opened editor "$scratch/project/.devcontainer/network/own.conf"
check "which opens no other" closed editor denied.test
check "with a capability less it does not boot" ends_with editor-without 77 'CAP_DAC_OVERRIDE.* add'
check "it stops" docker stop $label-editor
check "by itself" ended editor

# The guide to allowlists: what it says is a list is one, and what it says is refused is refused.
blocks() { # KIND PAGE FOLDER: the page's blocks of that kind, a file each
    mkdir -p "$3"
    awk -v kind="$1" -v folder="$3" '
        $0 == "```" kind { inside = 1; count++; next }
        /^```/ { inside = 0 }
        inside { print >(folder "/" count) }' "$2"
}
lines() { # FILE FOLDER: its lines, a file each
    mkdir -p "$2"
    split --lines 1 "$1" "$2/"
}
judged() { # FOLDER: `policy check` of each file, with its code
    docker run --rm --label $label --volume "$1:/judged:ro" --entrypoint sh "$image" -c '
        for file in /judged/*; do
            codetainer policy check "$file" >/tmp/said 2>&1
            echo "$? $(wc -l </tmp/said) $(head -c 100 "$file" | head -n 1)"
        done'
}
guide=$PWD/../../docs/allowlist.md
blocks rules "$guide" "$scratch/rules"
blocks refused "$guide" "$scratch/refused"
lines "$scratch/refused/1" "$scratch/each"
sed 's/^git.example.com:22$/git.example com:22/' "$guide" >"$scratch/guide.md"
blocks rules "$scratch/guide.md" "$scratch/wrong"
chmod 755 "$scratch"
check "each recipe of the guide is a list" all "$(grep -c '^```rules$' "$guide")" '^0 [1-9]' judged "$scratch/rules"
check "of which there are more than ten" test -e "$scratch/rules/11"
check "a wrong one is found" says '^78 1 git.example com:22$' judged "$scratch/wrong"
check "each line that it says is refused is refused" all 8 '^78 1 ' judged "$scratch/each"

# The other guide: its commands for Docker and for Compose, as they stand, but for names.
first=$PWD/../../docs/getting-started.md
section() { awk -v title="## $1" '/^## / { inside = $0 == title } inside' "$first"; }
attach_guide() { timeout 10 "$docker" exec --tty "$1" attach </dev/null | grep -m 1 . >/dev/null; }
guided() { # FOLDER BLOCK…: in the working directory
    local folder=$1 block
    shift
    for block; do
        [ -s "$folder/$block" ] || { echo "the page has no block $block"; return 1; }
        sed "s,docs\.example\.org,allowed.test,g; s,deploy/docker/run\.sh,with_docker guide,
            s,docker exec -it cage attach,attach_guide $label-guide,; s,\<cage\>,$label-guide,g
            s,docker compose --file claude-code\.yaml exec $label-guide attach,attach_guide $label-compose,
            s,docker compose --file claude-code\.yaml exec $label-guide,composed claude-code.yaml exec -T cage,
            s,docker compose --file claude-code\.yaml,composed claude-code.yaml,
            s,/path/to,$scratch,g; \$!s,\$, \&\&," "$folder/$block" >"$scratch/block"
        eval "$(<"$scratch/block")" || { sed 's/^/in: /' "$scratch/block"; return 1; }
    done
}
section Docker >"$scratch/section" && blocks sh "$scratch/section" "$scratch/guide-docker"
section Compose >"$scratch/section" && blocks sh "$scratch/section" "$scratch/guide-compose"
mkdir "$scratch/person"
cd "$scratch/person" || exit
guided_docker() { guided "$scratch/guide-docker" "$@"; }
check "the guide's way to a session in Docker" guided_docker 1
check "and to what holds" guided_docker 2
check "where nothing is open" closed guide allowed.test
check "and to a first host" guided_docker 3
check "which is open" says 'reached allowed.test' tenant_fetches guide allowed.test
check "and to its end" guided_docker 4
rm -rf "$scratch/compose" && cp -r "$deploy/compose" "$scratch/compose" && cd "$scratch/compose" || exit
guided_compose() { guided "$scratch/guide-compose" "$@"; }
check "the guide's way to a session in Compose" guided_compose 1
check "where nothing is open" closed compose allowed.test
check "and to a first host" guided_compose 2
check "which is open" says 'reached allowed.test' tenant_fetches compose allowed.test
check "and to its end" guided_compose 3
cd "$OLDPWD" && cd "$tools/../EndToEnd" || exit
