// In a terminal: bars in place, as wide as it is at the moment.
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/render/text.h"
#include "tests/integration/cli_image/fixture.h"
#include "tests/integration/cli_image/slow_proxy.h"
#include "tests/integration/registry/docker_registry.h"

namespace nacre::cli::test {
namespace {

using images::registry::test::DockerRegistry;
using testing::HasSubstr;
using testing::Not;

struct Terminal {
  UniqueFd master, slave;

  explicit Terminal(unsigned short columns) {
    winsize size{24, columns, 0, 0};
    int ends[2];
    if (::openpty(&ends[0], &ends[1], nullptr, nullptr, &size) != 0)
      throw std::runtime_error("openpty");
    master = UniqueFd(ends[0]);
    slave = UniqueFd(ends[1]);
    for (const int fd : ends) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  }
  void resize(unsigned short columns) const {
    const winsize size{24, columns, 0, 0};
    ASSERT_EQ(::ioctl(master.get(), TIOCSWINSZ, &size), 0);
  }
};

// Reads until `enough` likes what came, or everything is said.
std::string read_until(int master, const std::function<bool(const std::string&)>& enough) {
  std::string out;
  char bytes[4096];
  while (!enough(out)) {
    const ssize_t got = ::read(master, bytes, sizeof bytes);
    if (got <= 0) break;  // EIO: nobody has the other end any more
    out.append(bytes, static_cast<std::size_t>(got));
  }
  return out;
}

int count(const std::string& text, const std::string& what) {
  int found = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
    ++found;
  return found;
}

class TerminalTest : public CliTest {};

TEST_F(TerminalTest, BarsStayInPlaceAndFollowTheWidth) {
  if (!DockerRegistry::is_installed()) GTEST_SKIP() << "docker-registry is not installed";
  const DockerRegistry registry({.folder = work().string()});
  const std::string name = registry.host() + "/app:1";
  import_tree(name, 'a', 4'000'000);
  run({"push", "-q", name});
  SlowProxy proxy(static_cast<std::uint16_t>(
      std::stoul(registry.host().substr(registry.host().rfind(':') + 1))));
  proxy.hold_after(2'000'000);

  Terminal terminal(100);
  auto pull = nacre({"pull", proxy.host() + "/app:1"}, "other")
                  .stdout_fd(terminal.slave.get())
                  .stderr_fd(terminal.slave.get())
                  .start();
  terminal.slave = UniqueFd();
  ASSERT_TRUE(proxy.wait_until_held());
  const std::string wide = read_until(terminal.master.get(), [](const std::string& text) {
    return count(text, "downloading [") > 2;
  });
  EXPECT_THAT(wide, HasSubstr("\x1b[1A\r\x1b[J"));  // up and away with the old bars
  EXPECT_THAT(wide, HasSubstr("MB"));

  terminal.resize(44);
  // Frames that were begun before may still be on their way; after some more none is.
  std::string narrow = read_until(
      terminal.master.get(), [](const std::string& text) { return count(text, "\x1b[J") > 6; });
  narrow = narrow.substr(narrow.rfind("\x1b[J") + 3);
  narrow += read_until(terminal.master.get(),
                       [](const std::string& text) { return count(text, "\x1b[J") > 1; });
  std::size_t start = narrow.find("\x1b[J") + 3;
  const std::size_t end = narrow.find("\r\n", start);
  const std::string line = narrow.substr(start, end - start);
  EXPECT_THAT(line, HasSubstr("downloading"));
  EXPECT_LT(display_width(line), 44U) << line;

  proxy.release();
  const std::string rest =
      read_until(terminal.master.get(), [](const std::string&) { return false; });
  const Outcome outcome = pull.wait();
  EXPECT_EQ(outcome.exit_code, 0) << rest;
  EXPECT_THAT(rest, HasSubstr("  done  "));
  EXPECT_THAT(rest, HasSubstr("Status: Downloaded newer image for"));
}

TEST_F(TerminalTest, AnArchiveIsNotForTerminals) {
  import_tree("app");
  for (const std::vector<std::string>& args : std::vector<std::vector<std::string>>{
           {"save", "app"}, {"image", "export", "app"}, {"load"}, {"import", "-"}}) {
    const Terminal terminal(80);
    const Outcome outcome =
        nacre(args).stdin_fd(terminal.slave.get()).stdout_fd(terminal.slave.get()).run();
    EXPECT_EQ(outcome.exit_code, 1) << describe(outcome);
    EXPECT_THAT(outcome.err, HasSubstr("terminal"));
  }
}

TEST_F(TerminalTest, TablesFit) {
  import_tree("a-repository-with-a-rather-long-name/and-more-of-it-to-come:a-long-tag-as-well");
  const Terminal terminal(70);
  auto ls = nacre({"images"}).stdout_fd(terminal.slave.get()).start();
  EXPECT_EQ(ls.wait().exit_code, 0);
  const std::string text = read_until(terminal.master.get(), [](const std::string& so_far) {
    return std::ranges::count(so_far, '\n') >= 2;
  });
  EXPECT_THAT(text, HasSubstr("…"));
  std::size_t start = 0;
  for (std::size_t end = text.find("\r\n"); end != std::string::npos;
       start = end + 2, end = text.find("\r\n", start))
    EXPECT_LE(display_width(text.substr(start, end - start)), 70U) << text;
}

TEST_F(TerminalTest, ColoursOnlyWhereTheyAreWanted) {
  const auto said = [&](const char* no_colour) {
    const Terminal terminal(80);
    Command command = nacre({"image", "inspect", "Bad", "-f", "{{"});
    if (no_colour != nullptr) command.env("NO_COLOR", no_colour);
    auto running = command.stderr_fd(terminal.slave.get()).start();
    running.wait();
    return read_until(terminal.master.get(),
                      [](const std::string& text) { return text.find('\n') != text.npos; });
  };
  EXPECT_THAT(said(nullptr), HasSubstr("\x1b[31mnacre:\x1b[0m"));
  EXPECT_THAT(said("1"), Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace nacre::cli::test
