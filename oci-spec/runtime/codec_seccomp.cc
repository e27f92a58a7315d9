#include "oci-spec/runtime/codecs.h"

namespace nacre::json {

template <>
struct Codec<oci::SeccompArg> : Object<oci::SeccompArg> {
  static constexpr auto kFields = table<oci::SeccompArg>({
      field<&oci::SeccompArg::index>("index", kRequired),
      field<&oci::SeccompArg::value>("value", kRequired),
      field<&oci::SeccompArg::value_two>("valueTwo"),
      field<&oci::SeccompArg::op>("op", kRequired),
  });
};

template <>
struct Codec<oci::SeccompSyscall> : Object<oci::SeccompSyscall> {
  static constexpr auto kFields = table<oci::SeccompSyscall>({
      field<&oci::SeccompSyscall::names>("names", kRequired),
      field<&oci::SeccompSyscall::action>("action", kRequired),
      field<&oci::SeccompSyscall::errno_ret>("errnoRet"),
      field<&oci::SeccompSyscall::args>("args"),
  });
};

namespace {

// An empty list is not the same as none: only the latter leaves the choice to the runtime.
struct FlagsCodec {
  static Result<void> read(const Cursor& at, oci::Seccomp& out) {
    out.flags_given = true;
    return Codec<std::vector<std::string>>::read(at, out.flags);
  }
  static void write(Writer& out, const oci::Seccomp& value) {
    Codec<std::vector<std::string>>::write(out, value.flags);
  }
  static bool is_default(const oci::Seccomp& value) {
    return !value.flags_given && value.flags.empty();
  }
};

}  // namespace

template <>
std::span<const Field> SharedObject<oci::Seccomp>::fields() {
  static constexpr auto kFields = table<oci::Seccomp>({
      field<&oci::Seccomp::default_action>("defaultAction", kAlways),
      field<&oci::Seccomp::default_errno_ret>("defaultErrnoRet"),
      field<&oci::Seccomp::architectures>("architectures"),
      field_of_whole<oci::Seccomp, FlagsCodec>("flags"),
      field<&oci::Seccomp::listener_path>("listenerPath"),
      field<&oci::Seccomp::listener_metadata>("listenerMetadata"),
      field<&oci::Seccomp::syscalls>("syscalls"),
  });
  return kFields;
}

}  // namespace nacre::json
