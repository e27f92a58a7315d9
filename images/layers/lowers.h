// What the layers below show at a path, as overlay would merge them.
//
// Only asked where the upper layer alone does not say it: in directories that hide something, and
// for what has been renamed or changed without its bytes (redirect, metacopy). No symlink is
// followed. Layers below may themselves be former uppers with redirects of their own.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "images/layers/layers.h"
#include "sys/fds.h"

namespace nacre::images::layers {

struct LayerDirectory {
  std::size_t layer = 0;
  sys::DirFd fd;  // O_RDONLY
  bool file_whiteouts = false;
};

class Lowers {
 public:
  // `layers` (top first) must outlive it.
  Lowers(const std::vector<sys::DirFd>& layers, WhiteoutForm form) : layers_(layers), form_(form) {}

  [[nodiscard]] bool empty() const { return layers_.empty(); }

  // The directories that together make up `path` ("" is the root), top first; none when no
  // directory can be seen there.
  [[nodiscard]] Result<std::vector<LayerDirectory>> directories(std::string_view path) const;
  // The file that holds the bytes of what can be seen at `path`; none when no regular file can.
  [[nodiscard]] Result<UniqueFd> data(std::string_view path) const;

 private:
  using Stack = std::vector<LayerDirectory>;
  [[nodiscard]] Result<Stack> walk(std::size_t first_layer, std::string_view path) const;
  [[nodiscard]] Result<Stack> step(const Stack& parents, std::string name) const;
  [[nodiscard]] Result<UniqueFd> data_below(std::size_t first_layer, std::string_view path) const;

  const std::vector<sys::DirFd>& layers_;
  WhiteoutForm form_;
};

}  // namespace nacre::images::layers
