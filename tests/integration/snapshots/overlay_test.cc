// Every way of handing layers to the kernel, with the same expectations.
#include "images/snapshots/overlay.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "tests/integration/snapshots/fixture.h"

namespace nacre::images::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const char* name_of(LayerPassing passing) {
  switch (passing) {
    case LayerPassing::kDescriptor:
      return "Descriptor";
    case LayerPassing::kAppendedPath:
      return "AppendedPath";
    case LayerPassing::kPrivateNamespace:
      return "PrivateNamespace";
  }
  return "?";
}

std::vector<std::string> names_in(const fs::path& directory) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) {
    names.push_back(entry.path().filename());
  }
  std::ranges::sort(names);
  return names;
}

// How many lines the mount table of this process has.
std::size_t count_mounts() {
  std::ifstream table("/proc/self/mountinfo");
  std::size_t lines = 0;
  for (std::string line; std::getline(table, line);) ++lines;
  return lines;
}

struct Ownership {
  unsigned uid, gid;
  bool operator==(const Ownership&) const = default;
};
Ownership owner_of(const fs::path& path) {
  struct stat info{};
  EXPECT_EQ(::lstat(path.c_str(), &info), 0) << path << ": " << std::strerror(errno);
  return {info.st_uid, info.st_gid};
}

class OverlayTest : public SnapshotsTest, public testing::WithParamInterface<LayerPassing> {
 protected:
  void SetUp() override {
    SnapshotsTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    const auto probed = probe_overlay();
    NACRE_ASSERT_OK(probed);
    if (GetParam() < probed->passing) {
      GTEST_SKIP() << "this kernel does not take layers by " << name_of(GetParam());
    }
    features_ = *probed;
    features_.passing = GetParam();
  }
  // Names from the top to the bottom, as lowerdir has them.
  OverlayMount stack(const std::vector<std::string>& names) {
    OverlayMount overlay;
    for (const std::string& name : names) overlay.lowers.push_back(open_directory(make(name)));
    return overlay;
  }
  OverlayMount writable(const std::vector<std::string>& names) {
    OverlayMount overlay = stack(names);
    make("active/upper");
    make("active/work");
    overlay.writable = open_directory(work() / "active");
    return overlay;
  }
  Result<sys::MountFd> mount(const OverlayMount& overlay) {
    return make_overlay(overlay, features_);
  }

  OverlayFeatures features_;
};

TEST_P(OverlayTest, MergesFromTheTop) {
  write_file(make("low") / "both", "low");
  write_file(make("low") / "only-low", "low");
  write_file(make("high") / "both", "high");
  const auto view = mount(stack({"high", "low"}));
  NACRE_ASSERT_OK(view);
  EXPECT_EQ(read_file(path_of(*view) / "both"), "high");
  EXPECT_EQ(read_file(path_of(*view) / "only-low"), "low");
}

TEST_P(OverlayTest, WhiteoutsAndOpaqueDirectoriesHide) {
  write_file(make("low/dir") / "old", "x");
  write_file(make("low/replaced") / "old", "x");
  write_file(work() / "low/gone", "x");
  write_file(work() / "low/stays", "x");
  make_whiteout(make("high") / "gone");
  make_opaque(make("high/replaced"));
  write_file(work() / "high/replaced/new", "y");
  const auto view = mount(stack({"high", "low"}));
  NACRE_ASSERT_OK(view);
  EXPECT_THAT(names_in(path_of(*view)), ElementsAre("dir", "replaced", "stays"));
  EXPECT_THAT(names_in(path_of(*view) / "replaced"), ElementsAre("new"));
  EXPECT_THAT(names_in(path_of(*view) / "dir"), ElementsAre("old"));
}

TEST_P(OverlayTest, AViewCannotBeWritten) {
  make("low");
  const auto view = mount(stack({"high", "low"}));
  NACRE_ASSERT_OK(view);
  EXPECT_EQ(::open((path_of(*view) / "new").c_str(), O_WRONLY | O_CREAT, 0644), -1);
  EXPECT_EQ(errno, EROFS);
}

TEST_P(OverlayTest, ASingleLayerIsAReadOnlyCloneOfIt) {
  write_file(make("only") / "file", "x");
  const auto view = mount(stack({"only"}));
  NACRE_ASSERT_OK(view);
  EXPECT_EQ(read_file(path_of(*view) / "file"), "x");
  EXPECT_EQ(::open((path_of(*view) / "new").c_str(), O_WRONLY | O_CREAT, 0644), -1);
  EXPECT_EQ(errno, EROFS);
  write_file(work() / "only/new", "the layer itself stays writable");
}

