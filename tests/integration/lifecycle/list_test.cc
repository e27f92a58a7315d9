// list: all containers of a --root.
#include "tests/support/container_test.h"

namespace nacre::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class ListTest : public ContainerTest {
 protected:
  void SetUp() override {
    NACRE_PEER_DIFFERS(kCrun,
                       "the command line contract is runc's; crun's own forms are proved in "
                       "tests/conformance where they are shared");
    ContainerTest::SetUp();
  }

  json list_json() {
    const Outcome outcome = runtime({"list", "--format", "json"}).run();
    expect_success(outcome);
    return json::parse(outcome.out, nullptr, false);
  }
};

TEST_F(ListTest, EmptyRootGivesNull) {
  NACRE_PEER_DIFFERS(kCrun, "prints an empty array");
  fs::create_directories(state_root());
  EXPECT_TRUE(list_json().is_null());
}

TEST_F(ListTest, ExplicitRootThatIsMissingIsAnError) {
  NACRE_PEER_DIFFERS(kCrun, "treats it as empty");
  NACRE_PEER_DIFFERS(kRunc, "1.1.5 treats it as empty; later versions do not");
  const Outcome outcome = runtime({"list"}).run();
  expect_failure(outcome, 1, "no such file or directory");
  EXPECT_THAT(outcome.err, HasSubstr(state_root().string()));
}

TEST_F(ListTest, DefaultRootThatIsMissingIsEmpty) {
  const Outcome outcome = bare_runtime({"list", "-f", "json"}).run();
  EXPECT_EQ(outcome.exit_code, 0) << describe(outcome);
  fs::remove(fs::path("/run") / runtime_name());  // runc makes it
}

TEST_F(ListTest, JsonHasTheFieldsOfStateInOrderOfNames) {
  bundle().probe({"pause"});
  const Container first = create(bundle());
  const Container second = create(bundle());
  start(second);
  const json all = list_json();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0]["id"], first.id);
  EXPECT_EQ(all[0]["status"], "created");
  EXPECT_EQ(all[0]["pid"], first.pid);
  EXPECT_EQ(all[0]["bundle"], bundle().path().string());
  EXPECT_EQ(all[1]["id"], second.id);
  EXPECT_EQ(all[1]["status"], "running");
  EXPECT_TRUE(all[1].contains("created"));
}

TEST_F(ListTest, QuietPrintsIdsOnly) {
  bundle().probe({"pause"});
  const Container first = create(bundle());
  const Container second = create(bundle());
  const Outcome outcome = runtime({"list", "-q"}).run();
  expect_success(outcome);
  EXPECT_EQ(outcome.out, first.id + "\n" + second.id + "\n");
}

TEST_F(ListTest, TableHasAHeaderAndALinePerContainer) {
  bundle().probe({"pause"});
  const Container container = create(bundle());
  const Outcome outcome = runtime({"list"}).run();
  expect_success(outcome);
  EXPECT_THAT(outcome.out, testing::ContainsRegex("^ID +PID +STATUS +BUNDLE +CREATED +OWNER\n"));
  EXPECT_THAT(outcome.out, testing::ContainsRegex("\n" + container.id + " +" +
                                                  std::to_string(container.pid) + " +created +"));
}

TEST_F(ListTest, StrayFilesInTheRootAreIgnored) {
  bundle().probe({"pause"});
  const Container container = create(bundle());
  write_text(state_root() / "stray-file", "x");
  EXPECT_EQ(list_json().size(), 1U);
  fs::remove(state_root() / "stray-file");
}

// Another command may be removing a container at this moment.
TEST_F(ListTest, HalfMadeStateIsNoFailure) {
  bundle().probe({"pause"});
  const Container container = create(bundle());
  fs::create_directories(state_root() / "half-made");
  const Outcome outcome = runtime({"list", "-q"}).run();
  EXPECT_EQ(outcome.exit_code, 0) << describe(outcome);
  EXPECT_THAT(outcome.out, HasSubstr(container.id));
  fs::remove(state_root() / "half-made");
}

TEST_F(ListTest, UnknownFormatIsAnError) {
  NACRE_PEER_DIFFERS(kCrun, "wording and status are its own");
  fs::create_directories(state_root());
  expect_failure(runtime({"list", "--format", "yaml"}).run(), 1, "invalid format option");
}

}  // namespace
}  // namespace nacre::test
