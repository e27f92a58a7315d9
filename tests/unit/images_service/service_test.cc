// The service on a store of its own, with images made here.
#include "images/service/service.h"

#include <fstream>
#include <thread>

#include "images/service/names.h"
#include "images/stream/memory.h"
#include "tests/support/result_matchers.h"
#include "tests/unit/images_store/fixture.h"

namespace nacre::images::test {
namespace {

using nacre::test::Fails;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ServiceTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    auto snapshotter = Snapshotter::open(*store_, {});
    ASSERT_OK(snapshotter);
    snapshotter_ = *std::move(snapshotter);
    service_ = std::make_unique<ImageService>(*store_, snapshotter_.get(), nullptr);
  }
  void TearDown() override {
    service_.reset();
    snapshotter_.reset();
    StoreTest::TearDown();
  }

  oci::Digest import(const std::string& name, const std::string& content) {
    const auto tree = work_ / ("tree-" + content);
    std::filesystem::create_directories(tree);
    std::ofstream(tree / "file") << content;
    const sys::DirFd folder(::open(tree.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    ImportOptions options;
    options.created = 1'700'000'000;
    options.clamp_mtime = options.created;
    const auto made = service_->import(folder, name, options, {}, {});
    EXPECT_OK(made);
    return made ? made->config : oci::Digest();
  }
  std::vector<std::string> names() {
    std::vector<std::string> out;
    const auto records = store_->images();
    EXPECT_OK(records);
    if (!records) return out;
    for (const auto& record : *records) out.push_back(record.name);
    return out;
  }

  std::unique_ptr<Snapshotter> snapshotter_;
  std::unique_ptr<ImageService> service_;
};

TEST_F(ServiceTest, OneImageForAllItsNames) {
  const auto id = import("a:1", "one");
  ASSERT_OK(service_->tag("a:1", "b"));
  const auto images = service_->list();
  ASSERT_OK(images);
  ASSERT_EQ(images->size(), 1U);
  EXPECT_EQ(images->front().id, id);
  EXPECT_EQ(images->front().names.size(), 2U);
  EXPECT_EQ(images->front().created, 1'700'000'000);
  EXPECT_EQ(images->front().size, 3U);
}

// Each of seven indexes names the next one a thousand times: 10^21 ways to nothing.
TEST_F(ServiceTest, AnIndexNamedAgainAndAgainIsLookedAtOnce) {
  const auto lease = store_->lease();
  ASSERT_OK(lease);
  oci::Index index{.media_type = std::string(oci::media::kIndex)};
  for (int i = 0; i < 8; ++i) {
    const auto put = store_->put_document(*lease, index.media_type, oci::to_json(index));
    ASSERT_OK(put);
    std::vector<oci::Digest> parts;
    for (const auto& one : index.manifests) parts.push_back(one.digest);
    ASSERT_OK(store_->set_references(put->digest, parts, {}));
    index.manifests.assign(1000, *put);
  }
  const oci::Descriptor outermost = index.manifests.front();
  ASSERT_OK(store_->put_image("docker.io/library/bomb:1", outermost));
  const auto images = service_->list();
  ASSERT_OK(images);
  EXPECT_THAT(images->front().problem, HasSubstr("no manifest"));
  MemorySink sink;
  const SaveOptions options{.platform = oci::Platform{.architecture = "amd64", .os = "linux"}};
  const auto saved = save_archive(*store_, {{.target = outermost}}, sink, options, nullptr, {});
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().code(), ErrorCode::kNotFound);
}

TEST_F(ServiceTest, AMovedNameLeavesANamelessImage) {
  const auto first = import("a", "one");
  import("a", "two");
  EXPECT_THAT(names(),
              ElementsAre("docker.io/library/a:latest", testing::StartsWith("unnamed@sha256:")));
  EXPECT_OK(service_->inspect(first.text(), std::nullopt));
  // Nothing of it goes before somebody removes it.
  ASSERT_OK(store_->collect());
  EXPECT_OK(service_->inspect(first.text(), std::nullopt));
  ASSERT_OK(service_->remove(first.text(), {}));
  EXPECT_EQ(code_of(service_->inspect(first.text(), std::nullopt)), ErrorCode::kNotFound);
}

TEST_F(ServiceTest, ImportingTheSameAgainChangesNothing) {
  const auto first = import("a", "one"), second = import("a", "one");
  EXPECT_EQ(first, second);
  EXPECT_EQ(names().size(), 1U);
}

TEST_F(ServiceTest, AnImageInUseIsKept) {
  import("a", "one");
  const auto image = service_->inspect("a", std::nullopt);
  ASSERT_OK(image);
  ASSERT_OK(snapshotter_->prepare("web", image->summary.diff_ids, {}));
  EXPECT_THAT(service_->remove("a", {}),
              Fails(ErrorCode::kFailedPrecondition, HasSubstr("snapshot \"web\" stands on it")));
  EXPECT_THAT(service_->prune({.all = true})->deleted, IsEmpty());
  ASSERT_OK(service_->remove("a", {.force = true}));
  EXPECT_OK(store_->open_layer(image->summary.diff_ids[0]));
  ASSERT_OK(snapshotter_->remove("web"));
  ASSERT_OK(service_->maintain({}));
  EXPECT_FALSE(*store_->find_layer(image->summary.diff_ids[0]));
}

TEST_F(ServiceTest, PruneAsksForEach) {
  import("", "one");
  import("", "two");
  const auto removed = service_->prune({.may_go = [first = true](const ImageSummary&) mutable {
    return std::exchange(first, false);
  }});
  ASSERT_OK(removed);
  EXPECT_EQ(removed->deleted.size(), 1U);
  EXPECT_EQ(names().size(), 1U);
  EXPECT_GT(removed->collected.bytes, 0U);
}

TEST_F(ServiceTest, ADamagedImageIsListedAndCanBeRemoved) {
  const auto id = import("a", "one");
  ASSERT_TRUE(std::filesystem::remove(work_ / "root" / "blobs" / "sha256" / id.hex()));
  const auto images = service_->list();
  ASSERT_OK(images);
  ASSERT_EQ(images->size(), 1U);
  EXPECT_THAT(images->front().problem, testing::Not(IsEmpty()));
  EXPECT_OK(service_->remove("a", {}));
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(ServiceTest, ToSaveGathersNamesAndRepositories) {
  import("a:1", "one");
  ASSERT_OK(service_->tag("a:1", "a:2"));
  const auto both = service_->to_save({"a"});
  ASSERT_OK(both);
  ASSERT_EQ(both->size(), 1U);
  EXPECT_THAT(both->front().names, ElementsAre("docker.io/library/a:1", "docker.io/library/a:2"));
  EXPECT_EQ(code_of(service_->to_save({"absent"})), ErrorCode::kNotFound);
}

TEST_F(ServiceTest, WhatNeedsARegistrySaysSo) {
  EXPECT_THAT(service_->pull("a", {}, nullptr, {}),
              Fails(ErrorCode::kFailedPrecondition, HasSubstr("registry client")));
  ImageService bare(*store_, nullptr, nullptr);
  EXPECT_THAT(bare.remove("a", {}), Fails(ErrorCode::kFailedPrecondition, HasSubstr("snapshots")));
}

TEST_F(ServiceTest, ThreadsTagAndListAtOnce) {
  import("a", "one");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < 5; ++j) {
        EXPECT_OK(service_->tag("a", "a:" + std::to_string(i * 10 + j)));
        EXPECT_OK(service_->list());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(names().size(), 21U);
}

}  // namespace
}  // namespace nacre::images::test
