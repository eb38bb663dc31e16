"""Plays the terminal of an interactive container: types lines, changes the size, shows the screen."""
import fcntl, os, pty, re, select, signal, struct, sys, termios, time

def size(rows, columns):
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))

seen = b''
def until(text, seconds=20):
    """Reads until the screen has shown the text once more."""
    global seen
    start, end = len(seen), time.time() + seconds
    while not re.search(text, seen[start:]):
        ready, _, _ = select.select([master], [], [], max(0, end - time.time()))
        if not ready:
            return
        try:
            data = os.read(master, 65536)
        except OSError:
            return
        if not data:
            return
        seen += data

def type_(text):
    os.write(master, text.encode())

def start(arguments):
    global child, master
    child, master = pty.fork()
    if child == 0:
        time.sleep(0.2)
        os.execvp(arguments[0], arguments)
    size(37, 101)

def end():
    until(rb'\0')
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

start(sys.argv[1:])
until(rb'[$#] ')
type_("PS1='ready> '\n"); until(rb'\nready> ')
type_('stty size\n'); until(rb'\nready> ')
size(41, 99); time.sleep(0.5)
type_('stty size\n'); until(rb'\nready> ')
type_('sleep 70\n'); time.sleep(0.7); type_('\x03'); until(rb'ready> ')
type_('echo after-interrupt $?\n'); until(rb'\nready> ')
type_('sleep 71\n'); time.sleep(0.7); type_('\x1a'); until(rb'ready> ')
type_('fg\n'); time.sleep(0.7); type_('\x03'); until(rb'ready> ')
type_('echo after-fg $?\n'); until(rb'\nready> ')
type_('echo opened-terminal >$(tty)\n'); until(rb'\nready> ')
type_('exit 5\n')
code = end()
# The same without a shell around the program, from which it could be continued.
start(sys.argv[1:-2] + ['sh', '-c', 'echo begun; sleep 3; echo lone 3'])
until(rb'begun')
type_('\x1a')
until(rb'lone 3')
end()
print(seen.replace(b'\r', b'').decode(errors='replace'))
print('ended', code)
