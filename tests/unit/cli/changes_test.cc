#include "cli/image/changes.h"

#include <gmock/gmock.h>

#include "tests/support/result_matchers.h"

namespace nacre::cli {
namespace {

using nacre::test::Fails;
using nacre::test::Succeeds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

oci::RunConfig changed(std::vector<std::string_view> changes) {
  oci::RunConfig out;
  for (const auto change : changes) EXPECT_THAT(apply_change(change, out), Succeeds()) << change;
  return out;
}

TEST(ChangesTest, Commands) {
  EXPECT_THAT(changed({R"(CMD ["a", "b c"])"}).cmd, ElementsAre("a", "b c"));
  EXPECT_THAT(changed({"cmd echo $HOME"}).cmd, ElementsAre("/bin/sh", "-c", "echo $HOME"));
  EXPECT_THAT(changed({R"(ENTRYPOINT ["/init"])"}).entrypoint, ElementsAre("/init"));
  EXPECT_THAT(changed({"CMD []"}).cmd, ElementsAre());
}

TEST(ChangesTest, Environment) {
  EXPECT_THAT(changed({"ENV A=b C=\"d e\" F='g h' I=j\\ k"}).env,
              ElementsAre("A=b", "C=d e", "F=g h", "I=j k"));
  EXPECT_THAT(changed({"ENV A some words"}).env, ElementsAre("A=some words"));
  EXPECT_THAT(changed({"ENV A=1", "ENV AB=2", "ENV A=3"}).env, ElementsAre("A=3", "AB=2"));
}

TEST(ChangesTest, Everything) {
  const auto config =
      changed({"EXPOSE 80 53/udp 8000-8010/tcp", "LABEL a=b \"c d\"=e", "VOLUME /data /more",
               R"(VOLUME ["/third"])", "USER 1000:1000", "WORKDIR /srv", "WORKDIR app",
               "STOPSIGNAL SIGQUIT", "ONBUILD RUN true"});
  EXPECT_THAT(config.exposed_ports, ElementsAre("53/udp", "80/tcp", "8000-8010/tcp"));
  EXPECT_THAT(config.labels, ElementsAre(Pair("a", "b"), Pair("c d", "e")));
  EXPECT_THAT(config.volumes, ElementsAre("/data", "/more", "/third"));
  EXPECT_EQ(config.user, "1000:1000");
  EXPECT_EQ(config.working_dir, "/srv/app");
  EXPECT_EQ(config.stop_signal, "SIGQUIT");
  EXPECT_THAT(config.on_build, ElementsAre("RUN true"));
}

TEST(ChangesTest, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "the instruction is none of"},
      {"RUN x", "the instruction is none of CMD, ENTRYPOINT"},
      {"CMD", "nothing stands behind the instruction"},
      {"CMD [\"a\"", "change \"CMD [\\\"a\\\"\""},
      {"CMD [1]", "expected a string"},
      {"ENV A", "KEY=VALUE is meant"},
      {"ENV A=b C", "KEY=VALUE is meant, not \"C\""},
      {"ENV A='b", "a quote is not closed"},
      {"ENV =b", "KEY=VALUE is meant"},
      {"EXPOSE 0", "no port: \"0\""},
      {"EXPOSE 65536", "no port"},
      {"EXPOSE 80/icmp", "none of tcp, udp, sctp"},
      {"EXPOSE 1-2-3", "no port"},
      {"VOLUME [\"\"]", "a volume has no path"},
  };
  for (const auto& [text, reason] : cases) {
    oci::RunConfig config;
    EXPECT_THAT(apply_change(text, config), Fails(ErrorCode::kInvalidArgument, HasSubstr(reason)))
        << text;
  }
}

}  // namespace
}  // namespace nacre::cli
