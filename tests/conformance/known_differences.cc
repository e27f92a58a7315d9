#include "tests/conformance/known_differences.h"

#include <array>

#include "tests/support/runtime.h"

namespace nacre::test {
namespace {

enum class Peer { kRunc, kCrun };

struct Difference {
  Peer peer;
  std::string_view case_name;
  std::string_view reason;
};

// Versions: runc 1.1.5 and crun 1.8.1 of Debian 12, crun 1.21 of Debian 13.
constexpr auto kDifferences = std::to_array<Difference>({
    {Peer::kRunc, "domainname", "runtime-spec 1.1"},
    {Peer::kRunc, "time_namespace", "runtime-spec 1.1"},
    {Peer::kRunc, "scheduler", "runtime-spec 1.1"},
    {Peer::kRunc, "io_priority", "runtime-spec 1.1"},
    {Peer::kRunc, "personality", "runtime-spec 1.1"},
    {Peer::kRunc, "idmapped_mount", "came with runc 1.2"},
    {Peer::kRunc, "seccomp_flags", "came with runc 1.2"},
    {Peer::kRunc, "largest_uid", "runc takes ids up to 2^31-1"},
    {Peer::kCrun, "delete_created", "crun wants --force for a created container"},
    {Peer::kCrun, "delete_paused", "crun deletes a paused container"},
    {Peer::kCrun, "kill_stopped", "crun 1.21 reports success"},
    {Peer::kCrun, "pause_created", "crun pauses running containers only"},
    {Peer::kCrun, "pause_paused", "crun reports success"},
    {Peer::kCrun, "resume_created", "crun reports success"},
    {Peer::kCrun, "resume_running", "crun reports success"},
    {Peer::kCrun, "exec_paused", "crun waits until the container is resumed"},
    {Peer::kCrun, "ps_stopped", "crun reports that there is no cgroup"},
    {Peer::kCrun, "features_missing", "crun 1.8.1 has no features command"},
});

}  // namespace

std::optional<std::string> known_difference(std::string_view case_name) {
  if (!is_peer()) return std::nullopt;
  const Peer peer = runtime_kind() == RuntimeKind::kRunc ? Peer::kRunc : Peer::kCrun;
  for (const auto& entry : kDifferences) {
    if (entry.peer == peer && entry.case_name == case_name) return std::string(entry.reason);
  }
  return std::nullopt;
}

}  // namespace nacre::test
