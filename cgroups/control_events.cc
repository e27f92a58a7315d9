#include "cgroups/control_events.h"

#include <algorithm>

#include "base/text.h"
#include "sys/io.h"
#include "sys/process.h"

namespace nacre::cgroups {
namespace {

constexpr std::size_t kTextLimit = 65536;

}  // namespace

std::optional<std::uint64_t> value_of(std::string_view content, std::string_view key) {
  for (const std::string_view line : text::split(content, '\n')) {
    if (line.size() > key.size() && line.starts_with(key) && line[key.size()] == ' ') {
      return text::parse_u64(line.substr(key.size() + 1));
    }
  }
  return std::nullopt;
}

sys::Outcome<ControlEvents> ControlEvents::open(FdRef dir, const char* file) {
  return ControlEvents(NACRE_TRY(sys::openat(dir, file, O_RDONLY)));
}

sys::Outcome<std::string> ControlEvents::read() const {
  static_cast<void>(NACRE_TRY(sys::lseek(fd_, 0, SEEK_SET)));
  return sys::read_all(fd_, kTextLimit);
}

sys::Outcome<bool> ControlEvents::wait_for(std::string_view key, std::uint64_t value,
                                           int bound_ms) const {
  const std::int64_t deadline = sys::monotonic_ms() + bound_ms;
  // The kernel holds an announcement back for up to 10 ms when the last one was less than that ago
  // (CGROUP_FILE_NOTIFY_MIN_INTV), which is the life of a short container: so the first looks do
  // not rely on it.
  constexpr std::int64_t kLongest = 100;
  for (std::int64_t look = 1;; look = std::min(look * 2, kLongest)) {
    const std::string content = NACRE_TRY(read());
    if (value_of(content, key) == value) return true;
    const std::int64_t left = deadline - sys::monotonic_ms();
    if (left <= 0) return false;
    pollfd waiting{fd_.get(), POLLPRI, 0};
    const auto ready = sys::poll(&waiting, 1, static_cast<int>(std::min(look, left)));
    if (!ready && ready.error().value != EINTR) return std::unexpected(ready.error());
  }
}

}  // namespace nacre::cgroups
