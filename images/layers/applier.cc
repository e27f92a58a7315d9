#include "images/layers/applier.h"

#include <sys/sysmacros.h>

#include <algorithm>
#include <span>

#include "base/text.h"
#include "images/layers/content_hash.h"
#include "sys/file.h"
#include "sys/inode.h"

namespace nacre::images::layers {
namespace {

constexpr std::uint32_t kModeBits = 07777;
constexpr std::uint32_t kImpliedMode = 0755;  // what every engine gives them

// What the kernel packs into a dev_t of 32 bits.
constexpr std::uint64_t kMajorEnd = 1U << 12U;
constexpr std::uint64_t kMinorEnd = 1U << 20U;

bool starts_with(const Parts& path, const Parts& start) {
  return path.size() >= start.size() && std::equal(start.begin(), start.end(), path.begin());
}

Parts parent_of(const Parts& parts) { return {parts.begin(), parts.end() - 1}; }

}  // namespace

Applier::Applier(sys::DirFd root, const ApplyOptions& options, const Birth& birth)
    : options_(options),
      root_(std::move(root)),
      ids_{options.uids, options.gids, Direction::kToDisk},
      budget_(options.budget, root_),
      maker_(birth, budget_, options.squash_ids),
      open_(root_) {}

Result<std::unique_ptr<Applier>> Applier::begin(const sys::DirFd& target,
                                                const ApplyOptions& options) {
  auto root = NACRE_TRY_CTX(sys::openat<sys::DirFd>(target, ".", O_RDONLY | O_DIRECTORY),
                            "open the layer's directory");
  const Birth birth = NACRE_TRY(prepare_target(root));
  std::unique_ptr<Applier> applier(new Applier(std::move(root), options, birth));
  applier->top_ = NACRE_TRY(applier->owner_of({}));
  const struct statx seen =
      NACRE_TRY_CTX(sys::fstatx(applier->root_), "look at the layer's directory");
  Directory& top = applier->tree_.root();
  top.disk_mode = seen.stx_mode & kModeBits;
  top.disk_uid = seen.stx_uid;
  top.disk_gid = seen.stx_gid;
  applier->tree_.root_node().facts = {
      .mode = kImpliedMode, .uid = applier->top_.uid, .gid = applier->top_.gid};
  return applier;
}

Result<void> Applier::add(const tar::Entry& entry, Source& content) {
  NACRE_TRY(budget_.take_entry());
  NACRE_TRY_CTX(act(entry, content), text::join("unpack ", text::quote(entry.path)));
  for (const std::string& what : maker_.take_left_out()) leave_out(entry.path, what);
  return {};
}

Result<void> Applier::act(const tar::Entry& entry, Source& content) {
  const Parts parts = NACRE_TRY(split_path(entry.path, budget_.limits().depth));
  const Name name = NACRE_TRY(read_name(parts));
  if (parts.empty()) return set_root(entry);
  switch (name.meaning) {
    case Meaning::kForeign:
      return {};
    case Meaning::kWhiteout:
      return hide(parent_of(parts), name.hidden, entry.mtime);
    case Meaning::kOpaque:
      return hide_all(parent_of(parts), entry.mtime);
    case Meaning::kEntry:
      break;
  }
  if (entry.type == tar::Type::kDirectory) return place_directory(parts, entry);
  if (entry.type == tar::Type::kHardLink) return place_link(parts, entry);
  return place_inode(parts, entry, content);
}

// ---- meaning -----------------------------------------------------------------------------------

// A root that is a symlink would send later layers out of the store (CVE-2021-29136).
Result<void> Applier::set_root(const tar::Entry& entry) {
  if (entry.type != tar::Type::kDirectory)
    return fail(invalid_argument("the root of a layer can only be a directory"));
  const Owner owner = NACRE_TRY(owner_of(entry));
  describe(tree_.root(), entry, owner, NACRE_TRY(attributes_of(entry, Carrier::kDirectory)));
  return {};
}

Result<void> Applier::hide(const Parts& parts, std::string_view name, const tar::Time& when) {
  Directory* parent = NACRE_TRY(enter_to_hide(parts, when));
  if (parent == nullptr || is_isolated(*parent)) return {};
  Node* here = Tree::find(*parent, name);
  if (here != nullptr && here->kind != Kind::kDirectory) return {};  // this layer's own file wins
  if (here != nullptr && here->directory->opaque && here->directory->renewed) return {};
  if (here != nullptr && holds_entries(*here->directory)) {
    here->directory->renewed = true;
    mark_opaque(*here->directory);
    return {};
  }
  static_cast<void>(NACRE_TRY(clear(*parent, name)));
  tree_.add(*parent, name, Kind::kWhiteout);
  return {};
}

Result<void> Applier::hide_all(const Parts& parts, const tar::Time& when) {
  Directory* directory = NACRE_TRY(enter_to_hide(parts, when));
  if (directory != nullptr) mark_opaque(*directory);
  return {};
}

Result<Directory*> Applier::enter(const Parts& parts, const tar::Time& when) {
  Directory* at = &tree_.root();
  for (const std::string_view part : parts) {
    const Node* here = Tree::find(*at, part);
    if (here != nullptr && here->kind == Kind::kDirectory) {
      at = here->directory;
      continue;
    }
    const bool replaces = NACRE_TRY(clear(*at, part));
    at = NACRE_TRY(make_directory(*at, part, kImpliedMode, when));
    at->opaque = at->renewed = replaces;
  }
  return at;
}

Result<Directory*> Applier::enter_to_hide(const Parts& parts, const tar::Time& when) {
  Directory* at = &tree_.root();
  bool isolated = at->opaque;
  for (const std::string_view part : parts) {
    const Node* here = Tree::find(*at, part);
    if (here != nullptr && here->kind != Kind::kDirectory) return nullptr;
    if (here == nullptr && isolated) return nullptr;
    at = here != nullptr ? here->directory
                         : NACRE_TRY(make_directory(*at, part, kImpliedMode, when));
    isolated = isolated || at->opaque;
  }
  return at;
}

Result<void> Applier::place_directory(const Parts& parts, const tar::Entry& entry) {
  const Owner owner = NACRE_TRY(owner_of(entry));
  Xattrs attributes = NACRE_TRY(attributes_of(entry, Carrier::kDirectory));
  Directory* parent = NACRE_TRY(enter(parent_of(parts), entry.mtime));
  const Node* here = Tree::find(*parent, parts.back());
  Directory* directory = nullptr;
  if (here != nullptr && here->kind == Kind::kDirectory) {
    directory = here->directory;
  } else {
    const bool replaces = NACRE_TRY(clear(*parent, parts.back()));
    directory = NACRE_TRY(make_directory(*parent, parts.back(), entry.mode, entry.mtime));
    directory->opaque = directory->renewed = replaces;
  }
  describe(*directory, entry, owner, std::move(attributes));
  return {};
}

Result<void> Applier::place_inode(const Parts& parts, const tar::Entry& entry, Source& content) {
  const Owner owner = NACRE_TRY(owner_of(entry));
  const Xattrs attributes = NACRE_TRY(attributes_of(entry, carrier_of(entry.type)));
  Directory* parent = NACRE_TRY(enter(parent_of(parts), entry.mtime));
  static_cast<void>(NACRE_TRY(clear(*parent, parts.back())));
  const std::string name(parts.back());
  const Place place{NACRE_TRY(open_.open(*parent)), name};
  const Wish wish{entry.mode & kModeBits, owner.uid, owner.gid, entry.mtime, attributes};
  Node made;
  made.facts = {.mode = static_cast<std::uint16_t>(wish.mode),
                .uid = owner.uid,
                .gid = owner.gid,
                .attributes = fingerprint(attributes)};
  if (NACRE_TRY(make_inode(place, wish, made, entry, content)))
    tree_.add(*parent, name, made.kind) = made;
  return {};
}

Result<void> Applier::place_link(const Parts& parts, const tar::Entry& entry) {
  const Parts target_parts =
      NACRE_TRY_CTX(split_path(entry.link_target, budget_.limits().depth),
                    text::join("hard link to ", text::quote(entry.link_target)));
  const auto refuse = [&](std::string_view why) {
    return fail(invalid_argument(
        text::join("hard link to ", text::quote(entry.link_target), ", which ", why)));
  };
  const Tree::Found found = tree_.look_up(target_parts);
  if (found.node != nullptr && found.node == tree_.look_up(parts).node) return {};
  if (found.node != nullptr && found.node->kind == Kind::kDirectory)
    return refuse("is a directory");
  if (!found.in_the_way.empty()) {
    return refuse(text::join("lies below ", text::quote(found.in_the_way),
                             ", and that is no directory in this layer"));
  }
  if (found.hidden) return refuse("this layer has removed");
  if (found.node != nullptr &&
      (starts_with(parts, target_parts) || starts_with(target_parts, parts)))
    return refuse("it replaces");

  Directory* parent = NACRE_TRY(enter(parent_of(parts), entry.mtime));
  static_cast<void>(NACRE_TRY(clear(*parent, parts.back())));
  if (found.node == nullptr || found.node->kind == Kind::kDeferredLink) {
    std::string target =
        found.node == nullptr ? join_parts(target_parts) : tree_.deferred_target(*found.node);
    tree_.defer_link(tree_.add(*parent, parts.back(), Kind::kDeferredLink), std::move(target));
    return {};
  }
  const Parts target_directory = parent_of(target_parts);
  const Directory& from = *tree_.look_up(target_directory).node->directory;
  const FdRef from_fd = NACRE_TRY(open_.open(from));
  const FdRef to_fd = NACRE_TRY(open_.open(*parent));
  const std::string name(parts.back());
  NACRE_TRY_CTX(sys::linkat(from_fd, std::string(target_parts.back()).c_str(), to_fd, name.c_str()),
                text::join("hard link to ", text::quote(entry.link_target)));
  Node& node = tree_.add(*parent, name, found.node->kind);
  node.facts = found.node->facts;
  node.another_name = true;
  return {};
}

// ---- the disk ----------------------------------------------------------------------------------

Result<Directory*> Applier::make_directory(Directory& parent, std::string_view name,
                                           std::uint32_t mode, const tar::Time& when) {
  const std::string key(name);
  const FdRef fd = NACRE_TRY(open_.open(parent));
  const Present present = NACRE_TRY(maker_.directory({fd, key}, mode));
  Directory& made = tree_.add_directory(parent, name);
  made.mtime = when;
  made.disk_mode = present.mode;
  made.disk_uid = present.uid;
  made.disk_gid = present.gid;
  tree_.node_of(made).facts = {.mode = kImpliedMode, .uid = top_.uid, .gid = top_.gid};
  return &made;
}

Result<bool> Applier::clear(Directory& parent, std::string_view name) {
  const Node* here = Tree::find(parent, name);
  if (here == nullptr) return false;
  if (here->kind == Kind::kDirectory) NACRE_TRY(remove_tree(*here->directory));
  NACRE_TRY(unlink(parent, std::string(name), *here));
  tree_.remove(parent, name);
  return true;
}

// Removes what the tree knows and nothing else: a mount or a stranger's file down there stays and
// makes it fail.
Result<void> Applier::remove_tree(Directory& top) {
  std::vector<Directory*> directories = {&top};
  for (std::size_t i = 0; i < directories.size(); ++i) {
    for (const auto& [name, node] : directories[i]->children) {
      if (node.kind == Kind::kDirectory) directories.push_back(node.directory);
    }
  }
  for (auto one = directories.rbegin(); one != directories.rend(); ++one) {
    for (const auto& [name, node] : (*one)->children) NACRE_TRY(unlink(**one, name, node));
  }
  open_.clear();
  return {};
}

Result<void> Applier::unlink(Directory& parent, const std::string& name, const Node& node) {
  if (node.kind == Kind::kWhiteout || node.kind == Kind::kDeferredLink) return {};
  const int flags = node.kind == Kind::kDirectory ? AT_REMOVEDIR : 0;
  const FdRef fd = NACRE_TRY(open_.open(parent));
  NACRE_TRY_CTX(sys::unlinkat(fd, name.c_str(), flags),
                text::join("replace ", text::quote(path_of(parent, name))));
  return {};
}

Result<bool> Applier::make_inode(const Place& place, const Wish& wish, Node& made,
                                 const tar::Entry& entry, Source& content) {
  switch (entry.type) {
    case tar::Type::kFile:
      made.kind = Kind::kFile;
      made.facts.size = entry.size;
      made.facts.content = NACRE_TRY(maker_.file(place, wish, entry, content));
      return true;
    case tar::Type::kSymlink: {
      ContentHash hash;
      hash.update(std::as_bytes(std::span(entry.link_target)));
      made.kind = Kind::kSymlink;
      made.facts.mode = 0;  // a symlink has none of its own
      made.facts.size = entry.link_target.size();
      made.facts.content = hash.value();
      NACRE_TRY(maker_.symlink(place, wish, entry.link_target));
      return true;
    }
    case tar::Type::kFifo:
      made.kind = Kind::kFifo;
      NACRE_TRY(maker_.special(place, wish, S_IFIFO, 0));
      return true;
    case tar::Type::kCharDevice:
    case tar::Type::kBlockDevice:
      return make_device(place, wish, made, entry);
    case tar::Type::kDirectory:
    case tar::Type::kHardLink:
      break;
  }
  return fail(internal_error("a directory or hard link where none can be"));
}

Result<bool> Applier::make_device(const Place& place, const Wish& wish, Node& made,
                                  const tar::Entry& entry) {
  const bool character = entry.type == tar::Type::kCharDevice;
  if (entry.device_major >= kMajorEnd || entry.device_minor >= kMinorEnd) {
    return fail(invalid_argument(
        text::join("no device can have the number ", entry.device_major, ':', entry.device_minor)));
  }
  // Overlay would take it for a whiteout.
  if (character && entry.device_major == 0 && entry.device_minor == 0)
    return fail(invalid_argument("a character device 0:0 is how overlay marks what is deleted"));
  if (options_.whiteouts == WhiteoutForm::kUser) {
    leave_out(entry.path, "a device (only root may make one)");
    return false;
  }
  const std::uint64_t number = gnu_dev_makedev(static_cast<unsigned>(entry.device_major),
                                               static_cast<unsigned>(entry.device_minor));
  made.kind = character ? Kind::kCharDevice : Kind::kBlockDevice;
  made.facts.size = number;
  NACRE_TRY(maker_.special(place, wish, character ? S_IFCHR : S_IFBLK, number));
  return true;
}

// ---- metadata ----------------------------------------------------------------------------------

Result<Applier::Owner> Applier::owner_of(const tar::Entry& entry) const {
  if (options_.squash_ids) return Owner{maker_.birth().uid, maker_.birth().gid};
  const std::uint32_t uid = NACRE_TRY(ids_.uid(entry.uid));
  return Owner{uid, NACRE_TRY(ids_.gid(entry.gid))};
}

Result<Xattrs> Applier::attributes_of(const tar::Entry& entry, Carrier carrier) {
  Xattrs kept;
  for (const auto& [name, value] : entry.xattrs) {
    if (!travels(name) || !fits(name, carrier)) continue;
    if (options_.squash_ids && is_acl(name)) {
      leave_out(entry.path, text::join(name, " (all files have one owner)"));
    } else {
      kept[name] = NACRE_TRY(translate_value(name, value, ids_));
    }
  }
  return kept;
}

void Applier::describe(Directory& directory, const tar::Entry& entry, Owner owner,
                       Xattrs attributes) {
  directory.has_entry = true;
  directory.mtime = entry.mtime;
  tree_.node_of(directory).facts = {.mode = static_cast<std::uint16_t>(entry.mode & kModeBits),
                                    .uid = owner.uid,
                                    .gid = owner.gid,
                                    .attributes = fingerprint(attributes)};
  directory.attributes = std::move(attributes);
}

void Applier::leave_out(std::string_view path, std::string_view what) {
  left_out_.push_back(text::join(path, ": ", what));
}

}  // namespace nacre::images::layers
