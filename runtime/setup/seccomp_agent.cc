#include "runtime/setup/seccomp_agent.h"

#include <sys/socket.h>

#include "runtime/setup/unix_socket.h"
#include "sys/io.h"

namespace nacre::setup {

Result<UniqueFd> connect_seccomp_agent(const state::Record& record) {
  if (record.seccomp_listener_path.empty()) {
    return fail(
        invalid_argument("linux.seccomp.listenerPath: missing, but SCMP_ACT_NOTIFY needs it"));
  }
  return NACRE_TRY_CTX(connect_socket(record.seccomp_listener_path, SOCK_STREAM),
                       "failed to connect with seccomp agent");
}

Result<void> write_seccomp_message(const OpenedPlan& opened, const state::Record& record,
                                   const oci::State& container, int pid) {
  oci::ProcessState message;
  message.oci_version = record.oci_version;
  message.fds = {"seccompFd"};
  message.pid = pid;
  message.metadata = record.seccomp_listener_metadata;
  message.state = container;
  NACRE_TRY_CTX(sys::write_all(opened.seccomp_message(), oci::to_json(message)),
                "write the message to the seccomp agent");
  return {};
}

}  // namespace nacre::setup
