// What docker run's options make of the world inside: the probe's report must be the one it gives
// under runc.
#include <linux/capability.h>

#include <set>

#include "tests/integration/callers/docker.h"

namespace nacre::test {
namespace {

class DockerSecurityTest : public DockerTest {
 protected:
  // Runs the probe and notes what it said.
  Report look(Transcript& transcript, const std::string& step, const Strings& options,
              const Strings& verbs) const {
    const Outcome outcome = transcript.note(
        step,
        run(transcript, Strings{"--hostname=box"} + options, Strings{"/probe"} + verbs).run());
    EXPECT_TRUE(outcome.ok()) << describe(outcome);
    return Report::parse(outcome.out);
  }
};

const Strings kIdentity = {"id",    "groups",  "caps",          "nnp",     "seccomp", "cwd",
                           "umask", "rlimits", "oom-score-adj", "signals", "env",     "links",
                           "host",  "ls",      "/proc/self/fd", "ls",      "/dev"};

// Targets with type and options; what covers a masked path is each runtime's own choice.
std::set<std::string> mount_table(const Report& report) {
  std::set<std::string> table;
  for (const auto& line : report["mounts"]["lines"]) {
    const json mount = parse_mountinfo(line);
    const std::string target = mount["target"];
    std::string entry = target;
    if (!target.starts_with("/proc/") && !target.starts_with("/sys/firmware")) {
      entry += " " + mount["type"].get<std::string>() + " " + mount["options"].dump();
    }
    table.insert(entry);
  }
  return table;
}

TEST_F(DockerSecurityTest, IdentityByDefault) {
  compare([this](Transcript& transcript) {
    const Report report = look(transcript, "default", {}, kIdentity);
    EXPECT_EQ(report["seccomp"]["mode"], 2);
    EXPECT_EQ(report["nnp"]["nnp"], false) << report.text();
  });
}

TEST_F(DockerSecurityTest, IdentityAsAsked) {
  compare([this](Transcript& transcript) {
    look(transcript, "user", {"--user=1000:1000", "--group-add=50", "--workdir=/home/user"},
         kIdentity);
    look(transcript, "name", {"--user=user:staff", "--env=A=b"}, kIdentity);
    look(transcript, "no capabilities", {"--cap-drop=ALL"}, kIdentity);
    look(transcript, "two capabilities",
         {"--cap-drop=ALL", "--cap-add=CHOWN", "--cap-add=SYS_TIME", "--user=1000"}, kIdentity);
    look(transcript, "no new privileges", {"--security-opt=no-new-privileges"}, kIdentity);
    look(transcript, "rlimits", {"--ulimit=nofile=100:200", "--ulimit=core=0"}, kIdentity);
    look(transcript, "oom score", {"--oom-score-adj=500"}, kIdentity);
    look(transcript, "init", {"--init"}, kIdentity);
  });
}

TEST_F(DockerSecurityTest, TheDefaultSeccompProfileIsInForce) {
  // keyctl, add_key, bpf, and personality with a flag that is not allowed; getpid is.
  const Strings calls = {"syscall", "250", "0",       "0",   "0",       "0",   "syscall", "248",
                         "0",       "0",   "0",       "0",   "syscall", "321", "0",       "0",
                         "0",       "0",   "syscall", "135", "64",      "0",   "0",       "0",
                         "syscall", "110", "0",       "0",   "0",       "0"};
  compare([&](Transcript& transcript) {
    const Report confined = look(transcript, "default", {}, calls);
    EXPECT_EQ(confined.at("syscall", 0)["error"], "EPERM") << confined.text();
    EXPECT_EQ(confined.at("syscall", 1)["error"], "EPERM") << confined.text();
    const Report free = look(transcript, "unconfined", {"--security-opt=seccomp=unconfined"},
                             {"seccomp", "syscall", "248", "0", "0", "0", "0"});
    EXPECT_EQ(free["seccomp"]["mode"], 0);
    EXPECT_NE(free["syscall"]["error"], "EPERM") << free.text();
    const auto profile = home() / "profile.json";
    write_text(profile, R"({"defaultAction": "SCMP_ACT_ALLOW",
      "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO", "errnoRet": 95}]})");
    const Report own =
        look(transcript, "own", {"--security-opt=seccomp=" + profile.string()}, {"mkdir", "/new"});
    EXPECT_EQ(own["mkdir"]["error"], "EOPNOTSUPP") << own.text();
  });
}

