#include "base/text.h"
#include "oci-spec/json/path.h"
#include "oci-spec/runtime/codecs.h"
#include "oci-spec/runtime/enums.h"

namespace nacre::json {

template <>
struct Codec<oci::NamespaceType> {
  static Result<void> read(const Cursor& at, oci::NamespaceType& out) {
    NACRE_TRY(at.expect(Kind::kString));
    const auto type = oci::value_of(oci::kNamespaceTypes, at.text());
    if (!type) return fail(at.error(text::join("unknown namespace ", excerpt(at.text()))));
    out = *type;
    return {};
  }
  static void write(Writer& out, oci::NamespaceType value) { out.string(oci::to_text(value)); }
};

namespace {

// Go programs send st_mode or os.FileMode as it is, type bits included.
struct FileModeCodec {
  static constexpr std::uint32_t kPermissionBits = 07777;

  static Result<void> read(const Cursor& at, std::optional<std::uint32_t>& out) {
    NACRE_TRY(Codec<std::uint32_t>::read(at, out.emplace()));
    *out &= kPermissionBits;
    return {};
  }
  static void write(Writer& out, const std::optional<std::uint32_t>& value) {
    Codec<std::optional<std::uint32_t>>::write(out, value);
  }
};

// Neither a default action nor a system call: no filter is wanted (runc and its callers agree).
struct SeccompCodec {
  static Result<void> read(const Cursor& at, std::optional<oci::Seccomp>& out) {
    NACRE_TRY(Codec<oci::Seccomp>::read(at, out.emplace()));
    if (out->default_action.empty() && out->syscalls.empty()) out.reset();
    return {};
  }
  static void write(Writer& out, const std::optional<oci::Seccomp>& value) {
    Codec<std::optional<oci::Seccomp>>::write(out, value);
  }
};

}  // namespace

template <>
struct Codec<oci::Namespace> : Object<oci::Namespace> {
  static constexpr auto kFields = table<oci::Namespace>({
      field<&oci::Namespace::type>("type", kRequired),
      field<&oci::Namespace::path>("path"),
  });
};

template <>
struct Codec<oci::TimeOffset> : Object<oci::TimeOffset> {
  static constexpr auto kFields = table<oci::TimeOffset>({
      field<&oci::TimeOffset::secs>("secs"),
      field<&oci::TimeOffset::nanosecs>("nanosecs"),
  });
};

template <>
struct Codec<oci::Device> : Object<oci::Device> {
  static constexpr auto kFields = table<oci::Device>({
      field<&oci::Device::type>("type", kRequired),
      field<&oci::Device::path>("path", kRequired),
      field<&oci::Device::major>("major", kAlways),
      field<&oci::Device::minor>("minor", kAlways),
      field<&oci::Device::file_mode, FileModeCodec>("fileMode"),
      field<&oci::Device::uid>("uid"),
      field<&oci::Device::gid>("gid"),
  });
};

template <>
struct Codec<oci::NetDevice> : Object<oci::NetDevice> {
  static constexpr auto kFields = table<oci::NetDevice>({
      field<&oci::NetDevice::name>("name"),
  });
};

template <>
struct Codec<oci::IntelRdt> : Object<oci::IntelRdt> {
  static constexpr auto kFields = table<oci::IntelRdt>({
      field<&oci::IntelRdt::clos_id>("closID"),
      field<&oci::IntelRdt::schemata>("schemata"),
      field<&oci::IntelRdt::l3_cache_schema>("l3CacheSchema"),
      field<&oci::IntelRdt::mem_bw_schema>("memBwSchema"),
      field<&oci::IntelRdt::enable_monitoring>("enableMonitoring"),
  });
};

template <>
struct Codec<oci::MemoryPolicy> : Object<oci::MemoryPolicy> {
  static constexpr auto kFields = table<oci::MemoryPolicy>({
      field<&oci::MemoryPolicy::mode>("mode", kAlways),
      field<&oci::MemoryPolicy::nodes>("nodes"),
      field<&oci::MemoryPolicy::flags>("flags"),
  });
};

template <>
struct Codec<oci::Personality> : Object<oci::Personality> {
  static constexpr auto kFields = table<oci::Personality>({
      field<&oci::Personality::domain>("domain", kRequired),
      field<&oci::Personality::flags>("flags"),
  });
};

template <>
std::span<const Field> SharedObject<oci::Linux>::fields() {
  static constexpr auto kFields = table<oci::Linux>({
      field<&oci::Linux::uid_mappings>("uidMappings"),
      field<&oci::Linux::gid_mappings>("gidMappings"),
      field<&oci::Linux::sysctl>("sysctl"),
      field<&oci::Linux::resources>("resources"),
      field<&oci::Linux::cgroups_path>("cgroupsPath"),
      field<&oci::Linux::namespaces>("namespaces"),
      field<&oci::Linux::devices>("devices"),
      field<&oci::Linux::net_devices>("netDevices"),
      field<&oci::Linux::seccomp, SeccompCodec>("seccomp"),
      field<&oci::Linux::rootfs_propagation>("rootfsPropagation"),
      field<&oci::Linux::masked_paths>("maskedPaths"),
      field<&oci::Linux::readonly_paths>("readonlyPaths"),
      field<&oci::Linux::mount_label>("mountLabel"),
      field<&oci::Linux::intel_rdt>("intelRdt"),
      field<&oci::Linux::memory_policy>("memoryPolicy"),
      field<&oci::Linux::personality>("personality"),
      field<&oci::Linux::time_offsets>("timeOffsets"),
  });
  return kFields;
}

}  // namespace nacre::json
