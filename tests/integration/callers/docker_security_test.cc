// What docker run's options make of the world inside: the probe's report must be the one it gives
// under runc.
#include <set>

#include "tests/integration/callers/docker.h"

namespace nacre::test {
namespace {

class DockerSecurityTest : public DockerTest {
 protected:
  // Runs the probe and notes what it said.
  Report look(Transcript& transcript, const std::string& step, Strings options,
              Strings verbs) const {
    const Outcome outcome = transcript.note(
        step,
        run(transcript, Strings{"--hostname=box"} + options, Strings{"/probe"} + verbs).run());
    EXPECT_TRUE(outcome.ok()) << describe(outcome);
    return Report::parse(outcome.out);
  }
};

const Strings kIdentity = {"id",    "groups",  "caps",          "nnp",     "seccomp", "cwd",
                           "umask", "rlimits", "oom-score-adj", "signals", "env",     "links",
                           "host",  "ls",      "/proc/self/fd", "ls",      "/dev",    "processes"};

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
    EXPECT_EQ(report["nnp"]["nnp"], 0) << report.text();
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
    look(transcript, "all capabilities", {"--cap-add=ALL"}, kIdentity);
    look(transcript, "privileged", {"--privileged"}, {"caps", "seccomp", "nnp"});
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
  const auto shared = home() / "shared";
  std::filesystem::create_directories(shared);
  write_text(shared / "file", "from the host");
  compare([&](Transcript& transcript) {
    const std::string source = shared;
    const Report read_only =
        look(transcript, "read only", {"--read-only", "--tmpfs=/scratch:size=1m,mode=1770"},
             {"write", "/file", "x", "write", "/scratch/file", "x", "stat", "/scratch", "write",
              "/dev/shm/file", "x"});
    EXPECT_EQ(read_only.at("write", 0)["error"], "EROFS") << read_only.text();
    EXPECT_FALSE(read_only.at("write", 1).contains("error")) << read_only.text();
    look(transcript, "bind",
         {"--volume=" + source + ":/shared", "--volume=" + source + "/file:/one:ro"},
         {"read", "/shared/file", "write", "/shared/" + std::string("made"), "x", "write", "/one",
          "x"});
    look(transcript, "volume", {"--volume=/data"}, {"write", "/data/file", "x", "stat", "/data"});
    look(transcript, "masked", {}, {"read",  "/proc/keys",
                                    "ls",    "/proc/acpi",
                                    "ls",    "/sys/firmware",
                                    "write", "/proc/sys/kernel/domainname",
                                    "x",     "open-dev",
                                    "c",     "1",
                                    "11",    "mknod",
                                    "/null", "c",
                                    "1",     "3",
                                    "mknod", "/disk",
                                    "b",     "8",
                                    "0"});
    look(transcript, "device", {"--device=/dev/fuse"}, {"ls", "/dev", "open", "/dev/fuse", "rw"});
    look(transcript, "sysctl", {"--sysctl=net.ipv4.ip_forward=1", "--shm-size=1m"},
         {"sysctl", "net.ipv4.ip_forward", "statfs", "/dev/shm"});
  });
}

TEST_F(DockerSecurityTest, TheMountTable) {
  std::vector<std::set<std::string>> tables;
  compare([&](Transcript& transcript) {
    for (const Strings& options :
         {Strings{}, Strings{"--privileged"}, Strings{"--read-only", "--tmpfs=/scratch"}}) {
      const Outcome outcome = run(transcript, options, {"/probe", "mounts"}).run();
      EXPECT_TRUE(outcome.ok()) << describe(outcome);
      for (const auto& line : mount_table(Report::parse(outcome.out)))
        transcript.note_text("mount", line);
    }
  });
}

TEST_F(DockerSecurityTest, NamespacesOfOthers) {
  compare([this](Transcript& transcript) {
    const std::string name = start_service(transcript, {"--hostname=service"}, polite_service());
    look(transcript, "process namespace", {"--pid=container:" + name}, {"processes", "id"});
    look(transcript, "host's", {"--uts=host", "--ipc=host"}, {"id", "caps", "seccomp"});
    transcript.note("network",
                    docker({"run", "--rm",
                            transcript.runtime() == "runc" ? "--runtime=runc" : "--runtime=nacre",
                            "--network=container:" + name, kImage, "hostname"})
                        .run());
    transcript.note("remove", ask({"rm", "--force", name}));
  });
}

}  // namespace
}  // namespace nacre::test
