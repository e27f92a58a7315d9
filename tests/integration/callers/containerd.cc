#include "tests/integration/callers/containerd.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <sstream>

namespace nacre::test {
namespace {

namespace fs = std::filesystem;

std::string config_text(const fs::path& home) {
  const auto quoted = [&](const char* name) { return "\"" + (home / name).string() + "\"\n"; };
  return "version = 2\n"
         "disabled_plugins = [\"io.containerd.grpc.v1.cri\"]\n"
         "root = " +
         quoted("root") + "state = " + quoted("state") +
         "[grpc]\naddress = " + quoted("containerd.sock") +
         "[plugins.\"io.containerd.internal.v1.opt\"]\npath = " + quoted("opt");
}

}  // namespace

void ContainerdTest::start_engine() {
  const fs::path config = home() / "config.toml";
  write_text(config, config_text(home()));
  daemon_ = std::make_unique<Daemon>(Strings{"containerd", "--config", config}, home());
  const Outcome imported = ask({"images", "import", image_archive()});
  ASSERT_TRUE(imported.ok()) << describe(imported);
}

std::vector<fs::path> ContainerdTest::state_folders() const {
  return {"/run/containerd/runc/" + token(),
          home() / "state/io.containerd.runtime.v2.task" / token()};
}

Command ContainerdTest::ctr(const Strings& args) const {
  return command(Strings{"ctr", "--address", home() / "containerd.sock", "--namespace", token()} +
                 args);
}

Command ContainerdTest::run(const Transcript& transcript, const Strings& options,
                            const std::string& id, const Strings& argv) const {
  Strings args = {"run", "--runc-binary", transcript.runtime()};
  if (!has_controller("cpu")) args = args + Strings{"--cpu-shares", "0"};
  return ctr(args + options + Strings{kImage, id} + argv);
}

std::unique_ptr<Reader> ContainerdTest::start_service(Transcript& transcript, const std::string& id,
                                                      const Strings& argv) const {
  const fs::path output = home() / (id + ".out");
  fs::remove(output);
  EXPECT_EQ(::mkfifo(output.c_str(), 0600), 0);
  // Read and write, so that the stream has no end while the shim opens and closes it.
  auto reader =
      std::make_unique<Reader>(UniqueFd(::open(output.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC)));
  const Outcome started =
      run(transcript, {"--detach", "--log-uri", "file://" + output.string()}, id, argv).run();
  EXPECT_TRUE(started.ok()) << describe(started);
  EXPECT_NE(reader->until("ready"), "");
  return reader;
}

std::string ContainerdTest::status(const std::string& id) const {
  const Outcome outcome = ask({"tasks", "list"});
  EXPECT_TRUE(outcome.ok()) << describe(outcome);
  std::istringstream lines(outcome.out);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string name, pid, status;
    if (fields >> name >> pid >> status; name == id) return status;
  }
  return {};
}

bool ContainerdTest::becomes(const std::string& id, const std::string& wanted) const {
  const auto deadline = std::chrono::steady_clock::now() + time_limit();
  while (status(id) != wanted) {
    if (std::chrono::steady_clock::now() > deadline) return false;
  }
  return true;
}

}  // namespace nacre::test
