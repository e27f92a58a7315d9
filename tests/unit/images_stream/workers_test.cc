#include "images/stream/workers.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <latch>
#include <mutex>
#include <set>
#include <thread>

#include "images/stream/thread.h"

namespace nacre::images {
namespace {

TEST(WorkersTest, EveryJobOnce) {
  for (const unsigned most : {0U, 1U, 3U, 64U}) {
    std::mutex mutex;
    std::multiset<std::size_t> seen;
    const auto done = run_jobs(20, most, {}, [&](std::size_t mine, const std::stop_token&) {
      const std::lock_guard lock(mutex);
      seen.insert(mine);
      return Result<void>{};
    });
    EXPECT_TRUE(done);
    EXPECT_EQ(seen.size(), 20U);
    EXPECT_EQ(std::set<std::size_t>(seen.begin(), seen.end()).size(), 20U);
  }
}

TEST(WorkersTest, NothingToDo) {
  EXPECT_TRUE(run_jobs(0, 4, {}, [](std::size_t, const std::stop_token&) {
    ADD_FAILURE() << "there is no job";
    return Result<void>{};
  }));
}

TEST(WorkersTest, AsManyAtATimeAsWereAskedFor) {
  std::latch together(3);
  EXPECT_TRUE(run_jobs(3, 3, {}, [&](std::size_t, const std::stop_token&) {
    together.arrive_and_wait();  // or this never ends
    return Result<void>{};
  }));
}

// The first error is the result; who runs is told, and who waits is not begun.
TEST(WorkersTest, TheFirstErrorStopsTheOthers) {
  std::atomic<int> begun = 0;
  std::latch both(2);
  const auto done =
      run_jobs(100, 2, {}, [&](std::size_t mine, const std::stop_token& stop) -> Result<void> {
        ++begun;
        both.arrive_and_wait();
        if (mine == 0) return fail(not_found("the first"));
        while (!stop.stop_requested()) std::this_thread::yield();
        return fail(Error(ErrorCode::kCancelled, "because of the first"));
      });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message(), "the first");
  EXPECT_EQ(begun, 2);
}

TEST(WorkersTest, StoppedFromOutside) {
  std::stop_source source;
  std::atomic<int> begun = 0;
  const auto done = run_jobs(10, 1, source.get_token(),
                             [&](std::size_t, const std::stop_token& stop) -> Result<void> {
                               if (++begun == 2) source.request_stop();
                               EXPECT_EQ(stop.stop_requested(), begun == 2);
                               return {};
                             });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::kCancelled);
  EXPECT_EQ(begun, 2);
}

TEST(ThreadTest, IsJoinedWhenItsOwnerGoes) {
  std::atomic<bool> over = false;
  {
    auto thread = Thread::start([&] { over = true; }, "does something");
    ASSERT_TRUE(thread);
    Thread moved = *std::move(thread);
    moved.join();
    moved.join();
    EXPECT_TRUE(over);
    Thread other;
    other = std::move(moved);
  }
  auto second = Thread::start([&] { over = false; }, "does something");
  ASSERT_TRUE(second);
  *second = Thread();
  EXPECT_FALSE(over);
}

// In a child that may have no further thread (RLIMIT_NPROC counts for users without root only).
TEST(ThreadTest, NoneToBeHad) {
  if (::geteuid() != 0) GTEST_SKIP() << "becoming a user with a limit of his own needs root";
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit none{0, 0};
    if (::setrlimit(RLIMIT_NPROC, &none) != 0 || ::setuid(64321) != 0) ::_exit(9);
    const auto thread = Thread::start([] {}, "does something");
    if (thread) ::_exit(1);
    if (thread.error().message().find("start a thread that does something") == std::string::npos)
      ::_exit(2);
    // The caller is a worker too.
    int jobs = 0;
    const auto done = run_jobs(3, 4, {}, [&](std::size_t, const std::stop_token&) {
      ++jobs;
      return Result<void>{};
    });
    ::_exit(done && jobs == 3 ? 0 : 3);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace nacre::images
