// What must not get in as a manifest or an index.
#include <gtest/gtest.h>

#include "base/text.h"
#include "oci-spec/image/document.h"
#include "oci-spec/image/media_types.h"
#include "tests/unit/oci-spec-image/samples.h"

namespace nacre::oci {
namespace {

using test::Fails;
using test::IsInvalid;
using testing::HasSubstr;

constexpr std::string_view kTypes[] = {"", media::kManifest, media::kIndex, media::kDockerManifest,
                                       media::kDockerManifestList};

// CVE-2021-41190: the same digest, pulled as one by some and as the other by others.
TEST(DocumentRefusalsTest, BothAtOnce) {
  const std::string config = test::descriptor(media::kConfig, 'c');
  for (const std::string_view declared : kTypes) {
    for (const std::string_view manifests : {"[]", "null", "7"}) {
      const std::string more = text::join("\"manifests\":", manifests);
      EXPECT_THAT(parse_image_document(test::manifest(more), declared),
                  IsInvalid("image document: is both a manifest (\"config\") and an index "
                            "(\"manifests\")"));
    }
    EXPECT_THAT(parse_image_document(test::index("\"config\":" + config), declared),
                IsInvalid(HasSubstr("is both")));
    EXPECT_THAT(parse_image_document(test::index("\"layers\":[]"), declared),
                IsInvalid(HasSubstr("is both a manifest (\"layers\") and an index")));
    EXPECT_THAT(parse_image_document(test::index("\"layers\":null"), declared),
                IsInvalid(HasSubstr("is both")));
  }
}

TEST(DocumentRefusalsTest, BothForReadersThatIgnoreCase) {
  for (const std::string_view key : {"Manifests", "MANIFESTS", "manife\xC5\xBFts"})
    EXPECT_THAT(parse_image_document(test::manifest(text::join('"', key, "\":[]")), ""),
                IsInvalid(HasSubstr("must be written \"manifests\"")))
        << key;
  EXPECT_THAT(parse_image_document(test::index(R"("Config":{})"), ""),
              IsInvalid("image document: the key \"Config\" must be written \"config\""));
  EXPECT_THAT(parse_image_document(test::index(R"("LAYERS":[])"), ""),
              IsInvalid(HasSubstr("layers")));
  EXPECT_THAT(parse_image_document(test::manifest(R"("MediaType":"a/b")"), ""),
              IsInvalid(HasSubstr("must be written \"mediaType\"")));
  EXPECT_THAT(parse_image_document(test::manifest(R"("Subject":null)"), ""),
              IsInvalid(HasSubstr("must be written \"subject\"")));
}

TEST(DocumentRefusalsTest, KeysGivenTwice) {
  for (const std::string_view member : {"\"layers\":[]", "\"config\":null", "\"schemaVersion\":2"})
    EXPECT_THAT(parse_image_document(test::manifest(member), ""),
                IsInvalid(HasSubstr("is given twice")))
        << member;
  EXPECT_THAT(parse_image_document(test::manifest(R"("a":1,"\u0061":2)"), ""),
              IsInvalid("image document: the key \"a\" is given twice"));
}

TEST(DocumentRefusalsTest, Neither) {
  for (const std::string_view declared : kTypes) {
    EXPECT_THAT(parse_image_document(R"({"schemaVersion":2})", declared),
                IsInvalid("image document: is neither a manifest, which has \"config\", nor an "
                          "index, which has \"manifests\""));
    EXPECT_THAT(parse_image_document("{}", declared), IsInvalid(HasSubstr("is neither")));
  }
  EXPECT_THAT(parse_image_document(R"({"schemaVersion":2,"layers":[]})", ""),
              IsInvalid("image document: config: is missing"));
  EXPECT_THAT(parse_image_document(R"({"schemaVersion":2,"config":null})", ""),
              IsInvalid("image document: config: is missing"));
}

TEST(DocumentRefusalsTest, Disagreement) {
  const auto typed = [](std::string_view type) {
    return text::join("\"mediaType\":\"", type, '"');
  };
  EXPECT_THAT(parse_image_document(test::manifest(typed(media::kManifest)), media::kDockerManifest),
              IsInvalid(text::join("image document: mediaType: is \"", media::kManifest,
                                   "\", but the document was announced as \"",
                                   media::kDockerManifest, "\"")));
  EXPECT_THAT(parse_image_document(test::manifest(typed(media::kIndex)), ""),
              IsInvalid(text::join("image document: the media type \"", media::kIndex,
                                   "\" is not that of a manifest, which is what the document is")));
  EXPECT_THAT(parse_image_document(test::manifest(), media::kIndex),
              IsInvalid(HasSubstr("is not that of a manifest")));
  EXPECT_THAT(parse_image_document(test::index(), media::kManifest),
              IsInvalid(HasSubstr("is not that of an index")));
  EXPECT_THAT(parse_image_document(test::index(typed(media::kManifest)), media::kManifest),
              IsInvalid(HasSubstr("is not that of an index")));
  for (const std::string_view docker : {media::kDockerManifest})
    EXPECT_THAT(parse_image_document(test::manifest(), docker),
                IsInvalid(HasSubstr("mediaType: is missing")));
  EXPECT_THAT(parse_image_document(test::index(), media::kDockerManifestList),
              IsInvalid(HasSubstr("mediaType: is missing")));
}

TEST(DocumentRefusalsTest, OtherTypes) {
  for (const std::string_view type : {"text/html", "application/vnd.oci.image.config.v1+json",
                                      "application/vnd.oci.artifact.manifest.v1+json"}) {
    EXPECT_THAT(parse_image_document(test::manifest(), type),
                Fails(ErrorCode::kUnsupported, HasSubstr("is neither a manifest nor an index")));
    EXPECT_THAT(parse_image_document(test::manifest(text::join("\"mediaType\":\"", type, '"')), ""),
                Fails(ErrorCode::kUnsupported, HasSubstr("is neither a manifest nor an index")));
  }
  EXPECT_THAT(parse_image_document(test::manifest(R"("mediaType":7)"), ""),
              IsInvalid("image document: mediaType: expected a string, got 7"));
  EXPECT_THAT(parse_image_document(test::manifest(R"("mediaType":"x")"), ""),
              IsInvalid("image document: mediaType: \"x\" is not a media type"));
}

TEST(DocumentRefusalsTest, Schema1) {
  const auto is_schema1 = Fails(ErrorCode::kUnsupported, HasSubstr("of schema 1 are not read"));
  EXPECT_THAT(
      parse_image_document(R"({"schemaVersion":1,"name":"a","fsLayers":[],"history":[]})", ""),
      is_schema1);
  EXPECT_THAT(parse_image_document(R"({"schemaVersion":1})", ""), is_schema1);
  EXPECT_THAT(parse_image_document(test::manifest("\"fsLayers\":[]"), media::kManifest),
              is_schema1);
  EXPECT_THAT(parse_image_document(test::index("\"fsLayers\":null"), ""), is_schema1);
  for (const std::string_view type : {"application/vnd.docker.distribution.manifest.v1+json",
                                      "application/vnd.docker.distribution.manifest.v1+prettyjws"})
    EXPECT_THAT(parse_image_document(test::manifest(), type), is_schema1);
}

TEST(DocumentRefusalsTest, SchemaVersions) {
  const std::string rest = "\"config\":" + test::descriptor(media::kConfig, 'c') + '}';
  const auto with = [&](std::string_view version) {
    return parse_image_document(text::join("{\"schemaVersion\":", version, ',', rest), "");
  };
  EXPECT_THAT(with("2"), test::Succeeds());
  EXPECT_THAT(with("0"), IsInvalid("image document: schemaVersion: must be 2, not 0"));
  EXPECT_THAT(with("3"), IsInvalid("image document: schemaVersion: must be 2, not 3"));
  EXPECT_THAT(with("null"), IsInvalid("image document: schemaVersion: is missing"));
  for (const std::string_view wrong : {"-2", "2.0", "\"2\"", "[2]", "18446744073709551618"})
    EXPECT_THAT(with(wrong), IsInvalid(HasSubstr("schemaVersion: expected"))) << wrong;
  EXPECT_THAT(parse_image_document('{' + rest, ""),
              IsInvalid("image document: schemaVersion: is missing"));
}

TEST(DocumentRefusalsTest, NotADocument) {
  for (const std::string_view bytes : {"", " ", "{", "[]", "null", "7", "\"x\"", "{}x", "{},{}",
                                       "\xEF\xBB\xBF", "{\"a\":}", "<html>", "\x1F\x8B\x08"})
    EXPECT_THAT(parse_image_document(bytes, ""), IsInvalid(HasSubstr("image document: "))) << bytes;
  EXPECT_THAT(parse_image_document(test::manifest().substr(0, 100), ""),
              IsInvalid(HasSubstr("truncated at byte 100")));
  EXPECT_THAT(parse_image_document(test::manifest() + '\0', ""), IsInvalid(HasSubstr("NUL byte")));
}

TEST(DocumentRefusalsTest, WrongTypesOfMembers) {
  for (const std::string_view more :
       {"\"annotations\":[]", "\"subject\":[]", "\"subject\":{}", "\"artifactType\":1",
        "\"artifactType\":\"a\"", "\"annotations\":{\"a\":null}"})
    EXPECT_THAT(parse_image_document(test::manifest(more), ""), IsInvalid(testing::_)) << more;
  const std::string config = test::descriptor(media::kConfig, 'c');
  for (const std::string_view layers : {"{}", "7", "\"x\"", "[null]", "[[]]"})
    EXPECT_THAT(parse_image_document(text::join("{\"schemaVersion\":2,\"config\":", config,
                                                ",\"layers\":", layers, '}'),
                                     ""),
                IsInvalid(HasSubstr("layers")))
        << layers;
  for (const std::string_view manifests : {"{}", "7", "\"x\"", "[null]", "[[]]"})
    EXPECT_THAT(
        parse_image_document(text::join("{\"schemaVersion\":2,\"manifests\":", manifests, '}'), ""),
        IsInvalid(HasSubstr("manifests")))
        << manifests;
}

TEST(DocumentRefusalsTest, TooMuch) {
  EXPECT_THAT(parse_image_document(test::manifest() + std::string(kMostDocumentBytes, ' '), ""),
              IsInvalid("image document: larger than 4194304 bytes"));
  const std::string deep = std::string(100, '[') + std::string(100, ']');
  EXPECT_THAT(parse_image_document(test::manifest("\"x\":" + deep), ""),
              IsInvalid(HasSubstr("nested more than 64 levels deep")));
  std::string values = "0";
  for (int i = 0; i < 1 << 18; ++i) values += ",0";
  EXPECT_THAT(parse_image_document(test::manifest("\"x\":[" + values + ']'), ""),
              IsInvalid(HasSubstr("more than 262144 values")));
}

TEST(DocumentRefusalsTest, TooManyDescriptors) {
  const auto listed = [](std::string_view key, std::string_view type, std::size_t count) {
    std::string list;
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) list += ',';
      list += test::descriptor(type, '1');
    }
    const std::string config =
        key == "layers" ? ",\"config\":" + test::descriptor(media::kConfig, 'c') : std::string();
    return text::join("{\"schemaVersion\":2", config, ",\"", key, "\":[", list, "]}");
  };
  EXPECT_THAT(parse_image_document(listed("layers", media::kLayer, kMostDescriptors), ""),
              test::Succeeds());
  EXPECT_THAT(parse_image_document(listed("layers", media::kLayer, kMostDescriptors + 1), ""),
              IsInvalid("image document: layers: 4097 entries are more than the 4096 that are "
                        "allowed"));
  EXPECT_THAT(parse_image_document(listed("manifests", media::kManifest, kMostDescriptors + 1), ""),
              IsInvalid(HasSubstr("manifests: 4097 entries")));
}

TEST(DocumentRefusalsTest, SizesThatOverflowTogether) {
  std::string bytes = test::manifest();
  for (std::size_t at = bytes.find("\"size\":7"); at != std::string::npos;
       at = bytes.find("\"size\":7", at))
    bytes.replace(at, 8, "\"size\":4611686018427387904");
  EXPECT_THAT(parse_image_document(bytes, ""),
              IsInvalid("image document: layers: their sizes together are 2^63 bytes or more"));
}

}  // namespace
}  // namespace nacre::oci
