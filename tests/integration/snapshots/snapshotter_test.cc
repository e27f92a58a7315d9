// prepare, view, mounts, commit, remove, stat, walk, usage on a real store.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "images/layers/layers.h"
#include "images/store/database.h"
#include "images/stream/memory.h"
#include "tests/integration/snapshots/snapshotter_fixture.h"

namespace nacre::images::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string code_and_text(const Error& error) {
  return std::string(to_text(error.code())) + ": " + error.message();
}
template <class T>
std::string error_of(const Result<T>& result) {
  return result ? "no error" : code_and_text(result.error());
}

struct stat stat_of(const fs::path& path) {
  struct stat info{};
  EXPECT_EQ(::stat(path.c_str(), &info), 0) << path << ": " << std::strerror(errno);
  return info;
}

// In a child process.
void without_root(const fs::path& root) {
  enter_user_namespace(1000);
  StoreOptions options;
  options.budget.free_bytes = 0;
  options.squash_ids = true;
  const auto store = Store::open(root, options);
  NACRE_ASSERT_OK(store);
  EXPECT_EQ((*store)->whiteouts(), WhiteoutForm::kUser);
  const auto features = probe_overlay();
  NACRE_ASSERT_OK(features);
  const auto snapshots = Snapshotter::open(**store, *features);
  NACRE_ASSERT_OK(snapshots);
  const auto lease = (*store)->lease();
  NACRE_ASSERT_OK(lease);
  const std::vector<oci::Digest> image = {
      LayerArchive()
          .directory("dir", {.mode = 0750})
          .file("dir/low", "1")
          .file("gone", "x")
          .put(**store, *lease),
      LayerArchive().file("dir/high", "2").whiteout("gone").put(**store, *lease)};
  NACRE_ASSERT_OK((*snapshots)->prepare("web", image, {}));
  {
    const auto mounted = (*snapshots)->mounts("web", {});
    NACRE_ASSERT_OK(mounted);
    EXPECT_EQ(stat_of(path_of(*mounted) / "dir").st_mode & 07777U, 0750U);
    EXPECT_FALSE(fs::exists(path_of(*mounted) / "gone"));
    fs::remove(path_of(*mounted) / "dir/low");
    write_file(path_of(*mounted) / "new", "y");
  }
  NACRE_ASSERT_OK((*snapshots)->commit("frozen", "web", {}));
  NACRE_ASSERT_OK((*snapshots)->view("look", std::string("frozen"), {}));
  const auto view = (*snapshots)->mounts("look", {});
  NACRE_ASSERT_OK(view);
  EXPECT_FALSE(fs::exists(path_of(*view) / "dir/low"));
  EXPECT_TRUE(fs::exists(path_of(*view) / "dir/high"));
  EXPECT_EQ(read_file(path_of(*view) / "new"), "y");
}

TEST_F(SnapshotterTest, AnActiveSnapshotShowsTheImageAndKeepsWhatIsWritten) {
  prepare("web", Layers{base_layer()});
  {
    const auto mounted = mount("web");
    EXPECT_EQ(read_file(path_of(mounted) / "base"), "from the image");
    write_file(path_of(mounted) / "base", "changed");
    write_file(path_of(mounted) / "new", "x");
  }
  open();
  const auto again = mount("web");
  EXPECT_EQ(read_file(path_of(again) / "base"), "changed");
  EXPECT_EQ(read_file(path_of(again) / "new"), "x");
}

TEST_F(SnapshotterTest, TwoOnOneImageDoNotSeeEachOther) {
  const Layers image = {base_layer()};
  prepare("one", image);
  prepare("two", image);
  const auto one = mount("one");
  const auto two = mount("two");
  write_file(path_of(one) / "base", "of one");
  EXPECT_EQ(read_file(path_of(two) / "base"), "from the image");
}

TEST_F(SnapshotterTest, LayersAreStackedInTheImagesOrder) {
  const Layers image = {base_layer(), put(LayerArchive().file("base", "newer")),
                        put(LayerArchive().whiteout("gone").file("top", "x")),
                        put(LayerArchive().file("gone", "put back"))};
  prepare("web", image);
  const auto mounted = mount("web");
  EXPECT_EQ(read_file(path_of(mounted) / "base"), "newer");
  EXPECT_EQ(read_file(path_of(mounted) / "gone"), "put back");
  EXPECT_TRUE(fs::exists(path_of(mounted) / "top"));
}

