// Layers under the kernel's overlay: what is seen is what Docker's users expect to see; and what a
// container wrote, written as a layer and unpacked again, looks the same as before.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "tests/integration/layers/layer_test.h"

namespace nacre::test::layers {
namespace {

using images::ApplyOptions;

class OverlayTest : public LayerTest {
 protected:
  void TearDown() override {
    for (const fs::path& one : mounted_) EXPECT_EQ(::umount2(one.c_str(), MNT_DETACH), 0) << one;
    LayerTest::TearDown();
  }

  fs::path unpack(const std::string& name, const std::vector<Member>& members) {
    const fs::path where = new_directory(name);
    const auto applied = apply_bytes(archive(members), where);
    EXPECT_TRUE(applied) << applied.error().message();
    if (applied) applied_ = *applied;
    return where;
  }
  fs::path unpack_bytes(const std::string& name, const std::string& bytes) {
    const fs::path where = new_directory(name);
    const auto applied = apply_bytes(bytes, where);
    EXPECT_TRUE(applied) << applied.error().message();
    if (applied) applied_ = *applied;
    return where;
  }
  // `layers`: top first. With an upper directory when `upper` is not empty.
  fs::path mount_overlay(const std::string& name, const std::vector<fs::path>& layers,
                         const fs::path& upper = {}, const std::string& more = "") {
    const fs::path where = new_directory(name);
    std::string options = "index=off,xino=off" + more + ",lowerdir=";
    for (const fs::path& layer : layers)
      options += (options.back() == '=' ? "" : ":") + layer.string();
    if (layers.size() == 1 && upper.empty()) options += ':' + new_directory("empty").string();
    if (!upper.empty())
      options +=
          ",upperdir=" + upper.string() + ",workdir=" + new_directory(name + ".work").string();
    EXPECT_EQ(::mount("overlay", where.c_str(), "overlay", 0, options.c_str()), 0)
        << options << ": " << std::strerror(errno);
    mounted_.insert(mounted_.begin(), where);
    return where;
  }
  void unmount(const fs::path& where) {
    ASSERT_EQ(::umount2(where.c_str(), 0), 0) << std::strerror(errno);
    std::erase(mounted_, where);
  }
  // Runs a shell command in `where`, as a container would.
  static void run(const fs::path& where, const std::string& command) {
    const std::string whole = "cd '" + where.string() + "' && set -e && " + command;
    ASSERT_EQ(std::system(whole.c_str()), 0) << command;  // NOLINT(cert-env33-c)
  }

