#include "images/layers/lowers.h"

#include "base/text.h"
#include "images/layers/overlay_marks.h"
#include "images/layers/path.h"
#include "sys/file.h"

namespace nacre::images::layers {
namespace {

enum class Seen : std::uint8_t { kNothing, kWhiteout, kDirectory, kFile, kOther };

Result<Seen> look(const LayerDirectory& parent, const std::string& name, WhiteoutForm form) {
  const auto seen = sys::statx(parent.fd, name.c_str(), AT_SYMLINK_NOFOLLOW);
  if (!seen && seen.error().value == ENOENT) return Seen::kNothing;
  if (!seen) return fail(Error::from_errno(seen.error(), "look at it"));
  if (is_device_whiteout(*seen)) return Seen::kWhiteout;
  if (parent.file_whiteouts && NACRE_TRY(is_file_whiteout(parent.fd, name, *seen, form)))
    return Seen::kWhiteout;
  if (S_ISDIR(seen->stx_mode)) return Seen::kDirectory;
  return S_ISREG(seen->stx_mode) ? Seen::kFile : Seen::kOther;
}

Result<UniqueFd> open_in(const LayerDirectory& parent, const std::string& name, int flags) {
  return NACRE_TRY_CTX(sys::openat(parent.fd, name.c_str(), flags | O_RDONLY | O_NOFOLLOW),
                       text::join("open ", text::quote(name), " of a lower layer"));
}

template <class T>
void append(std::vector<T>& to, std::vector<T> from) {
  for (T& one : from) to.push_back(std::move(one));
}

}  // namespace

Result<std::vector<LayerDirectory>> Lowers::directories(std::string_view path) const {
  return NACRE_TRY_CTX(walk(0, path),
                       text::join("look for ", text::quote(path), " in the layers below"));
}

Result<UniqueFd> Lowers::data(std::string_view path) const {
  return NACRE_TRY_CTX(data_below(0, path),
                       text::join("look for ", text::quote(path), " in the layers below"));
}

Result<Lowers::Stack> Lowers::walk(std::size_t first_layer, std::string_view path) const {
  Stack stack;
  for (std::size_t layer = first_layer; layer < layers_.size(); ++layer) {
    auto root = NACRE_TRY_CTX(sys::openat<sys::DirFd>(layers_[layer], ".", O_RDONLY | O_DIRECTORY),
                              "open a lower layer");
    const DirectoryMarks marks = NACRE_TRY(read_directory_marks(root, form_));
    stack.push_back({layer, std::move(root), marks.file_whiteouts});
  }
  for (const std::string_view part : text::split(path, '/')) {
    if (!part.empty()) stack = NACRE_TRY(step(stack, std::string(part)));
  }
  return stack;
}

// The name changes on the way down where a directory had another one before it was renamed.
Result<Lowers::Stack> Lowers::step(const Stack& parents, std::string name) const {
  Stack found;
  for (const LayerDirectory& parent : parents) {
    const Seen seen = NACRE_TRY(look(parent, name, form_));
    if (seen == Seen::kNothing) continue;
    if (seen != Seen::kDirectory) break;
    sys::DirFd fd(NACRE_TRY(open_in(parent, name, O_DIRECTORY)).release());
    DirectoryMarks marks = NACRE_TRY(read_directory_marks(fd, form_));
    found.push_back({parent.layer, std::move(fd), marks.file_whiteouts});
    if (marks.opaque) break;
    if (marks.redirect.starts_with('/')) {
      append(found, NACRE_TRY(walk(parent.layer + 1, marks.redirect)));
      break;
    }
    if (!marks.redirect.empty()) name = std::move(marks.redirect);
  }
  return found;
}

Result<UniqueFd> Lowers::data_below(std::size_t first_layer, std::string_view path) const {
  const std::size_t slash = path.rfind('/');
  const bool in_root = slash == std::string_view::npos;
  std::string name(in_root ? path : path.substr(slash + 1));
  const Stack parents =
      NACRE_TRY(walk(first_layer, in_root ? std::string_view() : path.substr(0, slash)));
  for (const LayerDirectory& parent : parents) {
    const Seen seen = NACRE_TRY(look(parent, name, form_));
    if (seen == Seen::kNothing) continue;
    if (seen != Seen::kFile) break;
    UniqueFd file = NACRE_TRY(open_in(parent, name, O_NONBLOCK));
    const auto marks = read_file_marks(file, form_);
    if (!marks) return fail(marks.error());
    if (!marks->metacopy) return file;
    if (marks->redirect.starts_with('/')) return data_below(parent.layer + 1, marks->redirect);
    if (!marks->redirect.empty()) name = marks->redirect;
  }
  return UniqueFd();
}

}  // namespace nacre::images::layers
