#include "oci-spec/runtime/state.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace nacre::oci {
namespace {

State running() {
  State state;
  state.oci_version = "1.3.0";
  state.id = "web";
  state.status = Status::kRunning;
  state.pid = 4242;
  state.bundle = "/bundles/web";
  return state;
}

ContainerState listed() {
  return {running(), "/bundles/web/rootfs", "2026-01-02T03:04:05.000000006Z", "root"};
}

TEST(StateTest, ForHooksOnOneLine) {
  State state = running();
  EXPECT_EQ(
      to_json(state),
      R"({"ociVersion":"1.3.0","id":"web","status":"running","pid":4242,"bundle":"/bundles/web"})");
  state.status = Status::kStopped;
  state.pid = 0;
  state.annotations = {{"b", "2"}, {"a", "\"1\""}};
  EXPECT_EQ(to_json(state),
            R"({"ociVersion":"1.3.0","id":"web","status":"stopped","bundle":"/bundles/web",)"
            R"("annotations":{"a":"\"1\"","b":"2"}})");
}

TEST(StateTest, ForTheStateCommandInRuncsOrder) {
  ContainerState container = listed();
  EXPECT_EQ(to_json(container), R"({
  "ociVersion": "1.3.0",
  "id": "web",
  "pid": 4242,
  "status": "running",
  "bundle": "/bundles/web",
  "rootfs": "/bundles/web/rootfs",
  "created": "2026-01-02T03:04:05.000000006Z",
  "owner": "root"
})");
  container.state.pid = 0;
  container.state.annotations = {{"k", "v"}};
  container.owner.clear();
  const std::string text = to_json(container);
  EXPECT_NE(text.find("\"pid\": 0,"), std::string::npos);
  EXPECT_NE(text.find("\"annotations\": {\n    \"k\": \"v\"\n  },\n  \"owner\": \"\"\n}"),
            std::string::npos);
}

TEST(StateTest, ForListOnOneLine) {
  EXPECT_EQ(to_json(std::span<const ContainerState>{}), "null");
  const std::vector<ContainerState> two = {listed(), listed()};
  const std::string text = to_json(std::span(two));
  EXPECT_EQ(text.find('\n'), std::string::npos);
  const auto parsed = nlohmann::json::parse(text);
  ASSERT_EQ(parsed.size(), 2U);
  EXPECT_EQ(parsed[0], nlohmann::json::parse(to_json(two[0])));
}

TEST(StateTest, ForASeccompAgent) {
  ProcessState process;
  process.oci_version = "1.3.0";
  process.fds = {"seccompFd"};
  process.pid = 4242;
  process.state = running();
  process.state.status = Status::kCreating;
  EXPECT_EQ(to_json(process), R"({"ociVersion":"1.3.0","fds":["seccompFd"],"pid":4242,"state":)" +
                                  to_json(process.state) + "}");
  process.metadata = "m";
  EXPECT_EQ(nlohmann::json::parse(to_json(process))["metadata"], "m");
}

}  // namespace
}  // namespace nacre::oci
