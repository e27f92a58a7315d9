// A list of jobs on a few threads.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>

#include "base/result.h"

namespace nacre::images {

// Calls `job` with 0 .. count - 1, in this order, `most` at a time. The first error stops those
// that have not begun and, through the token, those that run; it is the result. `stop` from outside
// stops all: kCancelled.
[[nodiscard]] Result<void> run_jobs(
    std::size_t count, unsigned most, const std::stop_token& stop,
    const std::function<Result<void>(std::size_t, const std::stop_token&)>& job);

}  // namespace nacre::images
