#include <gtest/gtest.h>

#include "base/text.h"
#include "oci-spec/image/document.h"
#include "tests/unit/oci-spec-image/samples.h"

namespace nacre::oci {
namespace {

using test::IsInvalid;
using testing::HasSubstr;

constexpr std::string_view kRootfs = R"("rootfs":{"type":"layers","diff_ids":[]})";

// A configuration with these members beside the ones it must have.
Result<ImageConfig> with(std::string_view members) {
  return parse_image_config(text::join('{', members, ',', kRootfs, '}'));
}

Result<ImageConfig> with_run(std::string_view members) {
  return with(text::join("\"config\":{", members, '}'));
}

std::string everything() {
  return text::join(
      R"({"created":"2024-05-01T10:00:00Z","author":"a <a@example.com>","architecture":"arm64",)",
      R"("os":"linux","os.version":"5","os.features":["f"],"variant":"v8","config":{"User":"1:2",)",
      R"("ExposedPorts":{"80/tcp":{},"53":{"x":1},"1":null},"Env":["A=b","C"],)",
      R"("Entrypoint":["/e"],"Cmd":["c",""],"Volumes":{"/v":{}},"WorkingDir":"/w",)",
      R"("Labels":{"k":"v"},"StopSignal":"SIGUSR1","ArgsEscaped":true,"Healthcheck":)",
      R"({"Test":["CMD","t"],"Interval":1,"Timeout":2,"StartPeriod":3,"StartInterval":4,)",
      R"("Retries":5},"OnBuild":["RUN x"],"Shell":["sh","-c"],"Hostname":"ignored"},)",
      R"("rootfs":{"type":"layers","diff_ids":[")", test::digest_text('1'), "\",\"",
      test::digest_text('2'), R"("]},"history":[{"created":"t","created_by":"b","author":"a",)",
      R"("comment":"c","empty_layer":true},{}],"container_config":{"Cmd":7}})");
}

ImageConfig everything_read() {
  return {
      .created = "2024-05-01T10:00:00Z",
      .author = "a <a@example.com>",
      .platform = {"arm64", "linux", "5", {"f"}, "v8"},
      .config = {.user = "1:2",
                 .exposed_ports = {"1", "53", "80/tcp"},
                 .env = {"A=b", "C"},
                 .entrypoint = {"/e"},
                 .cmd = {"c", ""},
                 .volumes = {"/v"},
                 .working_dir = "/w",
                 .labels = {{"k", "v"}},
                 .stop_signal = "SIGUSR1",
                 .args_escaped = true,
                 .healthcheck = Healthcheck{{"CMD", "t"}, 1, 2, 3, 4, 5},
                 .on_build = {"RUN x"},
                 .shell = {"sh", "-c"}},
      .rootfs = {.diff_ids = {test::digest('1'), test::digest('2')}},
      .history = {{"t", "b", "a", "c", true}, {}},
  };
}

TEST(ImageConfigTest, EveryMember) {
  EXPECT_EQ(parse_image_config(everything()), everything_read());
}

TEST(ImageConfigTest, ComesBack) {
  const ImageConfig config = everything_read();
  EXPECT_EQ(parse_image_config(to_json(config)), config);
  EXPECT_EQ(parse_image_config(to_json(ImageConfig{})), ImageConfig{});
}

TEST(ImageConfigTest, WritesTheSameBytesEveryTime) {
  ImageConfig config;
  config.platform = {.architecture = "amd64", .os = "linux"};
  EXPECT_EQ(to_json(config), R"({"architecture":"amd64","os":"linux","config":{},)"
                             R"("rootfs":{"type":"layers","diff_ids":[]}})");
  config.config.volumes = {"/b", "/a"};
  config.config.exposed_ports = {"1/udp"};
  config.config.healthcheck = Healthcheck{};
  EXPECT_EQ(to_json(config),
            R"({"architecture":"amd64","os":"linux","config":{"ExposedPorts":{"1/udp":{}},)"
            R"("Volumes":{"/a":{},"/b":{}},"Healthcheck":{}},)"
            R"("rootfs":{"type":"layers","diff_ids":[]}})");
}

TEST(ImageConfigTest, Least) {
  const auto config = parse_image_config(R"({"rootfs":{"type":"layers","diff_ids":null}})");
  EXPECT_EQ(config, ImageConfig{});
  EXPECT_THAT(with(R"("config":null,"history":null,"architecture":null)"), test::Succeeds());
  EXPECT_THAT(with_run(R"("Env":null,"Cmd":null,"Labels":null,"Volumes":null,"Healthcheck":null)"),
              test::Succeeds());
}

