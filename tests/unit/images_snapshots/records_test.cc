#include "images/snapshots/records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "images/store/holds.h"
#include "images/store/store.h"

namespace nacre::images::snapshots {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using DiffIds = std::vector<oci::Digest>;

oci::Digest digest(char digit) { return *oci::Digest::parse("sha256:" + std::string(64, digit)); }

// In memory where there is such a place: what is tested here would wait for a disk otherwise.
std::filesystem::path place() {
  const std::filesystem::path memory = "/dev/shm";
  return ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
}

class RecordsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = place() / "nacre-records.XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    work_ = pattern;
    auto opened = Store::open(work_ / "root");
    ASSERT_TRUE(opened.has_value()) << opened.error().message();
    store_ = *std::move(opened);
    ASSERT_TRUE(store_->database().install(schema()).has_value());
  }
  void TearDown() override {
    store_.reset();
    std::filesystem::remove_all(work_);
  }
  template <class Body>
  auto in_transaction(Body body) {
    return store_->database().write(Durability::kProcess, body);
  }
  void put(const Record& record) {
    const auto done = in_transaction([&](Transaction& records) { return insert(records, record); });
    ASSERT_TRUE(done.has_value()) << done.error().message();
  }
  Record look(const std::string& key) {
    auto found = in_transaction([&](Transaction& records) { return get(records, key); });
    EXPECT_TRUE(found.has_value()) << found.error().message();
    return found ? *std::move(found) : Record();
  }
  static Record record(const std::string& key, const SnapshotBase& base,
                       SnapshotKind kind = SnapshotKind::kCommitted) {
    Record made;
    made.info = {.key = key, .kind = kind, .base = base, .created = 10, .updated = 20};
    made.folder = key + "-folder";
    return made;
  }
  // Two Records alike.
  static void expect_same(const Record& one, const Record& other) {
    EXPECT_EQ(one.info, other.info);
    EXPECT_EQ(one.folder, other.folder);
    EXPECT_EQ(one.boot_id, other.boot_id);
    EXPECT_EQ(one.usage, other.usage);
  }

  std::filesystem::path work_;
  std::unique_ptr<Store> store_;
};

TEST_F(RecordsTest, ThereAndBack) {
  Record plain = record("plain", DiffIds{digest('b'), digest('a'), digest('b')});
  Record full = record("full", std::string("plain"), SnapshotKind::kActive);
  full.boot_id = "boot";
  full.info.ephemeral = true;
  full.usage = SnapshotUsage{123, 0};
  full.info.durable = true;
  Record view = record("view", DiffIds{}, SnapshotKind::kView);
  view.folder.clear();
  for (const Record* one : {&plain, &full, &view}) {
    put(*one);
    expect_same(look(one->info.key), *one);
  }
  std::vector<std::string> keys;
  const auto everything = in_transaction([](Transaction& records) { return all(records); });
  ASSERT_TRUE(everything.has_value());
  for (const Record& one : *everything) {
    keys.push_back(one.info.key);
  }
  EXPECT_THAT(keys, ElementsAre("full", "plain", "view"));
}

TEST_F(RecordsTest, WhatIsNotThere) {
  const auto found = in_transaction([](Transaction& records) { return find(records, "no"); });
  ASSERT_TRUE(found.has_value());
  EXPECT_FALSE(found->has_value());
  const auto got = in_transaction([](Transaction& records) { return get(records, "no"); });
  ASSERT_FALSE(got.has_value());
  EXPECT_EQ(got.error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(got.error().message(), "there is no snapshot \"no\"");
}

TEST_F(RecordsTest, AKeyIsTakenOnce) {
  put(record("web", DiffIds{}));
  const auto again = in_transaction(
      [](Transaction& records) { return insert(records, record("web", DiffIds{digest('a')})); });
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().code(), ErrorCode::kAlreadyExists);
}

TEST_F(RecordsTest, ALineageEndsWithTheImage) {
  put(record("a", DiffIds{digest('a')}));
  put(record("b", std::string("a")));
  put(record("other", std::string("a")));
  put(record("c", std::string("b")));
  const auto line = in_transaction([](Transaction& records) { return lineage(records, "c"); });
  ASSERT_TRUE(line.has_value()) << line.error().message();
  std::vector<std::string> keys;
  for (const Record& one : *line) keys.push_back(one.info.key);
  EXPECT_THAT(keys, ElementsAre("c", "b", "a"));
  EXPECT_EQ(line->back().info.base, SnapshotBase(DiffIds{digest('a')}));
  EXPECT_THAT(*in_transaction([](Transaction& records) { return children(records, "a"); }),
              ElementsAre("b", "other"));
}

