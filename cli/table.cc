#include "cli/table.h"

#include "cli/image/commands.h"
#include "cli/version.h"

namespace nacre::cli {

const CommandTable& command_table() {
  static constexpr GroupSpec kGroups[] = {{"image", "Manage images"}};
  static const CommandSpec kCommands[] = {
      check_command(), export_command(), history_command(), import_command(), inspect_command(),
      load_command(),  ls_command(),     prune_command(),   pull_command(),   push_command(),
      rm_command(),    save_command(),   tag_command(),     version_command()};
  static const CommandTable kTable{kGroups, kCommands};
  return kTable;
}

}  // namespace nacre::cli
