#include "oci-spec/runtime/codecs.h"
#include "runtime/state/record.h"

namespace nacre::json {

template <>
struct Codec<state::Record> : Object<state::Record> {
  using R = state::Record;
  static constexpr auto kFields = table<R>({
      field<&R::id>("id", kRequired),
      field<&R::oci_version>("ociVersion", kRequired),
      field<&R::pid>("pid", kRequired),
      field<&R::start_time>("startTime", kRequired),
      field<&R::creating>("creating"),
      field<&R::bundle>("bundle", kRequired),
      field<&R::rootfs>("rootfs", kRequired),
      field<&R::created>("created", kRequired),
      field<&R::annotations>("annotations"),
      field<&R::cgroup_path>("cgroupPath"),
      field<&R::cgroup_manager>("cgroupManager", kRequired),
      field<&R::private_pid_namespace>("privatePidNamespace"),
      field<&R::private_user_namespace>("privateUserNamespace"),
      field<&R::rootless>("rootless"),
      field<&R::hooks>("hooks"),
      field<&R::notify_socket>("notifySocket"),
      field<&R::has_seccomp>("hasSeccomp"),
      field<&R::personality>("personality"),
      field<&R::seccomp_listener_path>("seccompListenerPath"),
      field<&R::seccomp_listener_metadata>("seccompListenerMetadata"),
      field<&R::start_steps>("startSteps"),
      field<&R::first_start_step>("firstStartStep"),
  });
};

}  // namespace nacre::json

namespace nacre::state {

std::string encode(const Record& record) { return json::write_document(record, {}); }

Result<Record> decode(std::string_view json) {
  Record record = NACRE_TRY(json::parse_document<Record>(json, {}));
  if (record.pid < 0) return fail(invalid_argument("pid: a process number cannot be negative"));
  return record;
}

}  // namespace nacre::state
