// Lines of the log, and which of them are written.
#include "runtime/log/log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "runtime/log/line.h"
#include "runtime/log/timestamp.h"

namespace nacre::log {
namespace {

using testing::HasSubstr;

std::string slurp(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

class LogTest : public testing::Test {
 protected:
  std::string path_ = testing::TempDir() + "nacre-log-test-" + std::to_string(::getpid());

  void SetUp() override { ::unlink(path_.c_str()); }
  void TearDown() override { ::unlink(path_.c_str()); }

  Logger open(Format format, Level level = Level::kError) {
    auto logger = Logger::open(path_, format, level);
    EXPECT_TRUE(logger) << logger.error().message();
    return std::move(*logger);
  }
};

TEST_F(LogTest, TheFileExistsBeforeAnythingIsWritten) {
  const Logger logger = open(Format::kJson);
  struct stat status{};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_size, 0);
  EXPECT_EQ(status.st_mode & 0777U, 0644U);
}

TEST_F(LogTest, AnErrorIsOneJsonLineAndOneSentence) {
  const Logger logger = open(Format::kJson);
  testing::internal::CaptureStderr();
  logger.error(Error::from_errno(Errno{ENOENT}, "open /x"));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "open /x: no such file or directory\n");
  const std::string content = slurp(path_);
  EXPECT_EQ(std::count(content.begin(), content.end(), '\n'), 1);
  const auto line = nlohmann::json::parse(content);
  EXPECT_EQ(line["level"], "error");
  EXPECT_EQ(line["msg"], "open /x: no such file or directory");
  EXPECT_EQ(line["code"], "not_found");
  EXPECT_EQ(line["errno"], ENOENT);
  EXPECT_TRUE(line["time"].is_string());
}

TEST_F(LogTest, LinesAreAppended) {
  open(Format::kJson).error(internal_error("one"));
  open(Format::kJson).error(internal_error("two"));
  const std::string content = slurp(path_);
  EXPECT_EQ(std::count(content.begin(), content.end(), '\n'), 2);
}

TEST_F(LogTest, StandardErrorAsTheLogGetsTheSentenceOnce) {
  testing::internal::CaptureStderr();
  Logger().error(internal_error("it broke"));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "it broke\n");
}

TEST_F(LogTest, JsonOnStandardErrorIsJsonOnly) {
  const auto logger = Logger::open("", Format::kJson, Level::kError);
  ASSERT_TRUE(logger);
  testing::internal::CaptureStderr();
  logger->error(internal_error("it broke"));
  const auto line = nlohmann::json::parse(testing::internal::GetCapturedStderr());
  EXPECT_EQ(line["msg"], "it broke");
}

TEST_F(LogTest, WarningsStayOutOfTheFileAtTheDefaultLevel) {
  const Logger logger = open(Format::kJson);
  testing::internal::CaptureStderr();
  logger.warn("look out");
  logger.debug("details");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "warning: look out\n");
  EXPECT_EQ(slurp(path_), "");
}

TEST_F(LogTest, DebugLevelWritesEverything) {
  const Logger logger = open(Format::kText, Level::kDebug);
  testing::internal::CaptureStderr();
  logger.warn("look out");
  logger.debug("details");
  testing::internal::GetCapturedStderr();
  const std::string content = slurp(path_);
  EXPECT_THAT(content, HasSubstr("level=warning msg=\"look out\""));
  EXPECT_THAT(content, HasSubstr("level=debug msg=\"details\""));
}

TEST_F(LogTest, UnwritablePath) {
  const auto logger = Logger::open("/no/such/dir/log", Format::kJson, Level::kError);
  ASSERT_FALSE(logger);
  EXPECT_EQ(logger.error().message(), "open /no/such/dir/log: no such file or directory");
}

TEST(LogLineTest, AnyBytesGiveValidJson) {
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte += static_cast<char>(byte);
  for (const std::string& message :
       {every_byte, std::string("\xC3\x28"), std::string("\xED\xA0\x80"), std::string("\xF4\x90"),
        std::string("a\xE2\x82"), std::string("quote \" back \\ slash")}) {
    const std::string line = json_line({"error", message, "2026-01-02T03:04:05Z", nullptr});
    EXPECT_TRUE(nlohmann::json::accept(line)) << line;
    EXPECT_EQ(line.find('\n'), line.size() - 1);
  }
  const auto kept = nlohmann::json::parse(json_line({"error", "grün \"x\" \t", "t", nullptr}));
  EXPECT_EQ(kept["msg"], "grün \"x\" \t");
}

TEST(LogLineTest, TextForm) {
  EXPECT_EQ(text_line({"error", "say \"no\"", "2026-01-02T03:04:05Z", nullptr}),
            "time=\"2026-01-02T03:04:05Z\" level=error msg=\"say \\\"no\\\"\"\n");
}

TEST(TimestampTest, KnownInstants) {
  EXPECT_EQ(format_rfc3339(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_rfc3339(951782399), "2000-02-28T23:59:59Z");
  EXPECT_EQ(format_rfc3339(951782400), "2000-02-29T00:00:00Z");
  EXPECT_EQ(format_rfc3339(1709251199), "2024-02-29T23:59:59Z");
  EXPECT_EQ(format_rfc3339(4107542400), "2100-03-01T00:00:00Z");
  EXPECT_EQ(format_rfc3339(-1), "1969-12-31T23:59:59Z");
}

TEST(TimestampTest, FractionsAsGoWritesThem) {
  EXPECT_EQ(format_rfc3339_nano(0, 0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_rfc3339_nano(0, 500000000), "1970-01-01T00:00:00.5Z");
  EXPECT_EQ(format_rfc3339_nano(0, 1), "1970-01-01T00:00:00.000000001Z");
}

}  // namespace
}  // namespace nacre::log
