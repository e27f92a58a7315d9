// The commands of nacre-runtime. Each takes what the command line said and gives the exit status.
#pragma once

#include "runtime/commandline/command.h"

namespace nacre::commands {

using commandline::Arguments;
using commandline::GlobalOptions;

Result<int> run_create(const GlobalOptions& options, const Arguments& arguments);
Result<int> run_start(const GlobalOptions& options, const Arguments& arguments);
Result<int> run_run(const GlobalOptions& options, const Arguments& arguments);
Result<int> run_exec(const GlobalOptions& options, const Arguments& arguments);

Result<int> run_state(const GlobalOptions& options, const Arguments& arguments);
Result<int> run_list(const GlobalOptions& options, const Arguments& arguments);
Result<int> run_ps(const GlobalOptions& options, const Arguments& arguments);
Result<int> run_kill(const GlobalOptions& options, const Arguments& arguments);
Result<int> run_delete(const GlobalOptions& options, const Arguments& arguments);
Result<int> run_pause(const GlobalOptions& options, const Arguments& arguments);
Result<int> run_resume(const GlobalOptions& options, const Arguments& arguments);
Result<int> run_spec(const GlobalOptions& options, const Arguments& arguments);
Result<int> run_features(const GlobalOptions& options, const Arguments& arguments);

// The one table: parsing, help, manual and completions are made from it.
std::span<const commandline::CommandSpec> table();

}  // namespace nacre::commands
