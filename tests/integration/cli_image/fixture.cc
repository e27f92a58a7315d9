#include "tests/integration/cli_image/fixture.h"

#include <fstream>

namespace nacre::cli::test {

void CliTest::SetUp() {
  std::string name = (std::filesystem::temp_directory_path() / "nacre-cli-XXXXXX").string();
  ASSERT_NE(::mkdtemp(name.data()), nullptr);
  work_ = name;
}

void CliTest::TearDown() {
  if (!work_.empty()) std::filesystem::remove_all(work_);
}

Command CliTest::nacre(std::vector<std::string> args, const std::string& root) {
  std::vector<std::string> argv = {NACRE_PROGRAM, "--data-root", (work_ / root).string()};
  argv.insert(argv.end(), args.begin(), args.end());
  Command command(std::move(argv));
  command.env("HOME", work_.string()).env("DOCKER_CONFIG", work_.string());
  command.env("CONTAINERS_REGISTRIES_CONF", "/dev/null").env("TERM", "xterm");
  command.unset_env("NACRE_DATA_ROOT").unset_env("NO_COLOR").unset_env("SOURCE_DATE_EPOCH");
  return command;
}

std::string CliTest::run(std::vector<std::string> args, const std::string& root) {
  const Outcome outcome = nacre(std::move(args), root).run();
  EXPECT_EQ(outcome.exit_code, 0) << describe(outcome);
  return outcome.out;
}

std::string CliTest::run_failing(int status, std::vector<std::string> args) {
  const Outcome outcome = nacre(std::move(args)).run();
  EXPECT_EQ(outcome.exit_code, status) << describe(outcome);
  return outcome.err;
}

std::filesystem::path CliTest::make_tree(const std::string& name, char content, std::size_t size) {
  const std::filesystem::path tree = work_ / name;
  std::filesystem::create_directories(tree / "etc");
  std::ofstream(tree / "etc" / "name") << name << '\n';
  // Bytes that no compressor makes small, so that sizes mean something; the same every time.
  std::string bytes(size, '\0');
  unsigned state = static_cast<unsigned char>(content);
  for (char& byte : bytes) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<char>(state >> 24U);
  }
  std::ofstream(tree / "file", std::ios::binary) << bytes;
  return tree;
}

std::string CliTest::import_tree(const std::string& name, char content, std::size_t size) {
  const auto tree = make_tree("tree-" + std::string(1, content), content, size);
  return without_newline(run({"image", "import", "-q", tree.string(), name}));
}

std::string without_newline(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace nacre::cli::test
