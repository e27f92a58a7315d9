// The directory of container states.
#include "runtime/state/store.h"

#include <gmock/gmock.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace nacre::state {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class StoreTest : public testing::Test {
 protected:
  fs::path root_ = fs::path(testing::TempDir()) / ("nacre-store-" + std::to_string(::getpid()));

  void SetUp() override { fs::remove_all(root_); }
  void TearDown() override { fs::remove_all(root_); }

  StateStore store() {
    auto opened = StateStore::open(root_, true);
    EXPECT_TRUE(opened) << opened.error().message();
    return std::move(*opened);
  }
  ContainerDir make(const std::string& id) {
    auto made = store().create(id);
    EXPECT_TRUE(made) << made.error().message();
    return std::move(*made);
  }
  void write(const fs::path& path, const std::string& content) {
    std::ofstream(root_ / path) << content;
  }
};

unsigned mode_of(const fs::path& path) {
  struct stat status{};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777U;
}

Record record_of(const std::string& id) {
  Record record;
  record.id = id;
  record.oci_version = "1.3.0";
  record.cgroup_manager = "cgroupfs";
  return record;
}

TEST_F(StoreTest, RootIsMadeWithItsParents) {
  root_ /= "a/b";
  ASSERT_TRUE(StateStore::open(root_, true, 01700));
  EXPECT_EQ(mode_of(root_), 01700U);
  EXPECT_TRUE(StateStore::open(root_, true));
  EXPECT_EQ(mode_of(root_), 01700U) << "an existing root keeps its mode";
  fs::remove_all(root_.parent_path().parent_path());
}

TEST_F(StoreTest, ModesDoNotDependOnTheUmask) {
  const mode_t old = ::umask(0777);
  const ContainerDir container = make("c1");
  ::umask(old);
  EXPECT_EQ(mode_of(root_), 0700U);
  EXPECT_EQ(mode_of(root_ / "c1"), 0711U);
}

TEST_F(StoreTest, AMissingRootIsNotFound) {
  const auto opened = StateStore::open(root_, false);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(opened.error().message(), "open " + root_.string() + ": no such file or directory");
}

TEST_F(StoreTest, ARootThatIsAFileIsAnError) {
  std::ofstream(root_) << "x";
  EXPECT_FALSE(StateStore::open(root_, true));
  EXPECT_FALSE(StateStore::open(root_, false));
}

TEST_F(StoreTest, Ids) {
  for (const char* good : {"a", "A9", "_x", "+y", "-z", ".w", "a.b-c_d+e", "..."}) {
    EXPECT_TRUE(check_id(good)) << good;
  }
  EXPECT_TRUE(check_id(std::string(255, 'a')));
  for (const std::string& bad :
       {std::string(), std::string("."), std::string(".."), std::string("a/b"), std::string("a b"),
        std::string("a:b"), std::string("\xC3\xBC"), std::string("a\n"), std::string("a\0b", 3),
        std::string(256, 'a')}) {
    const auto checked = check_id(bad);
    ASSERT_FALSE(checked) << bad;
    EXPECT_THAT(checked.error().message(), HasSubstr("invalid container ID format"));
  }
}

TEST_F(StoreTest, AnIdIsTakenOnce) {
  const ContainerDir first = make("c1");
  const auto second = store().create("c1");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::kAlreadyExists);
  EXPECT_THAT(second.error().message(), HasSubstr("container with given ID already exists"));
}

TEST_F(StoreTest, FindAMissingContainer) {
  const auto found = store().find("nox");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), ErrorCode::kNotFound);
  EXPECT_THAT(found.error().message(), HasSubstr("container does not exist"));
  EXPECT_FALSE(store().find("../x"));
}

TEST_F(StoreTest, ASymlinkIsNoContainer) {
  const StateStore opened = store();
  fs::create_directories(root_ / "real");
  fs::create_directory_symlink("real", root_ / "link");
  EXPECT_FALSE(opened.find("link"));
  EXPECT_THAT(*opened.ids(), ElementsAre("real"));
}

