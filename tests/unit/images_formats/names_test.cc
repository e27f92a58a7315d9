#include "images/formats/names.h"

#include "images/formats/index_file.h"
#include "images/formats/members.h"
#include "tests/unit/images_formats/samples.h"

namespace nacre::images {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using testing::HasSubstr;

oci::Descriptor with_annotation(std::string_view key, const std::string& value) {
  oci::Descriptor out;
  out.annotations[std::string(key)] = value;
  return out;
}

TEST(NamesTest, OfAnEntry) {
  using namespace oci::annotation;
  EXPECT_EQ(name_of_entry({})->text, "");
  EXPECT_EQ(name_of_entry(with_annotation(kRefName, "localhost:5000/a:1"))->text,
            "localhost:5000/a:1");
  EXPECT_EQ(name_of_entry(with_annotation(kRefName, "a:1"))->text, "docker.io/library/a:1");
  const auto tag = name_of_entry(with_annotation(kRefName, "v1.2"));
  EXPECT_EQ(tag->text, "");
  EXPECT_EQ(tag->ignored, "v1.2");
  EXPECT_EQ(name_of_entry(with_annotation(kRefName, "Not/A/Name"))->ignored, "Not/A/Name");
  EXPECT_EQ(name_of_entry(with_annotation(kContainerdImageName, "debian"))->text,
            "docker.io/library/debian:latest");
  EXPECT_EQ(code_of(name_of_entry(with_annotation(kContainerdImageName, "Debian"))),
            ErrorCode::kInvalidArgument);
}

TEST(NamesTest, RepoTags) {
  EXPECT_EQ(*name_of_repo_tag("app:1"), "docker.io/library/app:1");
  EXPECT_FALSE(name_of_repo_tag("../../etc:1"));
  EXPECT_FALSE(name_of_repo_tag(""));
  EXPECT_FALSE(name_of_repo_tag("app@sha256:" + std::string(64, 'a')));
  EXPECT_EQ(*repo_tag("docker.io/library/app:1"), "app:1");
  EXPECT_EQ(*repo_tag("example.com/a@sha256:" + std::string(64, 'a')), "");
}

TEST(NamesTest, ThereAndBack) {
  oci::Descriptor target;
  target.digest = digest_of("x");
  target.annotations["kept"] = "yes";
  const auto entry = named_entry(target, "docker.io/library/app:1");
  ASSERT_OK(entry);
  EXPECT_EQ(name_of_entry(*entry)->text, "docker.io/library/app:1");
  EXPECT_EQ(plain_target(*entry), target);
}

TEST(NamesTest, APromisedDigest) {
  oci::Descriptor target;
  target.digest = digest_of("x");
  EXPECT_OK(check_promise("docker.io/library/a@" + target.digest.text(), target));
  EXPECT_FALSE(check_promise("docker.io/library/a@" + digest_of("y").text(), target));
}

TEST(NamesTest, ReplacedInAnIndex) {
  oci::Descriptor a, b;
  a.digest = digest_of("a");
  b.digest = digest_of("b");
  const auto first = *named_entry(a, "docker.io/library/app:1");
  const auto second = *named_entry(b, "docker.io/library/app:1");
  const auto other = *named_entry(a, "docker.io/library/other:1");
  oci::Index index;
  index = merged_index(index, {first, other});
  index = merged_index(index, {second});
  EXPECT_THAT(index.manifests, testing::ElementsAre(other, second));
  index = merged_index(index, {a});
  index = merged_index(index, {a});
  EXPECT_EQ(index.manifests.size(), 3U);
  // One that only has a tag gives way to the same tag.
  oci::Index tagged;
  tagged.manifests = {with_annotation(oci::annotation::kRefName, "1")};
  EXPECT_THAT(merged_index(tagged, {first}).manifests, testing::ElementsAre(first));
}

TEST(MemberNamesTest, Spellings) {
  EXPECT_EQ(*member_name("./blobs//sha256/x"), "blobs/sha256/x");
  for (const char* bad : {"/etc/passwd", "../x", "a/../../x", "a/.."})
    EXPECT_EQ(code_of(member_name(bad)), ErrorCode::kInvalidArgument) << bad;
  EXPECT_EQ(*link_name("b/layer.tar", "../a/layer.tar"), "a/layer.tar");
  EXPECT_FALSE(link_name("b/layer.tar", "../../a"));
  EXPECT_FALSE(link_name("b", "/a"));
}

tar::Entry entry(tar::Type type, const std::string& path, const std::string& target = "") {
  tar::Entry out;
  out.type = type;
  out.path = path;
  out.link_target = target;
  return out;
}

TEST(MemberNamesTest, Links) {
  MemberNames names;
  ASSERT_OK(names.add(entry(tar::Type::kFile, "a/f"), 512));
  ASSERT_OK(names.add(entry(tar::Type::kSymlink, "b/f", "../a/f"), 0));
  ASSERT_OK(names.add(entry(tar::Type::kHardLink, "c", "b/f"), 0));
  ASSERT_OK(names.add(entry(tar::Type::kSymlink, "loop1", "loop2"), 0));
  ASSERT_OK(names.add(entry(tar::Type::kSymlink, "loop2", "loop1"), 0));
  ASSERT_OK(names.add(entry(tar::Type::kSymlink, "lost", "nowhere"), 0));
  ASSERT_OK(names.add(entry(tar::Type::kDirectory, "a/"), 0));
  EXPECT_EQ((*names.find("c"))->name, "a/f");
  EXPECT_EQ((*names.find("c"))->member.offset, 512U);
  EXPECT_FALSE(names.find("absent")->has_value());
  EXPECT_THAT(error_of(names.find("loop1")), HasSubstr("more than"));
  EXPECT_THAT(error_of(names.find("lost")), HasSubstr("not there"));
  EXPECT_THAT(error_of(names.add(entry(tar::Type::kFile, "./c"), 0)), HasSubstr("there twice"));
  EXPECT_FALSE(names.add(entry(tar::Type::kSymlink, "out", "../x"), 0));
  EXPECT_FALSE(names.add(entry(tar::Type::kFile, "."), 0));
}

}  // namespace
}  // namespace nacre::images
