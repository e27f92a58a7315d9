// Device programs as the kernel runs them.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "cgroups/device_program.h"
#include "sys/bpf.h"
#include "tests/integration/cgroups_module/fixture.h"

namespace nacre::cgroups {
namespace {

using test::error_of;
using testing::HasSubstr;
using Rules = std::vector<oci::DeviceRule>;

constexpr std::nullopt_t kAny = std::nullopt;

class DeviceGuardTest : public test::CgroupsModuleTest {
 protected:
  void SetUp() override {
    CgroupsModuleTest::SetUp();
    if (!IsSkipped()) group_ = std::make_unique<Cgroup>(make("/c1"));
  }
  void TearDown() override {
    if (group_) {
      EXPECT_EQ(error_of(group_->remove()), "no error");
    }
    CgroupsModuleTest::TearDown();
  }

  Cgroup& group() { return *group_; }

  // What a process in the cgroup can do, one word per attempt: "null:rw" opens /dev/null.
  std::string can(const std::vector<std::string>& attempts) {
    return test::in_child([&] {
      if (!group_->attach(::getpid())) return std::string("attach");
      std::string done;
      for (const std::string& attempt : attempts) {
        if (works(attempt)) done += (done.empty() ? "" : " ") + attempt;
      }
      return done;
    });
  }

  unsigned attached() {
    std::array<std::uint32_t, 64> ids{};
    return sys::bpf_query_device_programs(group_->dir(), ids.data(), 64).value_or(99);
  }

 private:
  bool works(const std::string& attempt) {
    const std::string name = attempt.substr(0, attempt.find(':'));
    const std::string how = attempt.substr(name.size() + 1);
    if (how == "m") {
      const std::string node = hierarchy().mount_point + ".node";
      const bool made = ::mknod(node.c_str(), S_IFCHR | 0600, makedev(1, 3)) == 0;
      if (made) ::unlink(node.c_str());
      return made;
    }
    const int flags = how == "r" ? O_RDONLY : how == "w" ? O_WRONLY : O_RDWR;
    const int fd = ::open(("/dev/" + name).c_str(), flags | O_CLOEXEC);
    const int error = errno;
    if (fd >= 0) ::close(fd);
    EXPECT_TRUE(fd >= 0 || error == EPERM) << attempt << ": " << error;
    return fd >= 0;
  }

