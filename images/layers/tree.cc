#include "images/layers/tree.h"

#include <algorithm>
#include <vector>

namespace nacre::images::layers {

Tree::Tree() {
  directories_.emplace_back();
  root_node_.kind = Kind::kDirectory;
  root_node_.directory = &directories_.front();
}

Node& Tree::node_of(const Directory& directory) {
  if (directory.parent == nullptr) return root_node_;
  return directory.parent->children.find(*directory.name)->second;
}

Node* Tree::find(Directory& parent, std::string_view name) {
  const auto at = parent.children.find(name);
  return at == parent.children.end() ? nullptr : &at->second;
}

Node& Tree::add(Directory& parent, std::string_view name, Kind kind) {
  Node& node = parent.children.try_emplace(std::string(name)).first->second;
  node.kind = kind;
  return node;
}

Directory& Tree::add_directory(Directory& parent, std::string_view name) {
  const auto at = parent.children.try_emplace(std::string(name)).first;
  Directory& directory = directories_.emplace_back();
  directory.parent = &parent;
  directory.name = &at->first;
  at->second.kind = Kind::kDirectory;
  at->second.directory = &directory;
  return directory;
}

void Tree::remove(Directory& parent, std::string_view name) {
  const auto at = parent.children.find(name);
  if (at == parent.children.end()) return;
  // The directories stay allocated but give up what they hold.
  std::vector<Directory*> pending;
  if (at->second.directory != nullptr) pending.push_back(at->second.directory);
  while (!pending.empty()) {
    Directory& directory = *pending.back();
    pending.pop_back();
    for (auto& [key, node] : directory.children) {
      if (node.directory != nullptr) pending.push_back(node.directory);
    }
    directory.children.clear();
    directory.attributes.clear();
    directory.parent = nullptr;
    directory.name = nullptr;
  }
  parent.children.erase(at);
}

Tree::Found Tree::look_up(const Parts& parts) {
  Directory* directory = &root();
  bool isolated = directory->opaque;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    Node* node = find(*directory, parts[i]);
    if (node == nullptr) return {.hidden = isolated};
    if (node->kind == Kind::kWhiteout) return {.hidden = true};
    if (i + 1 == parts.size()) return {.node = node};
    if (node->kind != Kind::kDirectory) return {.hidden = true, .in_the_way = parts[i]};
    directory = node->directory;
    isolated = isolated || directory->opaque;
  }
  return {.node = &root_node_};
}

void Tree::defer_link(Node& node, std::string target) {
  node.kind = Kind::kDeferredLink;
  node.facts.size = targets_.size();
  targets_.push_back(std::move(target));
}

const std::string& Tree::deferred_target(const Node& node) const {
  return targets_[node.facts.size];
}

std::string path_of(const Directory& directory) {
  std::vector<const std::string*> names;
  std::size_t size = 0;
  for (const Directory* at = &directory; at->parent != nullptr; at = at->parent) {
    names.push_back(at->name);
    size += at->name->size() + 1;
  }
  std::string path;
  path.reserve(size);
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    if (!path.empty()) path += '/';
    path += **name;
  }
  return path;
}

std::string path_of(const Directory& directory, std::string_view name) {
  return join_path(path_of(directory), name);
}

bool is_isolated(const Directory& directory) {
  for (const Directory* at = &directory; at != nullptr; at = at->parent) {
    if (at->opaque) return true;
  }
  return false;
}

void mark_opaque(Directory& directory) {
  directory.opaque = true;
  std::erase_if(directory.children,
                [](const auto& child) { return child.second.kind == Kind::kWhiteout; });
}

bool holds_entries(const Directory& directory) {
  std::vector<const Directory*> pending = {&directory};
  while (!pending.empty()) {
    const Directory& one = *pending.back();
    pending.pop_back();
    if (one.has_entry) return true;
    for (const auto& [name, node] : one.children) {
      if (node.kind == Kind::kDirectory) {
        pending.push_back(node.directory);
      } else if (node.kind != Kind::kWhiteout) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace nacre::images::layers
