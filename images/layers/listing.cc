#include "images/layers/listing.h"

#include <vector>

#include "images/layers/manifest.h"

namespace nacre::images::layers {
namespace {

char letter_of(Kind kind) {
  switch (kind) {
    case Kind::kFile:
      return 'f';
    case Kind::kDirectory:
      return 'd';
    case Kind::kSymlink:
      return 'l';
    case Kind::kCharDevice:
      return 'c';
    case Kind::kBlockDevice:
      return 'b';
    case Kind::kFifo:
      return 'p';
    case Kind::kWhiteout:
    case Kind::kDeferredLink:
      break;
  }
  return 'w';
}

class Listing {
 public:
  Listing(Tree& tree, Sink& sink) : tree_(tree), manifest_(sink) {}

  Result<Applied> run() {
    applied_.opaque_root = tree_.root().opaque;
    NACRE_TRY(open(tree_.root_node(), ".", false));
    while (!levels_.empty()) {
      Level& level = levels_.back();
      path_.resize(level.path_size);
      if (level.next == level.directory->children.end()) {
        levels_.pop_back();
        continue;
      }
      const auto& [name, node] = *level.next++;
      if (!path_.empty()) path_ += '/';
      path_ += name;
      NACRE_TRY(add(node, level.isolated));
    }
    NACRE_TRY(manifest_.finish());
    return std::move(applied_);
  }

 private:
  struct Level {
    const Directory* directory;
    Children::const_iterator next;
    std::size_t path_size;
    bool isolated;
  };

  Result<void> add(const Node& node, bool isolated) {
    if (node.kind == Kind::kDeferredLink) {
      applied_.deferred_links.emplace_back(path_, tree_.deferred_target(node));
      return {};
    }
    // Not on disk where there is nothing to hide.
    if (node.kind == Kind::kWhiteout) return isolated ? Result<void>() : record('w', {}, path_);
    ++applied_.entries;
    if (node.kind == Kind::kFile && !node.another_name) applied_.bytes += node.facts.size;
    if (node.kind == Kind::kDirectory) return open(node, path_, isolated);
    return record(letter_of(node.kind), node.facts, path_);
  }

  Result<void> open(const Node& node, const std::string& shown, bool isolated) {
    const Directory& directory = *node.directory;
    if (!directory.has_entry && !directory.renewed && !isolated)
      applied_.implied_directories.push_back(shown);
    NACRE_TRY(record(directory.opaque && !isolated ? 'o' : 'd', node.facts, shown));
    levels_.push_back(
        {&directory, directory.children.begin(), path_.size(), isolated || directory.opaque});
    return {};
  }

  Result<void> record(char kind, const Facts& facts, const std::string& path) {
    return manifest_.add({.kind = kind,
                          .mode = facts.mode,
                          .uid = facts.uid,
                          .gid = facts.gid,
                          .size = facts.size,
                          .content = facts.content,
                          .attributes = facts.attributes,
                          .path = path});
  }

  Tree& tree_;
  ManifestWriter manifest_;
  Applied applied_;
  std::string path_;
  std::vector<Level> levels_;
};

}  // namespace

Result<Applied> write_manifest(Tree& tree, Sink& manifest) { return Listing(tree, manifest).run(); }

}  // namespace nacre::images::layers
