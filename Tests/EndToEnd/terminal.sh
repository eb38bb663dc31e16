# shellcheck shell=bash
# The agent's session, and an operator's terminal: a tmux of our own plays the terminal.
echo '-- terminal'
session() { docker exec --user claude $label-agent tmux -S $tmux_socket "$@"; }
terminal() { tmux -L $label -f /dev/null "$@"; }
screen() { terminal capture-pane -p -t "$1"; }
shows() { screen "$1" | grep -E -- "$2" || { screen "$1"; false; }; }

panes() { session list-panes -t shell -F '#{pane_index} #{pane_height} #{window_height} #{pane_start_command}'; }
share() { panes | awk -v pane="$1" '$1 == pane { print int(100 * $2 / $3 + 0.5) }'; }
check "there are two panes" says '^1 ' panes
check "the agent is in pane 0" says '^0 .*bash' panes
check "pane 0 has four fifths of the height" says '^(78|79|80|81|82)$' share 0
check "pane 1 has one fifth" says '^(18|19|20|21|22)$' share 1
session send-keys -t shell:0.1 'shopt login_shell' Enter
session_shows() { session capture-pane -p -t "shell:0.$1" | grep -E "$2"; }
check "pane 1 is a login shell" within 5 session_shows 1 'login_shell *on'
check "the session keeps 250,000 lines" says ' 250000$' session show -g history-limit
check "the session has no status bar" says ' off$' session show -g status
check "the socket is linked from /tmp" \
    docker exec --user claude $label-agent tmux -S /tmp/tmux-1000/default has-session -t shell

terminal new-session -d -s attach -x 120 -y 40 "$docker exec -it $label-agent attach"
terminal send-keys -t attach 'echo $((6 * 7))-from-the-terminal' Enter
check "attach shows the agent and takes keys" within 10 shows attach '^42-from-the-terminal'
clients() { session list-clients -F '#{client_pid}' | xargs -I{} "$docker" exec $label-agent ps -o user= -p {}; }
check "the attached client runs as the agent" says '^claude' clients

# `docker exec` made the operator's terminal, so it is that of a process whose parent is outside. The
# agent's processes hold the panes' and the client's, and the server holds the latter, as it should.
operators_terminal() { operator ps -eo ppid=,tty= | awk '$1 == 0 && $2 ~ /pts/ { print "/dev/" $2 }'; }
agents_terminals() {
    docker exec --user claude $label-agent sh -c 'for process in $(pgrep "$@"); do
        readlink /proc/"$process"/fd/*; done | grep "^/dev/pts/[0-9]" | sort -u' - "$@"
}
kept_apart() {
    local operators clients
    operators=$(operators_terminal) clients=$(session list-clients -F '#{client_tty}')
    echo "the operator's terminal is $operators, the client's $clients; the server and the agent hold:"
    agents_terminals -x 'tmux: server' | grep -xF "$clients" &&
        says . agents_terminals -u claude && [ -n "$operators" ] &&
        ! agents_terminals -u claude | grep -xF "$operators"
}
check "the operator's terminal stays out of the agent's reach" kept_apart

terminal new-session -d -s login -x 120 -y 40 "$docker exec -it $label-agent bash"
check "an operator's shell ends in attach" within 10 shows login '^42-from-the-terminal'
terminal send-keys -t login C-b d
check "detaching leaves a root shell" within 10 shows login '^root@'
terminal kill-server
check "the session survives its operators" session has-session -t shell
