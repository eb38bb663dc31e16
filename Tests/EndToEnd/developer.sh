# shellcheck shell=bash
# shellcheck disable=SC2016 # what a container's shell expands
# What a developer does all day, under the agent's cage: the image under test with tools in it.
echo '-- a developer at work'
docker build --quiet --build-arg "IMAGE=$image" --tag $label-developer developer >/dev/null
image=$label-developer cage --detach --name $label-developer --env GH_PAT=$token >/dev/null
within 20 ready developer >/dev/null
work() { agent_of developer "set -e; cd /workspace; $1"; }

check "git clones, commits and pushes over https with the broker's credential" says 'developer -> developer' \
    work 'git clone --quiet https://github.com/project.git mine; cd mine; git switch --quiet -c developer
        echo change >>README; git commit --quiet --all --message "A change"
        git push --force origin developer 2>&1'
check "git pull has what was pushed" says 'A change' \
    work 'git clone --quiet --branch developer git@github.com:project.git again; git -C again log --oneline'
check "nobody else's push is taken" fails 128 '403|not read Username' \
    work 'cd mine; GIT_TERMINAL_PROMPT=0 git push https://git.test/project.git developer'
check "make and gcc build a program" says '^hello from C$' work 'mkdir c; cd c
    printf "%s\n" "#include <stdio.h>" "int main(void) { puts(\"hello from C\"); }" >hello.c
    printf "hello: hello.o\n" >Makefile; make --silent CFLAGS=-g; ./hello'
check "go builds a program" says '^hello from Go$' work 'mkdir go; cd go; export GOPROXY=off
    printf "%s\n" "package main" "import \"os\"" "func main() { os.Stdout.WriteString(\"hello from Go\\n\") }" >main.go
    go mod init hello 2>/dev/null; go build -o hello; ./hello'
check "a Python environment is made and used" says '^/workspace/venv$' \
    work 'python3 -m venv venv; venv/bin/pip --version >/dev/null
        venv/bin/python -c "import sys; print(sys.prefix)"'
check "Python's processes share locks and memory" says '^\[0, 1, 4, 9\]$' work 'cat >pool.py <<"CODE"
from multiprocessing import Pool, shared_memory
def square(number): return number * number
if __name__ == "__main__":
    shared_memory.SharedMemory(create=True, size=4096).unlink()
    with Pool(4) as pool: print(pool.map(square, range(4)))
CODE
    python3 pool.py'
check "npm runs a script of node's" says '^built by node' work 'mkdir node; cd node
    echo "{\"scripts\": {\"build\": \"node build.js\"}}" >package.json
    echo "console.log(\"built by node\", process.version)" >build.js
    npm run --silent --offline build'
check "a server on loopback is reached by curl" says '^served$' work 'mkdir www; cd www; echo served >index.html
    python3 -m http.server --bind 127.0.0.1 8000 >/dev/null 2>&1 & server=$!
    curl --silent --retry 20 --retry-connrefused --retry-delay 1 http://localhost:8000; kill $server'
check "gdb debugs a child" says '^#0 .*main' \
    work 'gdb -batch -ex "break main" -ex run -ex backtrace c/hello 2>&1'
check "strace traces a child" says 'write\(1, "hello from C' \
    work 'strace -f -o trace.log c/hello; cat trace.log'
check "tmux runs inside tmux" says '^from within$' work 'unset TMUX; tmux -L inner new-session -d "echo from within; sleep 60"
    for turn in 1 2 3 4 5 6 7 8 9 10; do tmux -L inner capture-pane -p | grep "from within" && break; sleep 0.2; done
    tmux -L inner kill-server'
check "files are watched" says 'CREATE made' work 'mkdir watched
    (while :; do touch watched/made; sleep 0.1; rm -f watched/made; done) & toucher=$!
    inotifywait --quiet --timeout 5 --event create watched; kill $toucher'
check "files are moved and linked between directories" says '^text text$' work 'mkdir one two; echo text >one/file
    mv one/file two/file; ln two/file one/linked; mv two/file ~/file; mv ~/file /tmp/file
    echo $(cat one/linked /tmp/file)'
check "a program runs on a terminal of its own" says '^/dev/pts/' work 'script --quiet --command tty /dev/null'
check "make runs 200 jobs at once" says '^200$' work 'mkdir many; cd many
    printf "all: %s\n%%.o:; @sleep 6\n" "$(seq -s " " -f "%.0f.o" 200)" >Makefile
    make -j200 & most=0
    for turn in $(seq 40); do jobs=$(pgrep -xc sleep || :); [ "$jobs" -le $most ] || most=$jobs
        [ $most -lt 200 ] || break; sleep 0.2; done
    echo $most; wait'
check "the cage has held" docker exec $label-developer status
docker rm --force $label-developer >/dev/null
