#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "runtime/plan/builder.h"
#include "runtime/plan/paths.h"

namespace nacre::plan {
namespace {

struct Node {
  std::string path;
  std::uint32_t mode = 0;  // with the type bits
  std::int64_t major = 0;
  std::int64_t minor = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
};

// runtime-spec config-linux.md, "Default Devices".
std::vector<Node> default_nodes() {
  const auto node = [](const char* path, std::int64_t major, std::int64_t minor) {
    return Node{.path = path, .mode = S_IFCHR | 0666U, .major = major, .minor = minor};
  };
  return {node("/dev/null", 1, 3),   node("/dev/zero", 1, 5),    node("/dev/full", 1, 7),
          node("/dev/random", 1, 8), node("/dev/urandom", 1, 9), node("/dev/tty", 5, 0)};
}

Result<Node> requested_node(const oci::Device& device) {
  Node node{.path = clean_path(device.path),
            .mode = device.file_mode.value_or(0666),
            .major = device.major,
            .minor = device.minor,
            .uid = device.uid.value_or(0),
            .gid = device.gid.value_or(0)};
  if (device.type == "c" || device.type == "u") {
    node.mode |= S_IFCHR;
  } else if (device.type == "b") {
    node.mode |= S_IFBLK;
  } else if (device.type == "p") {
    node.mode |= S_IFIFO;
    node.major = 0;
    node.minor = 0;
  } else {
    return fail(invalid_argument(text::join("linux.devices: ", text::quote(device.path),
                                            " has the unknown type ", text::quote(device.type))));
  }
  return node;
}

// As mknod(2) takes it: the layout of new_encode_dev, 12 bits major and 20 bits minor.
std::uint64_t encode(const Node& node) {
  const auto major = static_cast<std::uint64_t>(node.major);
  const auto minor = static_cast<std::uint64_t>(node.minor);
  return (minor & 0xffU) | major << 8U | (minor & ~std::uint64_t{0xff}) << 12U;
}

// In a user namespace mknod is refused, and the host's node is bound instead.
void plan_node(Builder& b, const Node& node) {
  const std::string what = text::join("create device ", text::quote(node.path));
  const bool pipe = (node.mode & S_IFMT) == S_IFIFO;
  if (!pipe && (b.plan.user_namespace || b.host.in_user_namespace)) {
    b.add(OpKind::kTakeMount, Stage::kDevices, what).slot =
        b.host_tree(node.path, false, Stage::kDevices, what);
    b.add(OpKind::kAttach, Stage::kDevices, what).text = node.path;
    b.plan.ops.back().mode = 0666;
    return;
  }
  PlannedOp& op = b.add(OpKind::kMakeDevice, Stage::kDevices, what);
  op.text = node.path;
  op.mode = node.mode;
  op.value = encode(node);
  op.value2 = std::uint64_t{node.uid} << 32U | node.gid;
}

void plan_link(Builder& b, const char* path, const char* target, bool replace) {
  PlannedOp& op =
      b.add(OpKind::kMakeLink, Stage::kDevices, text::join("create link ", text::quote(path)));
  op.text = path;
  op.text2 = target;
  op.extra = replace ? 1 : 0;
}

// A /dev that is the host's own, or some other directory, is taken as it is.
bool dev_is_bound(const oci::Spec& spec) {
  return std::ranges::any_of(spec.mounts, [](const oci::Mount& mount) {
    const bool bind = mount.type == "bind" ||
                      std::ranges::find(mount.options, "bind") != mount.options.end() ||
                      std::ranges::find(mount.options, "rbind") != mount.options.end();
    return bind && clean_path(mount.destination) == "/dev";
  });
}

}  // namespace

Result<void> plan_devices(Builder& b, const oci::Spec& spec) {
  const bool terminal = spec.process && spec.process->terminal;
  const bool own_dev =
      spec.find_namespace(oci::NamespaceType::kMount) != nullptr && !dev_is_bound(spec);
  if (own_dev) {
    std::vector<Node> nodes = default_nodes();
    for (const oci::Device& device : spec.linux_.devices) {
      const Node wanted = NACRE_TRY(requested_node(device));
      // What the spec says of a default device replaces the default.
      std::erase_if(nodes, [&](const Node& node) { return node.path == wanted.path; });
      nodes.push_back(wanted);
    }
    for (const Node& node : nodes) plan_node(b, node);
    plan_link(b, "/dev/fd", "/proc/self/fd", false);
    plan_link(b, "/dev/stdin", "/proc/self/fd/0", false);
    plan_link(b, "/dev/stdout", "/proc/self/fd/1", false);
    plan_link(b, "/dev/stderr", "/proc/self/fd/2", false);
    if (b.host.kcore) plan_link(b, "/dev/core", "/proc/kcore", false);
    plan_link(b, "/dev/ptmx", "pts/ptmx", true);
  }
  if (terminal) plan_console(b, *spec.process, own_dev);
  return {};
}

void plan_console(Builder& b, const oci::Process& process, bool bind_console) {
  PlannedOp& op = b.add(OpKind::kConsole, Stage::kConsole, "set up the console");
  op.slot = {Slot::Kind::kConsoleSocket};
  op.mode = bind_console ? 1 : 0;
  const auto size = process.console_size ? process.console_size : b.options.terminal_size;
  if (size) {
    op.extra |= init::kConsoleSize;
    op.value = std::uint64_t{size->height} << 16U | size->width;
  }
  if (b.options.foreground_terminal) op.extra |= init::kConsoleKeepsNewlines;
  b.plan.needs_console = true;
}

}  // namespace nacre::plan