TEST_P(OverlayTest, WritesGoToTheUpper) {
  write_file(make("low") / "file", "low");
  const auto mounted = mount(writable({"low"}));
  NACRE_ASSERT_OK(mounted);
  write_file(path_of(*mounted) / "file", "changed");
  write_file(path_of(*mounted) / "new", "new");
  EXPECT_EQ(read_file(work() / "low/file"), "low");
  EXPECT_EQ(read_file(work() / "active/upper/file"), "changed");
  EXPECT_EQ(read_file(work() / "active/upper/new"), "new");
}

TEST_P(OverlayTest, ADirectoryOfALowerLayerCanBeRenamed) {
  write_file(make("low/dir/deep") / "file", "x");
  {
    const auto mounted = mount(writable({"low"}));
    NACRE_ASSERT_OK(mounted);
    ASSERT_EQ(::rename((path_of(*mounted) / "dir").c_str(), (path_of(*mounted) / "moved").c_str()),
              0)
        << std::strerror(errno);
    EXPECT_EQ(read_file(path_of(*mounted) / "moved/deep/file"), "x");
  }
  // The frozen upper as a layer among others: what it says about the ones below still holds.
  OverlayMount again;
  again.lowers.push_back(open_directory(work() / "active/upper"));
  again.lowers.push_back(open_directory(work() / "low"));
  const auto view = mount(again);
  NACRE_ASSERT_OK(view);
  EXPECT_EQ(read_file(path_of(*view) / "moved/deep/file"), "x");
  EXPECT_FALSE(fs::exists(path_of(*view) / "dir"));
}

TEST_P(OverlayTest, NothingIsWrittenIntoTheUppersRoot) {
  make("low");
  NACRE_ASSERT_OK(mount(writable({"low"})));
  EXPECT_EQ(get_xattr(work() / "active/upper", "trusted.overlay.uuid"), "");
}

TEST_P(OverlayTest, AwkwardPaths) {
  const std::string awkward = "a:b,c\\d=e f'\"\n" + std::string(200, 'x');
  // Nearly as long as PATH_MAX, which the kernel's own messages must fit.
  fs::path deep = make(awkward);
  while (deep.native().size() + 251 < 4000) deep /= std::string(250, 'd');
  fs::create_directories(deep);
  for (const char* name : {"upper", "work"}) fs::create_directory(deep / name);
  OverlayMount overlay = stack({awkward + "/low:1", "another,one"});
  write_file(work() / awkward / "low:1/file", "x");
  overlay.writable = open_directory(deep);
  const auto mounted = mount(overlay);
  NACRE_ASSERT_OK(mounted);
  EXPECT_EQ(read_file(path_of(*mounted) / "file"), "x");
  write_file(path_of(*mounted) / "new", "y");
  EXPECT_EQ(read_file(deep / "upper/new"), "y");
}

TEST_P(OverlayTest, FourHundredLayersAndTheKernelsLimit) {
  for (const std::size_t count : {std::size_t{400}, kMaxLowerLayers}) {
    OverlayMount overlay;
    for (std::size_t i = count; i-- > 0;) {
      const fs::path layer = make("layers/" + std::to_string(i));
      write_file(layer / ("file" + std::to_string(i)), std::to_string(i));
      write_file(layer / "top", std::to_string(i));
      overlay.lowers.push_back(open_directory(layer));
    }
    make("active/upper");
    make("active/work");
    overlay.writable = open_directory(work() / "active");
    const auto mounted = mount(overlay);
    NACRE_ASSERT_OK(mounted);
    for (std::size_t i = 0; i < count; i += 37) {
      EXPECT_EQ(read_file(path_of(*mounted) / ("file" + std::to_string(i))), std::to_string(i));
    }
    EXPECT_EQ(read_file(path_of(*mounted) / "top"), std::to_string(count - 1));
  }
}