TEST_F(RecordsTest, ALineageWithAHoleIsDamage) {
  put(record("b", std::string("missing")));
  const auto line = in_transaction([](Transaction& records) { return lineage(records, "b"); });
  ASSERT_FALSE(line.has_value());
  EXPECT_EQ(line.error().code(), ErrorCode::kInternal);
  EXPECT_EQ(line.error().message(),
            "snapshot \"b\" stands on \"missing\", of which there is no record");
}

TEST_F(RecordsTest, ARenameTakesLayersAndHoldsAlong) {
  put(record("web", DiffIds{digest('a')}));
  const auto done = in_transaction([](Transaction& records) -> Result<void> {
    NACRE_TRY(hold(records, owner_name("web"), kLayerKind, digest('a').text()));
    return rename(records, "web", "frozen");
  });
  ASSERT_TRUE(done.has_value()) << done.error().message();
  EXPECT_EQ(look("frozen").info.base, SnapshotBase(DiffIds{digest('a')}));
  EXPECT_THAT(*in_transaction([](Transaction& records) {
    return holders(records, kLayerKind, digest('a').text());
  }),
              ElementsAre("snapshot:frozen"));
  EXPECT_TRUE(
      in_transaction([](Transaction& records) { return remove(records, "frozen"); }).has_value());
  EXPECT_THAT(*in_transaction([](Transaction& records) {
    return holders(records, kLayerKind, digest('a').text());
  }),
              IsEmpty());
}

TEST_F(RecordsTest, UpdateKeepsTheKeyAndTheBase) {
  put(record("web", DiffIds{digest('a')}, SnapshotKind::kActive));
  Record changed = look("web");
  changed.info.kind = SnapshotKind::kCommitted;
  changed.info.durable = true;
  changed.info.updated = 99;
  changed.usage = SnapshotUsage{7, 8};
  ASSERT_TRUE(
      in_transaction([&](Transaction& records) { return update(records, changed); }).has_value());
  expect_same(look("web"), changed);
}

TEST_F(RecordsTest, ChainsLiveAsLongAsTheyAreHeld) {
  const auto put_chains = in_transaction([](Transaction& records) -> Result<void> {
    NACRE_TRY(put_chain(records, digest('a'), {.fixup = true, .opaque_root = false}));
    NACRE_TRY(put_chain(records, digest('b'), {.fixup = false, .opaque_root = true}));
    NACRE_TRY(put_chain(records, digest('c'), {.fixup = true, .opaque_root = true}));
    return hold(records, owner_name("web"), kChainKind, digest('a').text());
  });
  ASSERT_TRUE(put_chains.has_value()) << put_chains.error().message();
  EXPECT_THAT(*in_transaction([](Transaction& records) { return chains_with_fixup(records); }),
              ElementsAre(digest('a'), digest('c')));
  const auto of_b =
      in_transaction([](Transaction& records) { return find_chain(records, digest('b')); });
  ASSERT_TRUE(of_b.has_value() && of_b->has_value());
  EXPECT_FALSE((*of_b)->fixup);
  EXPECT_TRUE((*of_b)->opaque_root);
  ASSERT_TRUE(
      in_transaction([](Transaction& records) { return forget_chains(records); }).has_value());
  EXPECT_THAT(*in_transaction([](Transaction& records) { return chains_with_fixup(records); }),
              ElementsAre(digest('a')));
}

TEST_F(RecordsTest, OnlyLayersThatAreThereAreHeld) {
  const auto held = in_transaction([](Transaction& records) {
    return hold_layers(records, "web", {digest('a')}, {digest('a')});
  });
  ASSERT_FALSE(held.has_value());
  EXPECT_EQ(held.error().code(), ErrorCode::kNotFound);
}

TEST_F(RecordsTest, AKindOfALaterProgramIsDamage) {
  put(record("web", DiffIds{}));
  const auto changed = in_transaction(
      [](Transaction& records) { return records.run("UPDATE snapshots SET kind = 9"); });
  ASSERT_TRUE(changed.has_value());
  const auto found = in_transaction([](Transaction& records) { return get(records, "web"); });
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().code(), ErrorCode::kInternal);
}

}  // namespace
}  // namespace nacre::images::snapshots
