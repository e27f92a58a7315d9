// Files of "key value" lines whose changes the kernel announces: cgroup.events, memory.events,
// pids.events.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/fds.h"
#include "sys/syscall.h"

namespace nacre::cgroups {

// The value of "key value" in a flat keyed text.
std::optional<std::uint64_t> value_of(std::string_view content, std::string_view key);

class ControlEvents {
 public:
  // `file` in the cgroup `dir`.
  [[nodiscard]] static sys::Outcome<ControlEvents> open(FdRef dir, const char* file);

  // The whole text. From here on fd() polls as POLLPRI once the content has changed. ENODEV: the
  // cgroup has been removed.
  [[nodiscard]] sys::Outcome<std::string> read() const;
  [[nodiscard]] FdRef fd() const { return fd_; }

  // Waits until `key` has the value: true, or false when `bound_ms` milliseconds are over.
  [[nodiscard]] sys::Outcome<bool> wait_for(std::string_view key, std::uint64_t value,
                                            int bound_ms) const;

 private:
  explicit ControlEvents(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace nacre::cgroups
