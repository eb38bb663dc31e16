# shellcheck shell=bash
# shellcheck disable=SC2016 # what a container's shell expands
# Profiles: the agents gemini, codex and shell, each stood in for by a recorded terminal program; what
# extends another; what is mounted over the image's own; steps; and `codetainer profile check`.
echo '-- profiles'
recorded() { # NAME OPTION…
    cage --detach --name "$label-$1" --env "CODETAINER_PROFILE=$1" \
        --volume "$PWD/profiles/agent:/usr/local/bin/$1:ro" --volume "$PWD/profiles/$1.cast:/usr/local/share/session.cast:ro" "${@:2}"
}
recorded gemini --env GEMINI_API_KEY=gemini_e2e --env TZ=Europe/Berlin --env CLAUDE_PROMPT=unheard >/dev/null
recorded codex --env OPENAI_API_KEY=openai_e2e --env GH_PAT=$token --env CLAUDE_PROMPT='mend "it", $HOME' >/dev/null
cage --detach --name $label-plain-shell --env CODETAINER_PROFILE= --env GH_PAT=$token >/dev/null
agents='gemini codex plain-shell'
each_agent() { # COMMAND…, with the agent's name after it: holds for all
    for agent in $agents; do "$@" "$agent" || { echo "of $agent"; return 1; }; done
}
each_denied() { # REGEX TEXT: what each agent's shell refuses
    for agent in $agents; do
        fails '[1-9][0-9]*' "$1" agent_of "$agent" "$2" || { echo "of $agent"; return 1; }
    done
}
each_allowed() { # REGEX TEXT
    for agent in $agents; do says "$1" agent_of "$agent" "$2" || { echo "of $agent"; return 1; }; done
}
of() { docker exec --user claude "$label-$1" "${@:2}"; }
pane() { of "$1" tmux -S $tmux_socket capture-pane -p "${@:3}" -t "$1:0.0" | grep -E -- "$2"; }
noted() { of "$1" cat "/home/claude/.$2"; }
locked() { json "$1" '.verdict == "LOCKED"'; }
attacked() { docker exec "$label-$1" codetainer verify; }

check "gemini, codex and shell boot" within 20 each_agent ready
check "each is LOCKED" each_agent locked
check "verify holds in each" each_agent attacked
check "what gemini drew is on its screen" within 10 pane gemini '│ >   Type your message or @path/to/file +│'
check "codex is back from its other screen" within 10 pane codex '▌ Ask Codex to do anything'
check "gemini is started as its profile says, without a prompt" says '^/usr/local/bin/gemini$' noted gemini started
check "with its one option" all 2 '^(/usr/local/bin/gemini|--yolo)$' noted gemini started
check "codex has its option, and the prompt as it was given" \
    diff <(noted codex started) <(printf '%s\n' /usr/local/bin/codex --dangerously-bypass-approvals-and-sandbox 'mend "it", $HOME')
check "the image's profile, without a choice, is its agent's" json plain-shell '.boot.profile == "shell"'
check "which is a login shell" says '^-?bash$' of plain-shell \
    tmux -S $tmux_socket display-message -p -t shell:0.0 '#{pane_current_command}'
check "gemini's is in true colour" pane gemini '38;2;137;180;250m╭─{60}╮' -e
check "wide characters too, and what was drawn over is gone" pane gemini '^✓ Ready \(日本語 ok\)$'
check "codex's other screen left nothing" fails 1 '^$' pane codex 'Working|line [0-9]'
of codex tmux -S $tmux_socket send-keys -t codex:0.0 'are you there' Enter
check "it hears what is typed" within 5 pane codex '^codex heard: are you there$'
variables() { noted "$1" environment | grep -vE '^(TMUX|PWD|OLDPWD|SHLVL|_|TERM|PATH|XDG_RUNTIME_DIR|TMUX_TMPDIR)(_[A-Z_]*)?=' | LC_ALL=C sort; }
own='COLORTERM=truecolor
HOME=/home/claude
LANG=C.UTF-8
LOGNAME=claude
SHELL=/bin/bash
USER=claude'
check "gemini has its key and what its profile passes, and nothing else" diff <(variables gemini) \
    <(printf '%s\n' "$own" GEMINI_API_KEY=gemini_e2e TZ=Europe/Berlin | LC_ALL=C sort)
check "codex its own, and the token" diff <(variables codex) \
    <(printf '%s\n' "$own" OPENAI_API_KEY=openai_e2e GH_PAT=$token GH_TOKEN=$token | LC_ALL=C sort)