TEST_F(SnapshotterTest, ALayerThatHidesEverythingBelow) {
  const Layers image = {base_layer(), put(LayerArchive().opaque("").file("only", "x"))};
  prepare("web", image);
  const auto mounted = mount("web");
  EXPECT_FALSE(fs::exists(path_of(mounted) / "base"));
  EXPECT_TRUE(fs::exists(path_of(mounted) / "only"));
}

TEST_F(SnapshotterTest, AnEmptyRoot) {
  prepare("scratch", Layers{});
  {
    const auto mounted = mount("scratch");
    write_file(path_of(mounted) / "file", "x");
    EXPECT_EQ(stat_of(path_of(mounted)).st_mode & 07777U, 0755U);
  }
  commit("made", "scratch");
  NACRE_ASSERT_OK(snapshots().view("look", std::string("made"), {}));
  EXPECT_EQ(read_file(path_of(mount("look")) / "file"), "x");
  const auto refused = snapshots().view("nothing", Layers{}, {});
  EXPECT_THAT(error_of(refused), HasSubstr("invalid_argument: view snapshot \"nothing\""));
}

TEST_F(SnapshotterTest, TheRootDirectoryIsLikeTheImages) {
  const auto layer =
      put(LayerArchive()
              .directory("./",
                         {.mode = 01751, .uid = 12, .gid = 34, .xattrs = {{"user.kept", "value"}}})
              .file("base", "x"));
  prepare("web", Layers{layer});
  const auto mounted = mount("web");
  const struct stat info = stat_of(path_of(mounted));
  EXPECT_EQ(info.st_mode & 07777U, 01751U);
  EXPECT_EQ(info.st_uid, 12U);
  EXPECT_EQ(info.st_gid, 34U);
  EXPECT_EQ(get_xattr(path_of(mounted), "user.kept"), has_user_attributes() ? "value" : "");
  // And so of a committed one.
  ASSERT_EQ(::chmod(path_of(mounted).c_str(), 0700), 0);
  commit("frozen", "web");
  prepare("next", std::string("frozen"));
  EXPECT_EQ(stat_of(path_of(mount("next"))).st_mode & 07777U, 0700U);
}

TEST_F(SnapshotterTest, AViewCannotBeWritten) {
  NACRE_ASSERT_OK(snapshots().view("look", Layers{base_layer()}, {}));
  const auto view = mount("look");
  EXPECT_EQ(read_file(path_of(view) / "base"), "from the image");
  EXPECT_EQ(::open((path_of(view) / "new").c_str(), O_WRONLY | O_CREAT, 0644), -1);
  EXPECT_EQ(errno, EROFS);
  EXPECT_THAT(names_in("containers"), IsEmpty());
}

TEST_F(SnapshotterTest, ACommitFreezesAndFreesTheKey) {
  const Layers image = {base_layer()};
  commit_file("first", image, "file", "1");
  prepare("making-first", image);  // the key is free
  const auto info = snapshots().stat("first");
  NACRE_ASSERT_OK(info);
  EXPECT_EQ(info->kind, SnapshotKind::kCommitted);
  EXPECT_EQ(info->base, SnapshotBase(image));
  EXPECT_TRUE(info->durable);
  EXPECT_EQ(error_of(snapshots().mounts("first", {})),
            "failed_precondition: mount snapshot \"first\": it is committed: prepare or view one "
            "that stands on it");
  prepare("next", std::string("first"));
  EXPECT_EQ(read_file(path_of(mount("next")) / "file"), "1");
}

TEST_F(SnapshotterTest, ACommitMovesNothing) {
  prepare("web", Layers{base_layer()});
  const auto before = names_in("containers");
  commit("frozen", "web");
  EXPECT_EQ(names_in("containers"), before);
  // Of the folder only the layer is left.
  std::vector<std::string> left;
  for (const auto& entry :
       fs::directory_iterator(fs::path(root()) / "containers" / *before.begin()))
    left.push_back(entry.path().filename());
  EXPECT_THAT(left, ElementsAre("upper"));
}

TEST_F(SnapshotterTest, WithoutSyncItIsNotDurableYet) {
  prepare("web", Layers{base_layer()});
  const auto info = snapshots().commit("frozen", "web", {.sync = false});
  NACRE_ASSERT_OK(info);
  EXPECT_FALSE(info->durable);
  NACRE_ASSERT_OK(snapshots().make_durable("frozen"));
  EXPECT_TRUE(snapshots().stat("frozen")->durable);
  EXPECT_THAT(error_of(snapshots().make_durable("web")), HasSubstr("not_found"));
}

