#include "oci-spec/json/codec.h"
#include "oci-spec/runtime/enums.h"
#include "oci-spec/runtime/state.h"

namespace nacre::oci {
namespace {

using json::Writer;

void member(Writer& out, std::string_view key, std::string_view value) {
  out.key(key);
  out.string(value);
}

void member_if_any(Writer& out, const Annotations& annotations) {
  if (annotations.empty()) return;
  out.key("annotations");
  json::Codec<Annotations>::write(out, annotations);
}

void write_pid(Writer& out, std::int32_t pid) {
  out.key("pid");
  out.number(std::int64_t{pid});
}

void write(Writer& out, const State& state) {
  out.begin_object();
  member(out, "ociVersion", state.oci_version);
  member(out, "id", state.id);
  member(out, "status", to_text(state.status));
  if (state.pid != 0) write_pid(out, state.pid);
  member(out, "bundle", state.bundle);
  member_if_any(out, state.annotations);
  out.end_object();
}

void write(Writer& out, const ContainerState& container) {
  const State& state = container.state;
  out.begin_object();
  member(out, "ociVersion", state.oci_version);
  member(out, "id", state.id);
  write_pid(out, state.pid);
  member(out, "status", to_text(state.status));
  member(out, "bundle", state.bundle);
  member(out, "rootfs", container.rootfs);
  member(out, "created", container.created);
  member_if_any(out, state.annotations);
  member(out, "owner", container.owner);
  out.end_object();
}

void write(Writer& out, const ProcessState& process) {
  out.begin_object();
  member(out, "ociVersion", process.oci_version);
  out.key("fds");
  json::Codec<std::vector<std::string>>::write(out, process.fds);
  write_pid(out, process.pid);
  if (!process.metadata.empty()) member(out, "metadata", process.metadata);
  out.key("state");
  write(out, process.state);
  out.end_object();
}

template <class T>
std::string written(const T& value, std::string_view indent) {
  Writer out(indent);
  write(out, value);
  return std::move(out).take();
}

}  // namespace

std::string to_json(const State& state) { return written(state, {}); }
std::string to_json(const ProcessState& state) { return written(state, {}); }
std::string to_json(const ContainerState& state) { return written(state, "  "); }

std::string to_json(std::span<const ContainerState> list) {
  if (list.empty()) return "null";
  Writer out;
  out.begin_array();
  for (const ContainerState& state : list) write(out, state);
  out.end_array();
  return std::move(out).take();
}

}  // namespace nacre::oci
