#include "runtime/plan/plan_json.h"

#include <array>

#include "base/text.h"
#include "oci-spec/json/writer.h"

namespace nacre::plan {
namespace {

using json::Writer;

// In the order of the enums.
constexpr std::array<std::string_view, 53> kKinds = {
    "join",         "unshare",         "fork",        "becomeRoot",
    "rendezvous",   "newSession",      "keyring",     "loopbackUp",
    "hostname",     "domainname",      "propagation", "openTree",
    "keepMount",    "attachRoot",      "useRoot",     "newFs",
    "takeMount",    "setAttr",         "copyUp",      "attach",
    "makeDevice",   "makeLink",        "mask",        "readonly",
    "readonlyRoot", "rootPropagation", "pivotRoot",   "moveRoot",
    "chroot",       "console",         "hook",        "writeProc",
    "forget",       "rlimit",          "scheduler",   "ioPriority",
    "memoryPolicy", "affinity",        "personality", "stdio",
    "stdioOwner",   "bounding",        "identity",    "workingDirectory",
    "umask",        "capabilities",    "findHome",    "findExecutable",
    "awaitStart",   "noNewPrivileges", "seccomp",     "finalCapabilities",
    "exec"};
static_assert(kKinds.size() == static_cast<std::size_t>(init::OpKind::kCount));
constexpr std::array<std::string_view, 12> kStages = {"prepare",  "namespaces", "rootfs", "mounts",
                                                      "devices",  "console",    "hooks",  "pivot",
                                                      "security", "process",    "start",  "exec"};

constexpr std::array<std::string_view, 12> kSlots = {
    "none",           "opening",       "childMade",     "procfs",
    "startSocket",    "consoleSocket", "seccompSocket", "seccompMessage",
    "startHookState", "hookState",     "hookOutput",    "container"};

void text_field(Writer& out, std::string_view key, const std::string& value) {
  if (value.empty()) return;
  out.key(key);
  out.string(value);
}
void number_field(Writer& out, std::string_view key, std::uint64_t value) {
  if (value == 0) return;
  out.key(key);
  out.number(value);
}
template <class Items, class Write>
void list_field(Writer& out, std::string_view key, const Items& items, Write write) {
  if (items.empty()) return;
  out.key(key);
  out.begin_array();
  for (const auto& item : items) write(item);
  out.end_array();
}

void slot_field(Writer& out, std::string_view key, Slot slot) {
  if (slot.kind == Slot::Kind::kNone) return;
  const std::string_view name = kSlots[static_cast<std::size_t>(slot.kind)];
  const bool indexed = slot.kind == Slot::Kind::kOpening || slot.kind == Slot::Kind::kChildMade;
  out.key(key);
  out.string(indexed ? text::join(name, ' ', slot.index) : std::string(name));
}

// Bytes that are no text are shown by their number.
bool holds_bytes(init::OpKind kind) {
  return kind == init::OpKind::kSeccomp || kind == init::OpKind::kScheduler ||
         kind == init::OpKind::kAffinity || kind == init::OpKind::kMemoryPolicy;
}

void write_op(Writer& out, const PlannedOp& op) {
  out.begin_object();
  text_field(out, "op", std::string(to_text(op.kind)));
  text_field(out, "stage", std::string(to_text(op.stage)));
  slot_field(out, "slot", op.slot);
  slot_field(out, "slot2", op.slot2);
  if (holds_bytes(op.kind)) {
    number_field(out, "bytes", op.text.size());
  } else {
    text_field(out, "text", op.text);
  }
  text_field(out, "text2", op.text2);
  number_field(out, "mode", op.mode);
  number_field(out, "extra", op.extra);
  number_field(out, "value", op.value);
  number_field(out, "value2", op.value2);
  const auto write_text = [&out](const std::string& word) { out.string(word); };
  const auto write_number = [&out](std::uint64_t number) { out.number(number); };
  list_field(out, "list", op.list, write_text);
  list_field(out, "list2", op.list2, write_text);
  list_field(out, "ids", op.ids, write_number);
  list_field(out, "words", op.words, write_number);
  text_field(out, "what", op.what);
  out.end_object();
}

void write_map(Writer& out, std::string_view key, const std::vector<oci::IdMapping>& map) {
  list_field(out, key, map, [&out](const oci::IdMapping& entry) {
    out.string(text::join(entry.container_id, ' ', entry.host_id, ' ', entry.size));
  });
}

void write_opening(Writer& out, const Opening& opening) {
  constexpr std::array<std::string_view, 3> kOpeningKinds = {"directory", "tree", "namespace"};
  out.begin_object();
  text_field(out, "kind", std::string(kOpeningKinds[static_cast<std::size_t>(opening.kind)]));
  text_field(out, "path", opening.path);
  number_field(out, "recursive", opening.recursive ? 1 : 0);
  number_field(out, "cloneFlag", opening.clone_flag);
  if (opening.idmap) {
    write_map(out, "uidMap", opening.idmap->uid);
    write_map(out, "gidMap", opening.idmap->gid);
  }
  out.end_object();
}

}  // namespace

std::string_view to_text(init::OpKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }
std::string_view to_text(init::Stage stage) { return kStages[static_cast<std::size_t>(stage)]; }

std::string to_json(const Plan& plan) {
  Writer out("  ");
  out.begin_object();
  text_field(out, "root", plan.root_path);
  number_field(out, "cloneFlags", plan.clone_flags);
  out.key("twoSteps");
  out.boolean(plan.two_steps);
  out.key("userNamespace");
  out.boolean(plan.user_namespace);
  if (plan.id_maps) {
    write_map(out, "uidMap", plan.id_maps->uid);
    write_map(out, "gidMap", plan.id_maps->gid);
  }
  list_field(out, "parentRlimits", plan.parent_rlimits,
             [&out](const RlimitSetting& limit) { out.string(limit.name); });
  list_field(out, "openings", plan.openings,
             [&out](const Opening& opening) { write_opening(out, opening); });
  list_field(out, "ops", plan.ops, [&out](const PlannedOp& op) { write_op(out, op); });
  out.end_object();
  return std::move(out).take();
}

}  // namespace nacre::plan
