// The commands of this folder, for the table. Each stands in the file of its name.
#pragma once

#include "cli/commandline/command.h"

namespace nacre::cli {

[[nodiscard]] CommandSpec ls_command();
[[nodiscard]] CommandSpec pull_command();
[[nodiscard]] CommandSpec push_command();
[[nodiscard]] CommandSpec tag_command();
[[nodiscard]] CommandSpec rm_command();
[[nodiscard]] CommandSpec inspect_command();
[[nodiscard]] CommandSpec history_command();
[[nodiscard]] CommandSpec save_command();
[[nodiscard]] CommandSpec load_command();
[[nodiscard]] CommandSpec import_command();
[[nodiscard]] CommandSpec export_command();
[[nodiscard]] CommandSpec check_command();
[[nodiscard]] CommandSpec prune_command();

}  // namespace nacre::cli
