// Blobs become layers, survive what they must, and are found out when they do not.
#include <fstream>
#include <thread>

#include "images/store/database.h"
#include "images/store/holds.h"
#include "images/store/records.h"
#include "images/stream/memory.h"
#include "tests/unit/images_store/fixture.h"

namespace nacre::images {
namespace {

namespace fs = std::filesystem;
using test::code_of;
using test::error_of;
using test::put_blob;
using test::sample_layer;
using test::SampleLayer;
using testing::HasSubstr;
using testing::IsEmpty;

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class LayerTest : public test::StoreTest {
 protected:
  Result<LayerInfo> unpack(const Lease& lease, const SampleLayer& layer) {
    NACRE_TRY(put_blob(store(), lease, layer.descriptor, layer.blob));
    return store().unpack(lease, layer.descriptor, layer.diff_id, nullptr);
  }
  void unpack_and_leave() {
    const Lease held = lease();
    ASSERT_OK(unpack(held, layer_));
  }
  LayerState state(const SampleLayer& layer) {
    const auto found = store().find_layer(layer.diff_id);
    EXPECT_TRUE(found && *found);
    return found && *found ? (*found)->state : LayerState::kStaged;
  }
  void change(const std::string& sql) {
    ASSERT_OK(store().database().write(
        Durability::kProcess, [&](Transaction& records) { return records.run_script(sql); }));
  }
  std::vector<Damage> check(const CheckOptions& options) {
    auto damages = store().check(options);
    EXPECT_OK(damages);
    return damages ? *damages : std::vector<Damage>();
  }
  void spoil(const SampleLayer& layer) {
    std::ofstream(layer_path(layer.diff_id) / "fs/etc/a-0") << "spoilt";
  }
  const SampleLayer layer_ = sample_layer("a");
};

TEST_F(LayerTest, IsUnpacked) {
  const Lease held = lease();
  const auto info = unpack(held, layer_);
  ASSERT_OK(info);
  EXPECT_EQ(info->diff_id, layer_.diff_id);
  EXPECT_EQ(info->blob, layer_.descriptor.digest);
  EXPECT_EQ(info->state, LayerState::kExtracted);
  EXPECT_EQ(info->bytes, 3000U);
  EXPECT_EQ(info->entries, 4U);
  const auto found = store().find_layer(layer_.diff_id);
  ASSERT_OK(found);
  EXPECT_EQ(**found, *info);
  EXPECT_THAT(layer_.plain, HasSubstr(content(layer_path(layer_.diff_id) / "fs/etc/a-1")));
  EXPECT_OK(store().open_layer(layer_.diff_id));
  expect_sound();
}

TEST_F(LayerTest, WhateverTheCompression) {
  const Lease held = lease();
  SampleLayer plain = layer_;
  plain.blob = plain.plain;
  plain.descriptor.digest = plain.diff_id;
  plain.descriptor.size = plain.plain.size();
  EXPECT_OK(unpack(held, plain));
}

TEST_F(LayerTest, TellsHowFarItIs) {
  const Lease held = lease();
  ASSERT_OK(put_blob(store(), held, layer_.descriptor, layer_.blob));
  std::uint64_t last = 0;
  ASSERT_OK(store().unpack(held, layer_.descriptor, layer_.diff_id,
                           [&](std::uint64_t taken) { last = std::max(last, taken); }));
  EXPECT_EQ(last, layer_.blob.size());
}

TEST_F(LayerTest, WhileItArrives) {
  const Lease held = lease();
  MemorySource bytes(layer_.blob, 100);
  const auto info = store().unpack_stream(held, layer_.descriptor, layer_.diff_id, bytes);
  ASSERT_OK(info);
  EXPECT_EQ(info->entries, 4U);
  // The second time nothing is read.
  MemorySource again(std::string_view("rubbish"));
  EXPECT_OK(store().unpack_stream(held, layer_.descriptor, layer_.diff_id, again));
}

TEST_F(LayerTest, WhatDependsOnOtherLayersIsKept) {
  SampleLayer layer;
  layer.plain = test::tar_of({{"usr/lib/x", "1"}, {"opt/.wh.gone", ""}});
  layer.blob = layer.plain;
  layer.diff_id = test::digest_of(layer.plain);
  layer.descriptor.digest = layer.diff_id;
  layer.descriptor.size = layer.blob.size();
  const Lease held = lease();
  const auto info = unpack(held, layer);
  ASSERT_OK(info);
  EXPECT_THAT(info->implied_directories, testing::IsSupersetOf({"opt", "usr", "usr/lib"}));
  const auto found = store().find_layer(layer.diff_id);
  ASSERT_OK(found);
  EXPECT_EQ((*found)->implied_directories.size(), info->implied_directories.size());
  EXPECT_THAT((*found)->implied_directories, testing::IsSupersetOf({"opt", "usr", "usr/lib"}));
}

TEST_F(LayerTest, WrongDiffIdIsRefusedAndLeavesNothing) {
  const Lease held = lease();
  ASSERT_OK(put_blob(store(), held, layer_.descriptor, layer_.blob));
  const auto wrong = test::digest_of("something else");
  const auto info = store().unpack(held, layer_.descriptor, wrong, nullptr);
  EXPECT_EQ(code_of(info), ErrorCode::kFailedPrecondition);
  EXPECT_THAT(error_of(info), HasSubstr("unpack layer " + wrong.text()));
  EXPECT_THAT(error_of(info), HasSubstr("hashes to " + layer_.diff_id.text()));
  expect_sound();
}

TEST_F(LayerTest, BrokenArchivesAreRefusedAndLeaveNothing) {
  const Lease held = lease();
  for (std::string bytes : {layer_.plain.substr(0, 2000), std::string(600, 'x'),
                            layer_.blob.substr(0, layer_.blob.size() - 10)}) {
    oci::Descriptor descriptor;
    descriptor.digest = test::digest_of(bytes);
    descriptor.size = bytes.size();
    ASSERT_OK(put_blob(store(), held, descriptor, bytes));
    EXPECT_EQ(code_of(store().unpack(held, descriptor, layer_.diff_id, nullptr)),
              ErrorCode::kInvalidArgument);
  }
  expect_sound();
}

TEST_F(LayerTest, WithoutItsBlobThereIsNothingToUnpack) {
  const Lease held = lease();
  EXPECT_EQ(code_of(store().unpack(held, layer_.descriptor, layer_.diff_id, nullptr)),
            ErrorCode::kNotFound);
}

TEST_F(LayerTest, ManyWantItOneWorks) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      const Lease held = lease();
      EXPECT_OK(unpack(held, layer_));
      EXPECT_OK(store().open_layer(layer_.diff_id));
    });
  }
  for (std::thread& thread : threads) thread.join();
  expect_sound();
}