TEST_F(SnapshotterTest, AChainOfAHundredCommits) {
  SnapshotBase base = Layers{base_layer()};
  for (int i = 0; i < 100; ++i) {
    const std::string name = "s" + std::to_string(i);
    prepare("work", base);
    const auto mounted = mount("work");
    write_file(path_of(mounted) / ("file" + std::to_string(i)), std::to_string(i));
    write_file(path_of(mounted) / "newest", std::to_string(i));
    if (i >= 10) fs::remove(path_of(mounted) / ("file" + std::to_string(i - 10)));
    NACRE_ASSERT_OK(snapshots().commit(name, "work", {.sync = false}));
    base = name;
  }
  NACRE_ASSERT_OK(snapshots().view("look", base, {}));
  const auto view = mount("look");
  EXPECT_EQ(read_file(path_of(view) / "base"), "from the image");
  EXPECT_EQ(read_file(path_of(view) / "newest"), "99");
  EXPECT_FALSE(fs::exists(path_of(view) / "file89"));
  for (int i = 90; i < 100; ++i) {
    EXPECT_EQ(read_file(path_of(view) / ("file" + std::to_string(i))), std::to_string(i));
  }
  // Halfway down it is what it was.
  NACRE_ASSERT_OK(snapshots().view("older", std::string("s50"), {}));
  EXPECT_EQ(read_file(path_of(mount("older")) / "newest"), "50");
  EXPECT_EQ(read_file(path_of(mount("older")) / "file41"), "41");
}

TEST_F(SnapshotterTest, EmptyLayersThatAnImageHasSeveralTimes) {
  const auto empty = put(LayerArchive());
  const Layers image = {empty, base_layer(), empty, put(LayerArchive().file("top", "x")),
                        empty, empty};
  prepare("web", image);
  const auto mounted = mount("web");
  EXPECT_EQ(read_file(path_of(mounted) / "base"), "from the image");
  EXPECT_TRUE(fs::exists(path_of(mounted) / "top"));
}

TEST_F(SnapshotterTest, MoreLayersThanTheKernelMounts) {
  SnapshotBase base = Layers{base_layer()};
  for (std::size_t i = 1; i < kMaxLowerLayers; ++i) {
    const std::string name = "s" + std::to_string(i);
    prepare("work", base, true);
    NACRE_ASSERT_OK(snapshots().commit(name, "work", {.sync = false}));
    base = name;
  }
  prepare("at-the-limit", base);
  EXPECT_EQ(read_file(path_of(mount("at-the-limit")) / "base"), "from the image");
  commit("beyond", "at-the-limit");
  EXPECT_EQ(error_of(snapshots().prepare("above", std::string("beyond"), {})),
            "failed_precondition: prepare snapshot \"above\": it would stand on 501 layers, and "
            "the kernel mounts at most 500");
  EXPECT_EQ(count_in("containers"), kMaxLowerLayers);
}

TEST_F(SnapshotterTest, WhatOthersStandOnIsNotRemoved) {
  commit_file("below", Layers{base_layer()}, "file", "x");
  prepare("b", std::string("below"));
  NACRE_ASSERT_OK(snapshots().view("a", std::string("below"), {}));
  EXPECT_EQ(error_of(snapshots().remove("below")),
            "failed_precondition: remove snapshot \"below\": others stand on it: \"a\", \"b\"");
  NACRE_ASSERT_OK(snapshots().remove("a"));
  NACRE_ASSERT_OK(snapshots().remove("b"));
  NACRE_ASSERT_OK(snapshots().remove("below"));
  EXPECT_THAT(names_in("containers"), IsEmpty());
  EXPECT_THAT(error_of(snapshots().remove("below")), HasSubstr("not_found"));
}

TEST_F(SnapshotterTest, ManyThatStandOnItAreCounted) {
  commit_file("below", Layers{base_layer()}, "file", "x");
  for (int i = 0; i < 8; ++i) prepare("c" + std::to_string(i), std::string("below"));
  EXPECT_THAT(error_of(snapshots().remove("below")), HasSubstr("\"c4\" and 3 more"));
}

