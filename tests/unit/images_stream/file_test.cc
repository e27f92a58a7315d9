#include "images/stream/file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

#include "sys/file.h"
#include "tests/unit/images_stream/streams.h"

namespace nacre::images {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class FileTest : public testing::Test {
 protected:
  fs::path path_ = fs::path(testing::TempDir()) / ("nacre-stream-" + std::to_string(::getpid()));

  void TearDown() override { fs::remove_all(path_); }
  [[nodiscard]] UniqueFd open(int flags) const {
    auto fd = sys::openat(sys::kCwd, path_.c_str(), flags, 0600);
    EXPECT_TRUE(fd);
    return fd ? *std::move(fd) : UniqueFd();
  }
};

TEST_F(FileTest, WhatIsWrittenIsRead) {
  const std::string text = mixed_text(3'000'000, 4);
  const UniqueFd out = open(O_CREAT | O_WRONLY);
  FileSink sink(out, "file x");
  ASSERT_TRUE(sink.write(as_bytes(text)));
  ASSERT_TRUE(sink.write({}));
  ASSERT_TRUE(sink.finish());
  const UniqueFd in = open(O_RDONLY);
  FileSource source(in, "file x");
  EXPECT_EQ(drain(source, 1 << 22), text);
}

TEST_F(FileTest, StartsWhereTheDescriptorStands) {
  const UniqueFd file = open(O_CREAT | O_RDWR);
  FileSink sink(file, "file");
  ASSERT_TRUE(sink.write(as_bytes("0123456789")));
  ASSERT_TRUE(sys::lseek(file, 4, SEEK_SET));
  FileSource source(file, "file");
  EXPECT_EQ(drain(source), "456789");
}

TEST_F(FileTest, ErrorsCarryTheName) {
  const UniqueFd only_write = open(O_CREAT | O_WRONLY);
  FileSource source(only_write, "blob sha256:12");
  std::string into(10, '-');
  const auto got = source.read(std::as_writable_bytes(std::span(into)));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().sys_errno(), EBADF);
  EXPECT_EQ(got.error().message(), "read blob sha256:12: bad file descriptor");
  const UniqueFd only_read = open(O_RDONLY);
  FileSink sink(only_read, "blob sha256:12");
  const auto put = sink.write(as_bytes("x"));
  ASSERT_FALSE(put);
  EXPECT_THAT(put.error().message(), HasSubstr("write blob sha256:12"));
}

TEST_F(FileTest, AFullDiskIsResourceExhausted) {
  const auto full = sys::openat(sys::kCwd, "/dev/full", O_WRONLY);
  ASSERT_TRUE(full);
  FileSink sink(*full, "disk");
  const auto put = sink.write(as_bytes("x"));
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code(), ErrorCode::kResourceExhausted);
  EXPECT_EQ(put.error().sys_errno(), ENOSPC);
}

TEST_F(FileTest, APipeCanBeReadThoughItCannotBeAdvised) {
  int ends[2] = {-1, -1};
  ASSERT_EQ(::pipe(ends), 0);
  const UniqueFd in(ends[0]);
  UniqueFd out(ends[1]);
  FileSink sink(out, "pipe");
  ASSERT_TRUE(sink.write(as_bytes("through")));
  out.reset();
  FileSource source(in, "pipe");
  EXPECT_EQ(drain(source), "through");
}

}  // namespace
}  // namespace nacre::images
