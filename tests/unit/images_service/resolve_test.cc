// What people write, and the image that they mean.
#include "images/service/resolve.h"

#include <gmock/gmock.h>

#include "tests/support/result_matchers.h"
#include "tests/unit/cli/images.h"

namespace nacre::images {
namespace {

using cli::test::digest;
using nacre::test::Fails;
using testing::HasSubstr;

class ResolveTest : public testing::Test {
 protected:
  void SetUp() override {
    images_ = {cli::test::image('a', {"docker.io/library/app:1", "ghcr.io/team/app:latest"}),
               cli::test::image('b', {"docker.io/library/abc:latest"}), cli::test::image('c', {})};
    images_[1].target.digest = digest('1');
    images_[1].names[0].target.digest = digest('1');
    images_[1].manifest.digest = digest('2');
    images_[2].target.digest = digest('3');
    images_[2].id = *oci::Digest::parse("sha256:ab" + std::string(62, '0'));
  }
  std::string id_of(std::string_view text) {
    const auto found = resolve(images_, text);
    return found ? found->image->id.short_hex() : found.error().message();
  }
  std::vector<ImageSummary> images_;
};

TEST_F(ResolveTest, NamesInAnyForm) {
  for (const char* text : {"app:1", "library/app:1", "docker.io/library/app:1", "ghcr.io/team/app"})
    EXPECT_EQ(id_of(text), std::string(12, 'a')) << text;
  EXPECT_EQ(resolve(images_, "app:1")->name->name, "docker.io/library/app:1");
}

TEST_F(ResolveTest, WholeDigests) {
  EXPECT_EQ(id_of(digest('b').text()), std::string(12, 'b'));
  EXPECT_EQ(id_of(digest('b').hex()), std::string(12, 'b'));
  EXPECT_EQ(id_of(digest('1').text()), std::string(12, 'b'));
  // A manifest of an index is meant itself.
  EXPECT_EQ(resolve(images_, digest('2').text())->target.digest, digest('2'));
}

TEST_F(ResolveTest, ANameWinsOverTheBeginningOfAnId) {
  EXPECT_EQ(id_of("abc"), std::string(12, 'b'));
  EXPECT_EQ(id_of("aaaa"), std::string(12, 'a'));
  EXPECT_EQ(id_of("sha256:bb"), std::string(12, 'b'));
  EXPECT_EQ(resolve(images_, "aaaa")->name, nullptr);
}

TEST_F(ResolveTest, NameWithDigest) {
  EXPECT_EQ(id_of("abc@" + digest('1').text()), std::string(12, 'b'));
  EXPECT_THAT(resolve(images_, "app@" + digest('1').text()),
              Fails(ErrorCode::kNotFound, HasSubstr("no such image")));
}

TEST_F(ResolveTest, SaysWhatIsWrong) {
  EXPECT_THAT(resolve(images_, "a"),
              Fails(ErrorCode::kInvalidArgument, HasSubstr("\"a\" is ambiguous")));
  EXPECT_THAT(resolve(images_, "absent"),
              Fails(ErrorCode::kNotFound, std::string("no such image: absent")));
  EXPECT_THAT(resolve(images_, "dddd"), Fails(ErrorCode::kNotFound, testing::_));
  EXPECT_THAT(resolve(images_, digest('9').text()), Fails(ErrorCode::kNotFound, testing::_));
  EXPECT_THAT(resolve(images_, "Upper"),
              Fails(ErrorCode::kInvalidArgument, HasSubstr("lower case")));
  EXPECT_THAT(resolve(images_, ""), Fails(ErrorCode::kInvalidArgument, testing::_));
}

}  // namespace
}  // namespace nacre::images