check "no key is left with PID 1" all 2 '^read$' eval \
    'for agent in gemini codex; do docker exec "$label-$agent" sh -c "cat /proc/1/environ && echo read"; done'
check "without its key gemini does not boot" fails 78 'secret GEMINI_API_KEY is not set' \
    cage --rm --env CODETAINER_PROFILE=gemini

# Attacks, each beside the same act allowed.
get='curl --silent --show-error --fail --max-time 5 https://'
check "gemini reaches its model" says '^reached generativelanguage' agent_of gemini "${get}generativelanguage.googleapis.com"
check "codex its own" says '^reached api.openai.com' agent_of codex "${get}api.openai.com"
check "not each other's" fails 6 'resolve' agent_of gemini "${get}api.openai.com"
check "nor does codex" fails 6 'resolve' agent_of codex "${get}generativelanguage.googleapis.com"
check "each reaches what is allowed" each_allowed '^reached allowed.test' "${get}allowed.test"
check "none what is not" each_denied 'resolve' "${get}denied.test"
check "not by its address either" each_denied 'Connection refused' "exec 3<>/dev/tcp/${v4}66/443"
check "which answers others" outside bash -c "exec 3<>/dev/tcp/${v4}66/443"
check "none makes a namespace" each_denied 'Operation not permitted' 'unshare --user true'
check "each makes a session" each_allowed '^made$' 'setsid --wait echo made'
check "none reads PID 1's environment" each_denied 'Permission denied|No such file' 'cat /proc/1/environ'
check "each reads its own" each_allowed '^OWN=yes$' "OWN=yes cat /proc/self/environ | tr '\0' '\n' | grep OWN"
check "none writes the policy, its profile or the program" each_denied 'Permission denied|Read-only' \
    'for file in /opt/network/domains.conf /etc/codetainer/profile.toml /usr/local/bin/codetainer; do echo >>$file; done; ! :'
check "each writes in its workspace" each_allowed '^kept$' 'echo kept >/workspace/file; cat /workspace/file'
check "none kills PID 1" each_denied 'not permitted|No such process' 'kill -9 1'
check "each kills its own" each_allowed '^killed$' 'sleep 60 & kill -9 $! && echo killed'
check "none becomes root" each_denied 'not permitted|cannot|denied|must be|not found' 'setpriv --reuid 0 --clear-groups id -u'
docker rm --force $label-gemini $label-codex $label-plain-shell >/dev/null

# A profile of one's own, mounted as the image's.
echo '-- profiles that extend'
mkdir "$scratch/profiles"
own() { cat >"$scratch/profiles/$1.toml"; }
own mine <<'TOML'
extends = "claude-code"
name = "mine"
writable = []

[agent]
command = ["agent", "--mine"]
prompt = false
session = "mine"

[[secret]]
name = "CLAUDE_CODE_OAUTH_TOKEN"
required = false

[environment.set]
GOPROXY = "off"

[egress]
allow = ["denied.test"]

[remove]
keys = ["telemetry"]
file = ["/home/claude/.npmrc"]
step = ["plugins"]

[[tmpfs]]
path = "/workspace"
size = "64M"

[[step]]
name = "first"
command = ["bash", "-c", '''
    exec >/workspace/first
    id -u; pwd; grep -E "^(CapEff|NoNewPrivs|Seccomp):" /proc/self/status
    (echo >/etc/codetainer/profile.toml) 2>&1; (exec 3<>/dev/tcp/otlp.test/4318) 2>&1; unshare --user true 2>&1
    sleep 0.3; echo done''']

[[step]]
name = "second"
command = ["sh", "-c", "tail -n 1 first >second; echo said by the second; env | sort >variables"]
environment = { OWN = "1" }
pass = ["TZ"]

[[step]]
name = "endless"
command = ["sleep", "600"]
within = "1s"
required = false

[[step]]
name = "last"
command = ["sh", "-c", "date +%s >last"]
user = "www-data"
directory = "/tmp"
TOML
own shadow <<'TOML'
extends = "claude-code"
name = "shadow"
[[link]]
path = "/home/claude/.local/bin/claude"
target = "/usr/bin/true"
TOML
overridden() { # NAME PROFILE TARGET OPTION…
    cage --name "$label-$1" --env CODETAINER_PROFILE= --env GH_PAT=$token --volume "$PWD/profiles/agent:/usr/local/bin/agent:ro" \
        --volume "$PWD/profiles/codex.cast:/usr/local/share/session.cast:ro" \
        --volume "$scratch/profiles/$2.toml:$3:ro" "${@:4}"
}
image_profile=/etc/codetainer/profile.toml
overridden mine mine $image_profile --detach --env TZ=UTC >/dev/null
overridden both mine $image_profile --detach --env CODETAINER_PROFILE=shell >/dev/null
overridden shadow shadow /etc/codetainer/profiles/claude-code.toml --detach --env CODETAINER_PROFILE=claude \
    --env CLAUDE_CODE_OAUTH_TOKEN=x >/dev/null
