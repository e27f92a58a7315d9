// Writes what is made from the table of commands, below the directory given:
//   docs/man/nacre-runtime.8
//   contrib/completions/{nacre-runtime.bash,_nacre-runtime,nacre-runtime.fish}
#include <array>
#include <string>

#include "base/text.h"
#include "runtime/commandline/completions.h"
#include "runtime/commandline/manual.h"
#include "runtime/commands/commands.h"
#include "runtime/log/log.h"
#include "sys/io.h"

namespace nacre {
namespace {

constexpr std::string_view kProgram = "nacre-runtime";

struct Page {
  std::string_view directory;
  std::string name;
  std::string content;
};

std::array<Page, 4> make_pages() {
  const auto table = commands::table();
  const std::string program(kProgram);
  return {
      Page{"docs/man", program + ".8", commandline::manual_page(kProgram, table)},
      Page{"contrib/completions", program + ".bash", commandline::bash_completion(kProgram, table)},
      Page{"contrib/completions", "_" + program, commandline::zsh_completion(kProgram, table)},
      Page{"contrib/completions", program + ".fish",
           commandline::fish_completion(kProgram, table)}};
}

Result<void> write_page(std::string_view root, const Page& page) {
  const std::string directory = text::join(root, '/', page.directory);
  const auto dir = NACRE_TRY_CTX(
      sys::openat<sys::DirFd>(sys::kCwd, directory.c_str(), O_RDONLY | O_DIRECTORY), directory);
  NACRE_TRY_CTX(sys::replace_file(dir, page.name, page.content, 0644),
                text::join("write ", directory, '/', page.name));
  return {};
}

Result<void> write_pages(std::string_view root) {
  for (const Page& page : make_pages()) NACRE_TRY(write_page(root, page));
  return {};
}

}  // namespace
}  // namespace nacre

int main(int argc, char** argv) {
  const auto written =
      argc == 2 ? nacre::write_pages(argv[1])
                : nacre::fail(nacre::invalid_argument("usage: nacre-runtime-docs DIRECTORY"));
  if (written) return 0;
  nacre::log::Logger().error(written.error());
  return 1;
}
