// A store, a snapshotter on it, and layers.
#pragma once

#include <memory>
#include <optional>
#include <set>

#include "images/snapshots/snapshotter.h"
#include "tests/integration/snapshots/fixture.h"
#include "tests/integration/snapshots/image_layers.h"

namespace nacre::images::test {

class SnapshotterTest : public SnapshotsTest {
 protected:
  using Layers = std::vector<oci::Digest>;

  void SetUp() override {
    SnapshotsTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    open();
  }
  void TearDown() override {
    lease_.reset();
    snapshotter_.reset();
    store_.reset();
    SnapshotsTest::TearDown();
  }

  // Again, as another process would.
  void open() {
    lease_.reset();
    snapshotter_.reset();
    store_.reset();
    StoreOptions options;
    options.budget.free_bytes = 0;
    auto store = Store::open(root(), options);
    NACRE_ASSERT_OK(store);
    store_ = *std::move(store);
    const auto features = probe_overlay();
    NACRE_ASSERT_OK(features);
    auto snapshotter = Snapshotter::open(*store_, *features);
    NACRE_ASSERT_OK(snapshotter);
    snapshotter_ = *std::move(snapshotter);
    auto lease = store_->lease();
    NACRE_ASSERT_OK(lease);
    lease_.emplace(*std::move(lease));
  }

  [[nodiscard]] std::string root() const { return work() / "root"; }
  Store& store() { return *store_; }
  Snapshotter& snapshots() { return *snapshotter_; }
  oci::Digest put(const LayerArchive& archive) { return archive.put(*store_, *lease_); }
  void end_lease() { lease_.reset(); }
  // A layer with one file, "base".
  oci::Digest base_layer() { return put(LayerArchive().file("base", "from the image")); }

  void prepare(const std::string& key, const SnapshotBase& base, bool ephemeral = false) {
    NACRE_ASSERT_OK(snapshots().prepare(key, base, {.ephemeral = ephemeral}));
  }
  sys::MountFd mount(const std::string& key) {
    auto mounted = snapshots().mounts(key, {});
    EXPECT_TRUE(mounted.has_value()) << mounted.error().message();
    return mounted ? *std::move(mounted) : sys::MountFd();
  }
  void commit(const std::string& name, const std::string& key) {
    NACRE_ASSERT_OK(snapshots().commit(name, key, {}));
  }
  // An active snapshot with one file in it, committed.
  void commit_file(const std::string& name, const SnapshotBase& base, const std::string& file,
                   const std::string& content) {
    prepare("making-" + name, base);
    write_file(path_of(mount("making-" + name)) / file, content);
    commit(name, "making-" + name);
  }
  std::set<std::string> names_in(const std::string& folder) {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(fs::path(root()) / folder)) {
      names.insert(entry.path().filename());
    }
    return names;
  }
  std::size_t count_in(const std::string& folder) { return names_in(folder).size(); }

 private:
  std::unique_ptr<Store> store_;
  std::unique_ptr<Snapshotter> snapshotter_;
  std::optional<Lease> lease_;
};

}  // namespace nacre::images::test
