# shellcheck shell=bash
# The session's own niceties: the image's hooks as Claude Code runs them, with a stand-in for it, real
# tmux, real git and real gh.
echo '-- niceties'
printf '%s\n' '# a comment' 'marketplace them/market' 'plugin useful@market' '' 'plugin missing@market' 'plugin --all' \
    'other x' >"$scratch/plugins.conf"
cage --detach --name $label-niceties --env CODETAINER_PROFILE=claude-code --env GH_PAT=$token \
    --env CLAUDE_CODE_OAUTH_TOKEN=oauth_e2e --env REPO_URL=https://github.com/you/fork \
    --env CODETAINER_ALLOW=api.github.com --volume "$PWD/niceties/claude:/usr/local/bin/claude:ro" \
    --volume "$scratch/plugins.conf:/opt/claude/plugins.conf:ro" >/dev/null
# One to whom github.com is a server that takes connections and is silent.
cage --detach --name $label-niceties-silent --add-host "github.com:${v4}20" >/dev/null
as_claude() { agent_of niceties "cd /tmp; export TMUX_PANE=%0; $1"; }
# The command that the settings have for an event, in the agent's pane.
hook() { # EVENT JSON [ENVIRONMENT]
    as_claude "printf '%s' '$2' | ${3-} sh -c \"\$(jq -r '.hooks.$1[0].hooks[0].command' ~/.claude/settings.json)\""
}
says_nothing_of_it() { # WORD COMMAND…
    local output
    output=$("${@:2}" 2>&1)
    printf '%s\n' "$output"
    [ -n "$output" ] && ! grep -qF -- "$1" <<<"$output"
}
in_the_world() { docker exec --user www-data $label-world "$@"; }
tip() { in_the_world git -C "/srv/git/$1.git" rev-parse "${2:-main}"; }
goes_on() { # REPOSITORY: has a commit more
    in_the_world sh -c 'cd "/srv/git/$1.git" && tree=$(git rev-parse main^{tree}) && tip=$(git -c user.name=w -c user.email=w@git.test \
        commit-tree "$tree" -p main -m "more of $1") && git update-ref refs/heads/main "$tip"' - "$1"
}

check "claude-code with a fork boots" within 20 ready niceties
check "the image's own settings are in place" says '^root 444$' \
    as_claude 'stat -c "%U %a" ~/.claude/settings.json'
check "their hooks and status line are there to run" says '^4$' as_claude \
    'jq -r ".statusLine.command, .hooks[][].hooks[].command" ~/.claude/settings.json | xargs -n1 test -x && jq -r ".statusLine.command, .hooks[][].hooks[].command" ~/.claude/settings.json | wc -l'
check "nobody but root can change them" fails 1 'Permission denied|Read-only' \
    as_claude 'echo >/usr/local/lib/codetainer/name-session'

plugin_calls='plugin marketplace add them/market
plugin install useful@market
plugin install missing@market
plugin install --scope local missing@market'
called_plugins() { diff <(as_claude 'cat /tmp/plugin-calls') <(echo "$plugin_calls"); }
warnings() { docker logs $label-niceties 2>&1 | grep -F '[plugins] '; }
check "marketplaces and plugins are installed before the agent starts" called_plugins
check "what fails warns" all 3 'warning: (plugin missing@market|plugin --all|other x) was not installed' warnings

# What waits for the silent server, while others are tried.
check "a cage with a silent github.com boots" within 20 ready niceties-silent
agent_of niceties-silent 'cd /tmp; git init -q clone; getent hosts slow.test
    printf "%s\n" "origin https://github.com/you/fork" "upstream https://github.com/them/project" >remotes
    (start=$SECONDS; /usr/local/lib/codetainer/sync-fork /tmp/clone /tmp/remotes
        echo "code $? after $((SECONDS - start)) s") >silence 2>&1 &' >/dev/null

# The namer.
as_claude 'mkdir asked; cd asked; echo fix-login-redirect >answer; echo works >mode; : >calls
    echo "{\"type\": \"user\", \"message\": {\"content\": \"mend the login, please\"}}" >transcript
    echo "{\"type\": \"assistant\", \"message\": {\"content\": [{\"type\": \"text\", \"text\": \"Done.\"}]}}" >>transcript'
