#include "images/layers/disk_attributes.h"

#include <string_view>
#include <vector>

#include "base/text.h"
#include "sys/file.h"
#include "sys/xattr.h"

namespace nacre::images::layers {
namespace {

// XATTR_SIZE_MAX and XATTR_LIST_MAX of linux/limits.h are both 64 KiB.
constexpr std::size_t kAtOnce = 256;
constexpr std::size_t kMost = std::size_t{64} << 10U;

// Tries with a small buffer, then with the largest that can be needed.
template <class Call>
sys::Outcome<std::string> fetch(Call call) {
  std::string value(kAtOnce, '\0');
  auto got = call(value.data(), value.size());
  if (!got && got.error().value == ERANGE) {
    value.resize(kMost);
    got = call(value.data(), value.size());
  }
  if (!got) return std::unexpected(got.error());
  value.resize(*got);
  return value;
}

bool is_none(Errno error) { return error.value == ENODATA || error.value == EOPNOTSUPP; }

// An inode by its descriptor, or by its name in a directory.
struct Subject {
  FdRef fd;
  const std::string* name;  // null: `fd` itself

  [[nodiscard]] std::string proc_path() const {
    return text::join("/proc/self/fd/", fd.get(), '/', *name);
  }
  sys::Outcome<std::size_t> list(char* names, std::size_t size) const {
    if (name == nullptr) return sys::listxattr_fd(fd, names, size);
    const auto got = sys::listxattrat(fd, name->c_str(), AT_SYMLINK_NOFOLLOW, names, size);
    if (got || got.error().value != ENOSYS) return got;
    return sys::llistxattr(proc_path().c_str(), names, size);  // before 6.13
  }
  sys::Outcome<std::size_t> get(const char* attribute, char* value, std::size_t size) const {
    if (name == nullptr) return sys::getxattr_fd(fd, attribute, value, size);
    const auto got =
        sys::getxattrat(fd, name->c_str(), AT_SYMLINK_NOFOLLOW, attribute, value, size);
    if (got || got.error().value != ENOSYS) return got;
    return sys::lgetxattr(proc_path().c_str(), attribute, value, size);
  }
};

Result<std::vector<std::string>> names_of(const Subject& subject) {
  const auto list =
      fetch([&](char* buffer, std::size_t size) { return subject.list(buffer, size); });
  if (!list) {
    if (is_none(list.error())) return std::vector<std::string>();
    return fail(Error::from_errno(list.error(), "list the extended attributes"));
  }
  std::vector<std::string> names;
  for (const std::string_view name : text::split(*list, '\0')) {
    if (!name.empty()) names.emplace_back(name);
  }
  return names;
}

Result<std::optional<std::string>> value_of(const Subject& subject, const std::string& attribute) {
  auto value = fetch(
      [&](char* buffer, std::size_t size) { return subject.get(attribute.c_str(), buffer, size); });
  if (value) return *std::move(value);
  if (is_none(value.error())) return std::nullopt;
  return fail(
      Error::from_errno(value.error(), text::join("read the attribute ", text::quote(attribute))));
}

Result<Xattrs> travelling(const Subject& subject) {
  Xattrs found;
  for (const std::string& name : NACRE_TRY(names_of(subject))) {
    if (!travels(name)) continue;
    auto value = NACRE_TRY(value_of(subject, name));
    if (value) found.emplace(name, *std::move(value));
  }
  return found;
}

}  // namespace

Result<std::optional<std::string>> read_attribute(FdRef fd, const std::string& name) {
  return value_of({fd, nullptr}, name);
}

Result<Xattrs> read_attributes(FdRef fd) { return travelling({fd, nullptr}); }

Result<Xattrs> read_attributes_at(FdRef directory, const std::string& name) {
  return travelling({directory, &name});
}

}  // namespace nacre::images::layers