TEST_P(OverlayTest, OneLayerTooMany) {
  make("layer");
  OverlayMount overlay;
  for (std::size_t i = 0; i <= kMaxLowerLayers; ++i) {
    overlay.lowers.push_back(open_directory(work() / "layer"));
  }
  const auto mounted = mount(overlay);
  ASSERT_FALSE(mounted.has_value());
  EXPECT_EQ(mounted.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(mounted.error().message(), HasSubstr("at most 500 layers"));
}

TEST_P(OverlayTest, ALayerThatIsThereTwice) {
  const auto mounted = mount(stack({"layer", "other", "layer"}));
  ASSERT_FALSE(mounted.has_value());
  EXPECT_THAT(mounted.error().message(),
              HasSubstr(GetParam() == LayerPassing::kPrivateNamespace ? "too many levels"
                                                                      : "twice or below another"));
}

TEST_P(OverlayTest, NoLayer) {
  const auto mounted = mount(OverlayMount{});
  ASSERT_FALSE(mounted.has_value());
  EXPECT_EQ(mounted.error().code(), ErrorCode::kInvalidArgument);
}

TEST_P(OverlayTest, AMissingWorkDirectoryIsNamed) {
  OverlayMount overlay = writable({"low"});
  fs::remove(work() / "active/work");
  const auto mounted = mount(overlay);
  ASSERT_FALSE(mounted.has_value());
  if (GetParam() == LayerPassing::kPrivateNamespace) {
    EXPECT_THAT(mounted.error().message(), HasSubstr("workdir=w/work"));
  } else {
    EXPECT_THAT(mounted.error().message(), HasSubstr("\"work\": no such file or directory"));
  }
}

TEST_P(OverlayTest, ALayerThatIsNoDirectoryIsTheKernelsOwnSentence) {
  write_file(make("dir") / "file", "x");
  OverlayMount overlay = stack({"low"});
  overlay.lowers.emplace_back(::open((work() / "dir/file").c_str(), O_PATH | O_CLOEXEC));
  const auto mounted = mount(overlay);
  ASSERT_FALSE(mounted.has_value());
  if (GetParam() == LayerPassing::kPrivateNamespace) {
    EXPECT_THAT(mounted.error().message(), HasSubstr("attach a layer"));
  } else {
    EXPECT_THAT(mounted.error().message(), HasSubstr("is not a directory"));
  }
}

TEST_P(OverlayTest, AnUpperOnAnOverlayIsRefusedWithTheReason) {
  const auto below = mount(writable({"low"}));
  NACRE_ASSERT_OK(below);
  fs::create_directories(path_of(*below) / "inner/upper");
  fs::create_directories(path_of(*below) / "inner/work");
  OverlayMount overlay = stack({"other"});
  overlay.writable = open_directory(path_of(*below) / "inner");
  const auto mounted = mount(overlay);
  ASSERT_FALSE(mounted.has_value());
  EXPECT_EQ(mounted.error().code(), ErrorCode::kFailedPrecondition);
  EXPECT_THAT(mounted.error().message(), HasSubstr("lies on an overlay"));
}

TEST_P(OverlayTest, AVolatileWorkDirectoryIsNotMountedTwice) {
  OverlayMount overlay = writable({"low"});
  overlay.volatile_writes = true;
  {
    const auto mounted = mount(overlay);
    NACRE_ASSERT_OK(mounted);
    write_file(path_of(*mounted) / "file", "x");
  }
  EXPECT_EQ(read_file(work() / "active/upper/file"), "x");
  EXPECT_FALSE(mount(overlay).has_value());
}

TEST_P(OverlayTest, NothingIsAttachedAnywhere) {
  const std::size_t before = count_mounts();
  const auto mounted = mount(writable({"high", "low"}));
  NACRE_ASSERT_OK(mounted);
  EXPECT_EQ(count_mounts(), before);
}

TEST_P(OverlayTest, CanBeAttachedOnce) {
  write_file(make("low") / "file", "x");
  const auto mounted = mount(writable({"low"}));
  NACRE_ASSERT_OK(mounted);
  make("target");
  ASSERT_EQ(in_child([&] {
              ASSERT_EQ(::unshare(CLONE_NEWNS), 0);
              const auto target = open_directory(work() / "target");
              ASSERT_EQ(::move_mount(mounted->get(), "", target.get(), "",
                                     MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH),
                        0)
                  << std::strerror(errno);
              EXPECT_EQ(read_file(work() / "target/file"), "x");
            }),
            0);
}

TEST_P(OverlayTest, OwnersAreTranslatedBothWays) {
  if (!has_idmap()) GTEST_SKIP() << "idmapped layers need Linux 5.19, on tmpfs 6.3";
  write_file(make("low") / "file", "x");
  write_file(make("low") / "other", "x");
  ASSERT_EQ(::chown((work() / "low/other").c_str(), 33, 34), 0);
  OverlayMount overlay = writable({"middle", "low"});
  overlay.idmap = make_user_namespace(100000, 65536);
  const auto mounted = mount(overlay);
  NACRE_ASSERT_OK(mounted);
  EXPECT_EQ(owner_of(path_of(*mounted) / "file"), (Ownership{100000, 100000}));
  EXPECT_EQ(owner_of(path_of(*mounted) / "other"), (Ownership{100033, 100034}));
  ASSERT_EQ(in_child([&] {
              // What a container's root is to the kernel.
              ASSERT_EQ(::setresgid(100000, 100000, 100000), 0);
              ASSERT_EQ(::setresuid(100000, 100000, 100000), 0);
              ASSERT_EQ(::fchdir(mounted->get()), 0) << std::strerror(errno);
              write_file("new", "y");
              write_file("file", "changed");
            }),
            0);
  EXPECT_EQ(owner_of(work() / "active/upper/new"), (Ownership{0, 0}));
  EXPECT_EQ(owner_of(work() / "active/upper/file"), (Ownership{0, 0}));
}

// Whiteouts are made in the work directory, as whoever made the overlay.
TEST_P(OverlayTest, DeletionsUnderIdmappedLayers) {
  if (!has_idmap()) GTEST_SKIP() << "idmapped layers need Linux 5.19, on tmpfs 6.3";
  write_file(make("low/dir") / "file", "x");
  OverlayMount overlay = writable({"low"});
  overlay.idmap = make_user_namespace(100000, 65536);
  const auto mounted = mount(overlay);
  NACRE_ASSERT_OK(mounted);
  ASSERT_EQ(in_child([&] {
              ASSERT_EQ(::setresgid(100000, 100000, 100000), 0);
              ASSERT_EQ(::setresuid(100000, 100000, 100000), 0);
              ASSERT_EQ(::fchdir(mounted->get()), 0) << std::strerror(errno);
              ASSERT_EQ(::unlink("dir/file"), 0) << std::strerror(errno);
              ASSERT_EQ(::rename("dir", "moved"), 0) << std::strerror(errno);
            }),
            0);
  EXPECT_THAT(names_in(path_of(*mounted)), ElementsAre("moved"));
  EXPECT_THAT(names_in(path_of(*mounted) / "moved"), testing::IsEmpty());
  struct stat info{};
  ASSERT_EQ(::lstat((work() / "active/upper/dir").c_str(), &info), 0);
  EXPECT_TRUE(S_ISCHR(info.st_mode));
}

TEST_P(OverlayTest, TheCallerStaysWhoItIs) {
  if (!has_idmap()) GTEST_SKIP() << "idmapped layers need Linux 5.19, on tmpfs 6.3";
  OverlayMount overlay = writable({"low"});
  overlay.idmap = make_user_namespace(100000, 65536);
  const int dumpable = ::prctl(PR_GET_DUMPABLE);
  NACRE_ASSERT_OK(mount(overlay));
  EXPECT_EQ(::prctl(PR_GET_DUMPABLE), dumpable);
  write_file(work() / "file", "x");
  EXPECT_EQ(owner_of(work() / "file"), (Ownership{0, 0}));
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG | __WALL), -1) << "a child was left";
}