log_of() { docker logs "$label-$1" 2>&1; }
log_says() { says "$2" log_of "$1"; }

check "a profile mounted as the image's own boots" within 20 ready mine
check "it is the one that is booted" json mine '.boot.profile == "mine" and .verdict == "LOCKED"'
check "verify holds in it" attacked mine
check "its agent draws" within 10 pane mine 'Ask Codex to do anything'
check "the agent is its own" diff <(noted mine started) <(printf '%s\n' /usr/local/bin/agent --mine)
check "it has what is inherited" says '^GOTELEMETRY=off$' noted mine environment
check "and what is changed" says '^GOPROXY=off$' noted mine environment
check "a secret that says less exposes less" fails 1 '^$' eval 'noted mine environment | grep OAUTH'
check "one that is not changed stays" says "^CODETAINER_NPM_TOKEN=$token\$" noted mine environment
check "its own rule opens a host" agent_of mine 'exec 3<>/dev/tcp/denied.test/443'
check "which is closed where no profile says so" fails 1 'not known|resolution' agent_of both 'exec 3<>/dev/tcp/denied.test/443'
check "the image's allowlist counts as well" says '^reached allowed.test' agent_of mine "${get}allowed.test"
check "the rule stays when the policy is read again" docker exec $label-mine codetainer reload
check "and the host open" agent_of mine 'exec 3<>/dev/tcp/denied.test/443'
check "what is removed is gone" fails 2 'npmrc' of mine ls /home/claude/.npmrc
check "what is beside it is there" of mine test -e /home/claude/.claude/CLAUDE.md
check "a changed file system has its size" says ' /workspace .*size=65536k' of mine grep ' /workspace ' /proc/self/mountinfo
check "others theirs" says ' /home/claude .*size=1048576k' of mine grep ' /home/claude ' /proc/self/mountinfo

# What each step could do, and when.
step_said() { of mine cat /workspace/first; }
step_said_of() { step_said | grep -E -- "$1" || { step_said; false; }; }
check "a step runs as the agent, in its workspace" says '^1000 /workspace$' eval 'echo $(step_said | head -n 2)'
check "without capabilities, filtered, and without new ones" \
    says '^CapEff: 0000000000000000 NoNewPrivs: 1 Seccomp: 2$' eval 'echo $(step_said | sed -n 3,5p)'
check "it writes no profile" step_said_of 'profile.toml: Read-only file system'
check "reaches no host that is not allowed" step_said_of 'otlp.test: (Name or service not known|Temporary failure)'
check "and makes no namespace" step_said_of 'unshare failed: Operation not permitted'
check "the next one comes after its end" says '^done$' of mine cat /workspace/second
check "what it says is in the log" says '^\[second\] said by the second$' log_of mine
check "it has variables of its own, and no secret" diff \
    <(of mine cut -d= -f1 /workspace/variables | grep -vE '^(_|SHLVL|OLDPWD)$') \
    <(printf '%s\n' HOME LANG LOGNAME OWN PATH PWD TZ USER)
check "one that takes too long is given up" log_says mine 'service endless: not ready within 1000.*: going on without it'
check "and the last runs all the same, as whom it says" says '^www-data$' of mine stat -c %U /tmp/last
check "status lists them" json mine '[.services[].name] == ["resolver", "first", "second", "endless", "last"]'

check "with another choice in the environment, that is booted" within 20 ready both
check "and counts more" json both '.boot.profile == "shell"'
check "which boot warns of" log_says both \
    'CODETAINER_PROFILE=shell counts more than /etc/codetainer/profile.toml, which is mounted'
check "a profile that is mounted over another boots by the other's name" within 20 ready shadow
check "and extends the one that it hides" json shadow '.boot.profile == "shadow"'
check "with a link of its own" says '^/usr/bin/true$' of shadow readlink /home/claude/.local/bin/claude
check "and the rest of the other's" says '_authToken=' of shadow cat /home/claude/.npmrc
docker rm --force $label-mine $label-both $label-shadow >/dev/null

