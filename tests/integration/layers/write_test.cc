#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <fstream>
#include <thread>

#include "images/stream/memory.h"
#include "tests/integration/layers/layer_test.h"

namespace nacre::test::layers {
namespace {

using images::DiffOptions;

class WriteLayer : public LayerTest {
 protected:
  fs::path upper() { return new_directory("upper"); }
  fs::path reapply(const std::string& bytes, const images::ApplyOptions& options = {}) {
    const fs::path where = new_directory("again");
    const auto applied = apply_bytes(bytes, where, options);
    EXPECT_TRUE(applied) << applied.error().message();
    return where;
  }
};

void make_socket(const fs::path& path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ASSERT_LT(path.string().size(), sizeof address.sun_path);
  std::strcpy(address.sun_path, path.c_str());  // NOLINT(clang-analyzer-security*)
  ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::close(fd);
}

TEST_F(WriteLayer, LeavesSocketsOut) {
  std::ofstream(upper() / "a") << "1";
  make_socket(upper() / "s");
  EXPECT_EQ(describe(reapply(write(upper()))), "f 0644 a \"1\"\n");
}

TEST_F(WriteLayer, WhatASocketReplacedDoesNotComeBack) {
  const fs::path lower = new_directory("lower");
  std::ofstream(lower / "s") << "1";
  make_socket(upper() / "s");
  make_socket(upper() / "t");
  EXPECT_EQ(describe(reapply(write(upper(), {lower}))), "w s\n");
}

TEST_F(WriteLayer, RefusesNamesThatMeanDeletions) {
  fs::create_directory(upper() / "d");
  std::ofstream(upper() / "d/.wh.x") << "1";
  const auto written = try_write(upper());
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().message().find("\"d/.wh.x\" cannot be in a layer"), std::string::npos)
      << written.error().message();
}

TEST_F(WriteLayer, RefusesDeletionsThatNoNameCanMean) {
  const std::string name(253, 'n');
  ASSERT_EQ(::mknod((upper() / name).c_str(), S_IFCHR, 0), 0);
  const auto written = try_write(upper());
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().message().find("cannot be in a layer"), std::string::npos);
}

TEST_F(WriteLayer, ClampsTimes) {
  std::ofstream(upper() / "new") << "1";
  std::ofstream(upper() / "old") << "1";
  const timespec old[2] = {{1000, 5}, {1000, 5}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (upper() / "old").c_str(), old, 0), 0);
  const fs::path again = reapply(write(upper(), {}, {.clamp_mtime = 5000}));
  struct stat seen{};
  ASSERT_EQ(::stat((again / "new").c_str(), &seen), 0);
  EXPECT_EQ(seen.st_mtim.tv_sec, 5000);
  EXPECT_EQ(seen.st_mtim.tv_nsec, 0);
  ASSERT_EQ(::stat((again / "old").c_str(), &seen), 0);
  EXPECT_EQ(seen.st_mtim.tv_sec, 1000);
  EXPECT_EQ(seen.st_mtim.tv_nsec, 5);
  ASSERT_EQ(::stat(again.c_str(), &seen), 0);
  EXPECT_EQ(seen.st_mtim.tv_sec, 5000);
}

TEST_F(WriteLayer, IdMapsGoThereAndBack) {
  const images::IdMap map{0, 100000, 65536};
  const std::vector<Member> members = {owned(dir("."), 0, 0), owned(dir("d"), 5, 6),
                                       owned(file("d/f", "1", 04755), 1000, 1000),
                                       file(".wh.gone")};
  ASSERT_TRUE(apply(members, {.uids = {map}, .gids = {map}}));
  const std::string written = write(layer(), {}, {.uids = {map}, .gids = {map}});
  const fs::path again = reapply(written);
  struct stat seen{};
  ASSERT_EQ(::stat((again / "d/f").c_str(), &seen), 0);
  EXPECT_EQ(seen.st_uid, 1000U);
  // The whiteout belongs to nobody in the map, and is there nevertheless (container-libs#1170).
  EXPECT_EQ(describe(again), "d 0755 d\nf 4755 d/f \"1\"\nw gone\n");
}

TEST_F(WriteLayer, OwnersOutsideTheMapAreNamed) {
  std::ofstream(upper() / "f") << "1";
  const images::IdMap map{0, 100000, 65536};
  ASSERT_EQ(::chown(upper().c_str(), 100000, 100000), 0);
  const auto written = try_write(upper(), {}, {.uids = {map}, .gids = {map}});
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().message().find("\"f\": the user id 0 on disk"), std::string::npos)
      << written.error().message();
}

// A sink that changes a file the first time that content passes.
class Meddler final : public images::Sink {
 public:
  explicit Meddler(fs::path file) : file_(std::move(file)) {}
  Result<void> write(images::Bytes bytes) override {
    written_ += bytes.size();
    if (written_ > (1U << 20U) && !done_) {
      done_ = true;
      fs::resize_file(file_, 100);
    }
    return {};
  }
  Result<void> finish() override { return {}; }

 private:
  fs::path file_;
  std::uint64_t written_ = 0;
  bool done_ = false;
};

TEST_F(WriteLayer, SaysThatALargeFileShrinks) {
  const fs::path file = upper() / "f";
  std::ofstream(file) << std::string(8 << 20, 'x');
  Meddler sink(file);
  const auto written = images::write_layer(open(upper()), {}, sink, {});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code(), ErrorCode::kUnavailable);
  EXPECT_NE(written.error().message().find("\"f\": it shrank from 8388608"), std::string::npos)
      << written.error().message();
}

// Whatever moment is met: either a whole file of one size, or the words that it changes.
TEST_F(WriteLayer, FilesThatChangeAllTheTime) {
  const fs::path path = upper() / "f";
  std::ofstream(path) << "start";
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (std::size_t size = 1; !stop; size = size % 100'000 + 7919)
      std::ofstream(path) << std::string(size, 'x');
  });
  int whole = 0;
  for (int i = 0; i < 200; ++i) {
    const auto written = try_write(upper());
    if (!written) {
      EXPECT_EQ(written.error().code(), ErrorCode::kUnavailable) << written.error().message();
      continue;
    }
    ++whole;
    images::MemorySource source(*written);
    images::MemorySink manifest;
    const fs::path where = new_directory("n" + std::to_string(i));
    EXPECT_TRUE(images::apply_layer(source, open(where), manifest, {}));
  }
  stop = true;
  writer.join();
  EXPECT_TRUE(try_write(upper()));
  RecordProperty("whole", whole);
}

TEST_F(WriteLayer, NamesAreSorted) {
  for (const char* name : {"b", "a.x", "a-x", "A", "c"}) std::ofstream(upper() / name) << "1";
  fs::create_directories(upper() / "a/z");
  std::ofstream(upper() / "a/y") << "1";
  const std::string bytes = write(upper());
  std::size_t last = 0;
  for (const char* name : {"./", "A", "a-x", "a.x", "b", "c", "a/", "a/y", "a/z/"}) {
    const std::size_t at = bytes.find(std::string(name) + '\0', last);
    ASSERT_NE(at, std::string::npos) << name;
    last = at;
  }
}

}  // namespace
}  // namespace nacre::test::layers
