# Who may include whom. The table of the design, read by contrib/cmake/check_layers.cmake; an edge that is not here is
# an error. A layer may always include itself; a path belongs to the longest layer name that is a prefix of it.
#
#   nacre_layer(<layer> [MAY layer ...])
#   nacre_third_party(<regex of the included name> [IN <regex of the including path> ...])    nowhere else
#   nacre_generated(<name>)    a header that the build writes
#   nacre_forbidden(<regex of the included name> IN <regex of the including path> BECAUSE <reason>)

nacre_layer(base)
nacre_layer(sys            MAY base)
nacre_layer(oci-spec       MAY base)
nacre_layer(cgroups        MAY sys oci-spec base)
nacre_layer(netns          MAY sys base)
nacre_layer(images         MAY sys oci-spec base)
nacre_layer(runtime        MAY runtime/init cgroups oci-spec sys base)
# The init stage runs between clone and execve: what it can reach must be what is safe there.
nacre_layer(runtime/init   MAY sys base)
nacre_layer(daemon/api     MAY oci-spec base)
nacre_layer(daemon/monitor MAY sys base)
# The daemon executes the runtime and never links it: a threaded process must not fork into C++.
nacre_layer(daemon         MAY daemon/api images netns cgroups oci-spec sys base)
# sys: terminals and files. cli/image: the table of commands names them.
nacre_layer(cli            MAY cli/image daemon/api oci-spec sys base)
# Until the daemon exists the commands work on images in their own process.
nacre_layer(cli/image      MAY cli images oci-spec sys base)
# `nacre sandbox` shares the runtime's reading of a spec, never its actions.
nacre_layer(cli/sandbox    MAY cli runtime/plan daemon/api oci-spec base)
nacre_layer(tests          MAY cli cli/image daemon daemon/api daemon/monitor images netns runtime runtime/init cgroups oci-spec
                               sys base)

nacre_generated(nacre_commit.h)

nacre_third_party("^nlohmann/"           IN "^(oci-spec|images|daemon/api)/(.*/)?codec[^/]*\\.cc$" "^tests/")
nacre_third_party("^seccomp\\.h$"        IN "^runtime/seccomp/" "^tests/")
nacre_third_party("^sys/capability\\.h$" IN "^runtime/(plan|setup|capabilities)[^/]*" "^tests/")
nacre_third_party("^libmnl/"             IN "^netns/.*\\.cc$" "^tests/")
nacre_third_party("^libnftnl/"           IN "^netns/.*\\.cc$" "^tests/")
nacre_third_party("^openssl/"            IN "^images/.*\\.cc$" "^tests/")
nacre_third_party("^(isa-l\\.h$|isa-l/|zstd)" IN "^images/.*\\.cc$" "^tests/")
nacre_third_party("^sqlite3\\.h$"        IN "^(images|daemon)/.*\\.cc$" "^tests/")
nacre_third_party("^boost/"              IN "^images/registry/" "^daemon/" "^tests/")
nacre_third_party("^(CLI|fmt)/"          IN "^cli/" "^tests/")
nacre_third_party("^systemd/"            IN "^runtime/systemd/" "^tests/")
nacre_third_party("^(gtest|gmock|benchmark)/" IN "^tests/")

# What is linked into the static runtime starts in half a millisecond because these are not in it.
set(low_layers "^(base|sys|oci-spec|cgroups|netns|runtime)/")
nacre_forbidden("^(iostream|istream|ostream|fstream|sstream|iomanip)$" IN "${low_layers}"
  BECAUSE "streams pull in locales and static constructors: use base/text.h and sys/io.h")
nacre_forbidden("^(regex|filesystem|locale|format|print)$" IN "${low_layers}"
  BECAUSE "it costs start-up time and size in the static runtime")
nacre_forbidden("^(thread|future|mutex|shared_mutex|condition_variable|semaphore)$" IN "${low_layers}"
  BECAUSE "the runtime has one thread: clone3 and setns demand it")
nacre_forbidden("^functional$" IN "^(base|sys|oci-spec|cgroups|netns|runtime)/.*\\.h$"
  BECAUSE "std::function allocates and hides what is called: take a template parameter or a plain pointer")
nacre_forbidden("^linux/ioprio\\.h$" IN "\\.(cc|h)$"
  BECAUSE "Debian's copy of 6.1.192 names a parameter `class`, which no C++ compiler takes")

# The C library and the kernel, by name: anything else in <> with a .h or a / is third party and needs a line above.
set(system_headers "^(linux|sys|asm|asm-generic|arpa|net|netinet|netpacket)/[a-z0-9_/.-]+\\.h$"
  "^(aio|alloca|dirent|dlfcn|elf|endian|err|errno|fcntl|fnmatch|getopt|glob|grp|inttypes|libgen|limits|link|locale)\\.h$"
  "^(malloc|mntent|poll|pthread|pty|pwd|sched|setjmp|signal|spawn|stdarg|stdbool|stddef|stdint|stdio|stdlib)\\.h$"
  "^(string|strings|sysexits|syslog|syscall|termios|time|ucontext|unistd|utime|utmp|wait|math|assert|ctype)\\.h$"
  "^(cpuid|immintrin|x86intrin)\\.h$"
  "^sanitizer/[a-z_]+\\.h$")
