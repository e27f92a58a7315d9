#include "runtime/commands/notices.h"

#include "base/text.h"
#include "runtime/plan/capabilities.h"

namespace nacre::commands {

void note_capabilities(const log::Logger& logger, const oci::Process& process,
                       const plan::HostFacts& host, bool own_user_namespace) {
  const auto available = own_user_namespace ? ~std::uint64_t{0} : host.capabilities;
  const auto names = plan::ungranted_capabilities(process.capabilities, available);
  if (names.empty()) return;
  logger.notice(text::join("ignoring unknown or unavailable capabilities: [",
                           text::join_with(names, " "), "]"));
}

}  // namespace nacre::commands
