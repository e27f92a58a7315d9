// Every operation in every state of a container: is it accepted, and what is the state afterwards.
#include <signal.h>

#include "tests/conformance/known_differences.h"
#include "tests/support/container_test.h"

namespace nacre::test {
namespace {

// One cell of the matrix: exit status 0 or not, and the status that `state` gives afterwards
// ("" for a container that does not exist).
struct Cell {
  const char* operation;
  const char* state;
  bool accepted;
  const char* afterwards;
};

constexpr Cell kMatrix[] = {
    {"state", "missing", false, ""},         {"state", "created", true, "created"},
    {"state", "running", true, "running"},   {"state", "paused", true, "paused"},
    {"state", "stopped", true, "stopped"},   {"start", "missing", false, ""},
    {"start", "created", true, "running"},   {"start", "running", false, "running"},
    {"start", "paused", false, "paused"},    {"start", "stopped", false, "stopped"},
    {"create", "missing", true, "created"},  {"create", "created", false, "created"},
    {"create", "running", false, "running"}, {"create", "paused", false, "paused"},
    {"create", "stopped", false, "stopped"}, {"kill", "missing", false, ""},
    {"kill", "created", true, "stopped"},    {"kill", "running", true, "stopped"},
    {"kill", "paused", true, "stopped"},     {"kill", "stopped", false, "stopped"},
    {"delete", "missing", false, ""},        {"delete", "created", true, ""},
    {"delete", "running", false, "running"}, {"delete", "paused", false, "paused"},
    {"delete", "stopped", true, ""},         {"delete_force", "missing", true, ""},
    {"delete_force", "created", true, ""},   {"delete_force", "running", true, ""},
    {"delete_force", "paused", true, ""},    {"delete_force", "stopped", true, ""},
    {"exec", "missing", false, ""},          {"exec", "created", true, "created"},
    {"exec", "running", true, "running"},    {"exec", "paused", false, "paused"},
    {"exec", "stopped", false, "stopped"},   {"pause", "missing", false, ""},
    {"pause", "created", true, "paused"},    {"pause", "running", true, "paused"},
    {"pause", "paused", false, "paused"},    {"pause", "stopped", false, "stopped"},
    {"resume", "missing", false, ""},        {"resume", "created", false, "created"},
    {"resume", "running", false, "running"}, {"resume", "paused", true, "running"},
    {"resume", "stopped", false, "stopped"}, {"ps", "missing", false, ""},
    {"ps", "created", true, "created"},      {"ps", "running", true, "running"},
    {"ps", "paused", true, "paused"},        {"ps", "stopped", true, "stopped"},
};

std::string name_of(const testing::TestParamInfo<Cell>& info) {
  return std::string(info.param.operation) + "_" + info.param.state;
}
void PrintTo(const Cell& cell, std::ostream* out) {
  *out << cell.operation << " of a " << cell.state << " container";
}

class LifecycleTest : public ContainerTest, public testing::WithParamInterface<Cell> {
 protected:
  void reach(std::string_view state) {
    bundle().probe({"say", "here", "pause"});
    if (state == "missing") {
      id_ = new_id();
      prepare(bundle(), id_);
      return;
    }
    container_ = create(bundle());
    id_ = container_.id;
    pid_ = container_.pid;
    if (state == "created") return;
    start(container_);
    container_.out->until("here");
    if (state == "paused") expect_success(runtime({"pause", id_}).run());
    if (state == "stopped") kill_and_reap(container_);
  }

  Outcome perform(const std::string& operation) {
    if (operation == "create") {
      return runtime(
                 {"create", "--bundle", bundle().path(), "--pid-file", work() / "again.pid", id_})
          .run();
    }
    if (operation == "kill") return runtime({"kill", id_, "KILL"}).run();
    if (operation == "delete_force") return runtime({"delete", "--force", id_}).run();
    if (operation == "exec") return runtime({"exec", id_, "/probe", "exit", "0"}).run();
    if (operation == "ps") return runtime({"ps", "--format", "json", id_}).run();
    return runtime({operation, id_}).run();
  }

  std::string status_now() {
    const Outcome outcome = runtime({"state", id_}).run();
    if (!outcome.ok()) return "";
    return json::parse(outcome.out, nullptr, false).value("status", "");
  }

  std::string id_;
  pid_t pid_ = -1;

 private:
  // Kept to the end: once its output has no reader any more, the first word would kill it.
  Container container_;
};

TEST_P(LifecycleTest, Cell) {
  const Cell& cell = GetParam();
  const std::string name = std::string(cell.operation) + "_" + cell.state;
  if (const auto reason = known_difference(name)) GTEST_SKIP() << runtime_name() << ": " << *reason;
  reach(cell.state);
  const Outcome outcome = perform(cell.operation);
  EXPECT_EQ(outcome.ok(), cell.accepted) << describe(outcome);
  EXPECT_FALSE(outcome.timed_out);
  if (std::string(cell.operation) == "kill" && cell.accepted) reap(pid_);
  EXPECT_EQ(status_now(), cell.afterwards);
  // No operation may have ended a container that it refused to touch.
  const std::string state = cell.state;
  if (cell.accepted || pid_ <= 0 || state == "stopped") return;
  EXPECT_EQ(::kill(pid_, 0), 0);
}

INSTANTIATE_TEST_SUITE_P(, LifecycleTest, testing::ValuesIn(kMatrix), name_of);

TEST_F(ContainerTest, ExitStatusIsSeenByWhoeverReaps) {
  for (const int status : {0, 1, 77}) {
    const Container container = launch({"exit", std::to_string(status)});
    EXPECT_EQ(reap(container.pid), status);
    remove(container);
  }
}

}  // namespace
}  // namespace nacre::test