TEST_F(SnapshotterTest, OnlyCommittedOnesAreStoodOn) {
  prepare("active", Layers{base_layer()});
  EXPECT_EQ(error_of(snapshots().prepare("above", std::string("active"), {})),
            "failed_precondition: prepare snapshot \"above\": snapshot \"active\" is active: only "
            "committed ones can be stood on");
  EXPECT_THAT(error_of(snapshots().prepare("above", std::string("none"), {})),
              HasSubstr("not_found: prepare snapshot \"above\": there is no snapshot \"none\""));
  EXPECT_EQ(count_in("containers"), 1U);
}

TEST_F(SnapshotterTest, KeysAreTakenOnce) {
  const Layers image = {base_layer()};
  prepare("web", image);
  EXPECT_THAT(error_of(snapshots().prepare("web", image, {})), HasSubstr("already_exists"));
  EXPECT_THAT(error_of(snapshots().view("web", image, {})), HasSubstr("already_exists"));
  commit_file("frozen", image, "file", "x");
  EXPECT_THAT(error_of(snapshots().commit("frozen", "web", {})), HasSubstr("already_exists"));
  EXPECT_EQ(count_in("containers"), 2U);
  // Under its own key.
  NACRE_ASSERT_OK(snapshots().commit("web", "web", {}));
  EXPECT_THAT(error_of(snapshots().commit("other", "web", {})),
              HasSubstr("failed_precondition: commit snapshot \"web\": it is committed"));
}

TEST_F(SnapshotterTest, KeysThatAreNoFileNames) {
  const Layers image = {base_layer()};
  for (const std::string key : {"", ".", "..", "a/b", "../x", "-x", "a b", "a\n", "\xc3\xa4"}) {
    EXPECT_THAT(error_of(snapshots().prepare(key, image, {})), HasSubstr("invalid_argument"));
    EXPECT_THAT(error_of(snapshots().view(key, image, {})), HasSubstr("invalid_argument"));
  }
  prepare("web", image);
  EXPECT_THAT(error_of(snapshots().commit("../x", "web", {})), HasSubstr("invalid_argument"));
  EXPECT_EQ(count_in("containers"), 1U);
}

TEST_F(SnapshotterTest, LayersThatAreNotThere) {
  const auto digest = oci::Digest::parse("sha256:" + std::string(64, 'a'));
  ASSERT_TRUE(digest.has_value());
  EXPECT_THAT(error_of(snapshots().prepare("web", Layers{*digest}, {})), HasSubstr("not_found"));
  EXPECT_THAT(names_in("containers"), IsEmpty());
}

