// How much an archive has taken so far, and whether that is still allowed.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "images/layers/layers.h"
#include "sys/fds.h"

namespace nacre::images::layers {

class Budget {
 public:
  Budget(const ApplyBudget& limits, FdRef filesystem) : limits_(limits), filesystem_(filesystem) {}

  [[nodiscard]] const ApplyBudget& limits() const { return limits_; }

  [[nodiscard]] Result<void> take_entry();
  // A file that is about to be written: `stored` bytes of its `size` take space. A file that does
  // not fit is refused before its first byte.
  [[nodiscard]] Result<void> announce_file(std::uint64_t size, std::uint64_t stored);
  // Bytes on their way to the disk.
  [[nodiscard]] Result<void> take_bytes(std::uint64_t bytes);

 private:
  [[nodiscard]] Result<void> check_space(std::uint64_t needed);

  const ApplyBudget& limits_;
  FdRef filesystem_;
  std::uint64_t entries_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t unchecked_ = 0;  // bytes since the filesystem was asked
};

}  // namespace nacre::images::layers
