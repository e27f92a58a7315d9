#include "oci-spec/runtime/codecs.h"
#include "oci-spec/runtime/parse.h"
#include "oci-spec/runtime/write.h"

namespace nacre::json {

template <>
struct Codec<oci::DeviceRule> : Object<oci::DeviceRule> {
  static constexpr auto kFields = table<oci::DeviceRule>({
      field<&oci::DeviceRule::allow>("allow", kRequired),
      field<&oci::DeviceRule::type>("type"),
      field<&oci::DeviceRule::major>("major"),
      field<&oci::DeviceRule::minor>("minor"),
      field<&oci::DeviceRule::access>("access"),
  });
};

template <>
struct Codec<oci::MemoryResources> : Object<oci::MemoryResources> {
  static constexpr auto kFields = table<oci::MemoryResources>({
      field<&oci::MemoryResources::limit>("limit"),
      field<&oci::MemoryResources::reservation>("reservation"),
      field<&oci::MemoryResources::swap>("swap"),
      field<&oci::MemoryResources::kernel>("kernel"),
      field<&oci::MemoryResources::kernel_tcp>("kernelTCP"),
      field<&oci::MemoryResources::swappiness>("swappiness"),
      field<&oci::MemoryResources::disable_oom_killer>("disableOOMKiller"),
      field<&oci::MemoryResources::use_hierarchy>("useHierarchy"),
      field<&oci::MemoryResources::check_before_update>("checkBeforeUpdate"),
  });
};

template <>
struct Codec<oci::CpuResources> : Object<oci::CpuResources> {
  static constexpr auto kFields = table<oci::CpuResources>({
      field<&oci::CpuResources::shares>("shares"),
      field<&oci::CpuResources::quota>("quota"),
      field<&oci::CpuResources::burst>("burst"),
      field<&oci::CpuResources::period>("period"),
      field<&oci::CpuResources::realtime_runtime>("realtimeRuntime"),
      field<&oci::CpuResources::realtime_period>("realtimePeriod"),
      field<&oci::CpuResources::cpus>("cpus"),
      field<&oci::CpuResources::mems>("mems"),
      field<&oci::CpuResources::idle>("idle"),
  });
};

template <>
struct Codec<oci::WeightDevice> : Object<oci::WeightDevice> {
  static constexpr auto kFields = table<oci::WeightDevice>({
      field<&oci::WeightDevice::major>("major", kRequired),
      field<&oci::WeightDevice::minor>("minor", kRequired),
      field<&oci::WeightDevice::weight>("weight"),
      field<&oci::WeightDevice::leaf_weight>("leafWeight"),
  });
};

template <>
struct Codec<oci::ThrottleDevice> : Object<oci::ThrottleDevice> {
  static constexpr auto kFields = table<oci::ThrottleDevice>({
      field<&oci::ThrottleDevice::major>("major", kRequired),
      field<&oci::ThrottleDevice::minor>("minor", kRequired),
      field<&oci::ThrottleDevice::rate>("rate", kRequired),
  });
};

template <>
struct Codec<oci::BlockIoResources> : Object<oci::BlockIoResources> {
  static constexpr auto kFields = table<oci::BlockIoResources>({
      field<&oci::BlockIoResources::weight>("weight"),
      field<&oci::BlockIoResources::leaf_weight>("leafWeight"),
      field<&oci::BlockIoResources::weight_device>("weightDevice"),
      field<&oci::BlockIoResources::throttle_read_bps_device>("throttleReadBpsDevice"),
      field<&oci::BlockIoResources::throttle_write_bps_device>("throttleWriteBpsDevice"),
      field<&oci::BlockIoResources::throttle_read_iops_device>("throttleReadIOPSDevice"),
      field<&oci::BlockIoResources::throttle_write_iops_device>("throttleWriteIOPSDevice"),
  });
};

template <>
struct Codec<oci::HugepageLimit> : Object<oci::HugepageLimit> {
  static constexpr auto kFields = table<oci::HugepageLimit>({
      field<&oci::HugepageLimit::page_size>("pageSize", kRequired),
      field<&oci::HugepageLimit::limit>("limit", kRequired),
  });
};

template <>
struct Codec<oci::RdmaLimit> : Object<oci::RdmaLimit> {
  static constexpr auto kFields = table<oci::RdmaLimit>({
      field<&oci::RdmaLimit::hca_handles>("hcaHandles"),
      field<&oci::RdmaLimit::hca_objects>("hcaObjects"),
  });
};

template <>
struct Codec<oci::InterfacePriority> : Object<oci::InterfacePriority> {
  static constexpr auto kFields = table<oci::InterfacePriority>({
      field<&oci::InterfacePriority::name>("name", kRequired),
      field<&oci::InterfacePriority::priority>("priority", kRequired),
  });
};

template <>
struct Codec<oci::NetworkResources> : Object<oci::NetworkResources> {
  static constexpr auto kFields = table<oci::NetworkResources>({
      field<&oci::NetworkResources::class_id>("classID"),
      field<&oci::NetworkResources::priorities>("priorities"),
  });
};

namespace {

// {"limit": n}; the object may be empty.
struct PidsCodec {
  struct Pids {
    std::optional<std::int64_t> limit;
  };
  static constexpr auto kFields = table<Pids>({field<&Pids::limit>("limit")});

  static Result<void> read(const Cursor& at, std::optional<std::int64_t>& out) {
    Pids pids;
    NACRE_TRY(read_fields(at, &pids, kFields));
    out = pids.limit;
    return {};
  }
  static void write(Writer& out, const std::optional<std::int64_t>& value) {
    const Pids pids{value};
    out.begin_object();
    write_fields(out, &pids, kFields);
    out.end_object();
  }
};

}  // namespace

template <>
std::span<const Field> SharedObject<oci::Resources>::fields() {
  static constexpr auto kFields = table<oci::Resources>({
      field<&oci::Resources::devices>("devices"),
      field<&oci::Resources::memory>("memory"),
      field<&oci::Resources::cpu>("cpu"),
      field<&oci::Resources::pids_limit, PidsCodec>("pids"),
      field<&oci::Resources::block_io>("blockIO"),
      field<&oci::Resources::hugepage_limits>("hugepageLimits"),
      field<&oci::Resources::network>("network"),
      field<&oci::Resources::rdma>("rdma"),
      field<&oci::Resources::unified>("unified"),
  });
  return kFields;
}

}  // namespace nacre::json

namespace nacre::oci {

Result<Resources> parse_resources(std::string_view bytes) {
  return json::parse_document<Resources>(bytes, "resources");
}

std::string to_json(const Resources& resources) { return json::write_document(resources, {}); }

}  // namespace nacre::oci