// The kernel falls back to a read-only mount when it cannot make its work directory.
TEST_P(OverlayTest, AReadOnlyFallbackIsAnError) {
  OverlayMount overlay = writable({"low"});
  make("active/work/work/held");
  ASSERT_EQ(::mount("tmpfs", (work() / "active/work/work/held").c_str(), "tmpfs", 0, nullptr), 0);
  const auto mounted = mount(overlay);
  EXPECT_EQ(::umount2((work() / "active/work/work/held").c_str(), MNT_DETACH), 0);
  ASSERT_FALSE(mounted.has_value());
  EXPECT_EQ(mounted.error().code(), ErrorCode::kFailedPrecondition) << mounted.error().message();
  EXPECT_THAT(mounted.error().message(), HasSubstr("mounted read-only"));
}

TEST_P(OverlayTest, AWritableLayerOnNothing) {
  OverlayMount overlay = writable({});
  const auto mounted = mount(overlay);
  NACRE_ASSERT_OK(mounted);
  write_file(path_of(*mounted) / "file", "x");
  EXPECT_EQ(read_file(work() / "active/upper/file"), "x");
}

TEST_P(OverlayTest, AnIdmappedSingleLayer) {
  if (!has_idmap()) GTEST_SKIP() << "idmapped layers need Linux 5.19, on tmpfs 6.3";
  write_file(make("low") / "file", "x");
  OverlayMount overlay = stack({"low"});
  overlay.idmap = make_user_namespace(5000, 1000);
  const auto view = mount(overlay);
  NACRE_ASSERT_OK(view);
  EXPECT_EQ(owner_of(path_of(*view) / "file"), (Ownership{5000, 5000}));
}

