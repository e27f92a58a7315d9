// A thread that is joined when its owner goes. Not std::jthread: that throws when there is no
// thread to be had, and nothing here may.
#pragma once

#include <pthread.h>

#include <functional>
#include <memory>

#include "base/result.h"

namespace nacre::images {

class Thread {
 public:
  // resource_exhausted: no thread to be had; then `work` is never called. `what` is for the
  // message.
  [[nodiscard]] static Result<Thread> start(std::function<void()> work, std::string_view what);
  Thread() = default;
  Thread(Thread&& other) noexcept : body_(std::move(other.body_)) {}
  Thread& operator=(Thread&& other) noexcept;
  ~Thread() { join(); }

  // Idempotent; nothing happens without a thread.
  void join() noexcept;

 private:
  struct Body {
    std::function<void()> work;
    pthread_t id{};
  };
  static void* run(void* body);
  std::unique_ptr<Body> body_;
};

}  // namespace nacre::images
