#include "runtime/seccomp/vocabulary.h"

#include <linux/seccomp.h>

#include <algorithm>
#include <array>

#include "runtime/seccomp/arch.h"
#include "runtime/seccomp/compile.h"

namespace nacre::seccomp {
namespace {

template <class Value>
struct Word {
  std::string_view text;
  Value value;
};

constexpr std::array<Word<Action>, 9> kActions = {{
    {"SCMP_ACT_ALLOW", {SECCOMP_RET_ALLOW}},
    {"SCMP_ACT_ERRNO", {SECCOMP_RET_ERRNO, true}},
    {"SCMP_ACT_KILL", {SECCOMP_RET_KILL_THREAD}},  // the older word for KILL_THREAD
    {"SCMP_ACT_KILL_PROCESS", {SECCOMP_RET_KILL_PROCESS}},
    {"SCMP_ACT_KILL_THREAD", {SECCOMP_RET_KILL_THREAD}},
    {"SCMP_ACT_LOG", {SECCOMP_RET_LOG}},
    {"SCMP_ACT_NOTIFY", {SECCOMP_RET_USER_NOTIF}},
    {"SCMP_ACT_TRACE", {SECCOMP_RET_TRACE, true}},
    {"SCMP_ACT_TRAP", {SECCOMP_RET_TRAP}},
}};

constexpr std::array<Word<Comparison>, 7> kOperators = {{
    {"SCMP_CMP_EQ", Comparison::kEqual},
    {"SCMP_CMP_GE", Comparison::kGreaterEqual},
    {"SCMP_CMP_GT", Comparison::kGreater},
    {"SCMP_CMP_LE", Comparison::kLessEqual},
    {"SCMP_CMP_LT", Comparison::kLess},
    {"SCMP_CMP_MASKED_EQ", Comparison::kMaskedEqual},
    {"SCMP_CMP_NE", Comparison::kNotEqual},
}};

constexpr std::array<Word<std::uint32_t>, 4> kFlags = {{
    {"SECCOMP_FILTER_FLAG_TSYNC", 0},
    {"SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW},
    {"SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG},
    {"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV},
}};

template <class Table>
auto find(const Table& table, std::string_view text) -> std::optional<decltype(table[0].value)> {
  for (const auto& word : table) {
    if (word.text == text) return word.value;
  }
  return std::nullopt;
}

template <class Table>
std::vector<std::string> words_of(const Table& table) {
  std::vector<std::string> words;
  words.reserve(table.size());
  for (const auto& word : table) words.emplace_back(word.text);
  return words;
}

}  // namespace

std::optional<Action> find_action(std::string_view word) { return find(kActions, word); }
std::optional<Comparison> find_operator(std::string_view word) { return find(kOperators, word); }
std::optional<std::uint32_t> find_flag(std::string_view word) { return find(kFlags, word); }

std::vector<std::string> known_actions() { return words_of(kActions); }
std::vector<std::string> known_operators() { return words_of(kOperators); }
std::vector<std::string> known_flags() { return words_of(kFlags); }

std::vector<std::string> known_archs() {
  std::vector<std::string> words;
  for (const Arch& arch : all_archs()) words.emplace_back(arch.name);
  std::ranges::sort(words);
  return words;
}

std::vector<std::string> supported_flags(const Facts& facts) {
  std::vector<std::string> words;
  for (const auto& flag : kFlags) {
    if ((flag.value & ~facts.supported_flags) == 0) words.emplace_back(flag.text);
  }
  return words;
}

}  // namespace nacre::seccomp
