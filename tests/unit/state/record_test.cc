// state.json: written and read back, and what is wrong with damaged ones.
#include "runtime/state/record.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace nacre::state {
namespace {

using testing::HasSubstr;

Record full_record() {
  Record record;
  record.id = "c1";
  record.oci_version = "1.3.0";
  record.pid = 4321;
  record.start_time = 18446744073709551615U;
  record.creating = true;
  record.bundle = "/b";
  record.rootfs = "/b/rootfs";
  record.created = "2026-01-02T03:04:05.678Z";
  record.annotations = {{"a", "1"}, {"b", ""}};
  record.cgroup_path = "/x/c1";
  record.cgroup_manager = "cgroupfs";
  record.private_pid_namespace = true;
  record.private_user_namespace = true;
  record.rootless = true;
  record.hooks.poststart = {{"/bin/a", {"a", "1"}, {"K=V"}, 3}};
  record.hooks.poststop = {{"/bin/b", {}, {}, std::nullopt}, {"/bin/c", {"c"}, {}, 1}};
  record.notify_socket = "/run/n";
  record.has_seccomp = true;
  record.seccomp_listener_path = "/run/agent";
  record.seccomp_listener_metadata = "m";
  return record;
}

std::string error_of(std::string_view json) {
  const auto record = decode(json);
  return record ? "no error" : record.error().message();
}

std::string without(const char* key) {
  auto json = nlohmann::json::parse(encode(full_record()));
  json.erase(key);
  return json.dump();
}

std::string with(const char* key, const nlohmann::json& value) {
  auto json = nlohmann::json::parse(encode(full_record()));
  json[key] = value;
  return json.dump();
}

TEST(RecordTest, EverythingComesBack) {
  const Record record = full_record();
  const auto read = decode(encode(record));
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(encode(*read), encode(record));
  EXPECT_EQ(read->id, "c1");
  EXPECT_EQ(read->pid, 4321);
  EXPECT_EQ(read->start_time, 18446744073709551615U);
  EXPECT_EQ(read->annotations.at("b"), "");
  ASSERT_EQ(read->hooks.poststop.size(), 2U);
  EXPECT_EQ(read->hooks.poststart[0].timeout, 3);
  EXPECT_EQ(read->hooks.poststop[0].timeout, std::nullopt);
  EXPECT_EQ(read->hooks.poststop[1].args[0], "c");
  EXPECT_TRUE(read->has_seccomp);
  EXPECT_TRUE(read->creating);
}

TEST(RecordTest, DefaultsComeBack) {
  Record record;
  record.id = "x";
  const auto read = decode(encode(record));
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->pid, 0);
  EXPECT_FALSE(read->creating);
  EXPECT_TRUE(read->hooks.poststop.empty());
}

TEST(RecordTest, IsOneLineOfJson) {
  const std::string json = encode(full_record());
  EXPECT_TRUE(nlohmann::json::accept(json));
  EXPECT_EQ(json.find('\n'), std::string::npos);
}

TEST(RecordTest, UnknownFieldsAreIgnored) {
  EXPECT_EQ(error_of(with("futureField", {{"deep", {1, 2}}})), "no error");
}

TEST(RecordTest, MandatoryFieldsAreNamedWhenMissing) {
  for (const char* key :
       {"id", "ociVersion", "pid", "startTime", "bundle", "rootfs", "created", "cgroupManager"}) {
    EXPECT_THAT(error_of(without(key)), HasSubstr(key));
  }
  for (const char* key : {"annotations", "hooks", "cgroupPath", "creating", "rootless"}) {
    EXPECT_EQ(error_of(without(key)), "no error") << key;
  }
}

TEST(RecordTest, WrongTypesAndRangesAreNamed) {
  EXPECT_THAT(error_of(with("pid", "12")), HasSubstr("pid"));
  EXPECT_THAT(error_of(with("pid", -1)), HasSubstr("pid"));
  EXPECT_THAT(error_of(with("pid", 4294967296)), HasSubstr("pid"));
  EXPECT_THAT(error_of(with("pid", 1.5)), HasSubstr("pid"));
  EXPECT_THAT(error_of(with("startTime", -5)), HasSubstr("startTime"));
  EXPECT_THAT(error_of(with("rootless", 1)), HasSubstr("rootless"));
  EXPECT_THAT(error_of(with("annotations", {{"a", 1}})), HasSubstr("annotations"));
  EXPECT_THAT(error_of(with("hooks", {{"poststop", {{{"args", {"x"}}}}}})), HasSubstr("poststop"));
}

TEST(RecordTest, TextThatIsNoRecord) {
  for (const char* wrong : {"", "{", "[]", "null", "{}", "{\"id\":\"a\"} x", "\xff"}) {
    EXPECT_NE(error_of(wrong), "no error") << wrong;
  }
}

TEST(RecordTest, TruncationIsAlwaysAnError) {
  const std::string json = encode(full_record());
  for (std::size_t size = 0; size < json.size(); ++size) {
    EXPECT_FALSE(decode(std::string_view(json).substr(0, size))) << size;
  }
}

}  // namespace
}  // namespace nacre::state
