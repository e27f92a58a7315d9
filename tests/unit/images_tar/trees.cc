#include "tests/unit/images_tar/trees.h"

#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <set>
#include <vector>

#include "images/tar/writer.h"
#include "tests/unit/images_tar/archives.h"

namespace nacre::images::tar {
namespace {

namespace fs = std::filesystem;

std::string slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::map<std::string, std::string> user_xattrs(const fs::path& path) {
  std::map<std::string, std::string> found;
  std::string names(65536, '\0');
  const ssize_t size = ::llistxattr(path.c_str(), names.data(), names.size());
  for (std::size_t at = 0; size > 0 && at < static_cast<std::size_t>(size);) {
    const std::string name(names.c_str() + at);
    at += name.size() + 1;
    if (!name.starts_with("user.")) continue;
    std::string value(65536, '\0');
    const ssize_t length = ::lgetxattr(path.c_str(), name.c_str(), value.data(), value.size());
    found[name] = value.substr(0, static_cast<std::size_t>(std::max<ssize_t>(length, 0)));
  }
  return found;
}

Node node_at(const fs::path& path) {
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0) return {};
  Node node;
  node.mode = info.st_mode & 07777U;
  node.uid = info.st_uid;
  node.gid = info.st_gid;
  node.mtime = {info.st_mtim.tv_sec, static_cast<std::uint32_t>(info.st_mtim.tv_nsec)};
  node.xattrs = user_xattrs(path);
  switch (info.st_mode & S_IFMT) {
    case S_IFREG:
      node.type = 'f';
      node.content = slurp(path);
      break;
    case S_IFDIR:
      node.type = 'd';
      break;
    case S_IFLNK:
      node.type = 'l';
      node.link = fs::read_symlink(path);
      break;
    case S_IFIFO:
      node.type = 'p';
      break;
    default:
      break;
  }
  return node;
}

std::string normal(std::string path) {
  while (path.starts_with("./")) path.erase(0, 2);
  while (path.ends_with('/')) path.pop_back();
  return path.empty() ? "." : path;
}

std::string whole_content(const Entry& entry, const std::string& stored) {
  if (!entry.sparse) return stored;
  std::string content(entry.size, '\0');
  std::size_t at = 0;
  for (const Extent& extent : entry.extents) {
    content.replace(extent.offset, extent.size, stored, at, extent.size);
    at += extent.size;
  }
  return content;
}

char type_letter(Type type) {
  switch (type) {
    case Type::kDirectory:
      return 'd';
    case Type::kSymlink:
      return 'l';
    case Type::kFifo:
      return 'p';
    case Type::kCharDevice:
      return 'c';
    case Type::kBlockDevice:
      return 'b';
    default:
      return 'f';
  }
}

}  // namespace

Tree scan(const fs::path& root) {
  Tree tree;
  tree["."] = node_at(root);
  for (const auto& item : fs::recursive_directory_iterator(root))
    tree[fs::relative(item.path().parent_path(), root) == "."
             ? item.path().filename().string()
             : (fs::relative(item.path().parent_path(), root) / item.path().filename()).string()] =
        node_at(item.path());
  return tree;
}

Tree read_tree(std::string_view archive) {
  const Read all = read_archive(archive);
  Tree tree;
  if (all.error) tree["error: " + all.message()] = {};
  for (std::size_t i = 0; i < all.entries.size(); ++i) {
    const Entry& entry = all.entries[i];
    if (entry.type == Type::kHardLink) {
      tree[normal(entry.path)] = tree[normal(entry.link_target)];
      continue;
    }
    Node& node = tree[normal(entry.path)];
    node.type = type_letter(entry.type);
    node.mode = entry.mode;
    node.uid = entry.uid;
    node.gid = entry.gid;
    node.mtime = entry.mtime;
    node.link = entry.link_target;
    node.content = whole_content(entry, all.data[i]);
    node.xattrs = entry.xattrs;
  }
  return tree;
}

std::string write_tree(const fs::path& root) {
  MemorySink sink;
  Writer writer(sink);
  std::map<std::pair<dev_t, ino_t>, std::string> seen;
  for (const auto& [path, node] : scan(root)) {
    Entry entry;
    entry.path = path;
    entry.mode = node.mode;
    entry.uid = node.uid;
    entry.gid = node.gid;
    entry.mtime = node.mtime;
    entry.xattrs = node.xattrs;
    entry.link_target = node.link;
    entry.type = node.type == 'd'   ? Type::kDirectory
                 : node.type == 'l' ? Type::kSymlink
                 : node.type == 'p' ? Type::kFifo
                                    : Type::kFile;
    struct stat info{};
    if (::lstat((root / path).c_str(), &info) != 0) return {};
    const auto [first, is_new] = seen.emplace(std::pair(info.st_dev, info.st_ino), path);
    if (!is_new && node.type == 'f') {
      entry.type = Type::kHardLink;
      entry.link_target = first->second;
    }
    const std::string content = entry.type == Type::kFile ? node.content : "";
    entry.size = content.size();
    if (!writer.add(entry) || !writer.write(as_bytes(content))) return {};
  }
  if (!writer.finish()) return {};
  return sink.take();
}

std::string differences(const Tree& expected, const Tree& actual) {
  std::string out;
  const auto line = [&](const std::string& path, const std::string& what) {
    out += path.substr(0, 60) + ": " + what + "\n";
  };
  for (const auto& [path, node] : expected) {
    const auto found = actual.find(path);
    if (found == actual.end()) {
      line(path, "missing");
      continue;
    }
    const Node& other = found->second;
    if (node.type != other.type) line(path, std::string("type ") + other.type);
    if (node.mode != other.mode) line(path, "mode " + std::to_string(other.mode));
    if (node.uid != other.uid || node.gid != other.gid) line(path, "owner");
    if (node.mtime != other.mtime)
      line(path, "mtime " + std::to_string(other.mtime.seconds) + " " +
                     std::to_string(other.mtime.nanoseconds));
    if (node.link != other.link) line(path, "link " + other.link);
    if (node.content != other.content) line(path, "content");
    if (node.xattrs != other.xattrs) line(path, "attributes");
  }
  for (const auto& [path, node] : actual) {
    if (!expected.contains(path)) line(path, "unexpected");
  }
  return out;
}

Tree whole_seconds(Tree tree) {
  for (auto& [path, node] : tree) node.mtime.nanoseconds = 0;
  return tree;
}

Tree without_xattrs(Tree tree) {
  for (auto& [path, node] : tree) node.xattrs.clear();
  return tree;
}

}  // namespace nacre::images::tar
