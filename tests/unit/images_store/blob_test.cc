// Blobs on their way in, and reading them.
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "images/store/reserve.h"
#include "images/stream/memory.h"
#include "tests/unit/images_store/fixture.h"

namespace nacre::images {
namespace {

namespace fs = std::filesystem;
using test::code_of;
using test::digest_of;
using test::error_of;
using test::put_blob;
using testing::HasSubstr;

class BlobTest : public test::StoreTest {
 protected:
  oci::Descriptor descriptor_of(std::string_view bytes) {
    oci::Descriptor descriptor;
    descriptor.digest = digest_of(bytes);
    descriptor.size = bytes.size();
    return descriptor;
  }
  std::unique_ptr<Ingest> ingest(const Lease& lease, const oci::Descriptor& expected) {
    auto made = store().ingest(lease, expected);
    if (!made) throw std::runtime_error(error_of(made));
    return *std::move(made);
  }
  void put(std::string_view bytes) {
    const Lease held = lease();
    ASSERT_OK(put_blob(store(), held, descriptor_of(bytes), bytes));
  }
  static constexpr const char* kText = "hello, world";
};

TEST_F(BlobTest, ComesInAndIsThere) {
  put(kText);
  const auto found = store().find_blob(digest_of(kText));
  ASSERT_OK(found);
  ASSERT_TRUE(found->has_value());
  EXPECT_EQ((*found)->size, 12U);
  EXPECT_GT((*found)->created, 0);
  const auto text = store().read_document(digest_of(kText), 100);
  ASSERT_OK(text);
  EXPECT_EQ(*text, kText);
  EXPECT_EQ(fs::status(blob_path(digest_of(kText))).permissions(),
            fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read);
  EXPECT_EQ(count_in("ingest"), 0U);
  expect_sound();
}

TEST_F(BlobTest, FoldersAreForTheOwnerAlone) {
  for (const char* folder : {"", "/layers", "/blobs", "/ingest", "/leases", "/trash", "/locks"}) {
    EXPECT_EQ(fs::status(root() + folder).permissions(), fs::perms::owner_all) << folder;
  }
}

TEST_F(BlobTest, IsNotFetchedTwice) {
  put(kText);
  const Lease held = lease();
  EXPECT_EQ(ingest(held, descriptor_of(kText)), nullptr);
}

TEST_F(BlobTest, UnknownSizeAndDigest) {
  const Lease held = lease();
  const auto way = ingest(held, {});
  ASSERT_OK(way->write(as_bytes(kText)));
  ASSERT_OK(way->commit(held));
  EXPECT_EQ(way->digest(), digest_of(kText));
  EXPECT_TRUE(has_blob(digest_of(kText)));
  EXPECT_EQ(count_in("ingest"), 0U);
}

TEST_F(BlobTest, UnknownDigestIsForgottenWithItsObject) {
  const Lease held = lease();
  {
    const auto way = ingest(held, {});
    ASSERT_OK(way->write(as_bytes(kText)));
    EXPECT_EQ(count_in("ingest"), 1U);
  }
  EXPECT_EQ(count_in("ingest"), 0U);
  EXPECT_EQ(count_in("locks"), 0U);
}

TEST_F(BlobTest, Sha512) {
  const Lease held = lease();
  oci::Descriptor descriptor;
  descriptor.digest = *oci::Digest::parse(
      "sha512:"
      "9b71d224bd62f3785d96d46ad3ea3d73319bfbc2890caadae2dff72519673ca72323c3d99ba5c11d7c7acc6e14b8"
      "c5"
      "da0c4663475c2e5c3adef46f73bcdec043");
  ASSERT_OK(put_blob(store(), held, descriptor, "hello"));
  EXPECT_TRUE(has_blob(descriptor.digest));
  EXPECT_OK(store().read_document(descriptor.digest, 5));
  const auto damages = store().check({.deep = true});
  ASSERT_OK(damages);
  EXPECT_TRUE(damages->empty());
}

TEST_F(BlobTest, WrongDigestIsRefusedAndThrownAway) {
  const Lease held = lease();
  const auto way = ingest(held, descriptor_of(kText));
  ASSERT_OK(way->write(as_bytes("HELLO, WORLD")));
  const auto done = way->commit(held);
  EXPECT_EQ(code_of(done), ErrorCode::kFailedPrecondition);
  EXPECT_THAT(error_of(done), HasSubstr(digest_of(kText).text()));
  EXPECT_THAT(error_of(done), HasSubstr(digest_of("HELLO, WORLD").text()));
  EXPECT_FALSE(has_blob(digest_of(kText)));
  EXPECT_EQ(way->offset(), 0U);
  ASSERT_OK(way->write(as_bytes(kText)));
  EXPECT_OK(way->commit(held));
}

TEST_F(BlobTest, TooShortAndTooLongAreRefused) {
  const Lease held = lease();
  const auto way = ingest(held, descriptor_of(kText));
  ASSERT_OK(way->write(as_bytes("hello")));
  EXPECT_THAT(error_of(way->commit(held)), HasSubstr("of 5 bytes, and should be"));
  EXPECT_THAT(error_of(way->write(as_bytes(std::string(kText) + "!"))),
              HasSubstr("longer than the 12 bytes"));
}

TEST_F(BlobTest, GoesOnWhereAnEarlierTryStopped) {
  {
    const Lease held = lease();
    const auto way = ingest(held, descriptor_of(kText));
    ASSERT_OK(way->write(as_bytes("hello")));
  }
  open();  // as another process would
  const Lease again = lease();
  const auto way = ingest(again, descriptor_of(kText));
  EXPECT_EQ(way->offset(), 5U);
  ASSERT_OK(way->write(as_bytes(", world")));
  ASSERT_OK(way->commit(again));
  EXPECT_OK(store().read_document(digest_of(kText), 100));
}

TEST_F(BlobTest, StartsAgainWhenToldTo) {
  const Lease held = lease();
  const auto way = ingest(held, descriptor_of(kText));
  ASSERT_OK(way->write(as_bytes("HELLO")));
  ASSERT_OK(way->restart());
  EXPECT_EQ(way->offset(), 0U);
  ASSERT_OK(way->write(as_bytes(kText)));
  EXPECT_OK(way->commit(held));
}

// What a process leaves that is killed before the rename, between rename and record, and what a
// power cut may make of the first.
TEST_F(BlobTest, WholeButUncommittedIsTakenUp) {
  const Lease held = lease();
  std::ofstream(root() + "/ingest/sha256-" + std::string(digest_of(kText).hex())) << kText;
  fs::permissions(root() + "/ingest/sha256-" + std::string(digest_of(kText).hex()),
                  fs::perms::owner_read);
  auto way = ingest(held, descriptor_of(kText));
  EXPECT_EQ(way->offset(), 12U);
  ASSERT_OK(way->commit(held));
  way.reset();
  expect_sound();
}

TEST_F(BlobTest, UnrecordedIsTakenUp) {
  const Lease held = lease();
  std::ofstream(blob_path(digest_of(kText))) << kText;
  auto way = ingest(held, descriptor_of(kText));
  EXPECT_EQ(way->offset(), 12U);
  EXPECT_FALSE(fs::exists(blob_path(digest_of(kText))));
  ASSERT_OK(way->commit(held));
  way.reset();
  expect_sound();
}

TEST_F(BlobTest, WholeButWrongIsStartedAgain) {
  const Lease held = lease();
  std::ofstream(root() + "/ingest/sha256-" + std::string(digest_of(kText).hex()))
      << std::string(12, '\0');
  const auto way = ingest(held, descriptor_of(kText));
  EXPECT_EQ(way->offset(), 0U);
}

TEST_F(BlobTest, TwoWantTheSameOneWaits) {
  const Lease held = lease();
  auto first = ingest(held, descriptor_of(kText));
  ASSERT_OK(first->write(as_bytes("hello")));
  std::thread second([&] {
    const Lease other = lease();
    EXPECT_EQ(ingest(other, descriptor_of(kText)), nullptr);
  });
  ASSERT_OK(first->write(as_bytes(", world")));
  ASSERT_OK(first->commit(held));
  first.reset();
  second.join();
}

TEST_F(BlobTest, TwoWantTheSameTheFirstGivesUp) {
  const Lease held = lease();
  auto first = ingest(held, descriptor_of(kText));
  ASSERT_OK(first->write(as_bytes("hello")));
  std::thread second([&] {
    const Lease other = lease();
    const auto way = ingest(other, descriptor_of(kText));
    ASSERT_NE(way, nullptr);
    EXPECT_EQ(way->offset(), 5U);
  });
  first.reset();
  second.join();
}

TEST_F(BlobTest, DocumentsOfEverySize) {
  const Lease held = lease();
  for (const std::string& text : {std::string(), std::string(kText), std::string(1 << 20, 'x')}) {
    const auto descriptor = store().put_document(held, "text/plain", text);
    ASSERT_OK(descriptor);
    EXPECT_EQ(descriptor->size, text.size());
    EXPECT_EQ(descriptor->media_type, "text/plain");
    const auto back = store().read_document(descriptor->digest, text.size());
    ASSERT_OK(back);
    EXPECT_EQ(*back, text);
    EXPECT_OK(store().put_document(held, "text/plain", text));
  }
}

TEST_F(BlobTest, ADocumentHasALimit) {
  put(kText);
  EXPECT_EQ(code_of(store().read_document(digest_of(kText), 11)), ErrorCode::kResourceExhausted);
}

TEST_F(BlobTest, ADamagedDocumentIsNotRead) {
  put(kText);
  fs::permissions(blob_path(digest_of(kText)), fs::perms::owner_write, fs::perm_options::add);
  std::ofstream(blob_path(digest_of(kText))) << "hello, w0rld";
  const auto text = store().read_document(digest_of(kText), 100);
  EXPECT_EQ(code_of(text), ErrorCode::kInternal);
  EXPECT_THAT(error_of(text), HasSubstr("is damaged: it hashes to"));
}

TEST_F(BlobTest, MissingAndLost) {
  EXPECT_EQ(code_of(store().open_blob(digest_of(kText))), ErrorCode::kNotFound);
  put(kText);
  EXPECT_OK(store().open_blob(digest_of(kText)));
  fs::remove(blob_path(digest_of(kText)));
  const auto lost = store().open_blob(digest_of(kText));
  EXPECT_EQ(code_of(lost), ErrorCode::kInternal);
  EXPECT_THAT(error_of(lost), HasSubstr("its file is missing"));
}

TEST_F(BlobTest, TheReserveIsLeftOnTheDisk) {
  store_.reset();
  StoreOptions greedy = options();
  greedy.budget.free_bytes = ~std::uint64_t{0};
  auto opened = Store::open(root(), greedy);
  ASSERT_OK(opened);
  store_ = *std::move(opened);
  const Lease held = lease();
  const auto way = ingest(held, descriptor_of(kText));
  const auto written = way->write(as_bytes(kText));
  EXPECT_EQ(code_of(written), ErrorCode::kResourceExhausted);
  EXPECT_THAT(error_of(written), HasSubstr("have to stay free"));
}

TEST_F(BlobTest, TheReserveIsGivenUpOnceAndMadeAgain) {
  const auto layout = Layout::open(root());
  ASSERT_OK(layout);
  EXPECT_EQ(fs::file_size(root() + "/reserve"), kReserveBytes);
  int tries = 0;
  const auto full = [&]() -> Result<int> {
    ++tries;
    return fail({ErrorCode::kResourceExhausted, "no space left on device"});
  };
  EXPECT_EQ(code_of(with_reserve(*layout, full)), ErrorCode::kResourceExhausted);
  EXPECT_EQ(tries, 2);
  EXPECT_FALSE(fs::exists(root() + "/reserve"));
  EXPECT_EQ(code_of(with_reserve(*layout, full)), ErrorCode::kResourceExhausted);
  EXPECT_EQ(tries, 3);
  ASSERT_OK(store().empty_trash({}));
  EXPECT_EQ(fs::file_size(root() + "/reserve"), kReserveBytes);
}

TEST_F(BlobTest, ARelativeRootIsRefused) {
  EXPECT_EQ(code_of(Store::open("data", options())), ErrorCode::kInvalidArgument);
}

TEST_F(BlobTest, ARootIsMadeWithItsParents) {
  ASSERT_OK(Store::open(work_ / "a/b/c/", options()));
  EXPECT_EQ(fs::status(work_ / "a/b/c").permissions(), fs::perms::owner_all);
}

}  // namespace
}  // namespace nacre::images
