#include "runtime/setup/unix_socket.h"

#include "base/text.h"
#include "sys/file.h"
#include "sys/socket.h"

namespace nacre::setup {
namespace {

std::string through_directory(FdRef directory, const std::string& name) {
  return text::join("/proc/self/fd/", directory.get(), '/', name);
}

sys::Outcome<UniqueFd> connect_to(const std::string& path, int type) {
  const sockaddr_un address = NACRE_TRY(sys::unix_address(path.c_str()));
  UniqueFd socket = NACRE_TRY(sys::socket(AF_UNIX, type));
  NACRE_TRY(sys::connect(socket, address));
  return socket;
}

}  // namespace

Result<UniqueFd> connect_socket_at(FdRef directory, const std::string& name, int type) {
  return NACRE_TRY_CTX(connect_to(through_directory(directory, name), type),
                       text::join("connect to ", text::quote(name)));
}

Result<UniqueFd> connect_socket(const std::string& path, int type) {
  const std::string what = text::join("connect to ", text::quote(path));
  auto direct = connect_to(path, type);
  if (direct) return std::move(*direct);
  if (direct.error().value != ENAMETOOLONG) return fail(Error::from_errno(direct.error(), what));
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return fail(Error::from_errno(direct.error(), what));
  const auto directory = NACRE_TRY_CTX(
      sys::openat(sys::kCwd, path.substr(0, slash + 1).c_str(), O_PATH | O_DIRECTORY), what);
  return NACRE_TRY_CTX(connect_to(through_directory(directory, path.substr(slash + 1)), type),
                       what);
}

Result<UniqueFd> bind_at(FdRef directory, const std::string& name, int type) {
  const std::string what = text::join("bind ", text::quote(name));
  const sockaddr_un address =
      NACRE_TRY_CTX(sys::unix_address(through_directory(directory, name).c_str()), what);
  UniqueFd socket = NACRE_TRY_CTX(sys::socket(AF_UNIX, type), what);
  NACRE_TRY_CTX(sys::bind(socket, address), what);
  return socket;
}

Result<UniqueFd> listen_at(FdRef directory, const std::string& name, int type) {
  UniqueFd socket = NACRE_TRY(bind_at(directory, name, type));
  NACRE_TRY_CTX(sys::listen(socket, 8), text::join("listen on ", text::quote(name)));
  return socket;
}

Result<void> send_descriptor(FdRef socket, FdRef fd, const std::string& name) {
  static_cast<void>(NACRE_TRY_CTX(sys::send_with_fd(socket, name.data(), name.size(), fd.get()),
                                  text::join("send the ", name)));
  return {};
}

}  // namespace nacre::setup
