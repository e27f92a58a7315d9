// Mounts with their own id mappings (mount_setattr with MOUNT_ATTR_IDMAP, Linux 5.12).
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/container_test.h"

namespace nacre::test {
namespace {

namespace fs = std::filesystem;

class IdmapTest : public ContainerTest {
 protected:
  void SetUp() override {
    NACRE_PEER_DIFFERS(kRunc, "1.1 has no id-mapped mounts");
    NACRE_REQUIRE_KERNEL(5, 12);
    ContainerTest::SetUp();
    source_ = work() / "source";
    fs::create_directories(source_);
    write_text(source_ / "file", "x");
    ASSERT_EQ(::chown((source_ / "file").c_str(), 10, 20), 0);
    ASSERT_EQ(::chown(source_.c_str(), 10, 20), 0);
  }
  json mount_entry(const std::string& option, json uids, json gids) {
    return {{"destination", "/mnt"},        {"type", "bind"},      {"source", source_.string()},
            {"options", {"rbind", option}}, {"uidMappings", uids}, {"gidMappings", gids}};
  }
  static json mapping(unsigned container, unsigned host, unsigned size) {
    return {{{"containerID", container}, {"hostID", host}, {"size", size}}};
  }
  fs::path source_;
};

TEST_F(IdmapTest, OwnersAreTranslated) {
  bundle().mount(mount_entry("idmap", mapping(10, 1010, 1), mapping(20, 2020, 1)));
  const Report report = probe({"stat", "/mnt/file"});
  EXPECT_EQ(report["stat"]["uid"], 1010);
  EXPECT_EQ(report["stat"]["gid"], 2020);
  struct stat info{};
  ASSERT_EQ(::stat((source_ / "file").c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, 10U) << "the host's view must not change";
}

TEST_F(IdmapTest, WrittenFilesGetTheHostsOwner) {
  bundle().mount(mount_entry("idmap", mapping(10, 1010, 1), mapping(20, 2020, 1)));
  bundle().user(1010, 2020);
  const Report report = probe({"create", "/mnt/new", "y"});
  EXPECT_EQ(report["create"]["error"], "");
  struct stat info{};
  ASSERT_EQ(::stat((source_ / "new").c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, 10U);
  EXPECT_EQ(info.st_gid, 20U);
}

TEST_F(IdmapTest, RelativeSourceIsRelativeToTheBundle) {
  fs::create_directories(bundle().path() / "src");
  write_text(bundle().path() / "src/file", "x");
  json entry = mount_entry("idmap", mapping(0, 3000, 1), mapping(0, 4000, 1));
  entry["source"] = "src";
  NACRE_PEER_DIFFERS(kCrun, "takes it relative to its own directory");
  bundle().mount(entry);
  EXPECT_EQ(probe({"stat", "/mnt/file"})["stat"]["uid"], 3000);
}

TEST_F(IdmapTest, InsideAUserNamespace) {
  bundle().with_namespace("user");
  bundle().linux_section()["uidMappings"] = mapping(0, 100000, 65536);
  bundle().linux_section()["gidMappings"] = mapping(0, 100000, 65536);
  ::lchown(bundle().rootfs().c_str(), 100000, 100000);
  for (const auto& entry : fs::recursive_directory_iterator(bundle().rootfs())) {
    ::lchown(entry.path().c_str(), 100000, 100000);
  }
  // What the caller writes for "the container's root owns what the host's root owns".
  bundle().mount(mount_entry("idmap", mapping(0, 100000, 65536), mapping(0, 100000, 65536)));
  const Report report = probe({"stat", "/mnt/file"});
  EXPECT_EQ(report["stat"]["uid"], 10);
  EXPECT_EQ(report["stat"]["gid"], 20);
}

TEST_F(IdmapTest, MappingsWithoutTheOption) {
  // The spec: mappings alone imply "idmap" semantics for this mount.
  json entry = mount_entry("ro", mapping(10, 1010, 1), mapping(20, 2020, 1));
  bundle().mount(entry);
  EXPECT_EQ(probe({"stat", "/mnt/file"})["stat"]["uid"], 1010);
}

TEST_F(IdmapTest, OnlyOneOfTheMappingsIsAnError) {
  NACRE_PEER_DIFFERS(kCrun, "accepts it");
  json entry = mount_entry("idmap", mapping(10, 1010, 1), mapping(20, 2020, 1));
  entry.erase("gidMappings");
  bundle().mount(entry);
  EXPECT_EQ(run().exit_code, 1);
}

}  // namespace
}  // namespace nacre::test
