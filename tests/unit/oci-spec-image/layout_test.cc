#include "oci-spec/image/layout.h"

#include <gtest/gtest.h>

#include "tests/unit/oci-spec-image/samples.h"

namespace nacre::oci {
namespace {

using test::Fails;
using test::IsInvalid;
using testing::HasSubstr;

TEST(LayoutTest, OwnFile) {
  EXPECT_EQ(layout_json(), R"({"imageLayoutVersion":"1.0.0"})");
  EXPECT_THAT(check_layout(layout_json()), test::Succeeds());
  EXPECT_THAT(check_layout("{\n \"x\": 1, \"imageLayoutVersion\": \"1.0.0\"}\n"), test::Succeeds());
}

TEST(LayoutTest, Paths) {
  EXPECT_EQ(layout_path(test::digest('a')), "blobs/sha256/" + std::string(64, 'a'));
}

TEST(LayoutTest, Refusals) {
  EXPECT_THAT(check_layout(""), IsInvalid(HasSubstr("oci-layout: ")));
  EXPECT_THAT(check_layout("{}"), IsInvalid("oci-layout: imageLayoutVersion: is missing"));
  EXPECT_THAT(check_layout("[]"), IsInvalid(HasSubstr("expected an object")));
  EXPECT_THAT(check_layout(R"({"imageLayoutVersion":1})"), IsInvalid(HasSubstr("a string")));
  for (const std::string_view version : {"", "1", "1.0", "1.0.1", "2.0.0", " 1.0.0"})
    EXPECT_THAT(check_layout("{\"imageLayoutVersion\":\"" + std::string(version) + "\"}"),
                Fails(ErrorCode::kUnsupported, HasSubstr("are not known, only \"1.0.0\"")))
        << version;
  EXPECT_THAT(check_layout(layout_json() + std::string(4096, ' ')),
              IsInvalid("oci-layout: larger than 4096 bytes"));
}

}  // namespace
}  // namespace nacre::oci
