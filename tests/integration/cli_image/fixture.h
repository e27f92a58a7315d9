// A data root of the test's own, and the program on it.
#pragma once

#include <gmock/gmock.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/command.h"

namespace nacre::cli::test {

using nacre::test::Command;
using nacre::test::Outcome;

class CliTest : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  [[nodiscard]] const std::filesystem::path& work() const { return work_; }
  // `nacre --data-root <root> args...`, with no configuration of registries but the test's.
  [[nodiscard]] Command nacre(std::vector<std::string> args, const std::string& root = "data");
  // The same, run; it must succeed. What it wrote to standard output.
  std::string run(std::vector<std::string> args, const std::string& root = "data");
  // It must fail with this status. What it wrote to standard error.
  std::string run_failing(int status, std::vector<std::string> args);

  // A small tree below work(); its file has `content` and `size` bytes of it.
  std::filesystem::path make_tree(const std::string& name, char content = 'x',
                                  std::size_t size = 1000);
  // Imported under that name; the ID.
  std::string import_tree(const std::string& name, char content = 'x', std::size_t size = 1000);

 private:
  std::filesystem::path work_;
};

[[nodiscard]] std::string without_newline(std::string text);

}  // namespace nacre::cli::test
