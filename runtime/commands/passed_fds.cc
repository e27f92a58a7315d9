#include "runtime/commands/passed_fds.h"

#include <cstdlib>

#include "base/text.h"
#include "sys/file.h"
#include "sys/process.h"

namespace nacre::commands {
namespace {

// sd_listen_fds(3): the variables are for the process that LISTEN_PID names, not for whoever
// inherits them.
int listen_fds() {
  // NOLINTBEGIN(concurrency-mt-unsafe): the runtime has one thread
  const char* pid = std::getenv("LISTEN_PID");
  const char* count = std::getenv("LISTEN_FDS");
  // NOLINTEND(concurrency-mt-unsafe)
  if (pid == nullptr || count == nullptr) return 0;
  if (text::parse_u32(pid) != static_cast<std::uint32_t>(sys::getpid())) return 0;
  return static_cast<int>(text::parse_u32(count).value_or(0));
}

}  // namespace

Result<PassedFds> find_passed_fds(int preserve_fds) {
  PassedFds passed{.listen = listen_fds()};
  passed.preserve = passed.listen + preserve_fds;
  for (int i = 0; i < passed.preserve; ++i) {
    const int fd = 3 + i;
    static_cast<void>(NACRE_TRY_CTX(
        sys::get_status_flags(FdRef(fd)),
        text::join("unable to stat preserved-fd ", fd, " (of ", passed.preserve, ")")));
  }
  return passed;
}

}  // namespace nacre::commands
