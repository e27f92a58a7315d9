// Whole plans beside their specs. NACRE_UPDATE_GOLDEN=1 writes the files anew; the difference is
// then reviewed like code.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "runtime/plan/plan_json.h"
#include "tests/unit/plan/spec_samples.h"

namespace nacre::plan {
namespace {

std::string read(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void compare(const std::string& name, const oci::Spec& spec) {
  const auto plan = make_plan(spec, root_host(), launch_options(), {});
  ASSERT_TRUE(plan) << plan.error().message();
  const std::string path = std::string(NACRE_GOLDEN_DIR) + "/" + name + ".json";
  const std::string now = to_json(*plan) + "\n";
  if (std::getenv("NACRE_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << now;
  EXPECT_EQ(now, read(path)) << "set NACRE_UPDATE_GOLDEN=1 if this is meant";
}

TEST(GoldenPlanTest, Small) { compare("small", small_spec()); }

TEST(GoldenPlanTest, UserNamespace) {
  oci::Spec spec = user_namespace_spec();
  spec.mounts.push_back(mount_of("bind", "/srv", "/srv", {"rbind", "ro"}));
  compare("user_namespace", spec);
}

TEST(GoldenPlanTest, Everything) {
  oci::Spec spec = small_spec();
  spec.linux_.masked_paths = {"/proc/kcore", "/sys/firmware"};
  spec.linux_.readonly_paths = {"/proc/sys"};
  spec.linux_.sysctl["net.ipv4.ip_forward"] = "1";
  spec.linux_.devices.push_back({.type = "c", .path = "/dev/fuse", .major = 10, .minor = 229});
  spec.root.readonly = true;
  spec.process->terminal = true;
  spec.process->console_size = oci::ConsoleSize{.height = 24, .width = 80};
  spec.process->user = {.uid = 1000, .gid = 1000, .umask = 0027, .additional_gids = {5, 6}};
  spec.process->rlimits.push_back({"RLIMIT_NOFILE", 1024, 2048});
  spec.process->no_new_privileges = true;
  spec.process->oom_score_adj = 100;
  spec.hooks.create_runtime.push_back({.path = "/hook"});
  spec.hooks.create_container.push_back({.path = "/hook", .args = {"hook", "cc"}, .timeout = 2});
  spec.hooks.start_container.push_back({.path = "/hook"});
  compare("everything", spec);
}

}  // namespace
}  // namespace nacre::plan
