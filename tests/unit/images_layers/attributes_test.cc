#include "images/layers/attributes.h"

#include <gtest/gtest.h>

#include <cstring>

namespace nacre::images::layers {
namespace {

const std::vector<IdMap> kNone;
const std::vector<IdMap> kMaps = {{0, 100000, 1000}};

TEST(Attributes, TravelByList) {
  for (const char* name : {"user.x", "user.a.b", "security.capability", "system.posix_acl_access",
                           "system.posix_acl_default", "user.overlayx", "user.containers.x"})
    EXPECT_TRUE(travels(name)) << name;
  for (const char* name :
       {"trusted.overlay.opaque", "trusted.x", "user.overlay.opaque", "user.overlay.overlay.opaque",
        "security.selinux", "security.ima", "security.evm", "security.SMACK64", "user.", "", "x",
        "com.apple.quarantine", "system.nfs4_acl", "security.capability2", "USER.x"})
    EXPECT_FALSE(travels(name)) << name;
}

TEST(Attributes, GoWithWhatCanHaveThem) {
  EXPECT_TRUE(fits("user.x", Carrier::kFile));
  EXPECT_TRUE(fits("user.x", Carrier::kDirectory));
  EXPECT_FALSE(fits("user.x", Carrier::kSymlink));
  EXPECT_FALSE(fits("user.x", Carrier::kSpecial));
  EXPECT_TRUE(fits("security.capability", Carrier::kFile));
  EXPECT_FALSE(fits("security.capability", Carrier::kDirectory));
  EXPECT_FALSE(fits("system.posix_acl_default", Carrier::kFile));
  EXPECT_TRUE(fits("system.posix_acl_access", Carrier::kSpecial));
}

std::string words(const std::vector<std::uint32_t>& values) {
  std::string out(values.size() * 4, '\0');
  std::memcpy(out.data(), values.data(), out.size());
  return out;
}

std::string to_disk(const std::string& name, const std::string& value,
                    const std::vector<IdMap>& maps) {
  const auto done = translate_value(name, value, {maps, maps, Direction::kToDisk});
  return done ? *done : done.error().message();
}
std::string to_archive(const std::string& name, const std::string& value,
                       const std::vector<IdMap>& maps) {
  const auto done = translate_value(name, value, {maps, maps, Direction::kToArchive});
  return done ? *done : done.error().message();
}

TEST(Capabilities, CountForTheRootOfTheContainer) {
  const std::string second = words({0x02000001, 1024, 0, 0, 0});
  const std::string third = words({0x03000001, 1024, 0, 0, 0, 100000});
  EXPECT_EQ(to_disk("security.capability", second, kNone), second);
  EXPECT_EQ(to_disk("security.capability", second, kMaps), third);
  EXPECT_EQ(to_archive("security.capability", third, kMaps), second);
  EXPECT_EQ(to_archive("security.capability", second, kNone), second);
  // Of another user within the container.
  const std::string other = words({0x03000000, 1, 0, 0, 0, 5});
  EXPECT_EQ(to_disk("security.capability", other, kNone), other);
  EXPECT_EQ(to_disk("security.capability", other, kMaps), words({0x03000000, 1, 0, 0, 0, 100005}));
  EXPECT_EQ(to_disk("security.capability", words({0x03000000, 1, 0, 0, 0, 0}), kNone),
            words({0x02000000, 1, 0, 0, 0}));
}

TEST(Capabilities, AreRefusedWhenMalformedOrNobodys) {
  for (const std::string& bad :
       {std::string(), std::string("x"), words({0x02000001, 1, 0, 0}), words({0x01000001, 1, 0}),
        words({0x03000001, 1, 0, 0, 0}), words({0x02000001, 1, 0, 0, 0, 0}),
        words({0x04000001, 1, 0, 0, 0})})
    EXPECT_NE(to_disk("security.capability", bad, kNone).find("not a file capability"),
              std::string::npos);
  EXPECT_NE(to_disk("security.capability", words({0x03000000, 1, 0, 0, 0, 5000}), kMaps)
                .find("in no range"),
            std::string::npos);
}

TEST(Acls, HoldIds) {
  // version; user:: rwx, user:7:rwx, group::r, group:9:r, mask, other
  const std::string list = words({2, 0x00070001, 0xffffffff, 0x00070002, 7, 0x00040004, 0xffffffff,
                                  0x00040008, 9, 0x00070010, 0xffffffff, 0x00040020, 0xffffffff});
  std::string mapped = list;
  const std::uint32_t user = 100007;
  const std::uint32_t group = 100009;
  std::memcpy(mapped.data() + 4 * 4, &user, 4);
  std::memcpy(mapped.data() + 8 * 4, &group, 4);
  EXPECT_EQ(to_disk("system.posix_acl_access", list, kNone), list);
  EXPECT_EQ(to_disk("system.posix_acl_default", list, kMaps), mapped);
  EXPECT_EQ(to_archive("system.posix_acl_access", mapped, kMaps), list);
  for (const std::string& bad : {std::string(), words({1}), words({2, 3}), list.substr(1)})
    EXPECT_NE(to_disk("system.posix_acl_access", bad, kNone).find("not an access control list"),
              std::string::npos);
}

TEST(Fingerprint, TellsNamesAndValuesApart) {
  EXPECT_EQ(fingerprint({}), 0U);
  EXPECT_NE(fingerprint({{"user.a", ""}}), 0U);
  EXPECT_NE(fingerprint({{"user.a", "bc"}}), fingerprint({{"user.ab", "c"}}));
  EXPECT_NE(fingerprint({{"user.a", "1"}, {"user.b", "2"}}),
            fingerprint({{"user.a", "2"}, {"user.b", "1"}}));
  EXPECT_EQ(fingerprint({{"system.posix_acl_access", "x"}}), 0U);
}

}  // namespace
}  // namespace nacre::images::layers
