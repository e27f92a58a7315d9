#include "tests/support/world.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

namespace nacre::test {
namespace {

bool g_private_world = false;
bool g_hybrid = false;

void must(bool done, const char* step) {
  if (done) return;
  static_cast<void>(std::fprintf(stderr, "tests: cannot %s: %s\n", step, std::strerror(errno)));
  std::_Exit(2);
}

bool is_cgroup2(const char* path) {
  struct statfs info{};
  return ::statfs(path, &info) == 0 && info.f_type == CGROUP2_SUPER_MAGIC;
}

// The parent stays outside, passes the exit status on, and takes the namespace along if it is
// killed.
void become_first_process() {
  const pid_t pid = ::fork();
  must(pid >= 0, "fork");
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    return;
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  std::_Exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

void set_up_mounts() {
  must(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "make mounts private");
  must(::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0,
       "mount /proc");
  must(::mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") == 0, "mount /run");
  if (is_cgroup2("/sys/fs/cgroup")) return;
  g_hybrid = true;
  must(::mkdir(kHybridCgroups, 0755) == 0, "make the place for the host's cgroups");
  must(::mount("/sys/fs/cgroup", kHybridCgroups, nullptr, MS_MOVE, nullptr) == 0,
       "move the host's cgroups");
  must(::mount("cgroup2", "/sys/fs/cgroup", "cgroup2", 0, nullptr) == 0, "mount cgroup2");
}

void bring_loopback_up() {
  const int sock = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strncpy(request.ifr_name, "lo", IFNAMSIZ - 1);
  request.ifr_flags = IFF_UP;
  must(::ioctl(sock, SIOCSIFFLAGS, &request) == 0, "bring lo up");
  ::close(sock);
}

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

}  // namespace

bool in_private_world() { return g_private_world; }
bool host_is_hybrid() { return g_hybrid; }

void enter_private_world() {
  // What the test runner left open is no business of the runtime.
  must(::syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */) == 0, "close_range");
  must(::unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) == 0,
       "make private namespaces");
  become_first_process();
  set_up_mounts();
  bring_loopback_up();
  ::umask(022);
  g_private_world = true;
}

std::string available_controllers() { return first_line("/sys/fs/cgroup/cgroup.controllers"); }

bool has_controller(std::string_view controller) {
  std::istringstream all(available_controllers());
  for (std::string name; all >> name;) {
    if (name == controller) return true;
  }
  return false;
}

bool has_capability(int capability) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("CapEff:")) {
      return ((std::stoull(line.substr(7), nullptr, 16) >> capability) & 1U) != 0;
    }
  }
  return false;
}

bool kernel_at_least(int major, int minor) {
  utsname names{};
  ::uname(&names);
  int have_major = 0, have_minor = 0;
  static_cast<void>(std::sscanf(names.release, "%d.%d", &have_major, &have_minor));
  return have_major > major || (have_major == major && have_minor >= minor);
}

bool has_program(std::string_view name) {
  std::istringstream path(std::getenv("PATH") != nullptr ? std::getenv("PATH") : "/usr/bin:/bin");
  for (std::string dir; std::getline(path, dir, ':');) {
    if (::access((dir + "/" + std::string(name)).c_str(), X_OK) == 0) return true;
  }
  return false;
}

bool has_filesystem(std::string_view name) {
  std::ifstream list("/proc/filesystems");
  for (std::string line; std::getline(list, line);) {
    if (line.substr(line.find('\t') + 1) == name) return true;
  }
  return false;
}

}  // namespace nacre::test