  images::Applied applied_;
  std::vector<fs::path> mounted_;
};

TEST_F(OverlayTest, AnEmptyUpperIsARootAndNothingElse) {
  const fs::path upper = new_directory("upper");
  const fs::path again = unpack_bytes("again", write(upper));
  EXPECT_EQ(describe_fully(again), describe_fully(upper));
}

TEST_F(OverlayTest, WhiteoutsHideWhatLiesBelow) {
  const fs::path base = unpack("base", {file("a", "1"), file("d/x", "1"), file("d/y", "1"),
                                        file("e/x", "1"), file("f/x", "1"), file("g", "1")});
  const fs::path top =
      unpack("top", {file(".wh.a"), file("d/.wh.x"), file("e/.wh..wh..opq"), file("e/.wh.x"),
                     file("e/z", "2"), file(".wh.f"), file("f/n", "2"), file(".wh.g"), dir("g"),
                     file("h/x", "2"), file("h/.wh..wh..opq")});
  EXPECT_EQ(describe(mount_overlay("merged", {top, base})),
            "d 0755 d\nf 0644 d/y \"1\"\nd 0755 e\nf 0644 e/z \"2\"\nd 0755 f\nf 0644 f/n \"2\"\n"
            "d 0755 g\nd 0755 h\nf 0644 h/x \"2\"\n");
}

TEST_F(OverlayTest, OwnFilesWinInWhateverOrder) {
  const fs::path base = unpack("base", {file("a", "1"), file("b", "1"), file("d/x", "1")});
  const fs::path top = unpack("top", {file("a", "2"), file(".wh.a"), file(".wh.b"), file("b", "2"),
                                      file("d/y", "2"), file(".wh.d")});
  EXPECT_EQ(describe(mount_overlay("merged", {top, base})),
            "f 0644 a \"2\"\nf 0644 b \"2\"\nd 0755 d\nf 0644 d/y \"2\"\n");
}

// As if the entries had been carried out one after the other on the lower layers.
TEST_F(OverlayTest, WhatReplacesANonDirectoryHidesTheLowerDirectory) {
  const fs::path base = unpack("base", {file("d/old", "1"), file("e/old", "1")});
  const fs::path top = unpack(
      "top", {symlink("d", "x"), file("d/new", "2"), file("e", "2"), dir("e"), file("e/new", "2")});
  EXPECT_EQ(describe(mount_overlay("merged", {top, base})),
            "d 0755 d\nf 0644 d/new \"2\"\nd 0755 e\nf 0644 e/new \"2\"\n");
}

// On a usr-merged image: the directory hides the symlink, as in Docker and containerd.
TEST_F(OverlayTest, ASymlinkOfALowerLayerIsHiddenByADirectory) {
  const fs::path base = unpack("base", {file("usr/lib/libc.so", "1"), symlink("lib", "usr/lib")});
  const fs::path top = unpack("top", {file("lib/x", "2")});
  EXPECT_EQ(applied_.implied_directories, (std::vector<std::string>{".", "lib"}));
  EXPECT_EQ(describe(mount_overlay("merged", {top, base})),
            "d 0755 lib\nf 0644 lib/x \"2\"\nd 0755 usr\nd 0755 usr/lib\n"
            "f 0644 usr/lib/libc.so \"1\"\n");
}

// The kernel does not ask the root of a layer: that is why Applied says it.
TEST_F(OverlayTest, AnOpaqueRootHidesNothingByItself) {
  const fs::path base = unpack("base", {file("a", "1")});
  const fs::path top = unpack("top", {file(".wh..wh..opq"), file("b", "2")});
  EXPECT_TRUE(applied_.opaque_root);
  EXPECT_EQ(describe(mount_overlay("merged", {top, base})), "f 0644 a \"1\"\nf 0644 b \"2\"\n");
}

// ---- what containers do, written as layers ------------------------------------------------------

struct Story {
  const char* name;
  const char* command;
  const char* options;
  const char* layer;  // names in the archive that have to be there, and with ! that must not
};

class OverlayStory : public OverlayTest, public testing::WithParamInterface<Story> {};

std::vector<std::string> names_in(const std::string& bytes) {
  std::vector<std::string> names;
  std::string long_name;
  for (std::size_t at = 0; at + 512 <= bytes.size() && bytes[at] != '\0';) {
    const std::uint64_t size = std::stoull(bytes.substr(at + 124, 11), nullptr, 8);
    if (bytes[at + 156] != 'x') names.emplace_back(bytes.substr(at, 100).c_str());
    at += 512 + (size + 511) / 512 * 512;
  }
  return names;
}

// base and middle, then what the command did: the same is seen through the layer written from it.
TEST_P(OverlayStory, LooksTheSameThroughTheLayer) {
  const Story& story = GetParam();
  const fs::path base = unpack(
      "base", {file("bin/a", "1", 04755), link("bin/b", "bin/a"), symlink("lib", "usr/lib"),
               file("usr/lib/x", "1"), file("usr/lib/y", "1"), file("usr/share/doc/r", "1"),
               owned(dir("home/u", 0700), 1000, 1000), owned(file("home/u/f", "1"), 1000, 1000),
               file("var/log/l", "1"), file("big", std::string(300'000, 'b'))});
  const fs::path middle =
      unpack("middle", {file("usr/lib/.wh.y"), file("usr/lib/z", "2"), file("var/log/.wh..wh..opq"),
                        file("var/log/m", "2"), fifo("var/p")});
  const fs::path upper = new_directory("upper");
  const std::string more = story.options;
  const fs::path merged = mount_overlay("merged", {middle, base}, upper, more);
  run(merged, story.command);
  const std::string wanted = describe_fully(merged);
  unmount(merged);

  const std::string written = write(upper, {middle, base});
  EXPECT_EQ(write(upper, {middle, base}), written) << "not the same bytes twice";
  const std::vector<std::string> names = names_in(written);
  std::istringstream words(story.layer);
  for (std::string word; words >> word;) {
    const bool forbidden = word.starts_with('!');
    if (forbidden) word.erase(0, 1);
    EXPECT_EQ(std::ranges::count(names, word), forbidden ? 0 : 1) << word;
  }
  const fs::path again = unpack_bytes("again", written);
  EXPECT_EQ(differences(again), "");
  EXPECT_EQ(applied_.deferred_links.size(), 0U);
  EXPECT_EQ(describe_fully(mount_overlay("seen", {again, middle, base})), wanted);
}

constexpr const char* kRedirect = ",redirect_dir=on";
constexpr const char* kMetacopy = ",redirect_dir=on,metacopy=on";

INSTANTIATE_TEST_SUITE_P(
    Containers, OverlayStory,
    testing::Values(
        Story{"nothing", "true", "", "./"},
        Story{"new_files", "echo 1 >n; mkdir -p p/q; echo 2 >p/q/r; touch -d @5.25 n", "",
              "n p/ p/q/r !p/.wh..wh..opq"},
        Story{"new_directory_in_a_merged_one", "mkdir usr/lib/new; echo 1 >usr/lib/new/f", "",
              "usr/lib/new/f !usr/lib/new/.wh..wh..opq"},
        Story{"removed_file", "rm usr/lib/x usr/lib/z", "", "usr/lib/.wh.x usr/lib/.wh.z"},
        Story{"removed_directory", "rm -r usr/share", "", "usr/.wh.share"},
        Story{"removed_and_made_again", "rm -r usr/lib; mkdir usr/lib; echo 3 >usr/lib/n", "",
              "usr/lib/.wh.x usr/lib/.wh.z usr/lib/n !usr/lib/.wh.y !usr/lib/.wh..wh..opq"},
        Story{"made_again_deep",
              "rm -r usr; mkdir -p usr/lib usr/share/doc; echo 3 >usr/share/doc/n", "",
              "usr/lib/.wh.x usr/share/doc/.wh.r usr/share/doc/n"},
        Story{"made_again_with_the_same_names",
              "rm -r usr/lib; mkdir usr/lib; echo 3 >usr/lib/x; mkdir usr/lib/z", "",
              "usr/lib/x usr/lib/z/ !usr/lib/.wh.x !usr/lib/.wh.z"},
        Story{"file_for_a_directory", "rm -r usr/lib; echo f >usr/lib", "", "usr/lib"},
        Story{"directory_for_a_file", "rm usr/lib/x; mkdir usr/lib/x; echo 1 >usr/lib/x/y", "",
              "usr/lib/x/ usr/lib/x/y"},
        Story{"directory_for_a_symlink", "rm lib; mkdir lib; echo 1 >lib/y", "", "lib/ lib/y"},
        Story{"changed_modes", "chmod 2750 usr/lib; chmod 4711 bin/a; chown 5:6 usr/lib/x", "",
              "usr/lib/ bin/a usr/lib/x"},
        Story{"root_changed", "chmod 0711 .; chown 3:4 .", "", "./"},
        Story{"hard_links",
              "echo 1 >h1; ln h1 h2; ln h1 usr/h3; ln bin/a bin/c; ln -s x s; "
              "ln s s2",
              "", "h1 h2 usr/h3"},
        Story{"special_files", "mkfifo q; mknod n c 1 3; mknod m b 7 1; ln -s /x l", "", "q n m l"},
        Story{"holes",
              "truncate -s 8M h; printf x | dd of=h bs=1 seek=5000000 conv=notrunc "
              "status=none",
              "", "h"},
        Story{"attributes",
              "setfattr -n user.a -v 1 usr/lib/x; setfattr -n user.b -v 2 usr; "
              "setcap cap_net_raw+ep bin/a",
              "", "bin/a"},
        Story{"long_names",
              "n=$(printf '%0250d' 0); mkdir -p $n/$n; echo 1 >$n/$n/f; "
              "printf x >$(printf 'a\\nb\\377')",
              "", ""},
        Story{"renamed_file", "mv usr/lib/x usr/lib/x2; mv bin/a usr/", "",
              "usr/lib/.wh.x usr/lib/x2 bin/.wh.a usr/a"},
        Story{"renamed_directory", "mv usr/lib usr/lib2", kRedirect,
              "usr/.wh.lib usr/lib2/ usr/lib2/x usr/lib2/z !usr/lib2/y"},
        Story{"renamed_across", "mv usr/share/doc home/doc; echo 2 >home/doc/n", kRedirect,
              "usr/share/.wh.doc home/doc/r home/doc/n"},
        Story{"renamed_and_changed",
              "mv usr/lib usr/lib2; rm usr/lib2/x; echo 3 >usr/lib2/z; mkdir usr/lib2/d", kRedirect,
              "usr/lib2/z usr/lib2/d/ !usr/lib2/x"},
        Story{"renamed_over_what_was_removed", "rm -r usr/share; mv home usr/share", kRedirect,
              "usr/share/u/f usr/share/.wh.doc .wh.home"},
        Story{"renamed_within_renamed",
              "mv usr usr2; mv usr2/lib usr2/lib2; mv usr2/share/doc usr2/doc", kRedirect,
              ".wh.usr usr2/lib2/x usr2/doc/r"},
        Story{"renamed_and_put_in_its_place",
              "mv usr/lib usr/old; mkdir usr/lib; echo 9 >usr/lib/x", kRedirect,
              "usr/old/x usr/lib/x usr/lib/.wh.z"},
        Story{"only_metadata", "chown 7:8 big; chmod 0600 usr/lib/z", kMetacopy, "big usr/lib/z"},
        Story{"only_metadata_and_renamed",
              "chown 7:8 big; mv big usr/big2; chown 1:1 usr/lib/x; mv usr/lib usr/lib2", kMetacopy,
              "usr/big2 .wh.big usr/lib2/x"}),
    [](const testing::TestParamInfo<Story>& one) { return std::string(one.param.name); });

TEST_F(OverlayTest, FormerUppersWithRedirectsLieBelow) {
  const fs::path base = unpack("base", {file("a/b/f", "1"), file("a/g", "1")});
  const fs::path first = new_directory("first");
  fs::path merged = mount_overlay("m1", {base}, first, kRedirect);
  run(merged, "mv a c; mv c/b c/e");
  unmount(merged);
  const fs::path second = new_directory("second");
  merged = mount_overlay("m2", {first, base}, second, kRedirect);
  run(merged, "mv c d; echo 2 >d/e/n; rm d/g");
  const std::string wanted = describe_fully(merged);
  unmount(merged);
  const fs::path again = unpack_bytes("again", write(second, {first, base}));
  EXPECT_EQ(describe_fully(mount_overlay("seen", {again, first, base}, {}, kRedirect)), wanted);
}

TEST_F(OverlayTest, WhiteoutsInTheFormOfFiles) {
  const fs::path base = unpack("base", {file("d/x", "1"), file("d/y", "1")});
  const fs::path upper = new_directory("upper");
  fs::create_directory(upper / "d");
  std::ofstream(upper / "d/x").flush();
  std::ofstream(upper / "d/z").flush();
  ASSERT_EQ(::setxattr((upper / "d").c_str(), "trusted.overlay.opaque", "x", 1, 0), 0);
  ASSERT_EQ(::setxattr((upper / "d/x").c_str(), "trusted.overlay.whiteout", "y", 1, 0), 0);
  const fs::path again = unpack_bytes("again", write(upper, {base}));
  EXPECT_EQ(describe(again), "d 0755 d\nw d/x\nf 0644 d/z \"\"\n");
}

// Without the layers below nobody can know what there is to hide.
TEST_F(OverlayTest, AloneItSaysOpaque) {
  const fs::path upper = unpack("upper", {file("d/.wh..wh..opq"), dir("d/e"), file("d/e/f", "1")});
  EXPECT_EQ(names_in(write(upper)),
            (std::vector<std::string>{"./", "d/", "d/.wh..wh..opq", "d/e/", "d/e/f"}));
}

TEST_F(OverlayTest, MissingLowersAreAnError) {
  const fs::path base = unpack("base", {file("a/f", "1"), file("big", "1")});
  const fs::path upper = new_directory("upper");
  const fs::path merged = mount_overlay("merged", {base}, upper, kMetacopy);
  run(merged, "mv a b");
  unmount(merged);
  const auto renamed = try_write(upper);
  ASSERT_FALSE(renamed);
  EXPECT_NE(renamed.error().message().find("write \"b\": it was renamed"), std::string::npos)
      << renamed.error().message();
}

}  // namespace
}  // namespace nacre::test::layers
