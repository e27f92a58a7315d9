// Digests, with the examples of FIPS 180-2.
#include "images/stream/hasher.h"

#include <gtest/gtest.h>

#include "tests/unit/images_stream/streams.h"

namespace nacre::images {
namespace {

constexpr const char* kAbc256 =
    "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr const char* kAbc512 =
    "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";
constexpr const char* kMillion256 =
    "sha256:cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
constexpr const char* kNothing256 =
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

std::string finish(Hasher& hasher) {
  const auto digest = hasher.finish();
  return digest ? digest->text() : digest.error().message();
}

TEST(HasherTest, KnownDigests) {
  Hasher short_one;
  short_one.update(as_bytes("abc"));
  EXPECT_EQ(finish(short_one), kAbc256);
  Hasher long_one(Hasher::Algorithm::kSha512);
  long_one.update(as_bytes("abc"));
  EXPECT_EQ(finish(long_one), kAbc512);
  Hasher nothing;
  EXPECT_EQ(finish(nothing), kNothing256);
}

TEST(HasherTest, PiecesDoNotMatter) {
  const std::string million(1'000'000, 'a');
  for (const std::size_t piece : std::vector<std::size_t>{1000, 999, 65536, 1000000}) {
    Hasher hasher;
    for (std::size_t at = 0; at < million.size(); at += piece)
      hasher.update(as_bytes(std::string_view(million).substr(at, piece)));
    EXPECT_EQ(finish(hasher), kMillion256) << piece;
  }
}

TEST(HasherTest, StartsAfreshAfterADigest) {
  Hasher hasher;
  hasher.update(as_bytes("something"));
  ASSERT_TRUE(hasher.finish());
  hasher.update(as_bytes("abc"));
  EXPECT_EQ(finish(hasher), kAbc256);
}

TEST(HasherTest, TheAlgorithmOfAnExpectedDigest) {
  for (const char* text : {kAbc256, kAbc512}) {
    const auto expected = oci::Digest::parse(text);
    ASSERT_TRUE(expected);
    Hasher hasher(*expected);
    hasher.update(as_bytes("abc"));
    EXPECT_EQ(finish(hasher), text);
  }
}

TEST(HasherTest, SourceAndSinkPassOnAndHash) {
  MemorySource memory(std::string_view("abc"), 1);
  Hasher read;
  HashingSource source(memory, read);
  MemorySink kept;
  Hasher written;
  HashingSink sink(kept, written);
  ASSERT_TRUE(copy(source, sink));
  ASSERT_TRUE(sink.finish());
  EXPECT_EQ(kept.text(), "abc");
  EXPECT_EQ(finish(read), kAbc256);
  EXPECT_EQ(finish(written), kAbc256);
}

}  // namespace
}  // namespace nacre::images
