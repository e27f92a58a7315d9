// process.terminal: the pseudo terminal, its size, its owner, and the console socket.
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "tests/support/container_test.h"
#include "tests/support/sockets.h"

namespace nacre::test {
namespace {

using testing::HasSubstr;

class TerminalTest : public ContainerTest {
 protected:
  // A terminal of 24 x 99 for the caller.
  void open_terminal() {
    if (slave_) return;
    master_.reset(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    ASSERT_EQ(::grantpt(master_.get()), 0);
    ASSERT_EQ(::unlockpt(master_.get()), 0);
    std::array<char, 64> name{};
    ASSERT_EQ(::ptsname_r(master_.get(), name.data(), name.size()), 0);
    const winsize size{.ws_row = 24, .ws_col = 99, .ws_xpixel = 0, .ws_ypixel = 0};
    ASSERT_EQ(::ioctl(master_.get(), TIOCSWINSZ, &size), 0);
    slave_.reset(::open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC));
  }

  // `run` of the bundle by a caller that sits on that terminal.
  Running run_on_terminal() {
    open_terminal();
    const std::string id = new_id();
    prepare(bundle(), id);
    return runtime({"run", "--bundle", bundle().path(), id})
        .stdin_fd(slave_.get())
        .stdout_fd(slave_.get())
        .stderr_fd(slave_.get())
        .before_exec([] {
          ::setsid();
          ::ioctl(0, TIOCSCTTY, 0);
        })
        .start();
  }

  int waiting_input() const {
    int bytes = -1;
    ::ioctl(slave_.get(), FIONREAD, &bytes);
    return bytes;
  }

  UniqueFd master_;
  UniqueFd slave_;

