#include "tests/evaluation/hostile_programs.hpp"

#include <array>
#include <string_view>

namespace assay::tests {

namespace {

struct pattern {
  const char* kind;
  const char* source;  ///< $FILE, $FOLDER, $PID, $PORT are the targets, $N the program's number
};

/// Before each: `tried(f)` calls f and says so if that worked.
constexpr auto prelude = R"py(
import os, sys, time
def tried(what, f):
    try:
        got = f()
    except BaseException:
        return
    if got is not None and got is not False: print('ESCAPED', what, got, flush=True)
def reads(path):
    def f():
        with open(path, 'rb') as g: return g.read(200) or None
    tried('read ' + path, f)
def writes(path):
    def f():
        with open(path, 'ab') as g: g.write(b'x'); g.flush()
        return True
    tried('write ' + path, f)
def call(number, *args):
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    tried('syscall %d' % number, lambda: libc.syscall(number, *args) >= 0)
)py";

constexpr std::array patterns = {
    pattern{"fork bomb", "while True:\n    try: os.fork()\n    except OSError: time.sleep(0.01)"},
    pattern{"fork bomb that leaves its session", R"py(
for i in range(1000 + $N):
    try:
        if os.fork() == 0:
            os.setsid()
            os.fork()
            time.sleep(1000)
    except OSError: pass
)py"},
    pattern{"threads without end", R"py(
import threading
n = 0
try:
    while n < 5000 + $N:
        threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
        n += 1
    print('ESCAPED', n)
except RuntimeError: pass
)py"},
    pattern{"shells without end", R"py(
import subprocess
for i in range(200 + $N):
    try: subprocess.Popen(['/bin/sh', '-c', 'while :; do :; done'])
    except OSError: pass
)py"},
    pattern{"10 GB at once", "x = bytearray(10 * 1024**3 + $N)\nprint('ESCAPED')"},
    pattern{"10 GB in parts", R"py(
parts = []
for i in range(10 * 1024): parts.append(b'%d' % i * (1 << 18))
print('ESCAPED')
)py"},
    pattern{"10 GB mapped", R"py(
import mmap
x = mmap.mmap(-1, 10 * 1024**3 + 4096 * $N)
print('ESCAPED')
)py"},
    pattern{"10 GB on disk", R"py(
size = 0
try:
    for i in range(10 * 1024):
        with open('/tmp/%d' % i, 'wb') as f: size += f.write(bytes(1 << 20))
except OSError: pass
if size > 1 << 30: print('ESCAPED', size)
)py"},
    pattern{"10 GB of shared memory", R"py(
for folder in ('/dev/shm', '/dev', '/run', '/var/tmp'): writes(folder + '/$N')
call(29, 0, 1 << 30, 0o600)
call(319, b'x', 0)
)py"},
    pattern{"endless output", "while True: print('no end $N' * 100)"},
    pattern{"endless errors", "while True: sys.stderr.write('no end $N' * 100)"},
    pattern{"endless output of children", R"py(
for i in range(4): os.fork()
while True: os.write(1, b'$N' * 10000)
)py"},
    pattern{"sleep", "time.sleep(100000 + $N)"},
    pattern{"sleep behind signals", R"py(
import signal
for s in range(1, 64):
    try: signal.signal(s, signal.SIG_IGN)
    except (OSError, ValueError): pass
while True: time.sleep(1000 + $N)
)py"},
    pattern{"busy for ever", "n = $N\nwhile True: n = n * n % 1000003"},
    pattern{"a child that keeps the output open", R"py(
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0: time.sleep(1000 + $N)
    os._exit(0)
print('parent done')
)py"},
    pattern{"connects to us", R"py(
import socket
tried('tcp', lambda: socket.create_connection(('127.0.0.1', $PORT), 1))
)py"},
    pattern{"connects to the world", R"py(
import socket
for host in ('1.1.1.1', '8.8.8.8', '192.168.0.1', '169.254.169.254'):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    tried('udp', lambda: s.sendto(b'$N', (host, 53)))
    tried('tcp', lambda: socket.create_connection((host, 80), 0.1))
tried('name', lambda: socket.getaddrinfo('example.com', 80))
)py"},
    pattern{"raw sockets", R"py(
import socket
tried('raw', lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP))
tried('packet', lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
)py"},
    pattern{"reads secrets of the system", R"py(
for path in ('/etc/shadow', '/etc/passwd', '/etc/hostname', '/root/.bashrc', '/root/.ssh/id_rsa',
             '/proc/kcore', '/dev/mem', '/dev/sda', '/var/log/dpkg.log', '/proc/1/root/etc/shadow',
             '/proc/self/root/etc/shadow', '/../../etc/shadow'): reads(path)
tried('root', lambda: os.listdir('/root'))
tried('home', lambda: os.listdir('/home'))
)py"},
    pattern{"reads our database", R"py(
for path in ('$FILE', '/proc/1/root$FILE', '/proc/1/cwd$FILE', '/proc/self/root$FILE',
             '/tmp/../$FILE', '/proc/$PID/root$FILE'): reads(path)
)py"},
    pattern{"reads environments", R"py(
for p in os.listdir('/proc'):
    try: text = open('/proc/%s/environ' % p, 'rb').read()
    except OSError: continue
    print(text)
print(dict(os.environ))
)py"},
    pattern{"looks for inherited files", R"py(
for fd in range(3, 1024):
    tried('fd %d' % fd, lambda: os.fstat(fd))
for p in os.listdir('/proc'):
    if p.isdigit() and p != str(os.getpid()):
        try: fds = os.listdir('/proc/%s/fd' % p)
        except OSError: continue
        for fd in fds:
            link = '/proc/%s/fd/%s' % (p, fd)
            try: text = open(link, 'rb', opener=lambda n, f: os.open(n, f | os.O_NONBLOCK)).read(64)
            except OSError: continue
            if text: print('ESCAPED', link, text)
)py"},
    pattern{"writes outside", R"py(
for path in ('/x$N', '/usr/x$N', '/usr/bin/python3', '/etc/x$N', '/bin/x$N', '/root/x$N', '/home/x$N',
             '/var/x$N', '$FOLDER/x$N', '$FILE', '/proc/sys/kernel/core_pattern',
             '/proc/sys/kernel/hostname', '/proc/sysrq-trigger', '/sys/x$N', '/dev/x$N'): writes(path)
tried('mkdir', lambda: os.mkdir('$FOLDER/d$N') or True)
tried('unlink', lambda: os.unlink('$FILE') or True)
)py"},
    pattern{"kills its parent", R"py(
os.kill(os.getppid(), 9)
time.sleep(0.05)
tried('kill', lambda: os.kill($PID, 9) or True)
)py"},
    pattern{"kills all it can name", R"py(
me = os.getpid()
for p in range(1, 5000 + $N):
    if p == me: continue
    try: os.kill(p, 9)
    except OSError: pass
os.kill(-1, 9)
)py"},
    pattern{"links to what it wants", R"py(
for name, path in (('a', '/etc/shadow'), ('b', '$FILE'), ('c', '/proc/1/root$FILE')):
    os.symlink(path, '/tmp/' + name)
    reads('/tmp/' + name)
    writes('/tmp/' + name)
os.symlink('$FOLDER', '/tmp/f')
writes('/tmp/f/x$N')
tried('hard link', lambda: os.link('/usr/bin/python3', '/tmp/python') or True)
)py"},
    pattern{"puts links in place of its own files", R"py(
os.unlink('/tmp/program.py')
os.symlink('$FILE', '/tmp/program.py')
reads('/tmp/program.py')
os.rename('/tmp/program.py', '/tmp/x$N')
)py"},
    pattern{"asks the kernel", R"py(
call(272, 0x10000000)               # unshare(CLONE_NEWUSER)
call(165, b'none', b'/tmp', b'tmpfs', 0, 0)  # mount
call(155, b'/tmp', b'/tmp')         # pivot_root
call(161, b'/tmp')                  # chroot
call(101, 16, 1, 0, 0)              # ptrace
call(308, 0, 0)                     # setns
call(250, 0, -1, 1)                 # keyctl
call(321, 0, 0, 0)                  # bpf
call(425, 8, 0)                     # io_uring_setup
call(323, 0)                        # userfaultfd
call(135, 0xffffffff)               # personality
call(56, 0x10000000 | 17, 0, 0, 0, 0)  # clone(CLONE_NEWUSER)
)py"},
    pattern{"becomes another user", R"py(
for i in (0, 1, 1000, $N): tried('setuid', lambda: os.setuid(i) or os.getuid() == i != 65534)
tried('setgroups', lambda: os.setgroups([0]) or True)
tried('nice', lambda: os.nice(-5) < 0)
import resource
def more():
    resource.setrlimit(resource.RLIMIT_NPROC, (resource.RLIM_INFINITY,) * 2)
    return True
tried('limits', more)
)py"},
    pattern{"crashes", "import ctypes\nctypes.string_at($N)"},
    pattern{"nests without end", "def f(n): return f(n + 1)\nsys.setrecursionlimit(10**9)\nf($N)"},
};

void put(std::string& text, std::string_view name, const std::string& value) {
  for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + value.size()))
    text.replace(at, name.size(), value);
}

hostile_program make(std::size_t i, const hostile_targets& after) {
  const auto& p = patterns[i % patterns.size()];
  auto source = std::string(prelude) + p.source + "\n";
  put(source, "$FILE", after.file);
  put(source, "$FOLDER", after.folder);
  put(source, "$PID", std::to_string(after.process));
  put(source, "$PORT", std::to_string(after.port));
  put(source, "$N", std::to_string(i));
  return {p.kind, std::move(source)};
}

}  // namespace

std::vector<hostile_program> hostile_programs(const hostile_targets& after, std::size_t count) {
  std::vector<hostile_program> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(make(i, after));
  return all;
}

std::vector<hostile_program> hostile_kinds(const hostile_targets& after) {
  return hostile_programs(after, patterns.size());
}

}  // namespace assay::tests
