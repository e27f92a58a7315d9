// What is said, and with which status, when something is wrong.
#include <sys/mount.h>

#include <fstream>

#include "tests/integration/cli_image/fixture.h"

namespace nacre::cli::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class ErrorsTest : public CliTest {};

TEST_F(ErrorsTest, OneSentenceAndTheStatusOfDocker) {
  import_tree("app");
  std::ofstream(work() / "text") << "this is no archive\n";
  struct Case {
    std::vector<std::string> args;
    int status;
    const char* said;
  };
  const std::vector<Case> cases = {
      {{"images", "--nope"}, 125, "nacre: unknown flag: --nope"},
      {{"pull"}, 1, "'nacre image pull' requires 1 argument"},
      {{"image", "nope"}, 1, "nacre: unknown command: nacre image nope"},
      {{"image", "inspect", "absent"}, 1, "nacre: no such image: absent"},
      {{"image", "inspect", "Upper"}, 1, "must be in lower case"},
      {{"rmi", "absent"}, 1, "nacre: no such image: absent"},
      {{"history", "absent"}, 1, "nacre: no such image: absent"},
      {{"tag", "app", "x@sha256:" + std::string(64, 'a')}, 1, "digest"},
      {{"tag", "app", "a:b:c"}, 1, "nacre: image name"},
      {{"save", "-o", "/nonexistent/x", "app"}, 1, "write \"/nonexistent/x\": no such file"},
      {{"save", "--format", "oci-dir", "app"}, 1, "--output DIR"},
      {{"save", "absent", "-o", (work() / "x").string()}, 1, "no such image: absent"},
      {{"load", "-i", "/nonexistent"}, 1, "open \"/nonexistent\": no such file"},
      {{"load", "-i", (work() / "text").string()}, 1, "text"},
      {{"import", "/nonexistent"}, 1, "no such file"},
      {{"import", "https://example.com/x.tar"}, 1, "hint: curl"},
      {{"import", "-c", "RUN x", work().string()}, 1, "change \"RUN x\""},
      {{"images", "--format", "{{.Nope}}"}, 1, "there is no field .Nope"},
      {{"images", "-f", "colour=red"}, 1, "filter \"colour=red\""},
      {{"pull", "--platform", "vax", "x"}, 1, "--platform"},
      {{"push", "absent"}, 1, "hint: `nacre image tag IMAGE absent:latest`"},
      {{"image", "inspect", "--platform", "linux/s390x", "app"}, 1, "s390x"},
      // Nobody listens on port 1.
      {{"pull", "127.0.0.1:1/x"}, 1, "127.0.0.1:1"},
  };
  for (const Case& one : cases) EXPECT_THAT(run_failing(one.status, one.args), HasSubstr(one.said));
  EXPECT_FALSE(std::filesystem::exists(work() / "x"));
}

TEST_F(ErrorsTest, WhatIsThereIsShownWhateverIsNot) {
  const std::string id = import_tree("app");
  const Outcome outcome = nacre({"image", "inspect", "-f", "{{.Id}}", "absent", "app"}).run();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.out, id + "\n");
  EXPECT_EQ(outcome.err, "nacre: no such image: absent\n");
}

TEST_F(ErrorsTest, ForceForgivesWhatIsNotThere) {
  const Outcome outcome = nacre({"rmi", "-f", "absent"}).run();
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("no such image"));
}

TEST_F(ErrorsTest, ADataRootThatCannotBe) {
  std::ofstream(work() / "file") << "x";
  const Outcome outcome = nacre({"images"}, "file").run();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, StartsWith("nacre: data root "));
}

TEST_F(ErrorsTest, AFullDiskIsSaidAndLeavesEverythingWhole) {
  const auto root = work() / "full";
  std::filesystem::create_directory(root);
  ASSERT_EQ(::mount("tmpfs", root.c_str(), "tmpfs", 0, "size=24m"), 0);
  const auto tree = make_tree("big", 'x', 8'000'000);
  const Outcome outcome = nacre({"import", "-q", tree.string(), "big"}, "full").run();
  EXPECT_EQ(outcome.exit_code, 1) << describe(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("nacre: "));
  EXPECT_EQ(run({"images", "-q"}, "full"), "");
  EXPECT_EQ(run({"image", "check", "--deep"}, "full"), "No damage found.\n");
  EXPECT_EQ(::umount(root.c_str()), 0);
}

TEST_F(ErrorsTest, AClosedOutputIsNoSuccess) {
  const Outcome outcome =
      Command({"sh", "-c", std::string(NACRE_PROGRAM) + " version > /dev/full"}).run();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("write to standard output: no space left on device"));
}

TEST_F(ErrorsTest, ImagesCannotSteerTheTerminal) {
  const auto tree = make_tree("tree").string();
  run({"import", "-q", "-m", "\x1b[2Jboo", tree, "evil"});
  EXPECT_THAT(run({"history", "evil"}), Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace nacre::cli::test
