# shellcheck shell=bash
# shellcheck disable=SC2016 # what a container's shell expands
# Claude Code and Codex themselves, in the images that scripts/build makes of them: their vendors'
# programs, from their vendors' own places or from PyPI. A model of the world's (world/model.py) has each
# run what its prompt says, and says what came of it.
echo '-- agents'
# The releases that PyPI has these of, so that no other comes between two runs.
printf '%s\n' claude-agent-sdk==0.2.189 openai-codex-cli-bin==0.163.0 >"$scratch/constraints"
make_image() { PIP_CONSTRAINT=$scratch/constraints docker=$docker ../../scripts/build --agent "$1" --tag "$label-$1" "${@:2}"; }
check "an image of Claude Code is made" make_image claude
check "and one of Codex, of the version that was asked for" make_image codex --agent-version 0.163.0
says_itself() { docker run --rm --label $label --entrypoint "$1" --user 65534 --env HOME=/tmp "$label-$1" --version; }
version() { # AGENT: of the program, as the image's label has it
    [ "$(docker image inspect --format "{{index .Config.Labels \"codetainer.version.$1\"}}" "$label-$1")" = \
        "$(says_itself "$1" | grep -oE '[0-9]+\.[0-9.]+')" ]
}
check "its label says Claude Code's version" version claude
check "and Codex's" version codex
check "what came from PyPI says so to a bill of materials" says '^Name: openai-codex-cli-bin$' \
    docker run --rm --label $label --entrypoint sh $label-codex -c 'cat /opt/install/laid/*.dist-info/METADATA'
check "no installer is left" fails 2 'No such file' docker run --rm --label $label --entrypoint ls $label-claude /opt/wheels

# What each has to do: an act that is allowed beside each that is not.
act='id -un; curl -sS -m 5 https://allowed.test; curl -sS -m 5 https://denied.test; touch /usr/local/bin/x; mount -t tmpfs x /mnt; echo $((6 * 7)) >/tmp/mine; cat /tmp/mine'
real() { # NAME OPTION…
    image=$label-$1 cage --detach --name "$label-real-$1" --env CODETAINER_PROFILE= --env GH_PAT=$token --env CLAUDE_PROMPT="in the shell: $act" "${@:2}"
}
printf '%s\n' 'marketplace them/market' 'plugin useful@market' 'plugin missing@market' >"$scratch/market.conf"
real claude --env 'CODETAINER_ALLOW=api.anthropic.com api.github.com' --env CLAUDE_CODE_OAUTH_TOKEN=oauth_e2e \
    --env REPO_URL=https://github.com/you/real --volume "$scratch/market.conf:/opt/claude/plugins.conf:ro" \
    --env GRAFANA_INSTANCE_ID=123456 --env GRAFANA_API_TOKEN=glc_e2e --env GRAFANA_OTLP_ENDPOINT=https://otlp.test/otlp >/dev/null
real codex --env OPENAI_API_KEY=openai_e2e >/dev/null
both() { "$@" claude && "$@" codex; }
real_ready() { ready "real-$1"; }
real_locked() { json "real-$1" '.verdict == "LOCKED"'; }
real_verify() { verify "real-$1"; }
pane_of() { # AGENT: what is on its screen, on one line
    docker exec --user claude "$label-real-$1" sh -c 'session=$(tmux -S "$1" list-sessions -F "#{session_name}")
        tmux -S "$1" capture-pane -p -S - -t "$session:0.0"' - "$tmux_socket" | tr -s ' \n' ' '
}
draws() { says "$2" pane_of "$1"; }
was_asked() { # PATH JQ: of what the model was asked there
    docker exec $label-world cat /var/log/asked | jq --exit-status --slurp "map(select(.path | startswith(\"$1\"))) | $2"
}
check "both boot" within 30 both real_ready
check "both are LOCKED" both real_locked
check "verify holds in each" both real_verify
# Nobody answers a question here: each has come to its prompt, and gone on, by itself.
outcome='claude reached allowed.test curl: \(6\) Could not resolve host: denied.test touch: .*Read-only file system mount: .*must be superuser.* 42'
check "Claude Code has done what it was told, and was refused what it may not" within 60 draws claude "it said: $outcome"
check "Codex has, too" within 60 draws codex "Output: $outcome"
check "Claude Code signed in with its token" was_asked /v1/messages 'any(.sender == "Bearer oauth_e2e")'
check "Codex with its key" was_asked /v1/responses 'length > 0 and all(.sender == "Bearer openai_e2e")'
check "which its configuration names and does not have" says '^env_key = "OPENAI_API_KEY"$' docker exec --user claude $label-real-codex \
    sh -c '! ls ~/.codex/auth.json && ! grep -F openai_e2e ~/.codex/config.toml && grep env_key ~/.codex/config.toml'
check "Claude Code reads the operator's policy" was_asked /v1/messages 'any(.body | tostring | contains("You work in a locked container"))'
check "it has the status line" within 10 draws claude '░{20} [0-9]+% '
tip() { docker exec --user www-data $label-world git -C "/srv/git/$1.git" rev-parse main; }
synced() { says "^$(tip them/project)$" tip you/real; }
check "when it started the fork was brought up to date" within 20 synced
named() { docker exec --user claude $label-real-claude tmux -S $tmux_socket has-session -t =hold-the-wall; }
check "and after its turn the session has a name" within 60 named
ends() { # AGENT: in order, and before it is killed
    below 9000 stop "real-$1" && says '^(0|143)$' code "real-$1"
}
in_clone() { docker exec --user claude --workdir /workspace/repo $label-real-claude "$@"; }
check "its plugin is installed for where it works" says '^ *Status: . enabled$' in_clone sh -c 'claude plugin list | grep -A 3 useful@market'
check "what is not in the marketplace warns" all 1 'warning: plugin missing@market was not installed' logged real-claude '\[plugins\]'
check "none of it is a change of the clone's" silent in_clone git status --short --untracked-files=all -- .claude
telemetry_came() { docker exec $label-world grep -E "^POST /otlp/v1/logs [0-9]+ application/x-protobuf Basic $(printf %s 123456:glc_e2e | base64)$" /var/log/otlp; }
check "its telemetry arrives" within 30 telemetry_came
check "both end in time" both ends