turn_ends() { hook Stop "{\"session_id\": \"$1\", \"transcript_path\": \"/tmp/asked/transcript\"}" "${2-}"; }
answers() { as_claude "echo '$1' >asked/mode; printf '%s\n' '${2-fix-login-redirect}' >asked/answer"; }
was_asked() { says "^$1\$" as_claude 'wc -l <asked/calls'; }
session_is() { says "^$1\$" as_claude 'tmux display-message -p -t %0 "#S"'; }
is_named() { turn_ends "$1" && within 5 session_is "$2"; }
# The work is over when nobody holds its lock.
at_rest() { within 10 as_claude 'flock --nonblock /run/user/1000/session-names/.lock true'; }
# Milliseconds of a hook, seen from inside.
hook_time() {
    as_claude 'start=${EPOCHREALTIME/./}
        echo "{\"session_id\": \"timed\", \"transcript_path\": \"/tmp/asked/transcript\"}" | /usr/local/lib/codetainer/name-session
        echo $(((${EPOCHREALTIME/./} - start) / 1000))'
}
has_a_limit() { within 5 docker exec $label-niceties pgrep -f '^timeout --kill-after=2 60 claude '; }

check "the session is named after what the agent says" is_named one fix-login-redirect
check "which was asked without tools and hooks, and knows what it must not do" \
    says '^asked --print .*--max-turns 1 --tools  --settings ."disableAllHooks": true. guard=1 nested=$' \
    as_claude 'cat asked/calls'
check "and was shown the conversation" says '^user: mend the login, please$' as_claude 'cat asked/question'
at_rest
check "its own Stop hook asked nobody" was_asked 1
check "the same session is not named twice" turn_ends one
at_rest
check "and nobody was asked" was_asked 1
answers works add-search-api
check "another session is" is_named two add-search-api
at_rest
answers fails
check "an agent that fails does not fail the hook" silent turn_ends three
at_rest
check "it was asked" was_asked 3
check "and the session keeps its name" session_is add-search-api
answers works third-time-lucky
check "the next Stop tries again" is_named three third-time-lucky
at_rest
answers is-slow slow-but-sure
check "the hook is back at once when the agent is not" below 500 hook_time
check "and the agent has a time limit" has_a_limit
check "a second Stop meanwhile" silent turn_ends timed
check "names the session all the same" within 10 session_is slow-but-sure
at_rest
check "and asked nobody" was_asked 5
becomes() { # ANSWER NAME
    answers works "$1"
    is_named "turn-$BASHPID" "$2"
}
stays_after() { # ANSWER NAME
    answers works "$1"
    calls=$(as_claude 'wc -l <asked/calls')
    turn_ends "turn-$BASHPID" && within 5 was_asked $((calls + 1)) && at_rest && session_is "$2"
}
check "an answer in another form becomes a name" becomes '`Fix Login: Redirect_now`' fix-login-redirect-now
check "one with too many words loses some" becomes 'a-b-c-d-e-f' a-b-c-d
check "one that is too long, too" \
    becomes "$(printf 'a%.0s' {1..30})-$(printf 'b%.0s' {1..18})-cc" "$(printf 'a%.0s' {1..30})-$(printf 'b%.0s' {1..18})"
check "nothing but letters, digits and hyphens is left of one" becomes '$(reboot)-;kill:0.1-#{pid}' reboot-kill01-pid
check "a sentence is no name" stays_after 'Sure! Here is a name for the session.' reboot-kill01-pid
check "neither is one word" stays_after 'login' reboot-kill01-pid
check "nor nothing" stays_after '' reboot-kill01-pid
attached() { # [NAME]: an operator's client is at the session while `attach` runs on a terminal
    local client status=0
    # Its input must stay open.
    sleep 20 2>/dev/null |
        script --quiet --command "$docker exec -it $label-niceties attach --read-only $*" /dev/null >/dev/null 2>&1 &
    client=$!
    within 10 says '^reboot-kill01-pid$' as_claude 'tmux list-clients -F "#S"' || status=1
    as_claude 'tmux detach-client -s reboot-kill01-pid' || status=1
    wait "$client" || status=1
    return "$status"
}
check "attach finds the session that was renamed" attached
check "by its new name, too" attached reboot-kill01-pid
calls=$(as_claude 'wc -l <asked/calls')
odd_documents() { # none is named, and none fails
    for document in '' garbage '[]' null '{"session_id": 7}' '{"session_id": "../../../tmp/asked/x"}' \
        '{"session_id": ""}' '{"session_id": "a b"}' '{"session_id": "fine", "transcript_path": "/etc/shadow"}' \
        '{"session_id": "fine", "transcript_path": 1}' '{"session_id": "fine"}'; do
        silent hook Stop "$document" || return
    done
    at_rest
    was_asked "$calls"
}
check "odd documents name nothing and fail nothing" odd_documents
check "outside of tmux nobody is asked" silent hook Stop \
    '{"session_id": "outside", "transcript_path": "/tmp/asked/transcript"}' 'TMUX_PANE='