TEST_F(LayerTest, BecomesDurable) {
  unpack_and_leave();
  ASSERT_OK(store().make_durable());
  EXPECT_EQ(state(layer_), LayerState::kDurable);
  change("UPDATE layers SET boot_id = 'another'");
  open();
  EXPECT_EQ(state(layer_), LayerState::kDurable);
  EXPECT_OK(store().open_layer(layer_.diff_id));
  EXPECT_OK(store().make_durable());
}

// make_durable() syncs one unpacking; one that took its place meanwhile has not been synced.
TEST_F(LayerTest, AnotherOneThanWasSyncedDoesNotBecomeDurable) {
  const Lease held = lease();
  ASSERT_OK(unpack(held, layer_));
  const auto changed = store().database().write(Durability::kProcess, [&](Transaction& records) {
    return records::set_layer_state(records, layer_.diff_id, "of before", LayerState::kDurable);
  });
  ASSERT_OK(changed);
  EXPECT_FALSE(*changed);
  EXPECT_EQ(state(layer_), LayerState::kExtracted);
}

// The machine has stopped without the layer having been synced.
TEST_F(LayerTest, UnsyncedOfAnotherBootIsUnpackedAgain) {
  unpack_and_leave();
  spoil(layer_);
  change("UPDATE layers SET boot_id = 'another'");
  open();
  EXPECT_EQ(state(layer_), LayerState::kStaged);
  EXPECT_EQ(code_of(store().open_layer(layer_.diff_id)), ErrorCode::kFailedPrecondition);
  EXPECT_THAT(check({.deep = true}), IsEmpty());
  const Lease again = lease();
  ASSERT_OK(unpack(again, layer_));
  EXPECT_EQ(state(layer_), LayerState::kExtracted);
  expect_sound();
}

