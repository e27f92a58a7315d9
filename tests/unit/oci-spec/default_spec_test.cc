#include "oci-spec/defaults/default_spec.h"

#include <gtest/gtest.h>

#include "oci-spec/runtime/parse.h"
#include "oci-spec/runtime/validate.h"
#include "oci-spec/runtime/write.h"
#include "tests/unit/oci-spec/samples.h"

namespace nacre::oci {
namespace {

using test::IsOk;

// What runc 1.1.5 writes, with the differences of today's runc and ours.
Spec as_runc(const std::string& name) {
  auto spec = parse_spec(test::sample(name));
  if (!spec || !spec->process || !spec->process->capabilities) {
    ADD_FAILURE() << name << " is not as it was";
    return {};
  }
  spec->oci_version = "1.3.0";
  spec->hostname = "nacre";
  spec->process->capabilities->ambient.clear();
  return *spec;
}

TEST(DefaultSpecTest, IsRuncsWithACgroupNamespace) {
  Spec expected = as_runc("runc-spec");
  expected.linux_.namespaces.push_back({NamespaceType::kCgroup, ""});
  EXPECT_EQ(default_spec(), expected);
}

TEST(DefaultSpecTest, RootlessIsRuncsWithACgroupNamespace) {
  Spec expected = as_runc("runc-spec-rootless");
  auto& namespaces = expected.linux_.namespaces;
  namespaces.insert(namespaces.end() - 1, {NamespaceType::kCgroup, ""});
  EXPECT_EQ(default_rootless_spec(0, 0), expected);
}

TEST(DefaultSpecTest, RootlessMapsTheCaller) {
  const Spec spec = default_rootless_spec(1000, 1001);
  EXPECT_EQ(spec.linux_.uid_mappings, (std::vector<IdMapping>{{0, 1000, 1}}));
  EXPECT_EQ(spec.linux_.gid_mappings, (std::vector<IdMapping>{{0, 1001, 1}}));
  EXPECT_FALSE(spec.linux_.resources.has_value());
  EXPECT_EQ(spec.find_namespace(NamespaceType::kNetwork), nullptr);
  for (const Mount& mount : spec.mounts) {
    for (const std::string& option : mount.options)
      EXPECT_EQ(option.find("id="), std::string::npos) << mount.destination;
  }
}

TEST(DefaultSpecTest, IsValidAndReadable) {
  for (const Spec& spec : {default_spec(), default_rootless_spec(1000, 1001)}) {
    EXPECT_THAT(validate(spec), IsOk());
    const auto again = parse_spec(to_json(spec));
    ASSERT_THAT(again, IsOk());
    EXPECT_EQ(*again, spec);
  }
}

}  // namespace
}  // namespace nacre::oci
