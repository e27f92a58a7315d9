#include "images/registry/clock.h"

#include <condition_variable>
#include <mutex>

namespace nacre::images::registry {
namespace {

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Milliseconds now() const override {
    return std::chrono::duration_cast<Milliseconds>(
        std::chrono::steady_clock::now().time_since_epoch());
  }
  [[nodiscard]] std::int64_t seconds_since_1970() const override {
    return std::chrono::duration_cast<std::chrono::seconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
  [[nodiscard]] bool wait(Milliseconds time, const std::stop_token& stop) override {
    std::mutex mutex;
    std::condition_variable_any wakened;
    std::unique_lock lock(mutex);
    // Nobody but the stop token wakes this up.
    static_cast<void>(wakened.wait_for(lock, stop, time, [] { return false; }));
    return !stop.stop_requested();
  }
};

}  // namespace

std::unique_ptr<Clock> make_system_clock() { return std::make_unique<SystemClock>(); }

}  // namespace nacre::images::registry