# Mistakes of all files, told by boot and by `profile check` alike.
own base <<'TOML'
name = "base"
[user]
name = "claude"
colour = "red"
[agent]
command = ["true"]
TOML
own wrong <<'TOML'
# wrong
extends = "base"
[agent]
on-exit = "explode"
[remove]
secret = ["NONE"]
[egress]
publish = [
    "80/tcp",
    "80/sctp",
]
allow = ["exa mple.test"]
[[step]]
name = "s"
TOML
printf '[[\n' | own brackets
printf 'name = "a\0"\n' | own nul
printf 'extends = "circle"\n' | own circle
printf 'extends = "hen"\n' | own egg
printf 'extends = "egg"\n' | own hen
own failing <<'TOML'
extends = "/etc/codetainer/profiles/shell.toml"
[[step]]
name = "must-hold"
command = ["sh", "-c", "echo it does not hold >&2; exit 3"]
TOML
own policyless <<'TOML'
extends = "claude-code"
[[file]]
path = "/home/claude/.claude/CLAUDE.md"
source = "/opt/claude/NONE.md"
owner = "root"
mode = "0444"
TOML
mistakes='wrong.toml:4: on-exit "explode" must be one of keep, end, restart
wrong.toml:6: remove.secret "NONE" is not inherited: check the spelling, or leave it out
wrong.toml:10: egress.publish "80/sctp" is not a port: write 8080/tcp or 8000-8100/udp
wrong.toml:12: egress.allow "exa mple.test" is not one rule: write it as in "api.example.com:443"
wrong.toml:13: step.command is empty: name a program and its arguments
base.toml:4: unknown key user.colour: known here are name'
checked() { # FILE…: by the image, outside of a cage
    docker run --rm --network none --volume "$scratch/profiles:/p:ro" --entrypoint codetainer "$image" profile check "$@"
}
booted() { # NAME OPTION…: to its end
    cage --rm --volume "$scratch/profiles:/p:ro" --env "CODETAINER_PROFILE=/p/$1.toml" "${@:2}"
}
same_mistakes() { # COMMAND…: says all of them, in this order, and nothing else
    local output status=0
    output=$("$@" 2>&1) || status=$?
    echo "exit code $status"
    [ $status = 78 ] && diff <(sed 's|^codetainer: ||; s|^error: ||; s|^/p/||' <<<"$output" | grep -v '^\[') <(echo "$mistakes")
}
check "profile check tells every mistake, with its file and line" same_mistakes checked /p/wrong.toml
check "boot tells the same" same_mistakes booted wrong
check "two brackets are a mistake" fails 78 '^codetainer: /p/brackets.toml:1: not TOML: ' checked /p/brackets.toml
check "for boot, too" fails 78 'brackets.toml:1: not TOML: ' booted brackets
check "so is a NUL" fails 78 'nul.toml:1: not TOML: a control character' checked /p/nul.toml
check "a circle" fails 78 'circle.toml:1: extends "circle" leads back to /p/circle.toml' checked /p/circle.toml
check "and a longer one" fails 78 'egg.toml:1: extends "hen" leads back to /p/hen.toml' checked /p/hen.toml
check "a profile that is not there has the code of files" fails 66 'none.toml: No such file' checked /p/none.toml
check "a directory, too" fails 66 'Is a directory' checked /p/
docker run --detach --name $label-checker --label $label --entrypoint sleep "$image" infinity >/dev/null
hostile=('[' '[[' '[[]]' '[[a' '[a.' '[a]]' '=' '.=' '"' "'" '"""' "'''" 'a=[' 'a={' 'a={b' 'a=\' 'a="\' 'a="\u' 'a=0x' 'a=1e'
    'a=--1' 'a=99999999999999999999' 'a.b.' '[a' 'a=[[[' 'a=07' $'\xff' $'\r' $'a="\x01"' 'extends = "/p/../p/base"'
    'extends = ["shell"]' 'extends = "/dev"' 'extends = "-"' $'extends = "shell"\nextends = "shell"'
    $'extends = "shell"\n[remove]\nkeys = ["", ".", "a..b"]' $'name = "\e[31mred\u202e"\n"\e[2J" = 1'
    "$(printf '[%.0s' {1..5000})" "$(printf 'a.%.0s' {1..5000})b=1" "a=$(printf '[%.0s' {1..5000})" "a=$(printf '{a=%.0s' {1..5000})")
