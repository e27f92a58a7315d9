#include "base/text.h"
#include "cgroups/settings_parts.h"

namespace nacre::cgroups::parts {
namespace {

constexpr std::int64_t kNumberLimit = 0xffffffff;

Result<std::string> device_key(std::int64_t major, std::int64_t minor, std::string_view field) {
  if (major < 0 || minor < 0 || major > kNumberLimit || minor > kNumberLimit) {
    return fail(bad_field(field, text::join(major, ':', minor, " is no device number")));
  }
  return text::join(major, ':', minor, ' ');
}

// `key` is empty or "major:minor ".
Result<Setting> weight_setting(std::string_view key, std::uint16_t weight, std::string_view field) {
  if (weight < 10 || weight > 1000) {
    return fail(bad_field(field, text::join(weight, " is not in the range 10 to 1000")));
  }
  Setting result = setting("io.bfq.weight", text::join(key, weight), field);
  result.other_file = "io.weight";
  // 10..1000 onto 1..10000, as runc and crun do.
  result.other_value = text::join(key, 1U + (weight - 10U) * 9999U / 990U);
  return result;
}

Result<void> add_throttle(const std::vector<oci::ThrottleDevice>& devices, std::string_view key,
                          std::string_view field, Settings& out) {
  for (const oci::ThrottleDevice& device : devices) {
    const std::string number = NACRE_TRY(device_key(device.major, device.minor, field));
    // In v1 a rate of 0 took the limit away; io.max answers ERANGE to it.
    const bool limited = device.rate != 0;
    out.push_back(setting(
        "io.max",
        text::join(number, key, '=', limited ? std::to_string(device.rate) : std::string("max")),
        field, limited ? IfMissing::kError : IfMissing::kIgnore));
  }
  return {};
}

}  // namespace

Result<void> add_block_io(const oci::BlockIoResources& io, Settings& out) {
  if (io.weight && *io.weight != 0) {
    out.push_back(NACRE_TRY(weight_setting("", *io.weight, "blockIO.weight")));
  }
  for (const oci::WeightDevice& device : io.weight_device) {
    constexpr std::string_view kField = "blockIO.weightDevice";
    if (!device.weight || *device.weight == 0) continue;  // only a leaf weight
    const std::string key = NACRE_TRY(device_key(device.major, device.minor, kField));
    out.push_back(NACRE_TRY(weight_setting(key, *device.weight, kField)));
  }
  NACRE_TRY(
      add_throttle(io.throttle_read_bps_device, "rbps", "blockIO.throttleReadBpsDevice", out));
  NACRE_TRY(
      add_throttle(io.throttle_write_bps_device, "wbps", "blockIO.throttleWriteBpsDevice", out));
  NACRE_TRY(
      add_throttle(io.throttle_read_iops_device, "riops", "blockIO.throttleReadIOPSDevice", out));
  NACRE_TRY(
      add_throttle(io.throttle_write_iops_device, "wiops", "blockIO.throttleWriteIOPSDevice", out));
  return {};
}

}  // namespace nacre::cgroups::parts
