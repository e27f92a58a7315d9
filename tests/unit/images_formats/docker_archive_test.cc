#include "oci-spec/image/docker_archive.h"

#include "tests/unit/images_formats/samples.h"

namespace nacre::oci {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string fault(std::string_view text) {
  const auto parsed = parse_docker_archive(text);
  if (parsed) return "no error";
  return parsed.error().message();
}

TEST(DockerArchiveTest, ThereAndBack) {
  const std::vector<DockerArchiveImage> images = {
      {.config = "a.json", .repo_tags = {"app:1", "b:2"}, .layers = {"x/layer.tar"}},
      {.config = "b.json", .repo_tags = {}, .layers = {}}};
  const std::string text = to_json(images);
  EXPECT_EQ(text, R"([{"Config":"a.json","RepoTags":["app:1","b:2"],"Layers":["x/layer.tar"]},)"
                  R"({"Config":"b.json","RepoTags":[],"Layers":[]}])");
  const auto parsed = parse_docker_archive(text);
  ASSERT_TRUE(parsed.has_value()) << parsed.error().message();
  EXPECT_EQ(*parsed, images);
}

TEST(DockerArchiveTest, WhatDockerWrites) {
  const auto parsed = parse_docker_archive(
      R"([{"Config":"c","RepoTags":null,"Layers":["l"],"Parent":"p","LayerSources":{"sha256:x":{}}}])");
  ASSERT_TRUE(parsed.has_value()) << parsed.error().message();
  ASSERT_EQ(parsed->size(), 1U);
  EXPECT_THAT(parsed->front().repo_tags, IsEmpty());
  EXPECT_THAT(parsed->front().layers, ElementsAre("l"));
}

TEST(DockerArchiveTest, Refusals) {
  EXPECT_THAT(fault(""), HasSubstr("manifest.json: "));
  EXPECT_THAT(fault("{}"), HasSubstr("expected an array"));
  EXPECT_THAT(fault("null"), HasSubstr("expected an array"));
  EXPECT_THAT(fault("[1]"), HasSubstr("expected an object"));
  EXPECT_THAT(fault(R"([{"RepoTags":[],"Layers":[]}])"), HasSubstr("Config: is missing"));
  EXPECT_THAT(fault(R"([{"Config":1}])"), HasSubstr("a string"));
  EXPECT_THAT(fault(R"([{"Config":"a","Layers":"x"}])"), HasSubstr("Layers"));
  EXPECT_THAT(fault(R"([{"Config":"a","Config":"b"}])"), HasSubstr("Config"));
  EXPECT_THAT(fault(R"([{"Config":"a","layers":[]}])"), HasSubstr("layers"));
  EXPECT_THAT(fault("[" + std::string(100'000, '[')), HasSubstr("manifest.json: "));
  std::string many = "[";
  for (int i = 0; i < 1025; ++i) many += std::string(i == 0 ? "" : ",") + R"({"Config":"a"})";
  EXPECT_THAT(fault(many + "]"), HasSubstr("1024"));
}

}  // namespace
}  // namespace nacre::oci
