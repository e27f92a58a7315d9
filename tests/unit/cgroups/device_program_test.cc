#include "cgroups/device_program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/unit/cgroups/device_interpreter.h"

namespace nacre::cgroups {
namespace {

using oci::DeviceRule;
using test::DeviceAccess;
using test::kMknod;
using test::kRead;
using test::kWrite;
using testing::HasSubstr;
using Rules = std::vector<DeviceRule>;

constexpr std::uint32_t kChar = BPF_DEVCG_DEV_CHAR;
constexpr std::uint32_t kBlock = BPF_DEVCG_DEV_BLOCK;
constexpr std::nullopt_t kAny = std::nullopt;

// What the header promises, said once more and differently: each access on its own, first to last.
bool expected(const Rules& rules, const DeviceAccess& asked) {
  for (const auto& [bit, letter] : {std::pair(kRead, 'r'), {kWrite, 'w'}, {kMknod, 'm'}}) {
    if ((asked.access & bit) == 0) continue;
    bool allowed = false;
    for (const DeviceRule& rule : rules) {
      const bool type =
          rule.type.empty() || rule.type == "a" || rule.type == (asked.type == kChar ? "c" : "b");
      const auto number = [](const std::optional<std::int64_t>& wanted, std::uint32_t is) {
        return !wanted || *wanted == -1 || *wanted == is;
      };
      const bool access = rule.access.empty() || rule.access.find(letter) != std::string::npos;
      if (type && access && number(rule.major, asked.major_number) &&
          number(rule.minor, asked.minor_number)) {
        allowed = rule.allow;
      }
    }
    if (!allowed) return false;
  }
  return true;
}

bool allows(const Rules& rules, const DeviceAccess& asked) {
  const auto program = compile_device_program(rules);
  if (!program) {
    ADD_FAILURE() << program.error().message();
    return false;
  }
  if (program->instructions.empty()) return true;
  return test::DeviceInterpreter(program->instructions).allows(asked);
}

TEST(DeviceProgram, DeniesEverythingWithoutRules) {
  const auto program = compile_device_program({});
  ASSERT_TRUE(program);
  EXPECT_FALSE(program->instructions.empty());
  EXPECT_FALSE(allows({}, {kChar, kRead, 1, 3}));
  EXPECT_FALSE(allows({}, {kBlock, kMknod, 8, 0}));
}

TEST(DeviceProgram, IsNotNeededWhenEverythingIsAllowed) {
  const Rules everything[] = {
      {{true, "a", kAny, kAny, "rwm"}},
      {{true, "", kAny, kAny, ""}},
      {{true, "", -1, -1, ""}},
      {{false, "a", kAny, kAny, ""}, {true, "a", kAny, kAny, "rwm"}},
      {{true, "c", kAny, kAny, "rwm"}, {true, "b", kAny, kAny, "rw"}, {true, "b", kAny, kAny, "m"}},
      {{false, "c", 1, 3, "r"}, {true, "a", kAny, kAny, "rwm"}, {true, "c", 1, 5, "r"}},
  };
  for (const Rules& rules : everything) {
    const auto program = compile_device_program(rules);
    ASSERT_TRUE(program);
    EXPECT_TRUE(program->instructions.empty());
  }
  Rules privileged = {{true, "a", kAny, kAny, "rwm"}};
  for (const DeviceRule& rule : default_device_rules()) privileged.push_back(rule);
  EXPECT_TRUE(compile_device_program(privileged)->instructions.empty());
}

TEST(DeviceProgram, IsNeededWhenSomethingIsLeftOut) {
  const Rules almost[] = {
      {{true, "c", kAny, kAny, "rwm"}},
      {{true, "a", kAny, kAny, "rw"}},
      {{true, "a", kAny, kAny, "rwm"}, {false, "c", 1, 3, "m"}},
      {{true, "a", 1, kAny, "rwm"}},
  };
  for (const Rules& rules : almost) {
    EXPECT_FALSE(compile_device_program(rules)->instructions.empty());
  }
}

TEST(DeviceProgram, TheDefaultsOpenWhatEveryContainerMayOpen) {
  Rules rules = {{false, "a", kAny, kAny, "rwm"}};
  for (const DeviceRule& rule : default_device_rules()) rules.push_back(rule);
  const std::pair<std::uint32_t, std::uint32_t> open[] = {
      {1, 3}, {1, 5}, {1, 7}, {1, 8}, {1, 9}, {5, 0}, {5, 2}, {136, 0}, {136, 999}, {10, 200}};
  for (const auto& [major_number, minor_number] : open) {
    EXPECT_TRUE(allows(rules, {kChar, kRead | kWrite, major_number, minor_number}))
        << major_number << ':' << minor_number;
    EXPECT_FALSE(allows(rules, {kBlock, kRead, major_number, minor_number}));
  }
  EXPECT_FALSE(allows(rules, {kChar, kRead, 1, 1}));  // mem
  EXPECT_FALSE(allows(rules, {kChar, kRead, 1, 4}));  // port
  EXPECT_FALSE(allows(rules, {kChar, kRead, 5, 1}));  // the host's console
  EXPECT_FALSE(allows(rules, {kChar, kWrite, 10, 229}));
  EXPECT_FALSE(allows(rules, {kBlock, kRead, 8, 0}));
  EXPECT_TRUE(allows(rules, {kBlock, kMknod, 8, 0}));
  EXPECT_TRUE(allows(rules, {kChar, kMknod, 1, 1}));
  EXPECT_FALSE(allows(rules, {kChar, kMknod | kRead, 1, 1}));
}

TEST(DeviceProgram, SplitAccessesAddUp) {
  const Rules rules = {{true, "c", 1, 3, "r"}, {true, "c", 1, 3, "w"}};
  EXPECT_TRUE(allows(rules, {kChar, kRead | kWrite, 1, 3}));
  EXPECT_FALSE(allows(rules, {kChar, kRead | kMknod, 1, 3}));
}

TEST(DeviceProgram, ALaterDenyTakesAway) {
  const Rules hole = {{true, "c", 1, kAny, "rwm"}, {false, "c", 1, 3, "w"}};
  EXPECT_TRUE(allows(hole, {kChar, kRead, 1, 3}));
  EXPECT_FALSE(allows(hole, {kChar, kRead | kWrite, 1, 3}));
  EXPECT_TRUE(allows(hole, {kChar, kRead | kWrite, 1, 5}));

  const Rules wider = {{true, "c", 1, 3, "rwm"}, {false, "c", 1, kAny, "rwm"}};
  EXPECT_FALSE(allows(wider, {kChar, kRead, 1, 3}));

  const Rules open = {{true, "a", kAny, kAny, "rwm"}, {false, "b", 8, 0, "w"}};
  EXPECT_FALSE(allows(open, {kBlock, kRead | kWrite, 8, 0}));
  EXPECT_TRUE(allows(open, {kBlock, kRead, 8, 0}));
  EXPECT_TRUE(allows(open, {kChar, kWrite, 8, 0}));
}

TEST(DeviceProgram, ALaterAllowGivesBack) {
  const Rules rules = {{true, "c", 1, 3, "r"}, {false, "c", 1, 3, "r"}, {true, "c", 1, 3, "r"}};
  EXPECT_TRUE(allows(rules, {kChar, kRead, 1, 3}));
}

TEST(DeviceProgram, TypeAWithNumbersMeansThose) {
  const Rules rules = {{true, "a", 7, 1, "r"}};
  EXPECT_TRUE(allows(rules, {kChar, kRead, 7, 1}));
  EXPECT_TRUE(allows(rules, {kBlock, kRead, 7, 1}));
  EXPECT_FALSE(allows(rules, {kBlock, kWrite, 7, 1}));
  EXPECT_FALSE(allows(rules, {kBlock, kRead, 7, 2}));
}

TEST(DeviceProgram, NumbersUpToTheKernelsLimits) {
  const Rules rules = {{true, "c", 0xfff, 0xfffff, "r"}, {true, "b", 0x800, kAny, "r"}};
  EXPECT_TRUE(allows(rules, {kChar, kRead, 0xfff, 0xfffff}));
  EXPECT_FALSE(allows(rules, {kChar, kRead, 0x7ff, 0xfffff}));
  EXPECT_FALSE(allows(rules, {kChar, kRead, 0xfff, 0x7ffff}));
  EXPECT_TRUE(allows(rules, {kBlock, kRead, 0x800, 0xfffff}));
}

// Were they cut to the kernel's 12 and 20 bits, they would be other devices.
TEST(DeviceProgram, NumbersThatNoDeviceHasMatchNone) {
  const Rules rules = {{true, "c", 0x1001, 3, "r"},
                       {true, "c", 1, 0x100003, "r"},
                       {true, "c", 0xffffffffLL, kAny, "r"},
                       {true, "c", kAny, 0xffffffffLL, "r"}};
  EXPECT_FALSE(allows(rules, {kChar, kRead, 1, 3}));
  EXPECT_FALSE(allows(rules, {kChar, kRead, 2, 3}));
  EXPECT_FALSE(allows(rules, {kChar, kRead, 0xfff, 0xfffff}));
}

TEST(DeviceProgram, RefusesWhatIsNoRule) {
  const std::pair<DeviceRule, const char*> bad[] = {
      {{true, "u", 1, 3, "r"}, "linux.resources.devices[1]: type \"u\" is not a, b or c"},
      {{true, "p", kAny, kAny, ""}, "type \"p\""},
      {{true, "cb", 1, 3, "r"}, "type \"cb\""},
      {{true, "c", 1, 3, "rx"}, "letters other than r, w and m"},
      {{true, "c", 1, 3, "RW"}, "letters other than r, w and m"},
      {{true, "c", -2, 3, "r"}, "-2 is no device number"},
      {{true, "c", 1, 0x100000000LL, "r"}, "4294967296 is no device number"},
  };
  for (const auto& [rule, text] : bad) {
    const Rules rules = {{true, "c", 1, 3, "r"}, rule};
    const auto program = compile_device_program(rules);
    ASSERT_FALSE(program) << text;
    EXPECT_EQ(program.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(program.error().message(), HasSubstr(text));
  }
}

TEST(DeviceProgram, RefusesMoreThanAProgramCanHold) {
  Rules rules;
  for (int i = 0; i < 40000; ++i) rules.push_back({true, "c", 1, i, "r"});
  const auto program = compile_device_program(rules);
  ASSERT_FALSE(program);
  EXPECT_THAT(program.error().message(), HasSubstr("40000 rules are too many"));
}

// What loading costs depends on the number of instructions, and every container pays it.
TEST(DeviceProgram, IsShort) {
  Rules rules = {{false, "a", kAny, kAny, "rwm"}};
  const std::size_t nothing = compile_device_program(rules)->instructions.size();
  for (const DeviceRule& rule : default_device_rules()) rules.push_back(rule);
  const std::size_t defaults = compile_device_program(rules)->instructions.size();
  EXPECT_LE(defaults, nothing + 30);
  rules.push_back({true, "c", 226, 128, "rw"});
  EXPECT_EQ(compile_device_program(rules)->instructions.size(), defaults + 1);
}

TEST(DeviceProgram, OverriddenRulesCostNothing) {
  const Rules one = {{true, "c", 1, 3, "rwm"}};
  Rules many;
  for (int i = 0; i < 1000; ++i) many.push_back({i % 2 == 0, "a", i, kAny, "rwm"});
  many.push_back({false, "a", kAny, kAny, "rwm"});
  many.push_back(one.front());
  EXPECT_EQ(compile_device_program(many)->instructions.size(),
            compile_device_program(one)->instructions.size());
}

// Random lists over few numbers, so that rules meet, against the plain reading of the rules.
TEST(DeviceProgram, AgreesWithThePlainReading) {
  std::mt19937 random(20251108);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same cases every time
  const auto pick = [&](unsigned n) {
    return std::uniform_int_distribution<unsigned>(0, n - 1)(random);
  };
  const auto number = [&]() -> std::optional<std::int64_t> {
    if (pick(3) == 0) return std::nullopt;
    return static_cast<std::int64_t>(pick(3)) - 1;
  };
  const char* types[] = {"", "a", "b", "c"};
  const char* accesses[] = {"", "r", "w", "m", "rw", "rm", "wm", "rwm"};
  for (int round = 0; round < 1000; ++round) {
    Rules rules;
    for (unsigned i = pick(8); i > 0; --i) {
      rules.push_back({pick(2) == 0, types[pick(4)], number(), number(), accesses[pick(8)]});
    }
    const auto program = compile_device_program(rules);
    ASSERT_TRUE(program);
    for (std::uint32_t bits = 0; bits < 2U * 7U * 3U * 3U; ++bits) {
      const DeviceAccess asked{bits % 2 == 0 ? kChar : kBlock, 1 + bits / 2 % 7, bits / 14 % 3,
                               bits / 42 % 3};
      const bool verdict = program->instructions.empty() ||
                           test::DeviceInterpreter(program->instructions).allows(asked);
      ASSERT_EQ(verdict, expected(rules, asked))
          << "round " << round << ": type " << asked.type << " access " << asked.access << " "
          << asked.major_number << ":" << asked.minor_number;
    }
  }
}

}  // namespace
}  // namespace nacre::cgroups
