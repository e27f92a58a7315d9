#include <algorithm>
#include <set>

#include "base/text.h"
#include "cli/image/views.h"
#include "images/reference/reference.h"
#include "oci-spec/image/timestamp.h"

namespace nacre::cli {
namespace {

// Docker says nothing where there is nothing.
Value list_or_nothing(const std::vector<std::string>& list) {
  return list.empty() ? Value() : Value::texts(list);
}

// {"80/tcp": {}}
Value set_or_nothing(const std::set<std::string>& keys) {
  if (keys.empty()) return {};
  std::vector<Member> members;
  for (const std::string& key : keys) members.push_back({key, Value::map(std::vector<Member>{})});
  return Value::map(std::move(members));
}

Value healthcheck_view(const std::optional<oci::Healthcheck>& check) {
  if (!check) return {};
  return Value::record({{"Test", Value::texts(check->test)},
                        {"Interval", check->interval},
                        {"Timeout", check->timeout},
                        {"StartPeriod", check->start_period},
                        {"StartInterval", check->start_interval},
                        {"Retries", check->retries}});
}

Value config_view(const oci::RunConfig& config) {
  return Value::record({{"User", config.user},
                        {"ExposedPorts", set_or_nothing(config.exposed_ports)},
                        {"Env", list_or_nothing(config.env)},
                        {"Cmd", list_or_nothing(config.cmd)},
                        {"ArgsEscaped", config.args_escaped},
                        {"Healthcheck", healthcheck_view(config.healthcheck)},
                        {"Volumes", set_or_nothing(config.volumes)},
                        {"WorkingDir", config.working_dir},
                        {"Entrypoint", list_or_nothing(config.entrypoint)},
                        {"OnBuild", list_or_nothing(config.on_build)},
                        {"Labels", config.labels.empty() ? Value() : Value::map(config.labels)},
                        {"StopSignal", config.stop_signal},
                        {"Shell", list_or_nothing(config.shell)}});
}

Value descriptor_view(const oci::Descriptor& descriptor) {
  return Value::record({{"mediaType", descriptor.media_type},
                        {"digest", descriptor.digest.text()},
                        {"size", descriptor.size}});
}

const char* state_of(const images::LayerDetails& layer) {
  if (!layer.unpacked) return "not unpacked";
  switch (layer.unpacked->state) {
    case images::LayerState::kStaged:
      return "to be unpacked again";
    case images::LayerState::kExtracted:
      return "unpacked";
    case images::LayerState::kDurable:
      return "durable";
  }
  return "";
}

Value layer_view(const images::LayerDetails& layer) {
  return Value::record(
      {{"DiffID", layer.diff_id.text()},
       {"Blob", descriptor_view(layer.blob)},
       {"BlobHere", layer.blob_here},
       {"State", state_of(layer)},
       {"Bytes", layer.unpacked ? Value(layer.unpacked->bytes) : Value()},
       {"Entries", layer.unpacked ? Value(layer.unpacked->entries) : Value()},
       {"LeftOut", layer.unpacked ? list_or_nothing(layer.unpacked->left_out) : Value()}});
}

Value platform_view(const images::PlatformDetails& platform) {
  const auto& named = platform.manifest.platform;
  return Value::record({{"Platform", named ? Value(oci::to_text(*named)) : Value()},
                        {"Manifest", descriptor_view(platform.manifest)},
                        {"Here", platform.here}});
}

Value nacre_view(const images::ImageDetails& image) {
  Value::List layers, platforms;
  for (const auto& layer : image.layers) layers.push_back(layer_view(layer));
  for (const auto& platform : image.platforms) platforms.push_back(platform_view(platform));
  return Value::record({{"Manifest", descriptor_view(image.summary.manifest)},
                        {"Layers", std::move(layers)},
                        {"Platforms", std::move(platforms)}});
}

struct Names {
  Value::List tags, digests;
  std::int64_t last_updated = 0;
};

Names names_of(const images::ImageSummary& image) {
  Names out;
  std::set<std::string> digests;
  for (const images::NamedTarget& name : image.names) {
    out.last_updated = std::max(out.last_updated, name.updated);
    const auto reference = images::Reference::parse(name.name);
    if (!reference) continue;
    if (!reference->tag().empty())
      out.tags.emplace_back(text::join(reference->repository().familiar(), ':', reference->tag()));
    digests.insert(text::join(reference->repository().familiar(), '@', name.target.digest.text()));
  }
  for (const std::string& one : digests) out.digests.emplace_back(one);
  return out;
}

}  // namespace

Value inspect_view(const images::ImageDetails& image) {
  Names names = names_of(image.summary);
  Value::List diff_ids;
  for (const oci::Digest& one : image.config.rootfs.diff_ids) diff_ids.emplace_back(one.text());
  const auto& history = image.config.history;
  const std::string tagged =
      names.last_updated == 0 ? "" : oci::to_text(oci::Timestamp{names.last_updated, 0});
  return Value::record({{"Id", image.summary.id.text()},
                        {"RepoTags", std::move(names.tags)},
                        {"RepoDigests", std::move(names.digests)},
                        {"Parent", ""},
                        {"Comment", history.empty() ? "" : history.back().comment},
                        {"Created", image.config.created},
                        {"DockerVersion", ""},
                        {"Author", image.config.author},
                        {"Config", config_view(image.config.config)},
                        {"Architecture", image.config.platform.architecture},
                        {"Variant", image.config.platform.variant},
                        {"Os", image.config.platform.os},
                        {"Size", image.summary.size},
                        {"VirtualSize", image.summary.size},
                        {"RootFS", Value::record({{"Type", image.config.rootfs.type},
                                                  {"Layers", std::move(diff_ids)}})},
                        {"Metadata", Value::record({{"LastTagTime", tagged}})},
                        {"Descriptor", descriptor_view(image.summary.target)},
                        {"Nacre", nacre_view(image)}});
}

}  // namespace nacre::cli