TEST_F(StoreTest, IdsAreSortedAndStrangersLeftOut) {
  const StateStore opened = store();
  EXPECT_THAT(*opened.ids(), IsEmpty());
  ASSERT_TRUE(opened.create("b"));
  ASSERT_TRUE(opened.create("a"));
  write("file", "x");
  fs::create_directories(root_ / "not an id");
  EXPECT_THAT(*opened.ids(), ElementsAre("a", "b"));
}

TEST_F(StoreTest, RecordIsReplaced) {
  const ContainerDir container = make("c1");
  const auto none = container.load();
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code(), ErrorCode::kNotFound);
  Record record = record_of("c1");
  ASSERT_TRUE(container.save(record));
  record.pid = 7;
  ASSERT_TRUE(container.save(record));
  EXPECT_EQ(container.load()->pid, 7);
  EXPECT_EQ(mode_of(root_ / "c1/state.json"), 0600U);
  EXPECT_EQ(std::distance(fs::directory_iterator(root_ / "c1"), {}), 1)
      << "no temporary file stays";
}

TEST_F(StoreTest, DamageIsSaid) {
  const ContainerDir container = make("c1");
  for (const char* damaged : {"", "{\"id\":", "{}", "garbage"}) {
    write("c1/state.json", damaged);
    const auto loaded = container.load();
    ASSERT_FALSE(loaded) << damaged;
    EXPECT_EQ(loaded.error().code(), ErrorCode::kInternal);
    EXPECT_THAT(loaded.error().message(), HasSubstr("state.json of container \"c1\" is damaged: "));
  }
}

TEST_F(StoreTest, RemoveTakesEverything) {
  const ContainerDir container = make("c1");
  ASSERT_TRUE(container.save(record_of("c1")));
  fs::create_directories(root_ / "c1/notify/deep");
  write("c1/notify/deep/file", "x");
  write("outside", "keep me");
  fs::create_symlink(root_ / "outside", root_ / "c1/link");
  fs::create_directory_symlink(root_, root_ / "c1/dirlink");
  ASSERT_EQ(::mkfifo((root_ / "c1/fifo").c_str(), 0600), 0);
  ASSERT_TRUE(container.remove());
  EXPECT_FALSE(fs::exists(root_ / "c1"));
  EXPECT_TRUE(fs::exists(root_ / "outside")) << "links are removed, not followed";
  EXPECT_TRUE(container.remove()) << "what is gone already is removed";
}

TEST_F(StoreTest, RemoveOfATreeThatIsTooDeepIsAnError) {
  const ContainerDir container = make("c1");
  fs::path deep = root_ / "c1";
  for (int i = 0; i < 40; ++i) deep /= "d";
  fs::create_directories(deep);
  EXPECT_FALSE(container.remove());
}

TEST_F(StoreTest, LockIsExclusiveAndGivenBack) {
  const ContainerDir container = make("c1");
  EXPECT_TRUE(*container.lock_is_free());
  {
    const auto lock = container.lock();
    ASSERT_TRUE(lock);
    EXPECT_FALSE(*container.lock_is_free());
  }
  EXPECT_TRUE(*container.lock_is_free());
}

TEST_F(StoreTest, LockDiesWithItsHolder) {
  const ContainerDir container = make("c1");
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto lock = container.lock();
    const bool told = lock && ::write(ready[1], "x", 1) == 1;
    while (told) ::pause();
    ::_exit(1);
  }
  char byte = 0;
  ::close(ready[1]);
  EXPECT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_FALSE(*container.lock_is_free());
  ::kill(child, SIGKILL);
  EXPECT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(*container.lock_is_free());
  ::close(ready[0]);
}

TEST_F(StoreTest, LockOfADeletedContainer) {
  const ContainerDir container = make("c1");
  ASSERT_TRUE(container.remove());
  const auto lock = container.lock();
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().code(), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace nacre::state