// What a kernel between 5.19 and 6.14 has: idmapped layers must be attached.
TEST_P(OverlayTest, IdmappedLayersThatMayNotBeDetached) {
  if (!has_idmap()) GTEST_SKIP() << "idmapped layers need Linux 5.19, on tmpfs 6.3";
  features_.detached_layers = false;
  write_file(make("low") / "file", "x");
  OverlayMount overlay = writable({"middle", "low"});
  overlay.idmap = make_user_namespace(100000, 65536);
  const auto mounted = mount(overlay);
  NACRE_ASSERT_OK(mounted);
  EXPECT_EQ(owner_of(path_of(*mounted) / "file"), (Ownership{100000, 100000}));
}

// Without root: a user namespace, attributes of its own, whiteouts that it may make (5.11).
TEST_P(OverlayTest, InAUserNamespaceWithUserAttributes) {
  NACRE_REQUIRE_KERNEL(5, 11);
  if (!has_user_attributes()) GTEST_SKIP() << "the file system has no user.* attributes";
  write_file(make("low/dir") / "old", "x");
  write_file(work() / "low/gone", "x");
  make("active/upper");
  make("active/work");
  ASSERT_EQ(::chmod(work().c_str(), 0755), 0);
  for (const char* name :
       {"low", "low/dir", "low/gone", "low/dir/old", "active", "active/upper", "active/work"}) {
    ASSERT_EQ(::chown((work() / name).c_str(), 1000, 1000), 0);
  }
  ASSERT_EQ(in_child([&] {
              enter_user_namespace(1000);
              OverlayMount overlay = writable({"low"});
              overlay.user_attributes = true;
              const auto mounted = mount(overlay);
              NACRE_ASSERT_OK(mounted);
              ASSERT_EQ(::unlink((path_of(*mounted) / "gone").c_str()), 0) << std::strerror(errno);
              fs::remove_all(path_of(*mounted) / "dir");
              fs::create_directory(path_of(*mounted) / "dir");
              EXPECT_THAT(names_in(path_of(*mounted)), ElementsAre("dir"));
              EXPECT_THAT(names_in(path_of(*mounted) / "dir"), testing::IsEmpty());
              EXPECT_EQ(get_xattr(work() / "active/upper/dir", "user.overlay.opaque"), "y");
            }),
            0);
}

std::string name_of_case(const testing::TestParamInfo<LayerPassing>& way) {
  return name_of(way.param);
}
INSTANTIATE_TEST_SUITE_P(, OverlayTest,
                         testing::Values(LayerPassing::kDescriptor, LayerPassing::kAppendedPath,
                                         LayerPassing::kPrivateNamespace),
                         name_of_case);

using OverlayProbeTest = SnapshotsTest;

TEST_F(OverlayProbeTest, FindsTheBestWay) {
  const auto features = probe_overlay();
  NACRE_ASSERT_OK(features);
  const LayerPassing expected = nacre::test::kernel_at_least(6, 13) ? LayerPassing::kDescriptor
                                : nacre::test::kernel_at_least(6, 7)
                                    ? LayerPassing::kAppendedPath
                                    : LayerPassing::kPrivateNamespace;
  EXPECT_EQ(features->passing, expected);
}

TEST_F(OverlayProbeTest, LeavesNoMountBehind) {
  const std::size_t before = count_mounts();
  NACRE_ASSERT_OK(probe_overlay());
  EXPECT_EQ(count_mounts(), before);
}

TEST_F(OverlayProbeTest, WithoutTheRightToMountItSaysSo) {
  ASSERT_EQ(in_child([] {
              ASSERT_EQ(::setresuid(1000, 1000, 1000), 0);
              const auto features = probe_overlay();
              ASSERT_FALSE(features.has_value());
              EXPECT_EQ(features.error().code(), ErrorCode::kPermissionDenied);
            }),
            0);
}

}  // namespace
}  // namespace nacre::images::test
