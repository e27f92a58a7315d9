#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <fstream>

#include "tests/unit/images_layers/scratch.h"

namespace nacre::images {
namespace {

namespace fs = std::filesystem;
using test::layers::dir;
using test::layers::file;
using test::layers::symlink;

class CompareLayer : public ScratchLayer {
 protected:
  void SetUp() override {
    ScratchLayer::SetUp();
    ASSERT_TRUE(apply({dir("d"), file("d/a", "content"), file("d/b", std::string(100'000, 'x')),
                       symlink("l", "d/a"), file(".wh.gone"), file("o/.wh..wh..opq"), dir("z"),
                       file("z/1"), file("z/2")}));
    ASSERT_EQ(differences(), "");
  }
  std::string differences(std::size_t limit = 100) {
    MemorySource source(manifest_);
    const auto found = compare_with_manifest(open(), source, limit);
    if (!found) return "error: " + found.error().message();
    std::string out;
    for (const std::string& one : *found) out += one + '\n';
    return out;
  }
};

TEST_F(CompareLayer, SeesOtherContentOfTheSameSize) {
  std::fstream(layer() / "d/a", std::ios::in | std::ios::out) << "C";
  EXPECT_EQ(differences(), "\"d/a\" has another content\n");
}
TEST_F(CompareLayer, SeesWhatAPowerCutLeaves) {
  fs::resize_file(layer() / "d/b", 0);
  EXPECT_EQ(differences(), "\"d/b\" has 0 bytes, not 100000\n");
  fs::resize_file(layer() / "d/b", 100'000);
  EXPECT_EQ(differences(), "\"d/b\" has another content\n");
}
TEST_F(CompareLayer, SeesModes) {
  fs::permissions(layer() / "d/a", fs::perms::owner_all);
  fs::permissions(layer() / "z", fs::perms::owner_all);
  EXPECT_EQ(differences(),
            "\"d/a\" has the mode 0700, not 0644\n\"z\" has the mode 0700, not 0755\n");
}
TEST_F(CompareLayer, DoesNotLookAtTimes) {
  fs::last_write_time(layer() / "d/a", fs::file_time_type::clock::now());
  EXPECT_EQ(differences(), "");
}
TEST_F(CompareLayer, SeesWhatIsMissingOnce) {
  fs::remove_all(layer() / "z");
  fs::remove(layer() / "d/a");
  EXPECT_EQ(differences(), "\"d/a\" is missing\n\"z\" is missing\n");
}
TEST_F(CompareLayer, SeesWhatIsNew) {
  std::ofstream(layer() / "d/new") << "x";
  fs::create_directories(layer() / "x/y/z");
  EXPECT_EQ(differences(), "\"d/new\" is not in the manifest\n\"x\" is not in the manifest\n");
}
TEST_F(CompareLayer, SeesOtherKinds) {
  fs::remove_all(layer() / "z");
  fs::create_symlink("d", layer() / "z");
  fs::remove(layer() / "d/a");
  fs::create_directory(layer() / "d/a");
  EXPECT_EQ(differences(),
            "\"d/a\" is a directory, not a file\n\"z\" is a symlink, not a directory\n");
}
TEST_F(CompareLayer, SeesOtherTargets) {
  fs::remove(layer() / "l");
  fs::create_symlink("d/b", layer() / "l");
  EXPECT_EQ(differences(), "\"l\" points to \"d/b\" now\n");
}
TEST_F(CompareLayer, SeesLostWhiteouts) {
  fs::remove(layer() / "gone");
  ASSERT_EQ(::removexattr((layer() / "o").c_str(), "user.overlay.opaque"), 0);
  EXPECT_EQ(differences(), "\"gone\" is missing\n\"o\" no longer hides the directories below it\n");
}
TEST_F(CompareLayer, SeesAttributes) {
  ASSERT_EQ(::setxattr((layer() / "d/a").c_str(), "user.x", "1", 1, 0), 0);
  EXPECT_EQ(differences(), "\"d/a\" has other extended attributes\n");
}
TEST_F(CompareLayer, StopsAtItsLimit) {
  fs::remove_all(layer() / "d");
  fs::remove_all(layer() / "z");
  fs::remove(layer() / "l");
  EXPECT_EQ(differences(2), "\"d\" is missing\n\"l\" is missing\n");
}
TEST_F(CompareLayer, WantsAWholeManifest) {
  manifest_.resize(manifest_.size() - 3);
  EXPECT_NE(differences().find("error: the layer's manifest: it has been cut off"),
            std::string::npos);
}
TEST_F(CompareLayer, GoesDeep) {
  fs::remove_all(work_ / "layer");
  fs::create_directory(layer());
  std::string path = "d";
  for (int i = 0; i < 700; ++i) path += "/d";
  ASSERT_TRUE(apply({file(path + "/f", "1")}));
  EXPECT_EQ(differences(), "");
  fs::resize_file(layer() / path / "f", 0);
  EXPECT_NE(differences().find("has 0 bytes, not 1"), std::string::npos);
}

}  // namespace
}  // namespace nacre::images