hostile_profiles() { # each ends with 78, and its lines are printed as they stand
    local text output status
    for text in "${hostile[@]}"; do
        status=0
        output=$(printf '%s' "$text" | docker exec --interactive $label-checker codetainer profile check /dev/stdin 2>&1) || status=$?
        if [ $status != 78 ] || ! grep -q '^codetainer: /dev/stdin' <<<"$output" || LC_ALL=C.UTF-8 grep -q '[[:cntrl:]]' <<<"$output"; then
            printf '%s\n' "with ${text:0:60}: $status, $output"
            return 1
        fi
    done
}
check "whatever else is no profile is told in printable lines" hostile_profiles
listings() { # each shipped profile's listing is a profile that is listed as the same
    docker exec $label-checker sh -ec 'cd /etc/codetainer/profiles && test -e shell.toml
        for file in *.toml; do
            codetainer profile check "${file%.toml}" >/tmp/one.toml
            codetainer profile check /tmp/one.toml >/tmp/other.toml
            ! grep "^extends" /tmp/other.toml
            tail -n +2 /tmp/one.toml >/tmp/one
            tail -n +2 /tmp/other.toml | diff /tmp/one - && grep -q "^command = " /tmp/one
        done'
}
check "each profile of the image is good, and its listing says the same" listings
check "with origins each value has its line" \
    says '^GOPROXY = "https://proxy.golang.org,off"  # /etc/codetainer/profiles/claude-code.toml:[0-9]+$' \
    docker exec $label-checker codetainer profile check --origins claude-code
check "in a directory of their own, names are found beside" says '^# profiles/gemini.toml, which extends profiles/shell.toml$' \
    docker run --rm --workdir /r --volume "$PWD/../../profiles:/r/profiles:ro" --entrypoint codetainer "$image" \
    profile check profiles/gemini.toml

check "a step that must hold ends boot" fails 69 'must-hold' booted failing
check "with what it said" fails 69 '\[must-hold\] it does not hold' booted failing
check "without the user policy the agent does not start" fails '71|78' 'NONE.md' booted policyless --env GH_PAT=$token \
    --env CLAUDE_CODE_OAUTH_TOKEN=x --volume "$PWD/claude:/usr/local/bin/claude:ro"
docker rm --force $label-checker >/dev/null

# The Compose files of the agents beside Claude Code, whose own is of the topic deploy.
check "the tools of these tests are there" silent ../Deploy/tools
cp -r ../../deploy/compose "$scratch/agents"
for secret in GEMINI_API_KEY OPENAI_API_KEY; do
    echo composed_e2e >"$scratch/agents/secrets/$secret"
    chmod 600 "$scratch/agents/secrets/$secret"
done
agents_compose() { # AGENT ARGUMENT…
    CODETAINER_IMAGE=$image LABEL=$label AGENT=$1 WORLD_DNS=${v4}53 RECORDED=$PWD/profiles docker-compose \
        --project-name "$label-$1" --file "$scratch/agents/$1.yaml" --file ../Deploy/agent.yaml "${@:2}"
}
agents='gemini codex shell'
for agent in $agents; do agents_compose "$agent" up --detach >"$scratch/up" 2>&1 || cat "$scratch/up"; done
composed_agents() { # COMMAND…, with the name after it
    for agent in $agents; do "$@" "$agent-compose" || { echo "of $agent"; return 1; }; done
}
good_files() { for agent in $agents; do ../Deploy/validate compose "../../deploy/compose/$agent.yaml" || return; done; }
check "their Compose files are what the specification has" good_files
check "Compose starts each" within 30 composed_agents ready
check "each is LOCKED" composed_agents locked
keyed() { # AGENT VARIABLE
    agent_of "$1-compose" "[ \"\$$2\" = composed_e2e ]" && ! docker inspect "$label-$1-compose" | grep composed_e2e
}
check "gemini has its key, which Docker does not show" keyed gemini GEMINI_API_KEY
check "so has codex" keyed codex OPENAI_API_KEY
check "in each its host is reached where it has one" says '^reached api.openai.com' agent_of codex-compose "curl -sSk https://api.openai.com"
check "what is not allowed is not" fails 6 'resolve' agent_of shell-compose "${get}api.openai.com"
in_health() { docker exec "$label-$1" codetainer health; }
check "each is healthy" composed_agents in_health
stopped() { for agent in $agents; do agents_compose "$agent" stop >/dev/null 2>&1 || return; done; composed_agents code; }
check "Compose stops each, and each ends by itself" all 3 '^143$' stopped
for agent in $agents; do agents_compose "$agent" down --timeout 1 >/dev/null 2>&1; done
