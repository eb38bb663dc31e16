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
mkdir "$scratch/own"
: >"$scratch/own/own.conf"
with_docker run --allow "$scratch/own" --secret "GH_PAT=$scratch/GH_PAT" \
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
check "and open with one line more" opened run "$scratch/own/own.conf"
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
composed "$scratch/compose/claude-code.yaml" down --timeout 1 >/dev/null 2>&1
