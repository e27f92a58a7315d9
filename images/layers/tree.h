// What a layer holds so far, in memory. Pure: nothing here touches the disk.
//
// Decisions are taken on it: what of this layer is at a path, and so whether an entry replaces
// something, whether a whiteout hides something below or is overruled by this layer's own files
// (image-spec: a whiteout acts on lower layers only, whatever the order). What hides the layers
// below is kept here until the end, for only then is it known whether it is a directory's own
// attribute, a device or nothing.
//
// Costs about 130 bytes and the name for an entry.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "images/layers/attributes.h"
#include "images/layers/path.h"
#include "images/tar/entry.h"

namespace nacre::images::layers {

enum class Kind : std::uint8_t {
  kFile,
  kDirectory,
  kSymlink,
  kCharDevice,
  kBlockDevice,
  kFifo,
  kWhiteout,      // on disk only in the end
  kDeferredLink,  // to what is not in this layer; never on disk
};

struct Directory;

// What there is to say of an inode; of directories, the final wish (the disk follows in the end).
struct Facts {
  std::uint16_t mode = 0;
  std::uint32_t uid = 0, gid = 0;  // on disk
  std::uint64_t size = 0;          // of a file; of a symlink its length; of a device its number
  std::uint64_t content = 0;       // hash of a file's bytes, of a symlink's target
  std::uint64_t attributes = 0;    // fingerprint()
};

struct Node {
  Kind kind = Kind::kWhiteout;
  bool another_name = false;  // a hard link to a node that was there before
  Facts facts;
  Directory* directory = nullptr;  // kDirectory: owned by the tree
};

using Children = std::map<std::string, Node, std::less<>>;

struct Directory {
  Directory* parent = nullptr;
  const std::string* name = nullptr;  // the key in parent->children
  Children children;
  tar::Time mtime;
  Xattrs attributes;
  bool has_entry = false;  // false: implied by what lies in it
  bool opaque = false;     // what the layers below have in it is not to be seen
  bool renewed = false;    // nor are their owner and mode: it has been removed in between
  std::uint32_t disk_mode = 0, disk_uid = 0, disk_gid = 0;  // as made
};

class Tree {
 public:
  Tree();
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  [[nodiscard]] Directory& root() { return directories_.front(); }
  [[nodiscard]] Node& root_node() { return root_node_; }
  [[nodiscard]] Node& node_of(const Directory& directory);

  [[nodiscard]] static Node* find(Directory& parent, std::string_view name);
  // Neither may be there yet.
  Node& add(Directory& parent, std::string_view name, Kind kind);
  Directory& add_directory(Directory& parent, std::string_view name);
  // With everything in it.
  void remove(Directory& parent, std::string_view name);

  // Where a path of this layer ends, without changing anything.
  struct Found {
    Node* node = nullptr;         // what is there
    bool hidden = false;          // nothing, and the layers below cannot be seen there either
    std::string_view in_the_way;  // hidden: the component that is no directory, if that is why
  };
  [[nodiscard]] Found look_up(const Parts& parts);

  void defer_link(Node& node, std::string target);
  [[nodiscard]] const std::string& deferred_target(const Node& node) const;

 private:
  std::deque<Directory> directories_;  // addresses stay; freed with the tree
  std::deque<std::string> targets_;
  Node root_node_;
};

// Relative to the layer's root, "" for the root itself.
[[nodiscard]] std::string path_of(const Directory& directory);
[[nodiscard]] std::string path_of(const Directory& directory, std::string_view name);

// Whether nothing of the layers below can be seen in it.
[[nodiscard]] bool is_isolated(const Directory& directory);
// Nothing of the layers below shall be seen in it; whiteouts in it have become pointless.
void mark_opaque(Directory& directory);
// Whether anything in it is more than a whiteout; a directory with an entry of its own is.
[[nodiscard]] bool holds_entries(const Directory& directory);

}  // namespace nacre::images::layers
