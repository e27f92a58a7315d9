// What a container is doing, told from processes of this test.
#include "runtime/state/status.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "runtime/state/process_stat.h"

namespace nacre::state {
namespace {

namespace fs = std::filesystem;

// A process that does nothing until it is killed.
class Sleeper {
 public:
  Sleeper() : pid_(::fork()) {
    while (pid_ == 0) ::pause();
  }
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;
  ~Sleeper() {
    end();
    ::waitpid(pid_, nullptr, 0);
  }
  [[nodiscard]] int pid() const { return pid_; }
  // It is a zombie when this returns.
  void end() const {
    siginfo_t info{};
    ::kill(pid_, SIGKILL);
    ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT);
  }

 private:
  int pid_;
};

class StatusTest : public testing::Test {
 protected:
  fs::path root_ = fs::path(testing::TempDir()) / ("nacre-status-" + std::to_string(::getpid()));
  Record record_;

  void SetUp() override {
    fs::remove_all(root_);
    record_.id = "c1";
    record_.bundle = "/b";
    record_.oci_version = "1.3.0";
    record_.cgroup_manager = "disabled";
  }
  void TearDown() override { fs::remove_all(root_); }

  ContainerDir container() {
    auto store = StateStore::open(root_, true);
    auto found = store->find("c1");
    return found ? std::move(*found) : std::move(*store->create("c1"));
  }
  void is(const Sleeper& process) {
    record_.pid = process.pid();
    record_.start_time = read_stat(process.pid())->start_time;
  }
  oci::Status status() {
    const auto now = current_status(container(), record_);
    EXPECT_TRUE(now) << now.error().message();
    return *now;
  }
};

TEST_F(StatusTest, RunningThenStopped) {
  const Sleeper process;
  is(process);
  EXPECT_EQ(status(), oci::Status::kRunning);
  process.end();
  EXPECT_EQ(status(), oci::Status::kStopped) << "a zombie has ended";
}

TEST_F(StatusTest, AnotherProcessWithTheSameNumber) {
  const Sleeper process;
  is(process);
  record_.start_time -= 1;
  EXPECT_EQ(status(), oci::Status::kStopped);
  const auto init = open_init(record_);
  ASSERT_FALSE(init);
  EXPECT_EQ(init.error().code(), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(init.error().message(), "container not running");
}

TEST_F(StatusTest, CreatedUntilTheStartSocketIsGone) {
  const Sleeper process;
  is(process);
  const ContainerDir dir = container();
  std::ofstream(root_ / "c1" / kStartSocket) << "";
  EXPECT_EQ(status(), oci::Status::kCreated);
  fs::remove(root_ / "c1" / kStartSocket);
  EXPECT_EQ(status(), oci::Status::kRunning);
}

TEST_F(StatusTest, CreatingWhileCreateIsAtWork) {
  const Sleeper process;
  is(process);
  record_.creating = true;
  EXPECT_EQ(status(), oci::Status::kCreating);
}

TEST_F(StatusTest, BeforeInitExistsTheLockTells) {
  const ContainerDir dir = container();
  EXPECT_EQ(status(), oci::Status::kStopped) << "create was killed";
  const auto lock = dir.lock();
  ASSERT_TRUE(lock);
  EXPECT_EQ(status(), oci::Status::kCreating);
}

TEST_F(StatusTest, APidfdOfInit) {
  const Sleeper process;
  is(process);
  const auto init = open_init(record_);
  ASSERT_TRUE(init) << init.error().message();
  EXPECT_GE(init->get(), 0);
}

TEST_F(StatusTest, OciState) {
  record_.pid = 12;
  record_.annotations = {{"k", "v"}};
  const oci::State running = oci_state(record_, oci::Status::kRunning);
  EXPECT_EQ(running.pid, 12);
  EXPECT_EQ(running.id, "c1");
  EXPECT_EQ(running.bundle, "/b");
  EXPECT_EQ(running.annotations.at("k"), "v");
  EXPECT_EQ(oci_state(record_, oci::Status::kStopped).pid, 0);
}

}  // namespace
}  // namespace nacre::state
