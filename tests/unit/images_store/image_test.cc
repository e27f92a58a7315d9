// Names, and what they keep.
#include "images/store/database.h"
#include "images/store/holds.h"
#include "tests/unit/images_store/fixture.h"

#include <sys/stat.h>
#include <atomic>
#include <fstream>
#include <thread>

namespace nacre::images {
namespace {

namespace fs = std::filesystem;
using test::code_of;
using test::error_of;
using test::put_blob;
using test::put_sample;
using test::sample_image;
using test::sample_layer;
using test::SampleImage;
using testing::HasSubstr;
using testing::IsEmpty;

class ImageTest : public test::StoreTest {
 protected:
  void expect_whole(const SampleImage& image) {
    const auto record = store().find_image(image.name);
    ASSERT_OK(record);
    ASSERT_TRUE(record->has_value());
    EXPECT_EQ((*record)->target.digest, image.manifest_descriptor.digest);
    EXPECT_OK(store().read_document(image.manifest_descriptor.digest, 1 << 20));
    EXPECT_OK(store().read_document(image.config_descriptor.digest, 1 << 20));
    for (const auto& layer : image.layers) {
      EXPECT_TRUE(has_blob(layer.descriptor.digest));
      EXPECT_OK(store().open_layer(layer.diff_id));
    }
  }
  Collected collect() {
    const auto collected = store().collect();
    EXPECT_OK(collected);
    return collected ? *collected : Collected{};
  }
};

TEST_F(ImageTest, IsThereAndKeepsEverything) {
  const SampleImage image = sample_image("example/a:1", {sample_layer("a"), sample_layer("b")});
  ASSERT_OK(put_sample(store(), image));
  const Collected collected = collect();
  EXPECT_EQ(collected.blobs + collected.layers + collected.ingests, 0U);
  expect_whole(image);
  expect_sound();
  open();
  expect_whole(image);
}

TEST_F(ImageTest, KeepsItsDescriptor) {
  const SampleImage image = sample_image("example/a:1", {});
  ASSERT_OK(put_sample(store(), image));
  oci::Descriptor target = image.manifest_descriptor;
  target.annotations = {{"org.opencontainers.image.ref.name", "1"}, {"a", ""}};
  target.artifact_type = "application/x";
  ASSERT_OK(store().put_image("other", target));
  const auto images = store().images();
  ASSERT_OK(images);
  ASSERT_EQ(images->size(), 2U);
  EXPECT_EQ((*images)[0].name, "example/a:1");
  EXPECT_EQ((*images)[1].name, "other");
  EXPECT_EQ((*images)[1].target, target);
}

TEST_F(ImageTest, MovesToAnotherDocumentAndKeepsItsAge) {
  const SampleImage one = sample_image("one", {});
  const SampleImage two = sample_image("two", {});
  ASSERT_OK(put_sample(store(), one));
  ASSERT_OK(put_sample(store(), two));
  ASSERT_OK(store().database().write(Durability::kProcess, [](Transaction& records) {
    return records.run("UPDATE images SET created = 7, updated = 7");
  }));
  ASSERT_OK(store().put_image("one", two.manifest_descriptor));
  const auto found = store().find_image("one");
  ASSERT_OK(found);
  EXPECT_EQ((*found)->created, 7);
  EXPECT_GT((*found)->updated, 7);
  collect();
  EXPECT_FALSE(has_blob(one.manifest_descriptor.digest));
  EXPECT_TRUE(has_blob(two.manifest_descriptor.digest));
}

TEST_F(ImageTest, CannotPointAtNothing) {
  const SampleImage image = sample_image("a", {});
  const auto put = store().put_image("a", image.manifest_descriptor);
  EXPECT_EQ(code_of(put), ErrorCode::kNotFound);
  EXPECT_THAT(error_of(put), HasSubstr("there is no such blob"));
  EXPECT_EQ(code_of(store().put_image("", image.manifest_descriptor)), ErrorCode::kInvalidArgument);
}

TEST_F(ImageTest, NeedsToKnowWhatItConsistsOf) {
  const Lease held = lease();
  const auto document = store().put_document(held, "x/y", "a document");
  ASSERT_OK(document);
  EXPECT_EQ(code_of(store().put_image("a", *document)), ErrorCode::kFailedPrecondition);
  ASSERT_OK(store().set_references(document->digest, {}, {}));
  EXPECT_OK(store().put_image("a", *document));
}

TEST_F(ImageTest, RemovingTakesTheNameOnly) {
  const SampleImage image = sample_image("a", {sample_layer("a")});
  ASSERT_OK(put_sample(store(), image));
  ASSERT_OK(store().remove_image("a"));
  EXPECT_EQ(code_of(store().remove_image("a")), ErrorCode::kNotFound);
  EXPECT_TRUE(has_blob(image.manifest_descriptor.digest));
  const Collected collected = collect();
  EXPECT_EQ(collected.blobs, 3U);
  EXPECT_EQ(collected.layers, 1U);
  EXPECT_GT(collected.bytes, image.layers[0].blob.size());
  EXPECT_FALSE(fs::exists(layer_path(image.layers[0].diff_id)));
  EXPECT_EQ(count_in("blobs/sha256"), 0U);
  expect_sound();
}

TEST_F(ImageTest, SharedLayersStayWithTheOther) {
  const auto shared = sample_layer("shared");
  ASSERT_OK(put_sample(store(), sample_image("a", {shared, sample_layer("a")})));
  const SampleImage other = sample_image("b", {shared, sample_layer("b")});
  ASSERT_OK(put_sample(store(), other));
  ASSERT_OK(store().remove_image("a"));
  EXPECT_EQ(collect().layers, 1U);
  expect_whole(other);
}

TEST_F(ImageTest, AnIndexKeepsItsManifests) {
  const SampleImage image = sample_image("a", {sample_layer("a")});
  ASSERT_OK(put_sample(store(), image));
  {
    const Lease held = lease();
    const auto index = store().put_document(held, "application/vnd.oci.image.index.v1+json", "[]");
    ASSERT_OK(index);
    const auto absent = test::digest_of("for another platform");
    ASSERT_OK(store().set_references(index->digest,
                                     {absent, image.manifest_descriptor.digest, absent}, {}));
    ASSERT_OK(store().put_image("all", *index));
  }
  ASSERT_OK(store().remove_image("a"));
  EXPECT_EQ(collect().blobs, 0U);
  ASSERT_OK(store().put_image("a", image.manifest_descriptor));
  expect_whole(image);
}

TEST_F(ImageTest, ReferencesMayGoInACircle) {
  const Lease held = lease();
  const auto one = store().put_document(held, "x/y", "one");
  const auto two = store().put_document(held, "x/y", "two");
  ASSERT_OK(one);
  ASSERT_OK(two);
  ASSERT_OK(store().set_references(one->digest, {two->digest}, {}));
  ASSERT_OK(store().set_references(two->digest, {one->digest, two->digest}, {}));
  EXPECT_EQ(collect().blobs, 0U);
}

TEST_F(ImageTest, ReferencesOfNothingAreAnError) {
  EXPECT_EQ(code_of(store().set_references(test::digest_of("x"), {}, {})), ErrorCode::kNotFound);
}

TEST_F(ImageTest, ReferencesAreReplaced) {
  const auto layer = sample_layer("a");
  const SampleImage image = sample_image("a", {layer});
  ASSERT_OK(put_sample(store(), image));
  ASSERT_OK(store().set_references(image.manifest_descriptor.digest, {}, {}));
  EXPECT_EQ(collect().blobs, 2U);
}

TEST_F(ImageTest, HoldsOfOtherModulesKeepLayersAndBlobs) {
  const SampleImage image = sample_image("a", {sample_layer("a")});
  ASSERT_OK(put_sample(store(), image));
  const auto& layer = image.layers[0];
  ASSERT_OK(store().database().write(Durability::kPowerCut, [&](Transaction& records) {
    return hold(records, "snapshot:web", kLayerKind, layer.diff_id.text());
  }));
  ASSERT_OK(store().remove_image("a"));
  // Its blob stays too, because the layer has not been synced.
  EXPECT_EQ(collect().blobs, 2U);
  EXPECT_OK(store().open_layer(layer.diff_id));
  EXPECT_TRUE(has_blob(layer.descriptor.digest));
  ASSERT_OK(store().make_durable());
  EXPECT_EQ(collect().blobs, 1U);
  EXPECT_OK(store().open_layer(layer.diff_id));
  ASSERT_OK(store().database().write(Durability::kPowerCut, [&](Transaction& records) {
    return release_holds(records, "snapshot:web");
  }));
  EXPECT_EQ(collect().layers, 1U);
  expect_sound();
}

TEST_F(ImageTest, CollectorsOfOtherModulesTakePart) {
  const SampleImage image = sample_image("a", {sample_layer("a")});
  ASSERT_OK(put_sample(store(), image));
  ASSERT_OK(store().database().write(Durability::kPowerCut, [&](Transaction& records) {
    return hold(records, "snapshot:old", kLayerKind, image.layers[0].diff_id.text());
  }));
  store().add_collector([](Transaction& records) -> Result<std::uint64_t> {
    NACRE_TRY(release_holds(records, "snapshot:old"));
    return static_cast<std::uint64_t>(records.changes());
  });
  ASSERT_OK(store().remove_image("a"));
  const Collected collected = collect();
  EXPECT_EQ(collected.snapshots, 1U);
  EXPECT_EQ(collected.layers, 1U);
}

TEST_F(ImageTest, AFailingCollectorChangesNothing) {
  ASSERT_OK(put_sample(store(), sample_image("a", {sample_layer("a")})));
  ASSERT_OK(store().remove_image("a"));
  store().add_collector(
      [](Transaction&) -> Result<std::uint64_t> { return fail(internal_error("on purpose")); });
  EXPECT_EQ(error_of(store().collect()), "on purpose");
  EXPECT_EQ(count_in("blobs/sha256"), 3U);
}

TEST_F(ImageTest, GarbageIsThrownAway) {
  const SampleImage image = sample_image("a", {sample_layer("a")});
  ASSERT_OK(put_sample(store(), image));
  const std::string hex(test::digest_of("x").hex());
  std::ofstream(root() + "/blobs/sha256/" + hex) << "x";
  std::ofstream(root() + "/blobs/sha256/README") << "x";
  fs::create_directories(root() + "/layers/" + hex + "/fs");
  fs::create_directories(root() + "/layers/.staging-" + hex + "/fs");
  fs::create_directories(root() + "/layers/other");
  std::ofstream(root() + "/ingest/new-123") << "x";
  std::ofstream(root() + "/locks/blob-sha256-" + hex) << "";
  EXPECT_EQ(collect().ingests, 1U);
  expect_whole(image);
  expect_sound();
  EXPECT_EQ(count_in("ingest"), 0U);
}

TEST_F(ImageTest, UnfinishedBlobsAreKeptForADay) {
  const std::string path = root() + "/ingest/sha256-" + std::string(test::digest_of("x").hex());
  std::ofstream(path) << "x";
  EXPECT_EQ(collect().ingests, 0U);
  EXPECT_TRUE(fs::exists(path));
  fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(25));
  EXPECT_EQ(collect().ingests, 1U);
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(ImageTest, ABlobThatIsArrivingIsLeftAlone) {
  const Lease held = lease();
  const auto layer = sample_layer("a");
  auto way = store().ingest(held, layer.descriptor);
  ASSERT_OK(way);
  const std::string path = root() + "/ingest/sha256-" + std::string(layer.descriptor.digest.hex());
  fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(25));
  EXPECT_EQ(collect().ingests, 0U);
  EXPECT_TRUE(fs::exists(path));
}

TEST_F(ImageTest, TheTrashIsEmptied) {
  ASSERT_OK(put_sample(store(), sample_image("a", {sample_layer("a", 200, 10)})));
  ASSERT_OK(store().remove_image("a"));
  collect();
  EXPECT_EQ(count_in("trash"), 4U);
  std::stop_source stopped;
  stopped.request_stop();
  ASSERT_OK(store().empty_trash(stopped.get_token()));
  EXPECT_EQ(count_in("trash"), 4U);
  ASSERT_OK(store().empty_trash({}));
  EXPECT_EQ(count_in("trash"), 0U);
}

TEST_F(ImageTest, TheTrashIsEmptiedHoweverDeepItIs) {
  const int here = ::open((root() + "/trash").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  UniqueFd at(here);
  for (int depth = 0; depth < 3000; ++depth) {
    ASSERT_EQ(::mkdirat(at.get(), "d", 0700), 0);
    at.reset(::openat(at.get(), "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (depth % 100 == 0) UniqueFd(::openat(at.get(), "f", O_CREAT | O_WRONLY | O_CLOEXEC, 0400));
  }
  at.reset();
  ASSERT_OK(store().empty_trash({}));
  EXPECT_EQ(count_in("trash"), 0U);
}

// Pulls and collections at once: what is under a lease or has a name is never taken.
TEST_F(ImageTest, CollectingNeverTakesWhatIsBeingPulled) {
  const SampleImage image = sample_image("a", {sample_layer("a"), sample_layer("b")});
  std::atomic<bool> done = false;
  std::thread collector([&] {
    while (!done) EXPECT_OK(store().collect());
  });
  for (int turn = 0; turn < 30; ++turn) {
    ASSERT_OK(put_sample(store(), image));
    expect_whole(image);
    ASSERT_OK(store().remove_image("a"));
  }
  ASSERT_OK(put_sample(store(), image));
  done = true;
  collector.join();
  expect_whole(image);
  expect_sound();
}

}  // namespace
}  // namespace nacre::images
