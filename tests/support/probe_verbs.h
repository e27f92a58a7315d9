// The verbs of the probe, grouped by file: each takes exactly the number of arguments that the
// table in probe.cc names, prints one line, and goes on to the next verb. A verb that is refused
// by the kernel says so in "error"; it does not end the program.
#pragma once

namespace nacre::probe {

using Args = char* const*;

// probe_identity.cc: who am I
void verb_affinity(Args);
void verb_caps(Args);
void verb_cwd(Args);
void verb_env(Args);
void verb_exe(Args);
void verb_groups(Args);
void verb_id(Args);
void verb_ioprio(Args);
void verb_mempolicy(Args);
void verb_nnp(Args);
void verb_oom_score_adj(Args);
void verb_personality(Args);
void verb_pid(Args);
void verb_rlimits(Args);
void verb_sched(Args);
void verb_signals(Args);
void verb_umask(Args);

// probe_world.cc: what is round me
void verb_fds(Args);
void verb_host(Args);
void verb_keyring(Args);
void verb_links(Args);
void verb_mounts(Args);
void verb_ns(Args);
void verb_processes(Args);
void verb_seccomp(Args);
void verb_sysctl(Args);
void verb_timens(Args);
void verb_tiocsti(Args);
void verb_tty(Args);

// probe_files.cc: what may I do with files
void verb_chdir(Args);
void verb_chmod(Args);
void verb_chown(Args);
void verb_create(Args);
void verb_ls(Args);
void verb_mkdir(Args);
void verb_mknod(Args);
void verb_mount(Args);
void verb_open(Args);
void verb_open_dev(Args);
void verb_read(Args);
void verb_remount_rw(Args);
void verb_stat(Args);
void verb_stat_follow(Args);
void verb_statfs(Args);
void verb_umount(Args);
void verb_unlink(Args);
void verb_write(Args);

// probe_work.cc: do something and live with the consequences
void verb_burn(Args);
void verb_cat(Args);
void verb_exit(Args);
void verb_fork_pause(Args);
void verb_forkbomb(Args);
void verb_fork_exit(Args);
void verb_io_write(Args);
void verb_memhog(Args);
void verb_notify(Args);
void verb_pause(Args);
void verb_say(Args);
void verb_setsid_pause(Args);
void verb_signal_self(Args);
void verb_spin(Args);
void verb_stdin_eof(Args);
void verb_syscall(Args);
void verb_wait_file(Args);
void verb_wait_signal(Args);
void verb_watch_exe(Args);

}  // namespace nacre::probe
