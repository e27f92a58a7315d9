#include "runtime/setup/run_program.h"

#include <unistd.h>

#include <cstdlib>

#include "base/text.h"
#include "sys/file.h"
#include "sys/process.h"

namespace nacre::setup {
namespace {

std::string find_in_path(const std::string& name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): the runtime has one thread
  const char* path = std::getenv("PATH");
  if (path == nullptr || *path == '\0') path = "/usr/sbin:/usr/bin:/sbin:/bin";
  for (const std::string_view directory : text::split(path, ':')) {
    std::string candidate = text::join(directory, '/', name);
    if (sys::faccessat2(sys::kCwd, candidate.c_str(), X_OK, AT_EACCESS)) return candidate;
  }
  return {};
}

struct Child {
  const char* path;
  const char* const* argv;
  const char* const* envp;
  int error = 0;  // written by the child, which shares this memory until it execs
};

void child_entry(void* argument) {
  auto* child = static_cast<Child*>(argument);
  auto ready = sys::set_signal_mask(0);
  if (ready) ready = sys::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  child->error =
      ready ? sys::execve(child->path, child->argv, child->envp).value : ready.error().value;
  sys::exit_now(127);
}

}  // namespace

Result<void> run_program(const std::vector<std::string>& arguments) {
  const std::string& name = arguments.front();
  const std::string path = find_in_path(name);
  if (path.empty()) {
    return fail(
        not_found(text::join("exec: ", text::quote(name), ": executable file not found in $PATH")));
  }
  std::vector<const char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& word : arguments) argv.push_back(word.c_str());
  argv.push_back(nullptr);
  Child child{.path = path.c_str(), .argv = argv.data(), .envp = environ};
  sys::SpawnStack stack;
  int pidfd = -1;
  const auto pid = sys::clone3_spawn({.pidfd_out = &pidfd, .exit_signal = SIGCHLD}, true, stack,
                                     child_entry, &child);
  static_cast<void>(NACRE_TRY_CTX(pid, text::join("run ", name)));
  const sys::PidFd process(pidfd);
  const auto end =
      NACRE_TRY_CTX(sys::waitid(P_PIDFD, process.get(), WEXITED), text::join("wait for ", name));
  if (child.error != 0)
    return fail(Error::from_errno(Errno{child.error}, text::join("run ", path)));
  if (end.si_code != CLD_EXITED || end.si_status != 0) {
    return fail(internal_error(
        text::join(name, end.si_code == CLD_EXITED ? ": exit status " : ": killed by signal ",
                   end.si_status)));
  }
  return {};
}

}  // namespace nacre::setup
