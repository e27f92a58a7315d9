#include "base/text.h"
#include "oci-spec/image/codecs.h"
#include "oci-spec/image/document.h"
#include "oci-spec/json/path.h"

namespace nacre::json {
namespace {

// Go's map[string]struct{}: an object that is used for its keys.
struct Keys {
  static Result<void> read(const Cursor& at, std::set<std::string>& out) {
    NACRE_TRY(at.expect(Kind::kObject));
    for (auto i = at.first_child(); i != at.end_of_children(); i = at.next_child(i)) {
      const Cursor member = at.member(i);
      if (!member.is_null()) NACRE_TRY(member.expect(Kind::kObject));
      if (at.key_of(i).find('\0') != std::string_view::npos)
        return fail(member.error("a key may not contain a NUL character"));
      out.emplace(at.key_of(i));
    }
    return {};
  }
  static void write(Writer& out, const std::set<std::string>& values) {
    out.begin_object();
    for (const std::string& value : values) {
      out.key(value);
      out.begin_object();
      out.end_object();
    }
    out.end_object();
  }
};

// config.md: an implementation must refuse any other value.
struct LayersOnly : Codec<std::string> {
  static Result<void> read(const Cursor& at, std::string& out) {
    NACRE_TRY(Codec<std::string>::read(at, out));
    if (out == "layers") return {};
    return fail(at.error(text::join("must be \"layers\", not ", excerpt(out))));
  }
};

}  // namespace

template <>
struct Codec<oci::Healthcheck> : StrictObject<oci::Healthcheck> {};
template <>
struct Codec<oci::RunConfig> : StrictObject<oci::RunConfig> {};
template <>
struct Codec<oci::RootFs> : StrictObject<oci::RootFs> {};
template <>
struct Codec<oci::HistoryEntry> : StrictObject<oci::HistoryEntry> {};

template <>
std::span<const Field> StrictObject<oci::Healthcheck>::fields() {
  static constexpr auto kFields = table<oci::Healthcheck>({
      field<&oci::Healthcheck::test>("Test"),
      field<&oci::Healthcheck::interval>("Interval"),
      field<&oci::Healthcheck::timeout>("Timeout"),
      field<&oci::Healthcheck::start_period>("StartPeriod"),
      field<&oci::Healthcheck::start_interval>("StartInterval"),
      field<&oci::Healthcheck::retries>("Retries"),
  });
  return kFields;
}

template <>
std::span<const Field> StrictObject<oci::RunConfig>::fields() {
  static constexpr auto kFields = table<oci::RunConfig>({
      field<&oci::RunConfig::user>("User"),
      field<&oci::RunConfig::exposed_ports, Keys>("ExposedPorts"),
      field<&oci::RunConfig::env>("Env"),
      field<&oci::RunConfig::entrypoint>("Entrypoint"),
      field<&oci::RunConfig::cmd>("Cmd"),
      field<&oci::RunConfig::volumes, Keys>("Volumes"),
      field<&oci::RunConfig::working_dir>("WorkingDir"),
      field<&oci::RunConfig::labels>("Labels"),
      field<&oci::RunConfig::stop_signal>("StopSignal"),
      field<&oci::RunConfig::args_escaped>("ArgsEscaped"),
      field<&oci::RunConfig::healthcheck>("Healthcheck"),
      field<&oci::RunConfig::on_build>("OnBuild"),
      field<&oci::RunConfig::shell>("Shell"),
  });
  return kFields;
}

template <>
std::span<const Field> StrictObject<oci::RootFs>::fields() {
  static constexpr auto kFields = table<oci::RootFs>({
      field<&oci::RootFs::type, LayersOnly>("type", kRequired),
      field<&oci::RootFs::diff_ids, AtMost<oci::Digest, oci::kMostDescriptors>>("diff_ids",
                                                                                kAlways),
  });
  return kFields;
}

template <>
std::span<const Field> StrictObject<oci::HistoryEntry>::fields() {
  static constexpr auto kFields = table<oci::HistoryEntry>({
      field<&oci::HistoryEntry::created>("created"),
      field<&oci::HistoryEntry::created_by>("created_by"),
      field<&oci::HistoryEntry::author>("author"),
      field<&oci::HistoryEntry::comment>("comment"),
      field<&oci::HistoryEntry::empty_layer>("empty_layer"),
  });
  return kFields;
}

template <>
std::span<const Field> StrictObject<oci::ImageConfig>::fields() {
  using oci::ImageConfig;
  using oci::Platform;
  static constexpr auto kFields = table<ImageConfig>({
      field<&ImageConfig::created>("created"),
      field<&ImageConfig::author>("author"),
      field_in<&ImageConfig::platform, &Platform::architecture>("architecture", kAlways),
      field_in<&ImageConfig::platform, &Platform::os>("os", kAlways),
      field_in<&ImageConfig::platform, &Platform::os_version>("os.version"),
      field_in<&ImageConfig::platform, &Platform::os_features>("os.features"),
      field_in<&ImageConfig::platform, &Platform::variant>("variant"),
      field<&ImageConfig::config>("config", kAlways),
      field<&ImageConfig::rootfs>("rootfs", kRequired),
      field<&ImageConfig::history>("history"),
  });
  return kFields;
}

}  // namespace nacre::json

namespace nacre::oci {

Result<ImageConfig> parse_image_config(std::string_view bytes) {
  return NACRE_TRY_CTX(json::parse_document<ImageConfig>(bytes, "", {.bytes = kMostConfigBytes}),
                       "image configuration");
}

std::string to_json(const ImageConfig& config) { return json::write_document(config, {}); }

}  // namespace nacre::oci
