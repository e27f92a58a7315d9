#include "runtime/setup/init_image.h"

#include <linux/memfd.h>

#include "sys/file.h"
#include "sys/io.h"

// The assembler's names (init_image.S).
// NOLINTBEGIN(readability-identifier-naming)
extern "C" const char nacre_init_image_start[];
extern "C" const char nacre_init_image_end[];
// NOLINTEND(readability-identifier-naming)

namespace nacre::setup {
namespace {

constexpr unsigned kMfdExec = 0x10;  // MFD_EXEC, 6.3: asks for execution where vm.memfd_noexec is 1

sys::Outcome<UniqueFd> create_file() {
  constexpr unsigned kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  auto file = sys::memfd_create("nacre-init", kFlags | kMfdExec);
  if (file || file.error().value != EINVAL) return file;
  return sys::memfd_create("nacre-init", kFlags);
}

}  // namespace

Result<UniqueFd> open_init_image() {
  constexpr unsigned kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  UniqueFd file = NACRE_TRY_CTX(create_file(), "create a file in memory for the init image");
  const std::string_view image(
      nacre_init_image_start,
      static_cast<std::size_t>(nacre_init_image_end - nacre_init_image_start));
  NACRE_TRY_CTX(sys::write_all(file, image), "write the init image");
  NACRE_TRY_CTX(sys::add_seals(file, kSeals), "seal the init image");
  return file;
}

}  // namespace nacre::setup
