#include "tests/integration/layers/layer_test.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "images/stream/memory.h"

namespace nacre::test::layers {

void LayerTest::SetUp() {
  NACRE_REQUIRE_ROOT();
  std::string pattern = (fs::temp_directory_path() / "nacre-layers.XXXXXX").string();
  ASSERT_NE(::mkdtemp(pattern.data()), nullptr) << std::strerror(errno);
  work_ = pattern;
  // Overlay takes no attributes of overlay, and whiteouts of its own are not to be seen on it.
  struct statfs info{};
  if (::statfs(work_.c_str(), &info) == 0 && info.f_type == OVERLAYFS_SUPER_MAGIC) {
    ASSERT_EQ(::mount("tmpfs", work_.c_str(), "tmpfs", 0, nullptr), 0) << std::strerror(errno);
  }
  fs::create_directories(layer());
  fs::permissions(work_ / "store", fs::perms::owner_all);
  fs::create_directory(outside());
  std::ofstream(outside() / "canary") << "sings";
  fs::create_directory(outside() / "cage");
  fs::create_symlink("canary", outside() / "mirror");
  before_ = look_outside();
}

void LayerTest::TearDown() {
  if (work_.empty()) return;
  EXPECT_EQ(look_outside(), before_) << "something outside the layer was touched";
  ::umount2(work_.c_str(), MNT_DETACH);  // where SetUp mounted; else it is no mount point
  fs::remove_all(work_);
}

std::string LayerTest::look_outside() const {
  std::string seen = describe_fully(outside());
  for (const char* name : {"canary", "mirror", "cage", "."}) {
    struct stat one{};
    if (::lstat((outside() / name).c_str(), &one) != 0) return seen + name + " is gone";
    seen += std::string(name) + ' ' + std::to_string(one.st_ino) + ' ' +
            std::to_string(one.st_nlink) + ' ' + std::to_string(one.st_ctim.tv_sec) + '.' +
            std::to_string(one.st_ctim.tv_nsec) + '\n';
  }
  for (const auto& entry : fs::directory_iterator(work_)) {
    const std::string name = entry.path().filename().string();
    if (name == "outside" || name == "store") seen += name + '\n';
  }
  return seen;
}

fs::path LayerTest::new_directory(const std::string& name) const {
  const fs::path path = work_ / "store" / name;
  fs::create_directories(path);
  return path;
}

sys::DirFd LayerTest::open(const fs::path& path) {
  sys::DirFd fd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  EXPECT_TRUE(fd) << path << ": " << std::strerror(errno);
  return fd;
}

Result<images::Applied> LayerTest::apply(const std::vector<Member>& members,
                                         const images::ApplyOptions& options) {
  return apply_bytes(archive(members, outside().string()), layer(), options);
}

Result<images::Applied> LayerTest::apply_bytes(const std::string& bytes, const fs::path& where,
                                               const images::ApplyOptions& options) {
  images::MemorySource source(bytes);
  images::MemorySink manifest;
  auto applied = images::apply_layer(source, open(where), manifest, options);
  manifest_ = manifest.take();
  return applied;
}

std::string LayerTest::differences(const fs::path& where) {
  images::MemorySource source(manifest_);
  const auto found = images::compare_with_manifest(open(where), source, 100);
  if (!found) return found.error().message();
  std::string out;
  for (const std::string& one : *found) out += one + '\n';
  return out;
}

Result<std::string> LayerTest::try_write(const fs::path& upper, const std::vector<fs::path>& lowers,
                                         const images::DiffOptions& options) {
  std::vector<sys::DirFd> below;
  for (const fs::path& lower : lowers) below.push_back(open(lower));
  images::MemorySink sink;
  const auto bytes = images::write_layer(open(upper), below, sink, options);
  if (!bytes) return std::unexpected(bytes.error());
  return sink.take();
}

std::string LayerTest::write(const fs::path& upper, const std::vector<fs::path>& lowers,
                             const images::DiffOptions& options) {
  auto written = try_write(upper, lowers, options);
  if (written) return *std::move(written);
  ADD_FAILURE() << written.error().message();
  return archive({});
}

bool has_user_attributes(const fs::path& directory) {
  const bool has = ::setxattr(directory.c_str(), "user.nacre.probe", "", 0, 0) == 0;
  if (has) ::removexattr(directory.c_str(), "user.nacre.probe");
  return has;
}

}  // namespace nacre::test::layers