TEST_F(DockerSecurityTest, Files) {
  compare([this](Transcript& transcript) {
    const Report read_only =
        look(transcript, "read only", {"--read-only", "--tmpfs=/scratch:size=1m,mode=1770"},
             {"create", "/file", "x", "create", "/scratch/file", "x", "stat", "/scratch", "statfs",
              "/dev/shm"});
    EXPECT_EQ(read_only.at("create", 0)["error"], "EROFS") << read_only.text();
    EXPECT_EQ(read_only.at("create", 1)["error"], "") << read_only.text();
    look(transcript, "volume", {"--volume=/data"}, {"create", "/data/file", "x", "stat", "/data"});
    look(transcript, "masked", {},
         {"read", "/proc/keys", "ls", "/proc/acpi", "ls", "/sys/firmware"});
    look(transcript, "protected", {}, {"create", "/proc/sys/kernel/domainname", "x"});
    look(transcript, "device nodes", {},
         {"open-dev", "c", "1", "11", "mknod", "/disk", "b", "8", "0"});
    look(transcript, "device", {"--device=/dev/fuse"}, {"ls", "/dev", "open", "/dev/fuse", "rw"});
    look(transcript, "sysctl", {"--sysctl=net.ipv4.ip_forward=1"},
         {"sysctl", "net.ipv4.ip_forward"});
    look(transcript, "shm", {"--shm-size=1m"}, {"statfs", "/dev/shm"});
  });
}

TEST_F(DockerSecurityTest, FilesOfTheHost) {
  const auto shared = home() / "shared";
  compare([&](Transcript& transcript) {
    std::filesystem::create_directories(shared);
    write_text(shared / "file", "from the host");
    const std::string source = shared;
    const Report report = look(
        transcript, "bind",
        {"--volume=" + source + ":/shared", "--volume=" + source + "/file:/one:ro"},
        {"read", "/shared/file", "create", "/shared/made", "from inside", "write", "/one", "x"});
    EXPECT_EQ(report["write"]["error"], "EROFS") << report.text();
    EXPECT_EQ(read_text(shared / "made"), "from inside");
    EXPECT_EQ(read_text(shared / "file"), "from the host");
    std::filesystem::remove_all(shared);
  });
}

TEST_F(DockerSecurityTest, TheMountTable) {
  compare([this](Transcript& transcript) {
    for (const Strings& options : {Strings{}, Strings{"--read-only", "--tmpfs=/scratch"}}) {
      const Outcome outcome = run(transcript, options, {"/probe", "mounts"}).run();
      EXPECT_TRUE(outcome.ok()) << describe(outcome);
      for (const auto& line : mount_table(Report::parse(outcome.out)))
        transcript.note_text("mount", line);
    }
  });
}

// runc gives up where the machine does not grant it every capability.
TEST_F(DockerSecurityTest, Privileged) {
  NACRE_REQUIRE_CAPABILITY(CAP_SYS_RESOURCE);
  compare([this](Transcript& transcript) {
    look(transcript, "all capabilities", {"--cap-add=ALL"}, kIdentity);
    look(transcript, "privileged", {"--privileged"}, {"caps", "seccomp", "nnp", "ls", "/dev"});
    const std::string name = start_service(transcript, {}, polite_service());
    transcript.note("exec", ask({"exec", "--privileged", name, "/probe", "caps", "seccomp"}));
    transcript.note("remove", ask({"rm", "--force", name}));
  });
}

TEST_F(DockerSecurityTest, WhatTheMachineDoesNotGrantIsLeftOutOfPrivileged) {
  if (is_peer() || has_capability(CAP_SYS_RESOURCE))
    GTEST_SKIP() << "every capability is granted here";
  Transcript transcript(runtime_path());
  const Report report = look(transcript, "privileged", {"--privileged"}, {"caps", "seccomp"});
  EXPECT_THAT(report["caps"]["effective"], testing::Contains("CAP_SYS_ADMIN"));
  EXPECT_THAT(report["caps"]["effective"], testing::Not(testing::Contains("CAP_SYS_RESOURCE")));
  EXPECT_EQ(report["seccomp"]["mode"], 0);
}

TEST_F(DockerSecurityTest, NamespacesOfOthers) {
  compare([this](Transcript& transcript) {
    const std::string name = start_service(transcript, {"--hostname=service"}, polite_service());
    const Report report =
        look(transcript, "process", {"--pid=container:" + name}, {"id", "read", "/proc/1/comm"});
    EXPECT_EQ(report["read"]["data"], "sh\n") << report.text();
    const auto run_in = [&](const std::string& option) {
      const std::string runtime =
          transcript.runtime() == "runc" ? "--runtime=runc" : "--runtime=nacre";
      return transcript.note(option, ask({"run", "--rm", runtime, option, kImage, "hostname"}));
    };
    EXPECT_EQ(run_in("--network=container:" + name).out, "service\n");
    run_in("--network=none --ipc=container:" + name);
    transcript.note("remove", ask({"rm", "--force", name}));
  });
}

}  // namespace
}  // namespace nacre::test
