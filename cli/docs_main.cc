// Writes what is made from the table of commands, below the directory given:
//   docs/man/nacre.1
//   contrib/completions/{nacre.bash,_nacre,nacre.fish}
#include <string>

#include "base/text.h"
#include "cli/commandline/completions.h"
#include "cli/commandline/manual.h"
#include "cli/render/terminal.h"
#include "cli/table.h"
#include "sys/io.h"

namespace nacre::cli {
namespace {

Result<void> write_page(std::string_view root, std::string_view folder, const std::string& name,
                        const std::string& content) {
  const std::string directory = text::join(root, '/', folder);
  const auto dir = NACRE_TRY_CTX(
      sys::openat<sys::DirFd>(sys::kCwd, directory.c_str(), O_RDONLY | O_DIRECTORY), directory);
  NACRE_TRY_CTX(sys::replace_file(dir, name, content, 0644),
                text::join("write ", directory, '/', name));
  return {};
}

Result<void> write_pages(std::string_view root) {
  const CommandTable& table = command_table();
  NACRE_TRY(write_page(root, "docs/man", "nacre.1", manual_page(table)));
  NACRE_TRY(write_page(root, "contrib/completions", "nacre.bash", bash_completion(table)));
  NACRE_TRY(write_page(root, "contrib/completions", "_nacre", zsh_completion(table)));
  return write_page(root, "contrib/completions", "nacre.fish", fish_completion(table));
}

}  // namespace
}  // namespace nacre::cli

int main(int argc, char** argv) {
  const auto written = argc == 2
                           ? nacre::cli::write_pages(argv[1])
                           : nacre::fail(nacre::invalid_argument("usage: nacre-docs DIRECTORY"));
  if (written) return 0;
  nacre::cli::say(written.error().message() + "\n");
  return 1;
}
