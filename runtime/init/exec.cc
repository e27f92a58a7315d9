#include "runtime/init/init.h"
#include "sys/file.h"
#include "sys/process.h"
#include "sys/socket.h"

namespace nacre::init {
namespace {

Outcome<void> check_executable(const char* path) {
  const auto info = NACRE_TRY(sys::statx(sys::kCwd, path, 0, STATX_TYPE));
  if ((info.stx_mode & S_IFMT) == S_IFDIR) return std::unexpected(Errno{EISDIR});
  return sys::faccessat2(sys::kCwd, path, X_OK, AT_EACCESS);
}

// directory + "/" + name; an empty directory means the working directory.
Outcome<void> join_path(char* out, const char* directory, std::size_t length, const char* name) {
  const std::size_t name_size = __builtin_strlen(name) + 1;
  if (length + 2 + name_size > kPathMax) return std::unexpected(Errno{ENAMETOOLONG});
  if (length == 0) {
    out[0] = '.';
    length = 1;
  } else {
    __builtin_memcpy(out, directory, length);
  }
  out[length] = '/';
  __builtin_memcpy(out + length + 1, name, name_size);
  return {};
}

bool has_slash(const char* text) {
  for (; *text != '\0'; ++text) {
    if (*text == '/') return true;
  }
  return false;
}

// The sixth field of the line of /etc/passwd whose third is `uid`, into out. False: no such line.
bool home_in_line(const char* line, const char* end, std::uint64_t uid, char* out,
                  std::size_t room) {
  int field = 0;
  const char* start = line;
  bool matches = false;
  for (const char* at = line; at <= end; ++at) {
    if (at != end && *at != ':') continue;
    if (field == 2) {
      std::uint64_t value = 0;
      matches = at != start;
      for (const char* digit = start; digit < at; ++digit) {
        if (*digit < '0' || *digit > '9' || value > 0xffffffffULL) return false;
        value = value * 10 + static_cast<std::uint64_t>(*digit - '0');
      }
      matches = matches && value == uid;
    }
    if (field == 5) {
      const auto length = static_cast<std::size_t>(at - start);
      if (!matches || length == 0 || length >= room) return false;
      __builtin_memcpy(out, start, length);
      out[length] = '\0';
      return true;
    }
    ++field;
    start = at + 1;
  }
  return false;
}

// The image may have put a device, a pipe or an endless file there: looked at before it is opened.
Outcome<UniqueFd> open_passwd(const Init& init) {
  constexpr std::uint64_t kInRoot = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  UniqueFd file;
  for (const int flags : {O_PATH, O_RDONLY | O_NONBLOCK | O_NOCTTY}) {
    file = NACRE_TRY(
        sys::openat2_scoped(init.root, "etc/passwd", {.flags = flags, .resolve = kInRoot}));
    const auto info = NACRE_TRY(sys::fstatx(file, STATX_TYPE));
    if ((info.stx_mode & S_IFMT) != S_IFREG) return std::unexpected(Errno{EINVAL});
  }
  return file;
}

constexpr std::size_t kLongestPasswd = std::size_t{4} << 20U;  // bytes that are looked at

// Reads the file line by line; a line longer than the buffer cannot be one of interest and is
// passed over.
bool find_home_in(FdRef file, std::uint64_t uid, char* out, std::size_t room) {
  char buffer[4096];
  std::size_t held = 0;
  for (std::size_t seen = 0; seen < kLongestPasswd;) {
    const auto size = sys::read(file, buffer + held, sizeof buffer - held);
    if (!size) return false;
    seen += *size;
    const std::size_t total = held + *size;
    std::size_t start = 0;
    for (std::size_t at = held; at < total; ++at) {
      // The kernel filled it, which the analyzer cannot see.
      // NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult)
      if (buffer[at] != '\n') continue;
      if (home_in_line(buffer + start, buffer + at, uid, out, room)) return true;
      start = at + 1;
    }
    if (*size == 0) {
      return start < total && home_in_line(buffer + start, buffer + total, uid, out, room);
    }
    held = start == 0 && total == sizeof buffer ? 0 : total - start;
    __builtin_memmove(buffer, buffer + start, held);
  }
  return false;
}

}  // namespace

// "/" when the container's /etc/passwd does not know the user, as runc has it.
Outcome<void> find_home(Init& init, const Op& op) {
  constexpr char kPrefix[] = "HOME=";
  constexpr std::size_t kPrefixSize = sizeof kPrefix - 1;
  __builtin_memcpy(init.home, "HOME=/", sizeof "HOME=/");
  const auto file = open_passwd(init);
  if (!file) return {};
  static_cast<void>(
      find_home_in(*file, op.value, init.home + kPrefixSize, sizeof init.home - kPrefixSize));
  return {};
}

// Done during create, under the container's ids: "not found" must be an error of create.
Outcome<void> find_executable(Init& init, const Op& op) {
  const char* name = init.text(op.text);
  if (has_slash(name)) {
    const std::size_t size = __builtin_strlen(name) + 1;
    if (size > sizeof init.executable) return std::unexpected(Errno{ENAMETOOLONG});
    __builtin_memcpy(init.executable, name, size);
    return check_executable(name);
  }
  const char* at = init.text(op.text2);
  while (*at != '\0') {
    std::size_t length = 0;
    while (at[length] != '\0' && at[length] != ':') ++length;
    NACRE_TRY(join_path(init.executable, at, length, name));
    if (check_executable(init.executable)) return {};
    at += length;
    if (*at == ':') ++at;
  }
  return refuse(kExecutableNotInPath);
}

// `start` connects; whatever goes wrong from now on is told to it.
Outcome<void> await_start(Init& init, const Op& op) {
  // A runtime that died before it could note who waits here must not leave it waiting.
  if (!send_report(init, ReportKind::kCreated, op.stage, 0, 0)) sys::exit_now(0);
  init.report.reset();
  const UniqueFd listener(op.fd);
  init.report = NACRE_TRY(sys::accept(listener));
  return {};
}

Outcome<void> exec(Init& init, const Op& op) {
  // The plan holds the words at the addresses' places as offsets; turned into pointers on the
  // stack.
  const std::size_t count = op.list.count + op.list2.count + 3;
  auto** pointers = static_cast<const char**>(__builtin_alloca(count * sizeof(char*)));
  const char** argv = pointers;
  const char** envp = pointers + op.list.count + 1;
  const StrRef* args = init.items<StrRef>(op.list);
  const StrRef* vars = init.items<StrRef>(op.list2);
  for (std::uint32_t i = 0; i < op.list.count; ++i) argv[i] = init.text(args[i]);
  for (std::uint32_t i = 0; i < op.list2.count; ++i) envp[i] = init.text(vars[i]);
  argv[op.list.count] = nullptr;
  const bool home = init.home[0] != '\0';
  if (home) envp[op.list2.count] = init.home;
  envp[op.list2.count + (home ? 1 : 0)] = nullptr;
  return std::unexpected(sys::execve(init.executable, argv, envp));
}

}  // namespace nacre::init
