# An operator's terminal shows the agent's session. Whoever detaches, or cannot attach, has a root
# shell.
. /usr/local/share/bash-completion/completions/codetainer
case $- in
*i*) if [ -t 0 ] && [ -t 1 ] && [ -z "${TMUX-}" ]; then attach; fi ;;
esac