TEST_F(LayerTest, CollectionTakesTheFilesOfAStagedLayerAndLeavesItsBlob) {
  unpack_and_leave();
  ASSERT_OK(store().database().write(Durability::kPowerCut, [&](Transaction& records) {
    return hold(records, "snapshot:web", kLayerKind, layer_.diff_id.text());
  }));
  change("UPDATE layers SET boot_id = 'another'; DELETE FROM leases");
  open();
  ASSERT_OK(store().collect());
  EXPECT_FALSE(fs::exists(layer_path(layer_.diff_id)));
  const Lease again = lease();
  ASSERT_OK(store().unpack(again, layer_.descriptor, layer_.diff_id, nullptr));
}

TEST_F(LayerTest, CheckFindsEveryKindOfDamage) {
  const Lease held = lease();
  const SampleLayer other = sample_layer("b");
  ASSERT_OK(unpack(held, layer_));
  ASSERT_OK(unpack(held, other));
  ASSERT_OK(store().put_document(held, "x/y", "document"));
  EXPECT_THAT(check({.deep = true}), IsEmpty());

  spoil(layer_);
  fs::remove_all(layer_path(other.diff_id));
  fs::remove(blob_path(other.descriptor.digest));
  const auto document = blob_path(test::digest_of("document"));
  fs::permissions(document, fs::perms::owner_write, fs::perm_options::add);
  std::ofstream(document) << "DOCUMENT";
  std::vector<std::string> shallow, deep;
  for (const Damage& one : check({})) shallow.push_back(one.what);
  for (const Damage& one : check({.deep = true})) deep.push_back(one.what);
  EXPECT_THAT(shallow, testing::UnorderedElementsAre("blob " + other.descriptor.digest.text(),
                                                     "layer " + other.diff_id.text()));
  EXPECT_THAT(
      deep, testing::IsSupersetOf(
                {"blob " + other.descriptor.digest.text(), "layer " + other.diff_id.text(),
                 "layer " + layer_.diff_id.text(), "blob " + test::digest_of("document").text()}));
}

TEST_F(LayerTest, RepairUnpacksAgainWhereTheBlobIsGood) {
  const Lease held = lease();
  ASSERT_OK(unpack(held, layer_));
  ASSERT_OK(store().make_durable());
  spoil(layer_);
  const auto mounted = store().open_layer(layer_.diff_id);
  ASSERT_OK(mounted);
  const auto damages = check({.deep = true, .repair = true});
  ASSERT_FALSE(damages.empty());
  for (const Damage& damage : damages) EXPECT_TRUE(damage.repaired);
  EXPECT_EQ(state(layer_), LayerState::kExtracted);
  expect_sound();
  // Whoever has the old one mounted goes on reading it until the machine stops.
  ASSERT_OK(store().empty_trash({}));
  EXPECT_EQ(::faccessat(mounted->get(), "etc/a-1", F_OK, 0), 0);
}

TEST_F(LayerTest, RepairDropsWhatHasToBeFetchedAgain) {
  const test::SampleImage image = test::sample_image("a", {layer_});
  ASSERT_OK(test::put_sample(store(), image));
  spoil(layer_);
  fs::resize_file(blob_path(layer_.descriptor.digest), 10);
  const auto manifest = blob_path(image.manifest_descriptor.digest);
  fs::remove(manifest);
  std::vector<std::string> unrepaired;
  for (const Damage& damage : check({.deep = true, .repair = true})) {
    if (!damage.repaired) unrepaired.push_back(damage.what);
  }
  EXPECT_THAT(unrepaired, testing::ElementsAre("image a"));
  EXPECT_FALSE(has_blob(layer_.descriptor.digest));
  EXPECT_EQ(state(layer_), LayerState::kStaged);
  // What it consists of has not been forgotten: nothing else is fetched again.
  const auto collected = store().collect();
  ASSERT_OK(collected);
  EXPECT_EQ(collected->blobs, 0U);
  ASSERT_OK(test::put_sample(store(), image));
  expect_sound();
}

TEST_F(LayerTest, ALayerWithoutItsFolderIsDamage) {
  const Lease held = lease();
  ASSERT_OK(unpack(held, layer_));
  fs::remove_all(layer_path(layer_.diff_id));
  const auto opened = store().open_layer(layer_.diff_id);
  EXPECT_EQ(code_of(opened), ErrorCode::kInternal);
  EXPECT_EQ(code_of(store().open_layer(test::digest_of("x"))), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace nacre::images
