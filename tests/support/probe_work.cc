#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "tests/support/probe_json.h"
#include "tests/support/probe_verbs.h"

namespace nacre::probe {
namespace {

long long milliseconds(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

void busy_turns(unsigned turns) {
  for (unsigned i = 0; i < turns; ++i) __asm__ volatile("" ::: "memory");
}

[[noreturn]] void pause_for_ever() {
  for (;;) ::pause();
}

// Forks `count` children which run `body`; stops at the first refusal.
template <class Body>
std::vector<pid_t> fork_children(long long count, int& error, Body body) {
  std::vector<pid_t> pids;
  error = 0;
  for (long long i = 0; i < count; ++i) {
    const pid_t pid = ::fork();
    if (pid == 0) body();
    if (pid < 0) {
      error = errno;
      break;
    }
    pids.push_back(pid);
  }
  return pids;
}

std::string pid_list(const std::vector<pid_t>& pids) {
  std::string list = "[";
  for (const pid_t pid : pids) {
    if (list.size() > 1) list += ',';
    list += std::to_string(pid);
  }
  return list + "]";
}

// The executable of another process which is not this program, opened without executing or
// changing it; -1 when there is none.
int open_foreign_exe(const struct stat& self) {
  DIR* dir = ::opendir("/proc");
  if (dir == nullptr) return -1;
  int found = -1;
  while (const dirent* entry = ::readdir(dir)) {
    if (found >= 0) break;
    if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
    const std::string path = std::string("/proc/") + entry->d_name + "/exe";
    const int fd = ::open(path.c_str(), O_PATH | O_CLOEXEC);
    if (fd < 0) continue;
    struct stat info{};
    if (::fstat(fd, &info) == 0 && (info.st_ino != self.st_ino || info.st_dev != self.st_dev)) {
      found = fd;
    } else {
      ::close(fd);
    }
  }
  ::closedir(dir);
  return found;
}

}  // namespace

void verb_exit(Args args) { ::_exit(static_cast<int>(number(args[0]))); }

void verb_say(Args args) { Line("say").field("text", args[0]).print(); }

void verb_pause(Args) { pause_for_ever(); }

void verb_spin(Args) {
  for (;;) busy_turns(100000);
}

void verb_signal_self(Args args) {
  const int signal = static_cast<int>(number(args[0]));
  ::signal(signal, SIG_DFL);
  ::kill(::getpid(), signal);
  Line("signal-self").field("signal", signal).field("survived", true).print();
}

// "ready" is printed once every signal is blocked: from then on none is lost.
void verb_wait_signal(Args) {
  sigset_t all;
  ::sigfillset(&all);
  ::sigprocmask(SIG_BLOCK, &all, nullptr);
  Line("ready").print();
  siginfo_t info{};
  int signal = -1;
  do {
    signal = ::sigwaitinfo(&all, &info);
  } while (signal < 0 && errno == EINTR);  // the freezer interrupts
  Line("wait-signal").field("signal", signal).print();
}

void verb_stdin_eof(Args) {
  Line("ready").print();
  std::array<char, 4096> chunk{};
  long long bytes = 0;
  for (;;) {
    const ssize_t n = ::read(0, chunk.data(), chunk.size());
    if (n <= 0) break;
    bytes += n;
  }
  Line("stdin-eof").field("bytes", bytes).print();
}

void verb_cat(Args) {
  std::array<char, 65536> chunk{};
  for (;;) {
    const ssize_t n = ::read(0, chunk.data(), chunk.size());
    if (n <= 0) return;
    for (ssize_t done = 0; done < n;) {
      const ssize_t wrote = ::write(1, chunk.data() + done, static_cast<std::size_t>(n - done));
      if (wrote < 0) ::_exit(120);
      done += wrote;
    }
  }
}

// Returns when the file exists. The directory is watched, so nothing is polled.
void verb_wait_file(Args args) {
  const std::string path = args[0];
  const std::string dir = path.substr(0, path.rfind('/') + 1);
  const int watch = ::inotify_init1(IN_CLOEXEC);
  ::inotify_add_watch(watch, dir.c_str(), IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE);
  std::array<char, 4096> events{};
  while (::access(path.c_str(), F_OK) != 0) {
    if (::read(watch, events.data(), events.size()) < 0) break;
  }
  ::close(watch);
  Line("wait-file").field("path", args[0]).print();
}

void verb_fork_pause(Args args) {
  int error = 0;
  const auto pids = fork_children(number(args[0]), error, pause_for_ever);
  Line("fork-pause").error(error).raw("pids", pid_list(pids)).print();
}

void verb_setsid_pause(Args) {
  int error = 0;
  const auto pids = fork_children(1, error, [] {
    ::setsid();
    pause_for_ever();
  });
  Line("setsid-pause").error(error).raw("pids", pid_list(pids)).print();
}

void verb_fork_exit(Args args) {
  int error = 0;
  const int status = static_cast<int>(number(args[1]));
  const auto pids = fork_children(number(args[0]), error, [status] { ::_exit(status); });
  Line("fork-exit").error(error).raw("pids", pid_list(pids)).print();
}

void verb_forkbomb(Args args) {
  int error = 0;
  const auto pids = fork_children(number(args[0]), error, pause_for_ever);
  for (const pid_t pid : pids) ::kill(pid, SIGKILL);
  for (const pid_t pid : pids) ::waitpid(pid, nullptr, 0);
  Line("forkbomb").error(error).field("children", pids.size()).print();
}

void verb_memhog(Args args) {
  const auto bytes = static_cast<std::size_t>(number(args[0]));
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const int error = memory == MAP_FAILED ? errno : 0;
  if (error == 0) std::memset(memory, 0x5a, bytes);
  Line("memhog").error(error).field("bytes", bytes).print();
  if (error == 0) ::munmap(memory, bytes);
}

void verb_burn(Args args) {
  const long long wanted = number(args[0]);
  const long long start = milliseconds(CLOCK_MONOTONIC);
  while (milliseconds(CLOCK_PROCESS_CPUTIME_ID) < wanted) {
    busy_turns(100000);
  }
  Line("burn")
      .field("cpu_ms", milliseconds(CLOCK_PROCESS_CPUTIME_ID))
      .field("wall_ms", milliseconds(CLOCK_MONOTONIC) - start)
      .print();
}

// O_DIRECT, so that the device and not the page cache is what is measured.
void verb_io_write(Args args) {
  constexpr std::size_t kBlock = 1U << 16U;
  const long long wanted = number(args[1]);
  const long long start = milliseconds(CLOCK_MONOTONIC);
  int error = 0;
  const int fd = ::open(args[0], O_WRONLY | O_CREAT | O_DIRECT | O_CLOEXEC, 0600);
  if (fd < 0) error = errno;
  void* block = std::aligned_alloc(4096, kBlock);
  std::memset(block, 0x5a, kBlock);
  long long done = 0;
  while (error == 0 && done < wanted) {
    const ssize_t n = ::pwrite(fd, block, kBlock, done);
    if (n < 0) error = errno;
    done += n;
  }
  if (fd >= 0) ::close(fd);
  std::free(block);
  Line("io-write")
      .field("path", args[0])
      .error(error)
      .field("bytes", done)
      .field("wall_ms", milliseconds(CLOCK_MONOTONIC) - start)
      .print();
}

void verb_notify(Args args) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  int error = path == nullptr ? ENOENT : 0;
  if (path != nullptr) {
    const int sock = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    const auto length = static_cast<socklen_t>(sizeof address);
    // sendto(2) wants a pointer to the generic address type.
    if (::sendto(sock, args[0], std::strlen(args[0]), 0, reinterpret_cast<sockaddr*>(&address),
                 length) < 0) {
      error = errno;
    }
    ::close(sock);
  }
  Line("notify").error(error).print();
}

void verb_syscall(Args args) {
  errno = 0;
  const long rc = ::syscall(number(args[0]), number(args[1]), number(args[2]), number(args[3]),
                            number(args[4]));
  const int error = rc < 0 ? errno : 0;
  Line("syscall").field("number", args[0]).field("result", rc).error(error).print();
}

// The attack of CVE-2019-5736, stopped before its last step: catches the runtime's executable while
// it is in the container and tries to get a writable descriptor of it once nobody executes it.
void verb_watch_exe(Args args) {
  const long long deadline = milliseconds(CLOCK_MONOTONIC) + number(args[0]);
  struct stat self{};
  ::stat("/proc/self/exe", &self);
  Line("ready").print();
  int held = -1;
  while (held < 0 && milliseconds(CLOCK_MONOTONIC) < deadline) held = open_foreign_exe(self);
  std::array<char, 64> path{};
  std::array<char, 4096> target{};
  int error = ENOENT;
  if (held >= 0) {
    static_cast<void>(std::snprintf(path.data(), path.size(), "/proc/self/fd/%d", held));
    static_cast<void>(::readlink(path.data(), target.data(), target.size() - 1));
    do {
      const int fd = ::open(path.data(), O_WRONLY | O_CLOEXEC);
      error = fd < 0 ? errno : 0;
      // A sealed memfd may be opened and not written; this byte is what stands there anyway.
      if (fd >= 0 && ::pwrite(fd, "\x7f", 1, 0) < 0) error = errno;
      if (fd >= 0) ::close(fd);
    } while (error == ETXTBSY && milliseconds(CLOCK_MONOTONIC) < deadline);
  }
  Line("watch-exe").field("caught", held >= 0).field("exe", target.data()).error(error).print();
}

}  // namespace nacre::probe
