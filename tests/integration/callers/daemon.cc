#include "tests/integration/callers/daemon.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/support/bundle.h"
#include "tests/support/sockets.h"

namespace nacre::test {

Daemon::Daemon(std::vector<std::string> argv, std::filesystem::path work) : work_(std::move(work)) {
  NotifySocket ready(work_ / "ready.sock");
  const UniqueFd log(
      ::open((work_ / "daemon.log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  Command command(std::move(argv));
  command.stdout_fd(log.get()).stderr_fd(log.get());
  command.env("NOTIFY_SOCKET", ready.path()).env("HOME", work_).env("TMPDIR", work_);
  process_ = std::make_unique<Running>(command.start());
  EXPECT_EQ(ready.receive(), "READY=1") << this->log();
}

Daemon::~Daemon() {
  stop();
  if (testing::Test::HasFailure()) {
    // Only now: it says most about what went wrong when it is complete.
    std::string text = log();
    if (constexpr std::size_t kEnd = 16384; text.size() > kEnd) text.erase(0, text.size() - kEnd);
    GTEST_LOG_(INFO) << "the daemon's log:\n" << text;
  }
}

void Daemon::stop() {
  if (!process_) return;
  process_->send(SIGTERM);
  EXPECT_EQ(process_->wait().exit_code, 0) << log();
  process_.reset();
}

std::string Daemon::log() const { return read_text(work_ / "daemon.log"); }

}  // namespace nacre::test
