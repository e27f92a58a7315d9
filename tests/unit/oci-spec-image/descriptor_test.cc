// Descriptors as they stand in a manifest: nothing reads one by itself.
#include <gtest/gtest.h>

#include "base/text.h"
#include "oci-spec/image/document.h"
#include "oci-spec/image/media_types.h"
#include "tests/unit/oci-spec-image/samples.h"

namespace nacre::oci {
namespace {

using test::IsInvalid;
using testing::HasSubstr;

// A manifest whose only layer is this text.
Result<Manifest> with_layer(std::string_view layer) {
  return parse_manifest(
      text::join("{\"schemaVersion\":2,\"config\":", test::descriptor(media::kConfig, 'c'),
                 ",\"layers\":[", layer, "]}"),
      "");
}

std::string layer(std::string_view more) { return test::descriptor(media::kLayer, '1', more); }

// A descriptor with one member in the place of another.
std::string layer_but(std::string_view key, std::string_view value) {
  std::string members = "{";
  for (const auto& [name, usual] :
       {std::pair<std::string_view, std::string>{"mediaType", "\"a/b\""},
        {"digest", '"' + test::digest_text('1') + '"'},
        {"size", "7"}}) {
    if (members.size() > 1) members += ',';
    text::append(members, '"', name, "\":", name == key ? value : usual);
  }
  return members + '}';
}

TEST(DescriptorTest, EveryMember) {
  const auto manifest = with_layer(layer(
      R"("urls":["https://example.com/a","http://[::1]/b?c=d%20e"],"annotations":{"k":"v","":""},)"
      R"("data":"aGVsbG8gIQ==","platform":{"architecture":"arm","os":"linux","os.version":"1",)"
      R"("os.features":["f","g"],"variant":"v7","features":["ignored"]},"artifactType":"a/b","x":1)"));
  ASSERT_THAT(manifest, test::Succeeds());
  ASSERT_EQ(manifest->layers.size(), 1U);
  const Descriptor expected{
      .media_type = std::string(media::kLayer),
      .digest = test::digest('1'),
      .size = 7,
      .urls = {"https://example.com/a", "http://[::1]/b?c=d%20e"},
      .annotations = {{"", ""}, {"k", "v"}},
      .data = "hello !",
      .platform = Platform{"arm", "linux", "1", {"f", "g"}, "v7"},
      .artifact_type = "a/b",
  };
  EXPECT_EQ(manifest->layers[0], expected);
}

TEST(DescriptorTest, NullIsAsIfAbsent) {
  const auto manifest = with_layer(
      layer(R"("urls":null,"annotations":null,"data":null,"platform":null,"artifactType":null)"));
  ASSERT_THAT(manifest, test::Succeeds());
  const Descriptor expected{
      .media_type = std::string(media::kLayer), .digest = test::digest('1'), .size = 7};
  EXPECT_EQ(manifest->layers[0], expected);
}

TEST(DescriptorTest, Sizes) {
  const auto size_of = [](std::string_view number) {
    const auto manifest = with_layer(layer_but("size", number));
    return manifest ? manifest->layers[0].size : std::uint64_t{12345};
  };
  EXPECT_EQ(size_of("0"), 0U);
  EXPECT_EQ(size_of("9223372036854775000"), 9'223'372'036'854'775'000U);
  for (const std::string_view wrong : {"-1", "-0.0", "7.0", "7e0", "0.5", "9223372036854775808",
                                       "18446744073709551616", "\"7\"", "true", "[]", "{}"})
    EXPECT_THAT(with_layer(layer_but("size", wrong)),
                IsInvalid(HasSubstr("layers[0].size: expected a size in bytes (0 to 2^63 - 1)")))
        << wrong;
}

TEST(DescriptorTest, WhatMustBeThere) {
  const std::string digest = '"' + test::digest_text('1') + '"';
  EXPECT_THAT(with_layer("{}"), IsInvalid("image document: layers[0].mediaType: is missing"));
  EXPECT_THAT(with_layer("{\"mediaType\":\"a/b\"}"),
              IsInvalid("image document: layers[0].digest: is missing"));
  EXPECT_THAT(with_layer("{\"mediaType\":\"a/b\",\"digest\":" + digest + "}"),
              IsInvalid("image document: layers[0].size: is missing"));
  for (const std::string_view key : {"mediaType", "digest", "size"})
    EXPECT_THAT(with_layer(layer_but(key, "null")), IsInvalid(HasSubstr("is missing"))) << key;
  for (const std::string_view wrong : {"[]", "\"x\"", "1", "true"})
    EXPECT_THAT(with_layer(wrong), IsInvalid(HasSubstr("layers[0]: expected an object"))) << wrong;
}

TEST(DescriptorTest, MediaTypesAndDigests) {
  for (const std::string_view wrong : {"\"\"", "\"x\"", R"("a/b\r\nX: y")", R"("a/b\u0000")"})
    EXPECT_THAT(with_layer(layer_but("mediaType", wrong)),
                IsInvalid(HasSubstr("layers[0].mediaType: ")))
        << wrong;
  EXPECT_THAT(with_layer(layer_but("mediaType", "7")), IsInvalid(HasSubstr("expected a string")));
  EXPECT_THAT(with_layer(layer_but("digest", "\"sha256:../../../etc/passwd\"")),
              IsInvalid(HasSubstr("layers[0].digest: digest \"sha256:../../../etc/passwd\": ")));
  EXPECT_THAT(with_layer(layer_but("digest", "\"\"")), IsInvalid(HasSubstr("layers[0].digest")));
  EXPECT_THAT(with_layer(layer(R"("artifactType":"nonsense")")),
              IsInvalid(HasSubstr("layers[0].artifactType: \"nonsense\" is not a media type")));
  EXPECT_THAT(with_layer(layer(R"("artifactType":"")")), test::Succeeds());
}

TEST(DescriptorTest, DataHasTheSize) {
  EXPECT_THAT(with_layer(layer(R"("data":"AAAA")")),
              IsInvalid("image document: layers[0].data: has 3 bytes, not 7"));
  EXPECT_THAT(with_layer(layer(R"("data":"aGVsbG8gIQ")")),
              IsInvalid("image document: layers[0].data: is not base64"));
  EXPECT_THAT(with_layer(layer(R"("data":"aGVsbG8gIR==")")), IsInvalid(HasSubstr("not base64")));
  EXPECT_THAT(with_layer(layer(R"("data":7)")), IsInvalid(HasSubstr("expected a string")));
}

TEST(DescriptorTest, Urls) {
  for (const std::string_view wrong : {R"([""])", R"(["a b"])", R"(["a\r\nb"])", R"(["a\u007f"])"})
    EXPECT_THAT(with_layer(layer("\"urls\":" + std::string(wrong))),
                IsInvalid(HasSubstr("layers[0].urls[0]: ")))
        << wrong;
  std::string many = "\"u\"";
  for (int i = 0; i < 63; ++i) many += ",\"u\"";
  EXPECT_THAT(with_layer(layer("\"urls\":[" + many + ']')), test::Succeeds());
  EXPECT_THAT(with_layer(layer("\"urls\":[" + many + ",\"u\"]")),
              IsInvalid(HasSubstr("urls: 65 entries are more than the 64 that are allowed")));
}

TEST(DescriptorTest, Annotations) {
  EXPECT_THAT(with_layer(layer(R"("annotations":{"a":1})")),
              IsInvalid(HasSubstr("layers[0].annotations.a: expected a string")));
  EXPECT_THAT(with_layer(layer(R"("annotations":{"a\u0000":""})")), IsInvalid(HasSubstr("NUL")));
  EXPECT_THAT(with_layer(layer(R"("annotations":["a"])")), IsInvalid(HasSubstr("an object")));
}

// Go's decoder takes these for the fields whose names they nearly have.
TEST(DescriptorTest, NearlyTheKeys) {
  EXPECT_THAT(
      with_layer(layer(R"("Digest":"x")")),
      IsInvalid("image document: layers[0]: the key \"Digest\" must be written \"digest\""));
  EXPECT_THAT(with_layer(layer(R"("URLs":[])")), IsInvalid(HasSubstr("must be written \"urls\"")));
  EXPECT_THAT(with_layer(layer("\"\xC5\xBF"
                               "ize\":9")),
              IsInvalid(HasSubstr("must be written \"size\"")));
  EXPECT_THAT(with_layer(layer(R"("size":9)")),
              IsInvalid("image document: layers[0]: the key \"size\" is given twice"));
  EXPECT_THAT(with_layer(layer(R"("x":9,"x":9)")), IsInvalid(HasSubstr("\"x\" is given twice")));
  EXPECT_THAT(with_layer(layer(R"("platform":{"OS":"linux"})")),
              IsInvalid(HasSubstr("layers[0].platform: the key \"OS\" must be written \"os\"")));
  // Annotations are the maker's own words.
  EXPECT_THAT(with_layer(layer(R"("annotations":{"a":"1","A":"2","digest":"3"})")),
              test::Succeeds());
}

}  // namespace
}  // namespace nacre::oci