  // Creates the bundle's container with a console socket and gives the master's reader.
  Reader create_with_console(Container& container, std::vector<std::string> options = {}) {
    FdReceiver receiver((work() / "console.sock").string());
    options.insert(options.end(), {"--console-socket", receiver.path()});
    container = create(bundle(), options);
    ReceivedFd received = receiver.receive();
    EXPECT_EQ(received.count, 1);
    EXPECT_NE(received.data, "");
    EXPECT_LT(received.data.size(), 4096U);
    EXPECT_EQ(::isatty(received.fd.get()), 1);
    return Reader(std::move(received.fd));
  }
};

TEST_F(TerminalTest, ProcessSitsOnATerminal) {
  bundle().terminal().probe({"tty", "pid"});
  Container container;
  Reader master = create_with_console(container);
  start(container);
  const Report report = Report::parse(master.rest());
  EXPECT_EQ(reap(container.pid), 0);
  const json tty = report["tty"];
  for (const char* key :
       {"stdin", "stdout", "stderr", "controlling", "foreground", "console_is_stdin"}) {
    EXPECT_EQ(tty[key], true) << key;
  }
  EXPECT_THAT(tty.value("name", ""),
              testing::AnyOf(HasSubstr("/dev/pts/"), HasSubstr("/dev/console")));
}

TEST_F(TerminalTest, SizeIsSetBeforeTheProcessStarts) {
  bundle().terminal(33, 101).probe({"tty"});
  Container container;
  Reader master = create_with_console(container);
  start(container);
  const Report report = Report::parse(master.rest());
  reap(container.pid);
  EXPECT_EQ(report["tty"]["rows"], 33);
  EXPECT_EQ(report["tty"]["columns"], 101);
}

// Who takes the master decides about the settings: docker -t shows "\r\n".
TEST_F(TerminalTest, SettingsOfATerminalThatIsHandedOverAreTheKernels) {
  bundle().terminal().probe({"tty"});
  Container container;
  Reader master = create_with_console(container);
  start(container);
  const std::string text = master.rest();
  reap(container.pid);
  EXPECT_THAT(text, testing::EndsWith("\r\n"));
  EXPECT_EQ(Report::parse(text)["tty"]["onlcr"], true);
}

TEST_F(TerminalTest, SizeCanBeChangedFromOutside) {
  bundle().terminal(10, 20).probe({"wait-signal", "tty"});
  Container container;
  Reader master = create_with_console(container);
  start(container);
  master.until("ready");
  const winsize size{.ws_row = 50, .ws_col = 60, .ws_xpixel = 0, .ws_ypixel = 0};
  ASSERT_EQ(::ioctl(master.fd(), TIOCSWINSZ, &size), 0);
  const Report report = Report::parse(master.rest());
  reap(container.pid);
  EXPECT_EQ(report["wait-signal"]["signal"], SIGWINCH);
  EXPECT_EQ(report["tty"]["rows"], 50);
  EXPECT_EQ(report["tty"]["columns"], 60);
}

TEST_F(TerminalTest, InputReachesTheProcess) {
  bundle().with_busybox().terminal().args(
      {"/bin/sh", "-c", "echo prompt; read word; echo got-$word"});
  Container container;
  Reader master = create_with_console(container);
  start(container);
  master.until("prompt");
  ASSERT_EQ(::write(master.fd(), "hello\n", 6), 6);
  EXPECT_THAT(master.rest(), HasSubstr("got-hello"));
  reap(container.pid);
}

TEST_F(TerminalTest, InterruptKeySignalsTheForegroundGroup) {
  bundle().terminal().with_busybox().args(
      {"/bin/sh", "-c",
       "trap 'echo caught; exit 9' INT; echo ready; while :; do sleep 1 & wait; done"});
  Container container;
  Reader master = create_with_console(container);
  start(container);
  master.until("ready");
  ASSERT_EQ(::write(master.fd(), "\x03", 1), 1);
  EXPECT_THAT(master.rest(), HasSubstr("caught"));
  EXPECT_EQ(reap(container.pid), 9);
}

TEST_F(TerminalTest, TerminalBelongsToTheUser) {
  bundle().terminal().user(1000, 1000).probe({"tty"});
  Container container;
  Reader master = create_with_console(container);
  start(container);
  const Report report = Report::parse(master.rest());
  reap(container.pid);
  EXPECT_EQ(report["tty"]["uid"], 1000);
}

TEST_F(TerminalTest, DetachedTerminalNeedsASocket) {
  bundle().terminal();
  const std::string id = new_id();
  prepare(bundle(), id);
  expect_failure(runtime({"create", "--bundle", bundle().path(), id}).run(), 1,
                 "cannot allocate tty if runc will detach without setting console socket");
}

TEST_F(TerminalTest, SocketWithoutATerminalIsRefused) {
  NACRE_PEER_DIFFERS(kCrun, "ignores the socket");
  FdReceiver receiver((work() / "console.sock").string());
  const std::string id = new_id();
  prepare(bundle(), id);
  expect_failure(
      runtime({"create", "--bundle", bundle().path(), "--console-socket", receiver.path(), id})
          .run(),
      1, "cannot use console socket if runc will not detach or allocate tty");
}

TEST_F(TerminalTest, SocketThatIsMissingIsAnErrorWithoutATrace) {
  bundle().terminal();
  const std::string id = new_id();
  prepare(bundle(), id);
  expect_failure(
      runtime({"create", "--bundle", bundle().path(), "--console-socket", "/no/such.sock", id})
          .run(),
      1, "/no/such.sock");
}

TEST_F(TerminalTest, ForegroundRunUsesTheCallersTerminal) {
  bundle().terminal().probe({"tty", "exit", "4"});
  Running running = run_on_terminal();
  slave_.reset();
  const Report report = Report::parse(Reader(std::move(master_)).rest());
  EXPECT_EQ(running.wait().exit_code, 4);
  EXPECT_EQ(report["tty"]["stdin"], true);
  NACRE_PEER_DIFFERS(kCrun, "sets the size later, and leaves ONLCR on");
  EXPECT_EQ(report["tty"]["rows"], 24);
  EXPECT_EQ(report["tty"]["columns"], 99);
  // The caller's terminal adds the carriage returns; a second one would be one too many.
  EXPECT_EQ(report["tty"]["onlcr"], false);
}

TEST_F(TerminalTest, ForegroundRunRestoresTheCallersTerminal) {
  termios before{}, after{};
  bundle().terminal().probe({"say", "over"});
  open_terminal();
  ASSERT_EQ(::tcgetattr(slave_.get(), &before), 0);
  Running running = run_on_terminal();
  EXPECT_EQ(running.wait().exit_code, 0);
  ASSERT_EQ(::tcgetattr(slave_.get(), &after), 0);
  EXPECT_EQ(before.c_lflag, after.c_lflag);
  EXPECT_EQ(before.c_oflag, after.c_oflag);
  EXPECT_EQ(before.c_iflag, after.c_iflag);
}

TEST_F(TerminalTest, ExecWithATerminal) {
  const Container container = launch_idle();
  FdReceiver receiver((work() / "console.sock").string());
  const auto pid_file = work() / "exec.pid";
  expect_success(runtime({"exec", "--tty", "--detach", "--pid-file", pid_file, "--console-socket",
                          receiver.path(), container.id, "/probe", "tty"})
                     .run());
  ReceivedFd received = receiver.receive();
  ASSERT_EQ(received.count, 1);
  const Report report = Report::parse(Reader(std::move(received.fd)).rest());
  reap(std::stoi(read_text(pid_file)));
  EXPECT_EQ(report["tty"]["stdin"], true);
  EXPECT_EQ(report["tty"]["controlling"], true);
}

TEST_F(TerminalTest, ExecDetachedTerminalNeedsASocket) {
  const Container container = launch_idle();
  NACRE_PEER_DIFFERS(kCrun, "exits with 1");
  expect_failure(runtime({"exec", "--tty", "--detach", container.id, "/probe", "tty"}).run(), 255,
                 "cannot allocate tty if runc will detach without setting console socket");
}

// legacy_tiocsti may be on: what protects the caller is that the terminal is the container's own,
TEST_F(TerminalTest, InjectedInputStaysOnTheContainersTerminal) {
  bundle().all_capabilities().terminal().probe({"tiocsti"});
  Running running = run_on_terminal();
  EXPECT_EQ(running.wait().exit_code, 0);
  EXPECT_EQ(waiting_input(), 0);
}

// and without process.terminal that the caller's terminal does not control it.
TEST_F(TerminalTest, NoInjectionIntoTheCallersTerminal) {
  bundle().probe({"tiocsti"});
  Running running = run_on_terminal();
  EXPECT_EQ(running.wait().exit_code, 0);
  slave_.reset();
  // runc puts pipes between, so that there is no terminal at all.
  EXPECT_THAT(Report::parse(Reader(std::move(master_)).rest())["tiocsti"].value("error", ""),
              testing::AnyOf("EPERM", "ENOTTY"));
}

}  // namespace
}  // namespace nacre::test
