#include "images/stream/workers.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <vector>

#include "images/stream/thread.h"

namespace nacre::images {
namespace {

class Jobs {
 public:
  Jobs(std::size_t count,
       const std::function<Result<void>(std::size_t, const std::stop_token&)>& job)
      : count_(count), job_(job) {}

  void work() {
    for (;;) {
      std::size_t mine = 0;
      {
        const std::lock_guard lock(mutex_);
        if (next_ == count_ || stop_.stop_requested()) return;
        mine = next_++;
      }
      auto done = job_(mine, stop_.get_token());
      if (!done) failed(std::move(done).error());
    }
  }
  void failed(Error error) {
    const std::lock_guard lock(mutex_);
    // The others end with "cancelled" because of the first one.
    if (!error_) error_ = std::move(error);
    stop_.request_stop();
  }
  void stop() { stop_.request_stop(); }
  [[nodiscard]] bool all_begun() const { return next_ == count_; }
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  std::size_t count_;
  const std::function<Result<void>(std::size_t, const std::stop_token&)>& job_;
  std::mutex mutex_;
  std::stop_source stop_;
  std::size_t next_ = 0;
  std::optional<Error> error_;
};

}  // namespace

Result<void> run_jobs(std::size_t count, unsigned most, const std::stop_token& stop,
                      const std::function<Result<void>(std::size_t, const std::stop_token&)>& job) {
  Jobs jobs(count, job);
  {
    const std::stop_callback outside(stop, [&] { jobs.stop(); });
    std::vector<Thread> threads;
    const std::size_t wanted = std::min<std::size_t>(std::max(most, 1U), count);
    for (std::size_t i = 1; i < wanted; ++i) {
      auto thread = Thread::start([&] { jobs.work(); }, "does a part of the work");
      // No more threads to be had. This one is a worker too, so the work goes on with what there
      // is.
      if (!thread) break;
      threads.push_back(*std::move(thread));
    }
    jobs.work();
  }
  if (const auto& error = jobs.error()) return fail(*error);
  if (!jobs.all_begun()) return fail(Error(ErrorCode::kCancelled, "cancelled"));
  return {};
}

}  // namespace nacre::images
