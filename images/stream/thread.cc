#include "images/stream/thread.h"

#include "base/text.h"

namespace nacre::images {

Result<Thread> Thread::start(std::function<void()> work, std::string_view what) {
  Thread made;
  made.body_ = std::make_unique<Body>(Body{.work = std::move(work)});
  const int error = pthread_create(&made.body_->id, nullptr, &Thread::run, made.body_.get());
  if (error == 0) return made;
  made.body_.reset();
  return fail(Error::from_errno(Errno{error}, text::join("start a thread that ", what)));
}

Thread& Thread::operator=(Thread&& other) noexcept {
  if (this == &other) return *this;
  join();
  body_ = std::move(other.body_);
  return *this;
}

void Thread::join() noexcept {
  if (!body_) return;
  pthread_join(body_->id, nullptr);
  body_.reset();
}

void* Thread::run(void* body) {
  static_cast<Body*>(body)->work();
  return nullptr;
}

}  // namespace nacre::images
