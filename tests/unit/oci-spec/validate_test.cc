#include "oci-spec/runtime/validate.h"

#include <gtest/gtest.h>

#include <functional>

#include "oci-spec/defaults/default_spec.h"
#include "oci-spec/runtime/parse.h"
#include "tests/unit/oci-spec/samples.h"

namespace nacre::oci {
namespace {

using test::IsInvalid;
using test::IsOk;

struct Case {
  std::function<void(Spec&)> change;
  std::string message;  // without "config.json: "; empty: valid
};

void expect_all(const std::vector<Case>& cases) {
  for (std::size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(i);
    Spec spec = default_spec();
    cases[i].change(spec);
    if (cases[i].message.empty()) {
      EXPECT_THAT(validate(spec), IsOk());
    } else {
      EXPECT_THAT(validate(spec), IsInvalid("config.json: " + cases[i].message));
    }
  }
}

TEST(ValidateTest, Versions) {
  for (const std::string good : {"1.0.0", "1.0.0-rc1", "1.0.0-rc5-dev", "1.0.2-dev", "1.1.0+dev",
                                 "1.2.1", "1.3.0", "1.3.0+dev", "1.10.0"}) {
    Spec spec = default_spec();
    spec.oci_version = good;
    EXPECT_THAT(validate(spec), IsOk()) << good;
  }
  for (const std::string bad :
       {"", "1", "1.0", "2.0.0", "0.9.0", "10.0.0", "1.0.x", "v1.0.0", "1.0.0.0", "1.00.0",
        "1.0.0-", "1.0.0+", "1..0", " 1.0.0", "1.0.0 ", "1.-1.0", "1.99999999999.0"}) {
    Spec spec = default_spec();
    spec.oci_version = bad;
    EXPECT_THAT(validate(spec),
                IsInvalid("config.json: ociVersion: unsupported OCI version \"" + bad + "\""));
  }
}

TEST(ValidateTest, RootAndProcess) {
  expect_all({
      {[](Spec& s) { s.root.path.clear(); }, "root.path: must not be empty"},
      {[](Spec& s) { s.process.reset(); }, "process: must not be empty"},
      {[](Spec& s) { s.process->cwd = "x"; }, "process.cwd: must be an absolute path"},
  });
}

TEST(ValidateTest, UtsNames) {
  const auto without_uts = [](Spec& s) {
    std::erase_if(s.linux_.namespaces,
                  [](const Namespace& ns) { return ns.type == NamespaceType::kUts; });
  };
  expect_all({
      {without_uts, "hostname: unable to set hostname without a private UTS namespace"},
      {[&](Spec& s) {
         without_uts(s);
         s.hostname.clear();
       },
       ""},
      {[&](Spec& s) {
         without_uts(s);
         s.hostname.clear();
         s.domainname = "d";
       },
       "domainname: unable to set domainname without a private UTS namespace"},
      {[](Spec& s) { s.hostname = std::string(64, 'h'); }, ""},
      {[](Spec& s) { s.hostname = std::string(65, 'h'); }, "hostname: longer than 64 bytes"},
      {[](Spec& s) { s.domainname = std::string(65, 'h'); }, "domainname: longer than 64 bytes"},
      // A namespace that is joined counts as well.
      {[&](Spec& s) {
         without_uts(s);
         s.linux_.namespaces.push_back({NamespaceType::kUts, "/proc/1/ns/uts"});
       },
       ""},
  });
}

TEST(ValidateTest, Mounts) {
  expect_all({
      {[](Spec& s) { s.mounts[1].destination.clear(); },
       "mounts[1].destination: must not be empty"},
      {[](Spec& s) { s.mounts[0].destination = "relative"; }, ""},
      {[](Spec& s) { s.mounts[0].uid_mappings = {{0, 1, 1}}; },
       "mounts[0]: id-mapped mounts must have both uid and gid mappings specified"},
      {[](Spec& s) { s.mounts[0].gid_mappings = {{0, 1, 1}}; },
       "mounts[0]: id-mapped mounts must have both uid and gid mappings specified"},
      {[](Spec& s) {
         s.mounts[2].uid_mappings = {{0, 1, 1}};
         s.mounts[2].gid_mappings = {{0, 1, 0}};
       },
       "mounts[2].gidMappings[0]: size must be at least 1"},
      {[](Spec& s) {
         s.mounts[2].uid_mappings = {{0, 1, 1}};
         s.mounts[2].gid_mappings = {{0, 1, 1}};
       },
       ""},
  });
}

TEST(ValidateTest, Hooks) {
  const auto hook = [](std::string path) {
    Hook result;
    result.path = std::move(path);
    return result;
  };
  expect_all({
      {[&](Spec& s) { s.hooks.prestart = {hook("/a"), hook("b")}; },
       "hooks.prestart[1].path: must be an absolute path"},
      {[&](Spec& s) { s.hooks.create_runtime = {hook("")}; },
       "hooks.createRuntime[0].path: must be an absolute path"},
      {[&](Spec& s) { s.hooks.create_container = {hook("./x")}; },
       "hooks.createContainer[0].path: must be an absolute path"},
      {[&](Spec& s) { s.hooks.start_container = {hook("x")}; },
       "hooks.startContainer[0].path: must be an absolute path"},
      {[&](Spec& s) { s.hooks.poststart = {hook("x")}; },
       "hooks.poststart[0].path: must be an absolute path"},
      {[&](Spec& s) { s.hooks.poststop = {hook("x")}; },
       "hooks.poststop[0].path: must be an absolute path"},
      {[&](Spec& s) {
         s.hooks.poststop = {hook("/x")};
         s.hooks.poststop[0].timeout = 0;
       },
       "hooks.poststop[0].timeout: must be greater than zero"},
      {[&](Spec& s) {
         s.hooks.poststop = {hook("/x")};
         s.hooks.poststop[0].timeout = -5;
       },
       "hooks.poststop[0].timeout: must be greater than zero"},
      {[&](Spec& s) {
         s.hooks.poststop = {hook("/x")};
         s.hooks.poststop[0].timeout = 1;
         s.hooks.poststop[0].env = {"A=B", "C"};
       },
       "hooks.poststop[0].env[1]: invalid environment variable: missing '='"},
      {[&](Spec& s) {
         s.hooks.poststop = {hook("/x")};
         s.hooks.poststop[0].timeout = 1;
         s.hooks.poststop[0].env = {"A=B"};
       },
       ""},
  });
}

TEST(ValidateTest, Annotations) {
  expect_all({
      {[](Spec& s) { s.annotations = {{"", "v"}}; }, "annotations: a key must not be empty"},
      {[](Spec& s) { s.annotations = {{"k", ""}}; }, ""},
  });
}

TEST(ValidateIdTest, TakesWhatRuncTakes) {
  for (const std::string good : {"a", "A-b_c.d+e", "0", "...", ".a", "-x"})
    EXPECT_THAT(validate_id(good), IsOk()) << good;
  EXPECT_THAT(validate_id(std::string(255, 'a')), IsOk());
  for (const std::string bad : {"", ".", "..", "a/b", "/", "a b", "é", "a\n", "a:b", "*", "a,b"})
    EXPECT_THAT(validate_id(bad), IsInvalid("invalid container ID format")) << bad;
  EXPECT_THAT(validate_id(std::string("a\0b", 3)), IsInvalid("invalid container ID format"));
  EXPECT_THAT(validate_id(std::string(256, 'a')), IsInvalid("invalid container ID format"));
}

}  // namespace
}  // namespace nacre::oci
