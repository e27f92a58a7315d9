// Time, so that tests need none.
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>

#include "images/registry/http.h"

namespace nacre::images::registry {

// Thread-safe.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;
  [[nodiscard]] virtual Milliseconds now() const = 0;  // never goes back
  [[nodiscard]] virtual std::int64_t seconds_since_1970() const = 0;
  // False when `stop` was asked for before the time was over.
  [[nodiscard]] virtual bool wait(Milliseconds time, const std::stop_token& stop) = 0;
};

[[nodiscard]] std::unique_ptr<Clock> make_system_clock();

}  // namespace nacre::images::registry
