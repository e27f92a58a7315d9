#include <dirent.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "tests/support/probe_json.h"
#include "tests/support/probe_verbs.h"

namespace nacre::probe {
namespace {

std::string link_target(const std::string& path) {
  std::array<char, 4096> target{};
  const ssize_t n = ::readlink(path.c_str(), target.data(), target.size() - 1);
  return n < 0 ? std::string() : std::string(target.data(), static_cast<std::size_t>(n));
}

std::vector<std::string> names_in(const char* path, int& errno_value) {
  std::vector<std::string> names;
  DIR* dir = ::opendir(path);
  errno_value = dir == nullptr ? errno : 0;
  if (dir == nullptr) return names;
  const std::string own = std::to_string(::dirfd(dir));
  const bool is_fd_dir = std::string_view(path) == "/proc/self/fd";
  while (const dirent* entry = ::readdir(dir)) {
    const std::string name = entry->d_name;
    if (name == "." || name == ".." || (is_fd_dir && name == own)) continue;
    names.push_back(name);
  }
  ::closedir(dir);
  std::sort(names.begin(), names.end());
  return names;
}

bool is_number(const std::string& name) {
  return !name.empty() &&
         std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

void verb_mounts(Args) {
  int error = 0;
  const std::string text = read_file("/proc/self/mountinfo", error);
  Line("mounts").error(error).field("lines", lines_of(text)).print();
}

void verb_ns(Args) {
  int error = 0;
  Line line("ns");
  for (const auto& name : names_in("/proc/self/ns", error)) {
    line.field(name, link_target("/proc/self/ns/" + name));
  }
  line.error(error).print();
}

void verb_fds(Args) {
  int error = 0;
  std::string fds = "{";
  for (const auto& name : names_in("/proc/self/fd", error)) {
    if (fds.size() > 1) fds += ',';
    fds += quoted(name) + ":" + quoted(link_target("/proc/self/fd/" + name));
  }
  Line("fds").error(error).raw("fds", fds + "}").print();
}

void verb_ls(Args args) {
  int error = 0;
  const auto names = names_in(args[0], error);
  Line("ls").field("path", args[0]).error(error).field("names", names).print();
}

void verb_processes(Args) {
  int error = 0;
  std::string pids = "[";
  for (const auto& name : names_in("/proc", error)) {
    if (!is_number(name)) continue;
    if (pids.size() > 1) pids += ',';
    pids += name;
  }
  Line("processes").error(error).raw("pids", pids + "]").print();
}

void verb_host(Args) {
  utsname names{};
  ::uname(&names);
  Line("host")
      .field("hostname", names.nodename)
      .field("domainname", names.domainname)
      .field("machine", names.machine)
      .print();
}

void verb_links(Args) {
  Line line("links");
  const int sock = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (struct if_nameindex* all = ::if_nameindex(); all != nullptr) {
    for (auto* entry = all; entry->if_name != nullptr; ++entry) {
      ifreq request{};
      std::strncpy(request.ifr_name, entry->if_name, IFNAMSIZ - 1);
      ::ioctl(sock, SIOCGIFFLAGS, &request);
      line.field(entry->if_name, (request.ifr_flags & IFF_UP) != 0 ? "up" : "down");
    }
    ::if_freenameindex(all);
  }
  ::close(sock);
  line.print();
}

void verb_timens(Args) {
  timespec monotonic{}, boottime{};
  ::clock_gettime(CLOCK_MONOTONIC, &monotonic);
  ::clock_gettime(CLOCK_BOOTTIME, &boottime);
  int error = 0;
  Line("timens")
      .field("monotonic", monotonic.tv_sec)
      .field("boottime", boottime.tv_sec)
      .field("offsets", lines_of(read_file("/proc/self/timens_offsets", error)))
      .print();
}

void verb_seccomp(Args) {
  int error = 0;
  std::string filters;
  for (const auto& line : lines_of(read_file("/proc/self/status", error))) {
    if (line.starts_with("Seccomp_filters:")) filters = line.substr(line.rfind('\t') + 1);
  }
  Line("seccomp").field("mode", ::prctl(PR_GET_SECCOMP)).field("filters", filters).print();
}

void verb_sysctl(Args args) {
  std::string path = std::string("/proc/sys/") + args[0];
  std::replace(path.begin(), path.end(), '.', '/');
  path.replace(0, 10, "/proc/sys/");
  int error = 0;
  std::string value = read_file(path.c_str(), error);
  while (value.ends_with('\n')) value.pop_back();
  Line("sysctl").field("name", args[0]).error(error).field("value", value).print();
}

void verb_keyring(Args) {
  const long id = ::syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);
  const int error = id < 0 ? errno : 0;
  std::array<char, 512> text{};
  if (id >= 0) ::syscall(SYS_keyctl, KEYCTL_DESCRIBE, id, text.data(), text.size() - 1);
  Line("keyring").error(error).field("id", id).field("description", text.data()).print();
}

void verb_tty(Args) {
  winsize size{};
  termios settings{};
  ::ioctl(0, TIOCGWINSZ, &size);
  ::tcgetattr(0, &settings);
  const int controlling = ::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  struct stat console{};
  struct stat in{};
  const bool has_console = ::stat("/dev/console", &console) == 0 && ::fstat(0, &in) == 0;
  Line("tty")
      .field("stdin", ::isatty(0) == 1)
      .field("stdout", ::isatty(1) == 1)
      .field("stderr", ::isatty(2) == 1)
      .field("rows", size.ws_row)
      .field("columns", size.ws_col)
      .field("onlcr", (settings.c_oflag & ONLCR) != 0)
      .field("name", link_target("/proc/self/fd/0"))
      .field("controlling", controlling >= 0)
      .field("foreground", ::tcgetpgrp(0) == ::getpgrp())
      .field("console_is_stdin", has_console && console.st_rdev == in.st_rdev)
      .field("uid", in.st_uid)
      .print();
  if (controlling >= 0) ::close(controlling);
}

void verb_tiocsti(Args) {
  const int rc = ::ioctl(0, TIOCSTI, "x");
  Line("tiocsti").error(rc < 0 ? errno : 0).print();
}

}  // namespace nacre::probe
