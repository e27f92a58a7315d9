// Push and pull with Debian's docker-registry on loopback.
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "tests/integration/cli_image/fixture.h"
#include "tests/integration/cli_image/slow_proxy.h"
#include "tests/integration/registry/docker_registry.h"

namespace nacre::cli::test {
namespace {

using images::registry::test::DockerRegistry;
using testing::HasSubstr;
using testing::MatchesRegex;

class RegistryTest : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    if (!DockerRegistry::is_installed()) GTEST_SKIP() << "docker-registry is not installed";
    registry_ = std::make_unique<DockerRegistry>(
        images::registry::test::RegistryOptions{.folder = work().string()});
  }
  void TearDown() override {
    registry_.reset();
    CliTest::TearDown();
  }
  [[nodiscard]] std::string name(const std::string& rest) const {
    return registry_->host() + "/" + rest;
  }
  [[nodiscard]] std::uint16_t port() const {
    const std::string host = registry_->host();
    return static_cast<std::uint16_t>(std::stoul(host.substr(host.rfind(':') + 1)));
  }
  // Returns when a file in a folder has so many bytes; false: the time is up. What a proxy has sent
  // may still be in the buffers of the sockets.
  static bool wait_for_size(int inotify, const std::filesystem::path& folder, std::uint64_t bytes) {
    for (;;) {
      for (const auto& file : std::filesystem::directory_iterator(folder)) {
        if (file.file_size() >= bytes) return true;
      }
      pollfd change{inotify, POLLIN, 0};
      if (::poll(&change, 1, static_cast<int>(nacre::test::time_limit().count())) != 1)
        return false;
      char events[4096];
      if (::read(inotify, events, sizeof events) <= 0) return false;
    }
  }
  // An image of the name in the registry; its ID.
  std::string pushed(const std::string& rest, char content, std::size_t size) {
    const std::string id = import_tree(name(rest), content, size);
    run({"push", "-q", name(rest)});
    return id;
  }

  std::unique_ptr<DockerRegistry> registry_;
};

TEST_F(RegistryTest, WhatIsPushedIsPulled) {
  const std::string id = import_tree(name("app:1"));
  EXPECT_THAT(run({"push", name("app:1")}),
              MatchesRegex("1: digest: sha256:[0-9a-f]{64} size: [0-9]+\n"));
  const std::string said = run({"pull", name("app:1")}, "other");
  EXPECT_THAT(said, MatchesRegex("Digest: sha256:[0-9a-f]{64}\nStatus: Downloaded newer image for "
                                 "[^\n]+app:1\n[^\n]+app:1\n"));
  EXPECT_EQ(run({"images", "-q", "--no-trunc"}, "other"), id + "\n");
  EXPECT_THAT(run({"pull", name("app:1")}, "other"), HasSubstr("Status: Image is up to date for"));
  EXPECT_EQ(run({"pull", "-q", name("app:1")}, "other"), name("app:1") + "\n");
}

TEST_F(RegistryTest, AllTags) {
  pushed("app:1", 'a', 1000);
  pushed("app:2", 'b', 1000);
  run({"pull", "-q", "-a", name("app")}, "other");
  EXPECT_EQ(run({"images", "--format", "{{.Tag}}"}, "other").size(), 4U);
  EXPECT_THAT(run({"push", "-a", name("app")}), HasSubstr("2: digest: "));
}

TEST_F(RegistryTest, WithoutATerminalALineForEachStep) {
  pushed("app:1", 'a', 1000);
  const Outcome outcome = nacre({"pull", name("app:1")}, "other").run();
  ASSERT_EQ(outcome.exit_code, 0) << describe(outcome);
  EXPECT_EQ(outcome.err.find('\x1b'), std::string::npos) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("  done  "));
  EXPECT_EQ(nacre({"pull", "-q", name("app:1")}, "third").run().err, "");
}

TEST_F(RegistryTest, WhatIsNotThereIsSaid) {
  EXPECT_THAT(run_failing(1, {"pull", name("absent:1")}), HasSubstr("absent"));
}

// Ctrl-C in the middle of a blob; the next pull fetches only the rest.
TEST_F(RegistryTest, AnInterruptedPullIsGoneOnWith) {
  constexpr std::uint64_t kSize = 8'000'000, kHeldAfter = 4'000'000;
  const std::string id = pushed("app:1", 'a', kSize);
  SlowProxy proxy(port());
  proxy.hold_after(kHeldAfter);
  run({"images"}, "other");  // makes the folder that is watched
  const UniqueFd changes(::inotify_init1(IN_CLOEXEC));
  const auto ingest = work() / "other/ingest";
  ASSERT_GE(::inotify_add_watch(changes.get(), ingest.c_str(), IN_MODIFY), 0);
  auto pull = nacre({"pull", proxy.host() + "/app:1"}, "other").start();
  ASSERT_TRUE(proxy.wait_until_held());
  ASSERT_TRUE(wait_for_size(changes.get(), ingest, kHeldAfter / 2));
  pull.send(SIGINT);
  const Outcome outcome = pull.wait();
  EXPECT_EQ(outcome.exit_code, 130) << describe(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("nacre: interrupted: what has arrived is kept"));
  EXPECT_EQ(run({"images", "-q"}, "other"), "");

  proxy.release();
  const std::uint64_t before = proxy.passed();
  run({"pull", "-q", proxy.host() + "/app:1"}, "other");
  EXPECT_LT(proxy.passed() - before, kSize - kHeldAfter / 4);
  EXPECT_EQ(run({"images", "-q", "--no-trunc"}, "other"), id + "\n");
  EXPECT_EQ(run({"image", "check", "--deep"}, "other"), "No damage found.\n");
}

TEST_F(RegistryTest, TermEndsItWithItsOwnStatus) {
  pushed("app:1", 'a', 2'000'000);
  SlowProxy proxy(port());
  proxy.hold_after(1'000'000);
  auto pull = nacre({"pull", "-q", proxy.host() + "/app:1"}, "other").start();
  ASSERT_TRUE(proxy.wait_until_held());
  pull.send(SIGTERM);
  EXPECT_EQ(pull.wait().exit_code, 143);
}

TEST_F(RegistryTest, TenPullsAtOnceShareTheirLayers) {
  const std::string id = pushed("app:0", 'a', 3'000'000);
  for (int i = 1; i < 10; ++i) {
    run({"tag", name("app:0"), name("app:" + std::to_string(i))});
    run({"push", "-q", name("app:" + std::to_string(i))});
  }
  std::vector<nacre::test::Running> pulls;
  for (int i = 0; i < 10; ++i)
    pulls.push_back(nacre({"pull", "-q", name("app:" + std::to_string(i))}, "other").start());
  for (auto& pull : pulls) {
    const Outcome outcome = pull.wait();
    EXPECT_EQ(outcome.exit_code, 0) << describe(outcome);
  }
  EXPECT_EQ(run({"images", "-q", "--no-trunc"}, "other"), id + "\n");
  EXPECT_EQ(run({"image", "check", "--deep"}, "other"), "No damage found.\n");
}

}  // namespace
}  // namespace nacre::cli::test
