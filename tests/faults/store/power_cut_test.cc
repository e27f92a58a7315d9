// Power cuts, without a device that could lose power.
//
//   store ── ext4 or XFS in a file ── loop ── the file, on XFS in a file, in memory
//
// The inner file system's backing file holds what it has handed down so far and nothing of what
// still is in memory. A reflink of it (FICLONE takes the file's lock, so it is one instant) is what
// a disk would hold after a power cut there. It is mounted, its layers are said to be of another
// run of the machine, as they would be, and then everything acknowledged before has to be there.
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

#include <fstream>
#include <map>
#include <random>
#include <set>

#include "images/store/connection.h"
#include "tests/faults/store/fixture.h"

namespace nacre::images::test {
namespace {

namespace fs = std::filesystem;
using nacre::test::Command;
using nacre::test::Outcome;
using nacre::test::Running;

#ifdef NACRE_FAULTS_EVERY_STEP
constexpr int kInstants = 100;
#else
constexpr int kInstants = 20;
#endif
constexpr int kFiles = 20;
constexpr int kBytes = 5000;

struct Disk {
  const char* type;
  std::vector<std::string> mkfs;
  const char* options;
};

// What the worker has said so far.
struct Acknowledged {
  std::map<std::string, std::string> pulled;  // image -> its shared layer
  std::set<std::string> durable;              // images whose own layer was synced
  std::set<std::string> removing;             // may be there or not

  void take(const std::string& line) {
    std::istringstream words(line);
    std::string verb, name, shared;
    words >> verb >> name >> shared;
    if (verb == "pulled") {
      pulled[name] = shared;
      removing.erase(name);
    } else if (verb == "removing") {
      removing.insert(name);
      durable.erase(name);
    } else if (verb == "durable") {
      for (const auto& [image, layer] : pulled) durable.insert(image);
    } else if (verb == "removed") {
      pulled.erase(name);
    }
  }
};

class PowerCutTest : public StoreFaultTest {
 protected:
  void SetUp() override {
    StoreFaultTest::SetUp();
    if (IsSkipped()) return;
    NACRE_REQUIRE_PROGRAM("mkfs.xfs");
    NACRE_REQUIRE_PROGRAM("mkfs.ext4");
    NACRE_REQUIRE_CAPABILITY(21 /* CAP_SYS_ADMIN */);
    make_disk(work_ / "outer", "1500M", {"mkfs.xfs", "-q"});
    mount(work_ / "outer", work_ / "files", "xfs", "");
  }
  void TearDown() override {
    while (!mounted_.empty()) unmount();
    StoreFaultTest::TearDown();
  }