  std::unique_ptr<Cgroup> group_;
};

DeviceProgram compiled(const Rules& rules) {
  auto program = compile_device_program(rules);
  if (!program) throw std::runtime_error(program.error().message());
  return *std::move(program);
}

std::string outcome(const Result<DeviceGuard>& guard) {
  if (!guard) return guard.error().message();
  switch (*guard) {
    case DeviceGuard::kEnforced:
      return "enforced";
    case DeviceGuard::kNothingToDo:
      return "nothing to do";
    case DeviceGuard::kNotPermitted:
      return "not permitted";
  }
  return "?";
}

const std::vector<std::string> kAttempts = {"null:r",  "null:w", "null:rw", "full:r",
                                            "full:rw", "zero:r", "node:m"};

TEST_F(DeviceGuardTest, WithoutAProgramEverythingWorks) {
  EXPECT_EQ(outcome(guard_devices(group().dir(), compiled({{true, "a", kAny, kAny, ""}}), false)),
            "nothing to do");
  EXPECT_EQ(attached(), 0U);
  EXPECT_EQ(can(kAttempts), "null:r null:w null:rw full:r full:rw zero:r node:m");
}

TEST_F(DeviceGuardTest, NoRulesLeaveNothing) {
  EXPECT_EQ(outcome(guard_devices(group().dir(), compiled({}), false)), "enforced");
  EXPECT_EQ(attached(), 1U);
  EXPECT_EQ(can(kAttempts), "");
}

TEST_F(DeviceGuardTest, RulesAreKeptByTheKernel) {
  EXPECT_EQ(outcome(guard_devices(group().dir(),
                                  compiled({{true, "c", 1, 3, "r"},
                                            {true, "c", 1, 7, "rw"},
                                            {true, "c", 1, 5, "r"},
                                            {false, "c", 1, 5, "rwm"}}),
                                  false)),
            "enforced");
  EXPECT_EQ(can(kAttempts), "null:r full:r full:rw");
}

TEST_F(DeviceGuardTest, ADenyInsideAnAllowIsKept) {
  EXPECT_EQ(
      outcome(guard_devices(
          group().dir(), compiled({{true, "a", kAny, kAny, ""}, {false, "c", 1, 3, "w"}}), false)),
      "enforced");
  EXPECT_EQ(can(kAttempts), "null:r full:r full:rw zero:r node:m");
}

TEST_F(DeviceGuardTest, TheDefaultsAreEnoughForAContainer) {
  Rules rules = {{false, "", kAny, kAny, "rwm"}};
  for (const auto& rule : default_device_rules()) rules.push_back(rule);
  EXPECT_EQ(outcome(guard_devices(group().dir(), compiled(rules), false)), "enforced");
  EXPECT_EQ(can(kAttempts), "null:r null:w null:rw full:r full:rw zero:r node:m");
  EXPECT_EQ(can({"random:r", "urandom:r", "ptmx:rw", "kmsg:r"}), "random:r urandom:r ptmx:rw");
}

TEST_F(DeviceGuardTest, AsManyRulesAsTheKernelTakes) {
  Rules rules;
  for (int i = 0; i < 3000; ++i) rules.push_back({true, "c", 200 + i % 2, i, "r"});
  rules.push_back({true, "c", 1, 3, "r"});
  EXPECT_EQ(outcome(guard_devices(group().dir(), compiled(rules), false)), "enforced");
  EXPECT_EQ(can(kAttempts), "null:r");
}

TEST_F(DeviceGuardTest, AnUpdateTakesThePlaceOfTheOldRules) {
  const auto replace = [&](const Rules& rules) {
    return outcome(replace_device_guard(group().dir(), compiled(rules), false));
  };
  EXPECT_EQ(replace({{true, "c", 1, 3, ""}}), "enforced");
  EXPECT_EQ(can(kAttempts), "null:r null:w null:rw node:m");
  EXPECT_EQ(replace({{true, "c", 1, 7, "r"}}), "enforced");
  EXPECT_EQ(attached(), 1U);
  EXPECT_EQ(can(kAttempts), "full:r");
  EXPECT_EQ(replace({{true, "a", kAny, kAny, ""}}), "nothing to do");
  EXPECT_EQ(attached(), 0U);
  EXPECT_EQ(can({"null:rw"}), "null:rw");
}

TEST_F(DeviceGuardTest, AnUpdateLeavesProgramsOfOthersAlone) {
  const DeviceProgram only_null = compiled({{true, "c", 1, 3, ""}});
  const auto theirs =
      sys::bpf_load_device_program(only_null.instructions.data(),
                                   static_cast<unsigned>(only_null.instructions.size()), "theirs");
  ASSERT_TRUE(theirs);
  ASSERT_TRUE(sys::bpf_attach_device_program(group().dir(), *theirs, BPF_F_ALLOW_MULTI));
  EXPECT_EQ(outcome(guard_devices(group().dir(), compiled({{true, "c", 1, kAny, ""}}), false)),
            "enforced");
  EXPECT_EQ(
      outcome(replace_device_guard(group().dir(), compiled({{true, "c", kAny, kAny, ""}}), false)),
      "enforced");
  EXPECT_EQ(attached(), 2U);
  EXPECT_EQ(can({"null:rw", "full:r"}), "null:rw");
}

TEST_F(DeviceGuardTest, WhatAUserNamespaceForbidsIsSaid) {
  const DeviceProgram program = compiled({{true, "c", 1, 3, ""}});
  const auto inside = [&](bool told) {
    return test::in_child([&] {
      if (::unshare(CLONE_NEWUSER) != 0) return std::string("no user namespace");
      return outcome(guard_devices(group().dir(), program, told)) + ", " +
             outcome(replace_device_guard(group().dir(), program, told));
    });
  };
  EXPECT_EQ(inside(true), "not permitted, not permitted");
  EXPECT_THAT(inside(false), HasSubstr("enforce linux.resources.devices: load the device program "
                                       "(bpf): operation not permitted"));
}

}  // namespace
}  // namespace nacre::cgroups
