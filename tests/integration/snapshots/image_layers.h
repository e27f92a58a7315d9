// Layers as images have them: an archive written entry by entry, unpacked by a real store.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "images/store/store.h"
#include "images/tar/entry.h"
#include "oci-spec/image/digest.h"

namespace nacre::images::test {

struct Metadata {
  std::uint32_t mode = 0755;
  std::uint64_t uid = 0, gid = 0;
  std::map<std::string, std::string> xattrs = {};
};

class LayerArchive {
 public:
  LayerArchive& directory(const std::string& path, const Metadata& metadata = {});
  LayerArchive& file(const std::string& path, std::string_view content,
                     const Metadata& metadata = {.mode = 0644});
  LayerArchive& symlink(const std::string& path, const std::string& target);
  LayerArchive& hard_link(const std::string& path, const std::string& target);
  LayerArchive& fifo(const std::string& path, const Metadata& metadata = {.mode = 0600});
  LayerArchive& whiteout(const std::string& path);     // what the layers below have there
  LayerArchive& opaque(const std::string& directory);  // what they have in there; "": everything

  // Brings it in and unpacks it; the lease keeps it. Fails the test on an error.
  oci::Digest put(Store& store, const Lease& lease) const;

 private:
  LayerArchive& add(tar::Entry entry, std::string_view content = {});
  std::vector<std::pair<tar::Entry, std::string>> entries_;
};

}  // namespace nacre::images::test