TEST(ImageConfigTest, RootFs) {
  EXPECT_THAT(parse_image_config("{}"), IsInvalid("image configuration: rootfs: is missing"));
  EXPECT_THAT(parse_image_config(R"({"rootfs":null})"), IsInvalid(HasSubstr("is missing")));
  EXPECT_THAT(parse_image_config(R"({"rootfs":{}})"),
              IsInvalid("image configuration: rootfs.type: is missing"));
  EXPECT_THAT(parse_image_config(R"({"rootfs":{"type":"layers+base"}})"),
              IsInvalid("image configuration: rootfs.type: must be \"layers\", not "
                        "\"layers+base\""));
  EXPECT_THAT(parse_image_config(R"({"rootfs":{"type":"layers","diff_ids":["sha256:x"]}})"),
              IsInvalid(HasSubstr("rootfs.diff_ids[0]: digest \"sha256:x\": ")));
  std::string ids = '"' + test::digest_text('1') + '"';
  for (std::size_t i = 0; i < kMostDescriptors; ++i) ids += ",\"" + test::digest_text('1') + '"';
  EXPECT_THAT(parse_image_config(R"({"rootfs":{"type":"layers","diff_ids":[)" + ids + "]}}"),
              IsInvalid(HasSubstr("rootfs.diff_ids: 4097 entries are more than the 4096")));
}

TEST(ImageConfigTest, WrongTypes) {
  for (const std::string_view members : {R"("User":7)",
                                         R"("ExposedPorts":["80/tcp"])",
                                         R"("ExposedPorts":{"80/tcp":1})",
                                         R"("Env":{"A":"b"})",
                                         R"("Env":[1])",
                                         R"("Env":"A=b")",
                                         R"("Entrypoint":"/e")",
                                         R"("Cmd":[null])",
                                         R"("Volumes":["/v"])",
                                         R"("Volumes":{"/v":"x"})",
                                         R"("WorkingDir":[])",
                                         R"("Labels":["k=v"])",
                                         R"("Labels":{"k":1})",
                                         R"("StopSignal":15)",
                                         R"("ArgsEscaped":"true")",
                                         R"("Healthcheck":[])",
                                         R"("Healthcheck":{"Test":"x"})",
                                         R"("Healthcheck":{"Interval":"30s"})",
                                         R"("Healthcheck":{"Retries":1.5})",
                                         R"("Healthcheck":{"Timeout":9223372036854775808})",
                                         R"("OnBuild":{})",
                                         R"("Shell":"sh")",
                                         R"("Env":["A\u0000"])",
                                         R"("Volumes":{"\u0000":{}})"})
    EXPECT_THAT(with_run(members), IsInvalid(HasSubstr("image configuration: config."))) << members;
  for (const std::string_view members :
       {R"("created":1)", R"("author":[])", R"("architecture":1)", R"("os":{})",
        R"("os.features":"f")", R"("config":[])", R"("history":{})", R"("history":[1])",
        R"("history":[{"empty_layer":1}])"})
    EXPECT_THAT(with(members), IsInvalid(HasSubstr("image configuration: "))) << members;
  EXPECT_THAT(with_run(R"("Env":["A","B",3])"),
              IsInvalid("image configuration: config.Env[2]: expected a string, got 3"));
}

// A reader that ignores case would run something else.
TEST(ImageConfigTest, NearlyTheKeys) {
  EXPECT_THAT(with_run(R"("entrypoint":["/x"])"),
              IsInvalid("image configuration: config: the key \"entrypoint\" must be written "
                        "\"Entrypoint\""));
  EXPECT_THAT(with(R"("Config":{})"), IsInvalid(HasSubstr("must be written \"config\"")));
  EXPECT_THAT(with_run(R"("Cmd":["a"],"Cmd":["b"])"), IsInvalid(HasSubstr("is given twice")));
  EXPECT_THAT(with(std::string(kRootfs)), IsInvalid(HasSubstr("\"rootfs\" is given twice")));
}

TEST(ImageConfigTest, NotAConfiguration) {
  for (const std::string_view bytes : {"", "{", "[]", "null", "7", "x", "{}{}"})
    EXPECT_THAT(parse_image_config(bytes), IsInvalid(HasSubstr("image configuration: "))) << bytes;
  EXPECT_THAT(parse_image_config(std::string(kMostConfigBytes + 1, ' ')),
              IsInvalid("image configuration: larger than 8388608 bytes"));
}

}  // namespace
}  // namespace nacre::oci
