#include <array>

#include "runtime/commands/commands.h"

namespace nacre::commands {
namespace {

using commandline::CommandSpec;
using commandline::FlagSpec;

constexpr FlagSpec kBundle{.name = "bundle",
                           .short_name = 'b',
                           .value_name = "DIR",
                           .help = "the bundle (default: the current directory)"};
constexpr FlagSpec kConsoleSocket{
    .name = "console-socket",
    .value_name = "SOCKET",
    .help = "AF_UNIX socket that gets the master of the container's terminal"};
constexpr FlagSpec kPidfdSocket{.name = "pidfd-socket",
                                .value_name = "SOCKET",
                                .help = "AF_UNIX socket that gets a pidfd of the process"};
constexpr FlagSpec kPidFile{
    .name = "pid-file", .value_name = "FILE", .help = "write the process id to FILE"};
constexpr FlagSpec kPreserveFds{.name = "preserve-fds",
                                .value_name = "N",
                                .help = "pass N more descriptors on, behind those of LISTEN_FDS"};
constexpr FlagSpec kNoPivot{
    .name = "no-pivot",
    .help = "move the root instead of pivot_root, for a root file system on a ramdisk"};
constexpr FlagSpec kNoNewKeyring{
    .name = "no-new-keyring",
    .help = "stay in the caller's session keyring instead of making a new one"};
constexpr FlagSpec kConfig{.name = "config",
                           .value_name = "FILE",
                           .help = "the configuration (default: config.json in the bundle)"};
constexpr FlagSpec kPlanOnly{.name = "plan-only",
                             .help = "print what would be done, as JSON, and do nothing"};
constexpr FlagSpec kDetach{.name = "detach",
                           .short_name = 'd',
                           .help = "return when the process runs, do not wait for its end"};
constexpr FlagSpec kFormat{.name = "format",
                           .short_name = 'f',
                           .value_name = "table|json",
                           .help = "how to print it (default: table)"};

constexpr std::array kCreateFlags = {kBundle,      kConsoleSocket, kPidfdSocket,
                                     kPidFile,     kNoPivot,       kNoNewKeyring,
                                     kPreserveFds, kConfig,        kPlanOnly};
constexpr std::array kRunFlags = {
    kBundle,
    kConsoleSocket,
    kPidfdSocket,
    kPidFile,
    kDetach,
    FlagSpec{.name = "keep", .help = "do not delete the container when its process has ended"},
    FlagSpec{.name = "no-subreaper", .help = "do not become the parent of orphaned processes"},
    kNoPivot,
    kNoNewKeyring,
    kPreserveFds,
    kConfig,
};
constexpr std::array kExecFlags = {
    kConsoleSocket,
    kPidfdSocket,
    kPidFile,
    kDetach,
    FlagSpec{.name = "process",
             .short_name = 'p',
             .value_name = "FILE",
             .help = "a file with the process object of the specification, instead of a command"},
    FlagSpec{.name = "cwd", .value_name = "PATH", .help = "working directory in the container"},
    FlagSpec{.name = "env",
             .short_name = 'e',
             .repeatable = true,
             .value_name = "NAME=VALUE",
             .help = "set an environment variable"},
    FlagSpec{.name = "tty", .short_name = 't', .help = "give the process a terminal of its own"},
    FlagSpec{.name = "user",
             .short_name = 'u',
             .value_name = "UID[:GID]",
             .help = "run as this user and group, in numbers"},
    FlagSpec{.name = "additional-gids",
             .short_name = 'g',
             .repeatable = true,
             .value_name = "GID",
             .help = "one more group"},
    FlagSpec{
        .name = "process-label", .value_name = "LABEL", .help = "SELinux label of the process"},
    FlagSpec{
        .name = "apparmor", .value_name = "PROFILE", .help = "AppArmor profile of the process"},
    FlagSpec{.name = "no-new-privs", .help = "never let the process gain privileges"},
    FlagSpec{.name = "cap",
             .short_name = 'c',
             .repeatable = true,
             .value_name = "CAPABILITY",
             .help = "one more capability"},
    kPreserveFds,
    FlagSpec{.name = "cgroup",
             .repeatable = true,
             .value_name = "CGROUP",
             .help = "run in this existing cgroup below the container's"},
    FlagSpec{.name = "ignore-paused", .help = "start it although the container is paused"},
};
constexpr std::array kKillFlags = {
    FlagSpec{.name = "all",
             .short_name = 'a',
             .help = "signal every process; a container that has stopped is no error then"},
};
constexpr std::array kDeleteFlags = {
    FlagSpec{.name = "force",
             .short_name = 'f',
             .help = "kill it first if it runs; a container that does not exist is no error then"},
};
constexpr std::array kListFlags = {
    kFormat, FlagSpec{.name = "quiet", .short_name = 'q', .help = "print only the ids"}};
constexpr std::array kPsFlags = {kFormat};
constexpr std::array kSpecFlags = {
    FlagSpec{.name = "bundle",
             .short_name = 'b',
             .value_name = "DIR",
             .help = "where to write config.json (default: the current directory)"},
    FlagSpec{.name = "rootless", .help = "write one for a user without root"},
};

constexpr std::array kCommands = {
    CommandSpec{
        .name = "create",
        .summary = "create a container",
        .synopsis = "[command options] <new-container-id>",
        .description =
            "Makes everything the container needs and its first process, which waits for the start "
            "command. Standard input, output and error become those of the container, unless it "
            "has "
            "a terminal.\n\nThe id must be new; it may consist of letters, digits and _ + - .",
        .flags = kCreateFlags,
        .min_positionals = 1,
        .max_positionals = 1,
        .run = run_create},
    CommandSpec{
        .name = "start",
        .summary = "run the process of a created container",
        .synopsis = "<container-id>",
        .description = "Tells the first process to execute the program that config.json asks for.",
        .min_positionals = 1,
        .max_positionals = 1,
        .run = run_start},
    CommandSpec{
        .name = "run",
        .summary = "create and start a container",
        .synopsis = "[command options] <new-container-id>",
        .description =
            "The same as create and start. Without --detach it waits for the end of the process, "
            "passes signals on, deletes the container and ends with the status of the process.\n\n"
            "   nacre-runtime spec && nacre-runtime run -b . first",
        .flags = kRunFlags,
        .min_positionals = 1,
        .max_positionals = 1,
        .run = run_run},
    CommandSpec{.name = "exec",
                .summary = "run another process in a container",
                .synopsis = "[command options] <container-id> <command> [arguments...]",
                .description = "The command may be left out if --process gives it. Everything "
                               "behind the id belongs to "
                               "the command.\n\n   nacre-runtime exec -t first sh",
                .flags = kExecFlags,
                .min_positionals = 1,
                .stop_at_first_positional = true,
                .failure_status = 255,
                .run = run_exec},
    CommandSpec{.name = "state",
                .summary = "print the state of a container as JSON",
                .synopsis = "<container-id>",
                .min_positionals = 1,
                .max_positionals = 1,
                .run = run_state},
    CommandSpec{.name = "list",
                .summary = "list the containers",
                .synopsis = "[command options]",
                .description = "Lists the containers whose state is kept under --root.",
                .flags = kListFlags,
                .max_positionals = 0,
                .run = run_list},
    CommandSpec{.name = "ps",
                .summary = "list the processes of a container",
                .synopsis = "[command options] <container-id> [ps options]",
                .description =
                    "With the table format the host's ps runs (with -ef unless other options are "
                    "given) and "
                    "only the lines of the container are printed. With json: the process ids.",
                .flags = kPsFlags,
                .min_positionals = 1,
                .stop_at_first_positional = true,
                .run = run_ps},
    CommandSpec{
        .name = "kill",
        .summary = "send a signal to the first process of a container",
        .synopsis = "[command options] <container-id> [signal]",
        .description =
            "The signal is a number or a name, with or without SIG, SIGRTMIN+n too (default: "
            "SIGTERM). SIGKILL goes to every process of a container that shares its pid namespace "
            "with others.",
        .flags = kKillFlags,
        .min_positionals = 1,
        .max_positionals = 2,
        .stop_at_first_positional = true,
        .run = run_kill},
    CommandSpec{.name = "delete",
                .summary = "remove what a stopped container has left",
                .synopsis = "[command options] <container-id>",
                .description = "Removes the cgroup and the state, then runs the poststop hooks.",
                .flags = kDeleteFlags,
                .min_positionals = 1,
                .max_positionals = 1,
                .run = run_delete},
    CommandSpec{.name = "pause",
                .summary = "freeze every process of a container",
                .synopsis = "<container-id>",
                .min_positionals = 1,
                .max_positionals = 1,
                .run = run_pause},
    CommandSpec{.name = "resume",
                .summary = "thaw every process of a paused container",
                .synopsis = "<container-id>",
                .min_positionals = 1,
                .max_positionals = 1,
                .run = run_resume},
    CommandSpec{.name = "spec",
                .summary = "write a config.json to begin with",
                .synopsis = "[command options]",
                .description = "The configuration runs sh on a terminal in the directory rootfs of "
                               "the bundle. An existing config.json is not overwritten.",
                .flags = kSpecFlags,
                .max_positionals = 0,
                .run = run_spec},
    CommandSpec{.name = "features",
                .summary = "print what this runtime can do as JSON",
                .synopsis = {},
                .description = "The document is that of features.md of the runtime specification.",
                .max_positionals = 0,
                .run = run_features},
};

}  // namespace

std::span<const CommandSpec> table() { return kCommands; }

}  // namespace nacre::commands