check "its answer was not needed" was_asked "$calls"

# The status line.
line() { as_claude "printf '%s' '$1' | $(docker exec $label-niceties jq -r .statusLine.command /opt/claude/settings.json)"; }
used() { line "{\"model\": {\"display_name\": \"Model 4\"}, \"context_window\": {\"used_percentage\": $1}}"; }
bar() { printf '█%.0s' $(seq "$1"); printf '░%.0s' $(seq $((20 - $1))); }
escape=$'\e'
check "the status line shows model, context and session" \
    says "^$escape\\[36mModel 4$escape\\[0m  $escape\\[32m$(bar 13) 65%$escape\\[0m  $escape\\[2mreboot-kill01-pid$escape\\[0m\$" used 65.4
check "it is green to 65 %" says "$escape\\[32m█{13}░{7} 65%" used 65
check "yellow above" says "$escape\\[33m█{13}░{7} 66%" used 66
check "yellow to 85 %" says "$escape\\[33m█{17}░{3} 85%" used 85
check "red above" says "$escape\\[31m█{17}░{3} 86%" used 86
check "it ends with the bar" says "$escape\\[31m█{20} 100%" used 1e9
check "and begins with it" says "$escape\\[32m░{20} 0%" used -3
plain_status_line() { # DOCUMENT: says so, and nothing to the terminal but its own colours
    local output
    output=$(line "$1") || return
    printf '%s\n' "$output" | cat -v
    output=${output//$'\e'\[@(0|2|31|32|33|36)m/}
    [[ $(wc -l <<<"$output") = 1 && $output = *░░*--%* ]] && ! LC_ALL=C.UTF-8 grep -q '[[:cntrl:]]' <<<"$output"
}
odd_lines() {
    shopt -s extglob
    for document in '' garbage '[]' null 7 '{}' '{"model": 7}' '{"context_window": {"used_percentage": null}}' \
        '{"context_window": {"used_percentage": "99"}}' '{"context_window": []}' '{"session_id": {}}' \
        '{"model": {"display_name": "\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e\r\n\u0000x"}}'; do
        plain_status_line "$document" || { echo "with $document"; return 1; }
    done
}
check "whatever is odd or missing, a line is printed and no control reaches the terminal" odd_lines
check "outside of tmux it has the session's id" says '2msome-id' as_claude \
    "echo '{\"session_id\": \"some-id\"}' | TMUX_PANE= /usr/local/lib/codetainer/statusline"

# gh.
check "gh has the broker's token where the environment is stripped" says '^https://github.com/them/project.git$' \
    as_claude 'env -i /usr/local/bin/gh api repos/you/fork --jq ".parent.clone_url // empty"'
check "and another where one is given" says '^mine$' as_claude 'GH_TOKEN=mine gh auth token'
check "an empty one is none" says "^$token\$" as_claude 'GH_TOKEN= gh auth token'
check "its code is gh's" fails 1 'unknown command' as_claude 'gh nonesuch'
check "where the broker gives none gh says so itself" fails 1 'no oauth token|not logged' \
    docker exec --user nobody --env HOME=/tmp $label-niceties gh auth token

# The fork.
remotes='cat /run/codetainer/remotes'
sync_fork() { hook SessionStart '{}' 2>&1; }
follows() { # its parent: fork, clone
    local parent
    parent=$(tip them/project)
    echo "parent $parent fork $(tip you/fork)"
    [ "$(tip you/fork)" = "$parent" ] && says "^$parent\$" as_claude 'git -C /workspace/repo rev-parse main'
}
check "a fork's parent is its remote upstream" says '^https://github.com/them/project.git$' \
    as_claude 'git -C /workspace/repo remote get-url upstream'
check "the snapshot has both" says '^upstream https://github.com/them/project.git$' as_claude "$remotes"
check "it is root's" says '^root 444$' as_claude 'stat -c "%U %a" /run/codetainer/remotes'
check "and out of the agent's reach" fails '1|2' 'Permission denied|Read-only' as_claude 'rm -f /run/codetainer/remotes'
check "at the start of a session the fork is brought up to date" \
    says '^fork sync: github.com/you/fork main is at [0-9a-f]+ now$' sync_fork
check "and the clone with it" follows
check "a second time there is nothing to do" says 'main is up to date$' sync_fork
goes_on them/project
as_claude 'cd /workspace/repo; git remote set-url upstream https://git.test/project.git
    git config url.https://git.test/.insteadOf https://github.com/; git config --global url.https://git.test/.insteadOf https://github.com/
    printf "#!/bin/sh\ntouch /tmp/hooked\n" >.git/hooks/post-merge; chmod +x .git/hooks/post-merge; cp .git/hooks/post-merge .git/hooks/reference-transaction
    git config core.fsmonitor /workspace/repo/.git/hooks/post-merge; git switch -q -c work; rm -f /tmp/hooked'
check "what the clone's configuration says does not count" says 'is at [0-9a-f]+ now$' sync_fork
check "the branch goes along while another is checked out" follows
check "and runs nothing of its" says '^$' as_claude 'ls /tmp/hooked 2>/dev/null || :'
as_claude 'cd /workspace/repo; git switch -q main; git commit -q --allow-empty -m own' >/dev/null
mine=$(as_claude 'git -C /workspace/repo rev-parse main')
goes_on them/project
check "commits of the clone's own stand against it" says 'is at [0-9a-f]+ now; the clone stays behind$' sync_fork
check "and stay" says "^$mine\$" as_claude 'git -C /workspace/repo rev-parse main'
goes_on you/fork
own=$(tip you/fork)
goes_on them/project
check "commits of the fork's own are left alone" says 'has commits of its own: it stays as it is$' sync_fork
check "in the world, too" says "^$own\$" tip you/fork
snapshot() { # NAME ADDRESS: of it
    as_claude "printf '%s\n' 'origin https://github.com/you/fork' '$1 $2' >/tmp/snapshot
        /usr/local/lib/codetainer/sync-fork /workspace/repo /tmp/snapshot 2>&1"
}
check "a parent that is not there is a line" says 'them/none does not answer: nothing is changed$' \
    snapshot upstream https://github.com/them/none
strange_addresses() {
    for address in http://github.com/them/project https://github.com@git.test/them/project https://git.test/them/project \
        https://github.com.git.test/them/project https://github.com:8443/them/project https://github.com/them/project/more \
        https://github.com/them/../project https://github.com/-them/project 'ext::touch\ /tmp/hooked' git@github.com:them/project \
        https://x:y@github.com/them/project /workspace/repo '--upload-pack=x' ''; do
        silent snapshot upstream "$address" || { echo "with $address"; return 1; }
    done
    silent snapshot other https://github.com/them/project
}
check "an address that is not exactly one of github.com's is none" strange_addresses
check "without a snapshot there is nothing to do" silent \
    as_claude '/usr/local/lib/codetainer/sync-fork /workspace/repo /tmp/nonesuch'
check "no line of it has the token" says_nothing_of_it $token sync_fork
check "a server that is silent is waited for ten seconds" within 15 \
    says '^code 0 after 1[0-2] s$' docker exec $label-niceties-silent cat /tmp/silence
check "and is a line" says 'them/project does not answer: nothing is changed$' docker exec $label-niceties-silent cat /tmp/silence
check "the cage has held" json niceties '.verdict == "LOCKED"'
docker rm --force $label-niceties $label-niceties-silent >/dev/null
