// The kernel's own work in a launch, and nothing else: what a program pays that knows beforehand
// what to do.
//   nacre-bench-floor ROOTFS CGROUP [--devices]
// Makes the cgroup directory CGROUP, clones a process straight into it with new mount, pid,
// network, ipc, uts and cgroup namespaces, gives it the mounts, nodes, links, host name and
// loopback device that the plain bundle of tests/bench asks for, executes /bin/true there, waits,
// and removes the cgroup. --devices also loads and attaches a device program of the usual size. No
// configuration is read, nothing is checked, no path is resolved safely, no state is kept.
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr int kFailed = 125;

void require(bool done, const char* what) {
  if (done) return;
  static_cast<void>(fprintf(stderr, "nacre-bench-floor: %s: %s\n", what, strerror(errno)));
  _exit(kFailed);
}

void mount_one(const char* type, const char* target, unsigned long flags, const char* data) {
  require(::mount(type, target, type, flags, data) == 0, target);
}

void make_node(const char* path, unsigned minor_number, unsigned major_number) {
  require(mknod(path, S_IFCHR | 0666U, makedev(major_number, minor_number)) == 0, path);
}

void make_mounts() {
  mount_one("proc", "proc", 0, nullptr);
  mount_one("tmpfs", "dev", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k");
  require(mkdir("dev/pts", 0755) == 0, "dev/pts");
  mount_one("devpts", "dev/pts", MS_NOSUID | MS_NOEXEC,
            "newinstance,ptmxmode=0666,mode=0620,gid=5");
  require(mkdir("dev/shm", 0755) == 0, "dev/shm");
  mount_one("tmpfs", "dev/shm", MS_NOSUID | MS_NOEXEC | MS_NODEV, "mode=1777,size=65536k");
  require(mkdir("dev/mqueue", 0755) == 0, "dev/mqueue");
  mount_one("mqueue", "dev/mqueue", MS_NOSUID | MS_NOEXEC | MS_NODEV, nullptr);
  mount_one("sysfs", "sys", MS_NOSUID | MS_NOEXEC | MS_NODEV | MS_RDONLY, nullptr);
  mount_one("cgroup2", "sys/fs/cgroup", MS_NOSUID | MS_NOEXEC | MS_NODEV | MS_RELATIME | MS_RDONLY,
            nullptr);
}

void fill_dev() {
  make_node("dev/null", 3, 1);
  make_node("dev/zero", 5, 1);
  make_node("dev/full", 7, 1);
  make_node("dev/random", 8, 1);
  make_node("dev/urandom", 9, 1);
  make_node("dev/tty", 0, 5);
  require(symlink("/proc/self/fd", "dev/fd") == 0, "dev/fd");
  require(symlink("/proc/self/fd/0", "dev/stdin") == 0, "dev/stdin");
  require(symlink("/proc/self/fd/1", "dev/stdout") == 0, "dev/stdout");
  require(symlink("/proc/self/fd/2", "dev/stderr") == 0, "dev/stderr");
  require(symlink("pts/ptmx", "dev/ptmx") == 0, "dev/ptmx");
}

void loopback_up() {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  require(fd >= 0, "socket");
  ifreq request = {};
  strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  require(ioctl(fd, SIOCSIFFLAGS, &request) == 0, "lo");
}

void enter_root() {
  const int old_root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  require(old_root >= 0, "/");
  require(syscall(SYS_pivot_root, ".", ".") == 0, "pivot_root");
  require(fchdir(old_root) == 0, "fchdir");
  require(umount2(".", MNT_DETACH) == 0, "umount");
  require(chdir("/") == 0, "chdir");
}

[[noreturn]] void become_container(const char* rootfs) {
  require(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "private");
  require(::mount(rootfs, rootfs, nullptr, MS_BIND | MS_REC, nullptr) == 0, rootfs);
  require(chdir(rootfs) == 0, rootfs);
  umask(0);
  make_mounts();
  fill_dev();
  loopback_up();
  require(sethostname("bench", 5) == 0, "sethostname");
  enter_root();
  require(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "no_new_privs");
  const char* const argv[] = {"true", nullptr};
  const char* const environment[] = {"PATH=/bin", nullptr};
  execve("/bin/true", const_cast<char* const*>(argv), const_cast<char* const*>(environment));
  require(false, "/bin/true");
  __builtin_unreachable();
}

// One rule: load type and numbers, compare, deny. Repeated as often as the default rules of a
// container are many, so that the verifier has as much to read.
constexpr int kRules = 12;

int load_device_program() {
  bpf_insn code[4 * kRules + 2];
  int size = 0;
  const auto add = [&](int op, unsigned to, unsigned from, int offset, int value) {
    code[size++] = {static_cast<std::uint8_t>(op), static_cast<std::uint8_t>(to & 15U),
                    static_cast<std::uint8_t>(from & 15U), static_cast<std::int16_t>(offset),
                    value};
  };
  for (int rule = 0; rule < kRules; ++rule) {
    add(BPF_LDX | BPF_W | BPF_MEM, 2, 1, 4, 0);
    add(BPF_JMP | BPF_JNE | BPF_K, 2, 0, 2, 4000 + rule);
    add(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 1);
    add(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
  }
  add(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 1);
  add(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
  bpf_attr attr = {};
  attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attr.insns = reinterpret_cast<std::uintptr_t>(code);
  attr.insn_cnt = static_cast<std::uint32_t>(size);
  attr.license = reinterpret_cast<std::uintptr_t>("Apache-2.0");
  const auto fd = syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof attr);
  require(fd >= 0, "load the device program");
  return static_cast<int>(fd);
}

void attach_device_program(int cgroup) {
  bpf_attr attr = {};
  attr.target_fd = static_cast<std::uint32_t>(cgroup);
  attr.attach_bpf_fd = static_cast<std::uint32_t>(load_device_program());
  attr.attach_type = BPF_CGROUP_DEVICE;
  attr.attach_flags = BPF_F_ALLOW_MULTI;
  require(syscall(SYS_bpf, BPF_PROG_ATTACH, &attr, sizeof attr) == 0, "attach the device program");
}

int wait_for(pid_t pid) {
  int status = 0;
  require(waitpid(pid, &status, 0) == pid, "wait");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4 || (argc == 4 && strcmp(argv[3], "--devices") != 0)) {
    static_cast<void>(fputs("usage: nacre-bench-floor ROOTFS CGROUP [--devices]\n", stderr));
    return kFailed;
  }
  require(mkdir(argv[2], 0755) == 0, argv[2]);
  const int cgroup = open(argv[2], O_PATH | O_DIRECTORY | O_CLOEXEC);
  require(cgroup >= 0, argv[2]);
  if (argc == 4) attach_device_program(open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  clone_args arguments = {};
  arguments.flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
                    CLONE_NEWCGROUP | CLONE_INTO_CGROUP;
  arguments.exit_signal = SIGCHLD;
  arguments.cgroup = static_cast<unsigned>(cgroup);
  const auto pid = static_cast<pid_t>(syscall(SYS_clone3, &arguments, sizeof arguments));
  require(pid >= 0, "clone3");
  if (pid == 0) become_container(argv[1]);
  const int status = wait_for(pid);
  require(rmdir(argv[2]) == 0, argv[2]);
  return status;
}