  static void make_disk(const fs::path& file, const std::string& size,
                        std::vector<std::string> mkfs) {
    run({"truncate", "-s", size, file});
    mkfs.push_back(file);
    run(mkfs);
  }
  static void run(const std::vector<std::string>& argv) {
    const Outcome outcome = Command(argv).run();
    ASSERT_TRUE(outcome.ok()) << describe(outcome);
  }
  void mount(const fs::path& file, const fs::path& at, const std::string& type,
             const std::string& options) {
    fs::create_directories(at);
    run({"mount", "-t", type, "-o", options.empty() ? "loop" : "loop," + options, file, at});
    mounted_.push_back(at);
  }
  void unmount() {
    // With its loop device; a lazy unmount would keep both.
    const Outcome outcome = Command({"umount", mounted_.back()}).run();
    EXPECT_TRUE(outcome.ok()) << describe(outcome);
    mounted_.pop_back();
  }
  static void clone(const fs::path& from, const fs::path& to) {
    const UniqueFd source(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
    const UniqueFd target(::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    ASSERT_EQ(::ioctl(target.get(), FICLONE, source.get()), 0) << std::strerror(errno);
  }

  // Reads what the worker says; complete lines only.
  static void take_lines(int fd, std::string& pending, Acknowledged& acknowledged, int at_least) {
    int lines = 0;
    for (;;) {
      for (std::size_t end = 0; (end = pending.find('\n')) != std::string::npos; ++lines) {
        acknowledged.take(pending.substr(0, end));
        pending.erase(0, end + 1);
      }
      char chunk[4096];
      if (lines >= at_least) {
        int waiting = 0;
        if (::ioctl(fd, FIONREAD, &waiting) != 0 || waiting == 0) return;
      }
      const ssize_t got = ::read(fd, chunk, sizeof chunk);
      ASSERT_GT(got, 0) << "the worker has ended";
      pending.append(chunk, static_cast<std::size_t>(got));
    }
  }

  void survive(const Disk& disk);
  void look_at(const fs::path& image, const Disk& disk, const Acknowledged& before,
               const Acknowledged& after);

  std::vector<fs::path> mounted_;
};

void PowerCutTest::survive(const Disk& disk) {
  const fs::path file = work_ / "files/inner";
  make_disk(file, "400M", disk.mkfs);
  mount(file, work_ / "inner", disk.type, disk.options);
  nacre::test::Pipe said = nacre::test::make_pipe();
  Command loop = worker(work_ / "inner/root", {"loop", "x"});
  loop.env("NACRE_WORKER_FILES", std::to_string(kFiles));
  loop.env("NACRE_WORKER_BYTES", std::to_string(kBytes));
  loop.stdout_fd(said.write.get());
  Running running = loop.start();
  said.write.reset();
  std::mt19937 random(4711);
  std::string pending;
  Acknowledged acknowledged;
  for (int instant = 0; instant < kInstants && !HasFailure(); ++instant) {
    SCOPED_TRACE("instant " + std::to_string(instant));
    take_lines(said.read.get(), pending, acknowledged, static_cast<int>(random() % 6) + 1);
    ::usleep(static_cast<useconds_t>(
        random() % 30000));  // to be anywhere between two lines, not to wait for something
    take_lines(said.read.get(), pending, acknowledged, 0);
    const Acknowledged before = acknowledged;
    clone(file, work_ / "files/cut");
    take_lines(said.read.get(), pending, acknowledged, 0);
    look_at(work_ / "files/cut", disk, before, acknowledged);
  }
  running.send(SIGKILL);
  static_cast<void>(running.wait());
  unmount();
  fs::remove(file);
}

void PowerCutTest::look_at(const fs::path& image, const Disk& disk, const Acknowledged& before,
                           const Acknowledged& after) {
  mount(image, work_ / "cut", disk.type, disk.options);
  const std::string root = work_ / "cut/root";
  {
    auto records = Connection::open(root + "/db.sqlite");
    ASSERT_OK(records);
    ASSERT_OK((*records)->run("UPDATE layers SET boot_id = 'of before the power cut'"));
  }
  {
    const auto store = open(root);
    ASSERT_NE(store, nullptr);
    expect_undamaged(*store);
    for (const auto& [name, shared] : before.pulled) {
      if (after.removing.contains(name) || before.removing.contains(name)) continue;
      // A later pull of the same name may have got through.
      const SampleImage then = image_of(name, {shared, name}, kFiles, kBytes);
      const auto record = store->find_image(name);
      ASSERT_TRUE(record && *record) << name << " is gone";
      if ((*record)->target.digest == then.manifest_descriptor.digest) expect_whole(*store, then);
      if (before.durable.contains(name)) {
        const auto layer = store->find_layer(then.layers[1].diff_id);
        ASSERT_TRUE(layer && *layer);
        EXPECT_EQ((*layer)->state, LayerState::kDurable);
      }
      EXPECT_OK(put_sample(*store, then));
      expect_whole(*store, then);
    }
    expect_sound(*store, root);
  }
  unmount();
}

TEST_F(PowerCutTest, Ext4) { survive({"ext4", {"mkfs.ext4", "-q"}, ""}); }

TEST_F(PowerCutTest, Ext4ThatPromisesLess) {
  survive({"ext4", {"mkfs.ext4", "-q"}, "data=writeback,noauto_da_alloc"});
}

TEST_F(PowerCutTest, Xfs) { survive({"xfs", {"mkfs.xfs", "-q"}, "nouuid"}); }

}  // namespace
}  // namespace nacre::images::test
