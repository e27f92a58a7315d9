#include "tests/integration/snapshots/image_layers.h"

#include <gtest/gtest.h>

#include "images/stream/hasher.h"
#include "images/stream/memory.h"
#include "images/tar/writer.h"

namespace nacre::images::test {
namespace {

std::string parent_prefix(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash + 1);
}
std::string last_part(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

tar::Entry entry_of(tar::Type type, const std::string& path, const Metadata& metadata) {
  tar::Entry entry;
  entry.type = type;
  entry.path = path;
  entry.mode = metadata.mode;
  entry.uid = metadata.uid;
  entry.gid = metadata.gid;
  entry.xattrs = metadata.xattrs;
  entry.mtime.seconds = 1'700'000'000;
  return entry;
}

oci::Digest digest_of(std::string_view bytes) {
  Hasher hasher;
  hasher.update(as_bytes(bytes));
  const auto digest = hasher.finish();
  EXPECT_TRUE(digest.has_value());
  return digest ? *digest : oci::Digest();
}

}  // namespace

LayerArchive& LayerArchive::add(tar::Entry entry, std::string_view content) {
  entry.size = content.size();
  entries_.emplace_back(std::move(entry), content);
  return *this;
}

LayerArchive& LayerArchive::directory(const std::string& path, const Metadata& metadata) {
  return add(entry_of(tar::Type::kDirectory, path, metadata));
}
LayerArchive& LayerArchive::file(const std::string& path, std::string_view content,
                                 const Metadata& metadata) {
  return add(entry_of(tar::Type::kFile, path, metadata), content);
}
LayerArchive& LayerArchive::symlink(const std::string& path, const std::string& target) {
  tar::Entry entry = entry_of(tar::Type::kSymlink, path, {.mode = 0777});
  entry.link_target = target;
  return add(std::move(entry));
}
LayerArchive& LayerArchive::hard_link(const std::string& path, const std::string& target) {
  tar::Entry entry = entry_of(tar::Type::kHardLink, path, {.mode = 0644});
  entry.link_target = target;
  return add(std::move(entry));
}
LayerArchive& LayerArchive::fifo(const std::string& path, const Metadata& metadata) {
  return add(entry_of(tar::Type::kFifo, path, metadata));
}
LayerArchive& LayerArchive::whiteout(const std::string& path) {
  return file(parent_prefix(path) + ".wh." + last_part(path), "");
}
LayerArchive& LayerArchive::opaque(const std::string& directory) {
  return file((directory.empty() ? std::string() : directory + "/") + ".wh..wh..opq", "");
}

oci::Digest LayerArchive::put(Store& store, const Lease& lease) const {
  MemorySink bytes;
  tar::Writer writer(bytes);
  for (const auto& [entry, content] : entries_) {
    const auto added = writer.add(entry);
    EXPECT_TRUE(added.has_value()) << added.error().message();
    if (content.empty()) continue;
    EXPECT_TRUE(writer.write(as_bytes(content)).has_value());
  }
  EXPECT_TRUE(writer.finish().has_value());
  const std::string archive = bytes.take();
  oci::Descriptor blob;
  blob.media_type = "application/vnd.oci.image.layer.v1.tar";
  blob.digest = digest_of(archive);
  blob.size = archive.size();
  const auto put = store.put_document(lease, blob.media_type, archive);
  EXPECT_TRUE(put.has_value()) << put.error().message();
  const auto unpacked = store.unpack(lease, blob, blob.digest, nullptr);
  EXPECT_TRUE(unpacked.has_value()) << unpacked.error().message();
  return blob.digest;
}

}  // namespace nacre::images::test
