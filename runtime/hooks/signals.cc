#include "runtime/hooks/signals.h"

#include <signal.h>

#include <algorithm>

#include "base/text.h"

namespace nacre::hooks {
namespace {

// The numbers that the kernel and the C library leave to programs: 32 and 33 belong to glibc's
// threads (nptl(7)).
constexpr int kRealTimeFirst = 34;
constexpr int kLast = 64;

struct Name {
  std::string_view text;
  int number;
};

constexpr Name kNames[] = {
    {"HUP", SIGHUP},       {"INT", SIGINT},           {"QUIT", SIGQUIT},
    {"ILL", SIGILL},       {"TRAP", SIGTRAP},         {"ABRT", SIGABRT},
    {"IOT", SIGIOT},       {"BUS", SIGBUS},           {"FPE", SIGFPE},
    {"KILL", SIGKILL},     {"USR1", SIGUSR1},         {"SEGV", SIGSEGV},
    {"USR2", SIGUSR2},     {"PIPE", SIGPIPE},         {"ALRM", SIGALRM},
    {"TERM", SIGTERM},     {"STKFLT", SIGSTKFLT},     {"CHLD", SIGCHLD},
    {"CLD", SIGCHLD},      {"CONT", SIGCONT},         {"STOP", SIGSTOP},
    {"TSTP", SIGTSTP},     {"TTIN", SIGTTIN},         {"TTOU", SIGTTOU},
    {"URG", SIGURG},       {"XCPU", SIGXCPU},         {"XFSZ", SIGXFSZ},
    {"VTALRM", SIGVTALRM}, {"PROF", SIGPROF},         {"WINCH", SIGWINCH},
    {"IO", SIGIO},         {"POLL", SIGIO},           {"PWR", SIGPWR},
    {"SYS", SIGSYS},       {"RTMIN", kRealTimeFirst}, {"RTMAX", kLast},
};

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

std::optional<int> real_time(int base, std::string_view offset, int direction) {
  const auto distance = text::parse_u32(offset);
  if (!distance || *distance > kLast - kRealTimeFirst) return std::nullopt;
  return base + direction * static_cast<int>(*distance);
}

}  // namespace

std::optional<int> parse_signal(std::string_view text) {
  if (const auto number = text::parse_u32(text)) {
    return *number <= kLast ? std::optional(static_cast<int>(*number)) : std::nullopt;
  }
  const std::string upper_case = upper(text);
  std::string_view name = upper_case;
  if (name.starts_with("SIG")) name.remove_prefix(3);
  if (name.starts_with("RTMIN+")) return real_time(kRealTimeFirst, name.substr(6), 1);
  if (name.starts_with("RTMAX-")) return real_time(kLast, name.substr(6), -1);
  const auto* const found = std::ranges::find(kNames, name, &Name::text);
  return found == std::end(kNames) ? std::nullopt : std::optional(found->number);
}

std::string signal_name(int signal) {
  const auto* const found = std::ranges::find(kNames, signal, &Name::number);
  if (found != std::end(kNames)) return text::join("SIG", found->text);
  return text::join("signal ", signal);
}

}  // namespace nacre::hooks