TEST_F(SnapshotterTest, ManyAtOnceOnANewImage) {
  const Layers image = {put(LayerArchive().directory("dir", {.mode = 0700}).file("file", "x")),
                        put(LayerArchive().file("dir/file", "y").hard_link("link", "file"))};
  constexpr int kThreads = 8;
  std::vector<std::string> errors(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      const std::string key = "web" + std::to_string(i);
      const auto made = snapshots().prepare(key, image, {});
      const auto mounted = snapshots().mounts(key, {});
      errors[static_cast<std::size_t>(i)] = made ? error_of(mounted) : error_of(made);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(errors, testing::Each("no error"));
  EXPECT_EQ(count_in("fixups"), 1U);
  EXPECT_EQ(*snapshots().discard_garbage(), 0U);
  EXPECT_EQ(count_in("containers"), std::size_t{kThreads});
}

TEST_F(SnapshotterTest, OneOfManyGetsTheKey) {
  const Layers image = {base_layer()};
  constexpr int kThreads = 8;
  std::atomic<int> made = 0;
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      const auto one = snapshots().prepare("web", image, {});
      if (one) ++made;
      if (!one && one.error().code() == ErrorCode::kAlreadyExists) ++taken;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(made, 1);
  EXPECT_EQ(taken, kThreads - 1);
  EXPECT_EQ(count_in("containers"), 1U);
}

TEST_F(SnapshotterTest, WalkTellsAllInOrder) {
  const Layers image = {base_layer()};
  commit_file("c", image, "file", "x");
  prepare("b", std::string("c"));
  NACRE_ASSERT_OK(snapshots().view("a", image, {.ephemeral = true}));
  std::vector<std::string> seen;
  NACRE_ASSERT_OK(snapshots().walk([&](const SnapshotInfo& info) -> Result<void> {
    seen.push_back(info.key + " " + to_text(info.kind) + (info.ephemeral ? " ephemeral" : ""));
    EXPECT_EQ(info, *snapshots().stat(info.key));
    return {};
  }));
  EXPECT_THAT(seen, ElementsAre("a view ephemeral", "b active", "c committed"));
  EXPECT_THAT(error_of(snapshots().walk(
                  [](const SnapshotInfo&) -> Result<void> { return fail(not_found("enough")); })),
              HasSubstr("enough"));
}

TEST_F(SnapshotterTest, UsageCountsTheOwnLayerOnly) {
  prepare("web", Layers{put(LayerArchive().file("big", std::string(1 << 20, 'x')))});
  const auto empty = snapshots().usage("web");
  NACRE_ASSERT_OK(empty);
  EXPECT_EQ(empty->inodes, 1U);
  {
    const auto mounted = mount("web");
    write_file(path_of(mounted) / "file", std::string(100'000, 'x'));
    fs::create_hard_link(path_of(mounted) / "file", path_of(mounted) / "link");
    fs::create_directories(path_of(mounted) / "dir/sub");
  }
  NACRE_ASSERT_OK(snapshots().commit("frozen", "web", {}));
  const auto usage = snapshots().usage("frozen");
  NACRE_ASSERT_OK(usage);
  EXPECT_EQ(usage->inodes, 4U);
  EXPECT_GE(usage->bytes, 100'000U);
  EXPECT_LT(usage->bytes, 300'000U);
  EXPECT_EQ(*snapshots().usage("frozen"), *usage);
  NACRE_ASSERT_OK(snapshots().view("look", std::string("frozen"), {}));
  EXPECT_EQ(snapshots().usage("look")->inodes, 0U);
}

// A container may make more levels than anybody has descriptors for.
TEST_F(SnapshotterTest, UsageAndCommitOfADeepTree) {
  prepare("web", Layers{base_layer()});
  constexpr int kLevels = 3000;
  const auto mounted = mount("web");
  ASSERT_EQ(in_child([&] {
              ASSERT_EQ(::fchdir(mounted.get()), 0);
              for (int i = 0; i < kLevels; ++i) {
                ASSERT_EQ(::mkdir("directory", 0755), 0) << std::strerror(errno);
                ASSERT_EQ(::chdir("directory"), 0) << std::strerror(errno);
              }
              write_file("deepest", "x");
            }),
            0);
  const auto usage = snapshots().usage("web");
  NACRE_ASSERT_OK(usage);
  EXPECT_EQ(usage->inodes, kLevels + 2U);
  NACRE_ASSERT_OK(snapshots().commit("frozen", "web", {}));
  NACRE_ASSERT_OK(snapshots().remove("frozen"));
  NACRE_ASSERT_OK(store().empty_trash({}));
  EXPECT_THAT(names_in("trash"), IsEmpty());
}

// Nothing of the machine outlives an ephemeral one, and the kernel's mark on it is not in the way.
TEST_F(SnapshotterTest, AnEphemeralOneIsMountedAgainAndAgain) {
  prepare("run", Layers{base_layer()}, true);
  for (int i = 0; i < 3; ++i) {
    const auto mounted = mount("run");
    write_file(path_of(mounted) / ("file" + std::to_string(i)), "x");
    EXPECT_TRUE(fs::exists(path_of(mounted) / "file0"));
  }
  NACRE_ASSERT_OK(snapshots().commit("kept", "run", {}));
  EXPECT_FALSE(snapshots().stat("kept")->ephemeral);
  EXPECT_TRUE(snapshots().stat("kept")->durable);
}

TEST_F(SnapshotterTest, AnEphemeralOneDoesNotOutliveTheMachinesRun) {
  const Layers image = {base_layer()};
  prepare("run", image, true);
  prepare("stays", image);
  // As if the machine had been started again since.
  NACRE_ASSERT_OK(store().database().write(Durability::kProcess, [](Transaction& records) {
    return records.run("UPDATE snapshots SET boot_id = 'another' WHERE boot_id <> ''");
  }));
  EXPECT_THAT(error_of(snapshots().mounts("run", {})),
              HasSubstr("failed_precondition: mount snapshot \"run\": it was ephemeral"));
  EXPECT_THAT(error_of(snapshots().commit("kept", "run", {})), HasSubstr("it was ephemeral"));
  const auto discarded = snapshots().discard_garbage();
  NACRE_ASSERT_OK(discarded);
  EXPECT_EQ(*discarded, 1U);
  EXPECT_THAT(error_of(snapshots().stat("run")), HasSubstr("not_found"));
  EXPECT_EQ(count_in("containers"), 1U);
  EXPECT_TRUE(snapshots().stat("stays").has_value());
}

TEST_F(SnapshotterTest, FoldersWithoutARecordAreGarbage) {
  prepare("web", Layers{base_layer()});
  fs::create_directories(fs::path(root()) / "containers/stray/upper/deep");
  fs::create_directories(fs::path(root()) / "fixups/stray/fs");
  const auto discarded = snapshots().discard_garbage();
  NACRE_ASSERT_OK(discarded);
  EXPECT_EQ(*discarded, 2U);
  EXPECT_EQ(count_in("containers"), 1U);
  EXPECT_EQ(count_in("fixups"), 0U);
  EXPECT_EQ(read_file(path_of(mount("web")) / "base"), "from the image");
}

TEST_F(SnapshotterTest, WhatIsBeingMadeIsNoGarbage) {
  fs::create_directories(fs::path(root()) / "containers/not-recorded-yet/upper");
  const UniqueFd maker(
      ::open((root() + "/containers").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ASSERT_EQ(::flock(maker.get(), LOCK_SH), 0);
  EXPECT_EQ(*snapshots().discard_garbage(), 0U);
  ASSERT_EQ(::flock(maker.get(), LOCK_UN), 0);
  EXPECT_EQ(*snapshots().discard_garbage(), 1U);
}

// containerd#10704: a mount in a folder that is removed.
TEST_F(SnapshotterTest, RemovalNeverEntersAMount) {
  prepare("web", Layers{base_layer()});
  const fs::path volume = make("volume");
  write_file(volume / "precious", "x");
  const std::string upper = root() + "/containers/" + *names_in("containers").begin() + "/upper";
  fs::create_directory(upper + "/mounted");
  ASSERT_EQ(::mount(volume.c_str(), (upper + "/mounted").c_str(), nullptr, MS_BIND, nullptr), 0);
  NACRE_ASSERT_OK(snapshots().remove("web"));
  EXPECT_FALSE(store().empty_trash({}).has_value());
  EXPECT_EQ(read_file(volume / "precious"), "x");
  const std::string there = root() + "/trash/" + *names_in("trash").begin() + "/upper/mounted";
  ASSERT_EQ(::umount2(there.c_str(), MNT_DETACH), 0) << std::strerror(errno);
  NACRE_EXPECT_OK(store().empty_trash({}));
  EXPECT_EQ(read_file(volume / "precious"), "x");
}

TEST_F(SnapshotterTest, UsageStaysOnItsFileSystem) {
  prepare("web", Layers{base_layer()});
  const std::string upper = root() + "/containers/" + *names_in("containers").begin() + "/upper";
  fs::create_directory(upper + "/mounted");
  ASSERT_EQ(::mount("tmpfs", (upper + "/mounted").c_str(), "tmpfs", 0, nullptr), 0);
  write_file(upper + "/mounted/file", "x");
  const auto usage = snapshots().usage("web");
  EXPECT_EQ(::umount2((upper + "/mounted").c_str(), MNT_DETACH), 0);
  EXPECT_THAT(error_of(usage), HasSubstr("invalid cross-device link"));
}

TEST_F(SnapshotterTest, SnapshotsKeepTheirLayers) {
  const auto layer = base_layer();
  const auto other = put(LayerArchive().file("other", "x"));
  commit_file("frozen", Layers{layer}, "file", "x");
  prepare("above", std::string("frozen"));
  end_lease();
  NACRE_ASSERT_OK(store().collect());
  EXPECT_TRUE(store().find_layer(layer)->has_value());
  EXPECT_FALSE(store().find_layer(other)->has_value());
  EXPECT_EQ(read_file(path_of(mount("above")) / "base"), "from the image");
  NACRE_ASSERT_OK(snapshots().remove("above"));
  NACRE_ASSERT_OK(store().collect());
  EXPECT_TRUE(store().find_layer(layer)->has_value());
  NACRE_ASSERT_OK(snapshots().remove("frozen"));
  NACRE_ASSERT_OK(store().collect());
  EXPECT_FALSE(store().find_layer(layer)->has_value());
}

TEST_F(SnapshotterTest, CheckReportsARecordWithoutItsFolder) {
  prepare("good", Layers{base_layer()});
  commit_file("bad", Layers{base_layer()}, "file", "x");
  EXPECT_THAT(*snapshots().check(), IsEmpty());
  for (const std::string& name : names_in("containers")) {
    if (name.starts_with("making-bad")) fs::remove_all(fs::path(root()) / "containers" / name);
  }
  const auto damages = snapshots().check();
  NACRE_ASSERT_OK(damages);
  ASSERT_EQ(damages->size(), 1U);
  EXPECT_EQ(damages->front().what, "snapshot \"bad\"");
  EXPECT_THAT(error_of(snapshots().prepare("above", std::string("bad"), {})),
              HasSubstr("internal: prepare snapshot \"above\": damaged snapshot \"bad\""));
}

TEST_F(SnapshotterTest, InAUserNamespaceTheContainersRootOwnsIt) {
  if (!has_idmap()) GTEST_SKIP() << "idmapped layers need Linux 5.19, on tmpfs 6.3";
  prepare("web", Layers{base_layer()});
  const UniqueFd userns = make_user_namespace(100000, 65536);
  {
    const auto mounted = snapshots().mounts("web", {.userns = userns});
    NACRE_ASSERT_OK(mounted);
    EXPECT_EQ(stat_of(path_of(*mounted) / "base").st_uid, 100000U);
    ASSERT_EQ(in_child([&] {
                ASSERT_EQ(::setresgid(100000, 100000, 100000), 0);
                ASSERT_EQ(::setresuid(100000, 100000, 100000), 0);
                ASSERT_EQ(::fchdir(mounted->get()), 0);
                write_file("new", "x");
              }),
              0);
  }
  // Frozen, it serves under any other mapping.
  NACRE_ASSERT_OK(snapshots().commit("frozen", "web", {}));
  prepare("plain", std::string("frozen"));
  EXPECT_EQ(stat_of(path_of(mount("plain")) / "new").st_uid, 0U);
  prepare("other", std::string("frozen"));
  const auto other = snapshots().mounts("other", {.userns = make_user_namespace(300000, 65536)});
  NACRE_ASSERT_OK(other);
  EXPECT_EQ(stat_of(path_of(*other) / "new").st_uid, 300000U);
}

// Without root, all of it: the store is the user's own, what it holds has user.* attributes.
TEST_F(SnapshotterTest, InAUserNamespaceOfOnesOwn) {
  if (!has_user_attributes()) GTEST_SKIP() << "the file system has no user.* attributes";
  const fs::path home = make("home");
  ASSERT_EQ(::chmod(work().c_str(), 0755), 0);
  ASSERT_EQ(::chown(home.c_str(), 1000, 1000), 0);
  ASSERT_EQ(in_child([&] { without_root(home / "root"); }), 0);
}

TEST_F(SnapshotterTest, TheLayersOfASnapshotForADiff) {
  commit_file("frozen", Layers{base_layer()}, "file", "x");
  prepare("web", std::string("frozen"));
  write_file(path_of(mount("web")) / "new", "y");
  const auto layers = snapshots().layers("web");
  NACRE_ASSERT_OK(layers);
  ASSERT_EQ(layers->lowers.size(), 2U);
  EXPECT_EQ(read_file(path_of(layers->writable) / "upper/new"), "y");
  EXPECT_EQ(read_file(path_of(layers->lowers[0]) / "file"), "x");
  EXPECT_EQ(read_file(path_of(layers->lowers[1]) / "base"), "from the image");
  // Of a committed one its own layer is the topmost.
  EXPECT_EQ(snapshots().layers("frozen")->lowers.size(), 2U);
}

TEST_F(SnapshotterTest, ADifferenceBecomesALayer) {
  prepare("web", Layers{base_layer()});
  {
    const auto mounted = mount("web");
    fs::remove(path_of(mounted) / "base");
    write_file(path_of(mounted) / "new", "x");
  }
  auto layers = snapshots().layers("web");
  NACRE_ASSERT_OK(layers);
  const auto upper = open_directory(path_of(layers->writable) / "upper");
  MemorySink tar;
  NACRE_ASSERT_OK(write_layer(upper, layers->lowers, tar, {}));
  EXPECT_THAT(tar.take(), testing::AllOf(HasSubstr(".wh.base"), HasSubstr("new")));
}

}  // namespace
}  // namespace nacre::images::test
