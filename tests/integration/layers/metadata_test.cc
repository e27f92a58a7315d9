#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "tests/integration/layers/layer_test.h"

namespace nacre::test::layers {
namespace {

using images::ApplyOptions;
using images::IdMap;

std::string words(const std::vector<std::uint32_t>& values) {
  std::string out(values.size() * 4, '\0');
  std::memcpy(out.data(), values.data(), out.size());
  return out;
}

const std::string kCapability = words({0x02000001, 1U << 13U, 0, 0, 0});  // cap_net_raw+ep
// user::rw-, user:ID:rw-, group::r--, mask::rw-, other::r--
std::string acl(std::uint32_t id) {
  return words({2, 0x00060001, 0xffffffff, 0x00060002, id, 0x00040004, 0xffffffff, 0x00060010,
                0xffffffff, 0x00040020, 0xffffffff});
}

class Metadata : public LayerTest {
 protected:
  struct stat look(const std::string& name) {
    struct stat seen{};
    EXPECT_EQ(::lstat((layer() / name).c_str(), &seen), 0) << name << std::strerror(errno);
    return seen;
  }
  std::string owner(const std::string& name) {
    const struct stat seen = look(name);
    return std::to_string(seen.st_uid) + ':' + std::to_string(seen.st_gid);
  }
  std::string attribute(const std::string& name, const std::string& key) {
    std::string value(1024, '\0');
    const ssize_t size =
        ::lgetxattr((layer() / name).c_str(), key.c_str(), value.data(), value.size());
    if (size < 0) return std::string("none: ") + std::strerror(errno);
    value.resize(static_cast<std::size_t>(size));
    return value;
  }
  void must(const std::vector<Member>& members, const ApplyOptions& options = {}) {
    const auto applied = apply(members, options);
    ASSERT_TRUE(applied) << applied.error().message();
    EXPECT_EQ(differences(layer()), "");
  }
};

TEST_F(Metadata, EveryKindHasItsOwner) {
  must({owned(file("f"), 1, 2), owned(dir("d"), 3, 4), owned(symlink("l", "x"), 5, 6),
        owned(fifo("p"), 7, 8), owned(character("c", 1, 3), 9, 10), owned(block("b", 7, 0), 11, 12),
        owned(file("d/f"), 4000000000, 65534), owned(file("i/f"), 1, 1), owned(dir("."), 13, 14)});
  const std::vector<std::pair<std::string, std::string>> wanted = {{"f", "1:2"},
                                                                   {"d", "3:4"},
                                                                   {"l", "5:6"},
                                                                   {"p", "7:8"},
                                                                   {"c", "9:10"},
                                                                   {"b", "11:12"},
                                                                   {"d/f", "4000000000:65534"},
                                                                   {"i", "0:0"},
                                                                   {"i/f", "1:1"},
                                                                   {".", "13:14"}};
  for (const auto& [name, who] : wanted) EXPECT_EQ(owner(name), who) << name;
}

TEST_F(Metadata, ARootWithoutAnEntryIsLikeOtherImpliedDirectories) {
  must({file("a")});
  EXPECT_EQ(look(".").st_mode & 07777U, 0755U);
}

TEST_F(Metadata, ChangeOfOwnerKeepsSetIdBitsAndCapabilities) {
  must({owned(attributed(file("f", "x", 06755), "security.capability", kCapability), 1000, 1000),
        owned(file("g", "x", 04711), 1000, 1000), owned(dir("d", 03777), 1000, 1000)});
  EXPECT_EQ(look("f").st_mode & 07777U, 06755U);
  EXPECT_EQ(attribute("f", "security.capability"), kCapability);
  EXPECT_EQ(look("g").st_mode & 07777U, 04711U);
  EXPECT_EQ(look("d").st_mode & 07777U, 03777U);
}

TEST_F(Metadata, CapabilitiesCountForTheMappedRoot) {
  must({attributed(file("f", "x"), "security.capability", kCapability)},
       {.uids = {{0, 100000, 65536}}, .gids = {{0, 100000, 65536}}});
  EXPECT_EQ(attribute("f", "security.capability"), words({0x03000001, 1U << 13U, 0, 0, 0, 100000}));
  EXPECT_EQ(owner("f"), "100000:100000");
  EXPECT_EQ(owner("."), "100000:100000");
}

TEST_F(Metadata, AttributesOfUsersAndAcls) {
  if (!has_user_attributes(work())) GTEST_SKIP() << "no user attributes on this filesystem";
  must({attributed(attributed(file("f", "x", 0444), "user.note", "a\nb"), "user.empty", ""),
        attributed(dir("d", 0500), "user.note", "dir"),
        attributed(file("g", "x", 0664), "system.posix_acl_access", acl(7)),
        attributed(dir("e", 0755), "system.posix_acl_default", acl(8)), file("e/h", "x", 0600),
        attributed(symlink("l", "x"), "user.note", "1"),
        attributed(fifo("p", 0664), "system.posix_acl_access", acl(9)),
        attributed(file("s"), "security.selinux", "system_u:object_r:x_t:s0"),
        attributed(file("t"), "trusted.secret", "1")});
  EXPECT_EQ(attribute("f", "user.note"), "a\nb");
  EXPECT_EQ(attribute("f", "user.empty"), "");
  EXPECT_EQ(attribute("d", "user.note"), "dir");
  EXPECT_EQ(attribute("g", "system.posix_acl_access"), acl(7));
  EXPECT_EQ(look("g").st_mode & 07777U, 0664U);
  EXPECT_EQ(attribute("e", "system.posix_acl_default"), acl(8));
  // Not inherited: the directory has got its list last.
  EXPECT_EQ(look("e/h").st_mode & 07777U, 0600U);
  EXPECT_EQ(attribute("e/h", "system.posix_acl_access").substr(0, 5), "none:");
  EXPECT_EQ(attribute("p", "system.posix_acl_access"), acl(9));
  EXPECT_EQ(attribute("t", "trusted.secret").substr(0, 5), "none:");
  EXPECT_EQ(attribute("s", "security.selinux").substr(0, 5), "none:");
}

TEST_F(Metadata, IdsWithinAclsAreMapped) {
  if (!has_user_attributes(work())) GTEST_SKIP() << "no user attributes on this filesystem";
  must({attributed(file("g", "x", 0664), "system.posix_acl_access", acl(7))},
       {.uids = {{0, 100000, 65536}}, .gids = {{0, 100000, 65536}}});
  EXPECT_EQ(attribute("g", "system.posix_acl_access"), acl(100007));
}

TEST_F(Metadata, NothingIsInheritedFromTheDataRoot) {
  if (!has_user_attributes(work())) GTEST_SKIP() << "no access control lists on this filesystem";
  const fs::path store = layer().parent_path();
  const std::string list = acl(1234);
  ASSERT_EQ(::setxattr(store.c_str(), "system.posix_acl_default", list.data(), list.size(), 0), 0);
  ASSERT_EQ(::chown(store.c_str(), 0, 4321), 0);
  ASSERT_EQ(::chmod(store.c_str(), 02700), 0);
  fs::remove(layer());
  fs::create_directory(layer());
  must({file("f", "x", 0640), dir("d", 0750), file("d/g", "x", 0600)});
  for (const char* name : {"f", "d", "d/g", "."}) {
    EXPECT_EQ(owner(name), "0:0") << name;
    EXPECT_EQ(attribute(name, "system.posix_acl_access").substr(0, 5), "none:") << name;
    EXPECT_EQ(attribute(name, "system.posix_acl_default").substr(0, 5), "none:") << name;
  }
  EXPECT_EQ(look("f").st_mode & 07777U, 0640U);
  EXPECT_EQ(look("d").st_mode & 07777U, 0750U);
}

TEST_F(Metadata, TheUmaskDoesNotMatter) {
  const mode_t before = ::umask(0777);
  const auto applied = apply({file("f", "x", 0666), dir("d", 0777), fifo("p", 0666),
                              character("c", 1, 3), file("d/e/g", "x", 0644)});
  ::umask(before);
  ASSERT_TRUE(applied) << applied.error().message();
  EXPECT_EQ(describe(layer()),
            "c 0644 1:3 c\nd 0777 d\nd 0755 d/e\nf 0644 d/e/g \"x\"\nf 0666 f \"x\"\np 0666 p\n");
}

TEST_F(Metadata, OwnersOutsideTheMapAreRefusedWithAHint) {
  const ApplyOptions options{.uids = {{0, 100000, 1000}}, .gids = {{0, 100000, 1000}}};
  const auto applied = apply({owned(file("f"), 5000, 0)}, options);
  ASSERT_FALSE(applied);
  EXPECT_NE(applied.error().message().find("unpack \"f\": the user id 5000 is in no range"),
            std::string::npos)
      << applied.error().message();
}

TEST_F(Metadata, SquashedIdsAreTheCallers) {
  must({owned(file("f"), 5000, 6000), owned(dir("d"), 1, 1)},
       {.whiteouts = images::WhiteoutForm::kUser, .squash_ids = true});
  EXPECT_EQ(owner("f"), "0:0");
  EXPECT_EQ(owner("d"), "0:0");
}

TEST_F(Metadata, WhiteoutsInTheFormOfUsers) {
  if (!has_user_attributes(work())) GTEST_SKIP() << "no user attributes on this filesystem";
  must({file("d/.wh..wh..opq"), file(".wh.x")}, {.whiteouts = images::WhiteoutForm::kUser});
  EXPECT_EQ(attribute("d", "user.overlay.opaque"), "y");
  EXPECT_EQ(attribute("d", "trusted.overlay.opaque").substr(0, 5), "none:");
  EXPECT_EQ(describe(layer()), "o 0755 d\nw x\n");
}

// A filesystem of a few pages.
class FullDisk : public LayerTest {
 protected:
  void SetUp() override {
    LayerTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_EQ(::mount("tmpfs", layer().c_str(), "tmpfs", 0, "size=1m,nr_inodes=40"), 0)
        << std::strerror(errno);
  }
  void TearDown() override {
    ::umount2(layer().c_str(), MNT_DETACH);
    LayerTest::TearDown();
  }
};

TEST_F(FullDisk, NamesTheFileThatDoesNotFit) {
  ApplyOptions options;
  options.budget.free_bytes = 0;
  const auto applied =
      apply({file("usr/small", "x"), file("usr/large", std::string(2 << 20, 'x'))}, options);
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().code(), ErrorCode::kResourceExhausted);
  EXPECT_EQ(applied.error().sys_errno(), ENOSPC);
  EXPECT_EQ(applied.error().message(), "unpack \"usr/large\": write: no space left on device");
}

TEST_F(FullDisk, NamesTheFileThatFindsNoInode) {
  ApplyOptions options;
  options.budget.free_bytes = 0;
  std::vector<Member> members;
  for (int i = 0; i < 100; ++i) members.push_back(file("f" + std::to_string(i)));
  const auto applied = apply(members, options);
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().sys_errno(), ENOSPC);
  EXPECT_NE(applied.error().message().find("unpack \"f"), std::string::npos);
}

TEST_F(FullDisk, KeepsTheReserve) {
  ApplyOptions options;
  options.budget.free_bytes = 2 << 20;
  const auto applied = apply({file("f")}, options);
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().code(), ErrorCode::kResourceExhausted);
  EXPECT_NE(applied.error().message().find("no space left for this layer"), std::string::npos);
}

// A mount in the way is neither entered nor emptied.
TEST_F(Metadata, NothingBelowAMountIsTouched) {
  must({dir("d"), file("d/f", "1")});
  const fs::path mounted = layer() / "d";
  ASSERT_EQ(::mount(outside().c_str(), mounted.c_str(), nullptr, MS_BIND, nullptr), 0);
  EXPECT_NE(differences(layer()).find("\"d\" cannot be read"), std::string::npos);
  EXPECT_FALSE(try_write(layer()));
  ASSERT_EQ(::umount(mounted.c_str()), 0);
}

}  // namespace
}  // namespace nacre::test::layers
