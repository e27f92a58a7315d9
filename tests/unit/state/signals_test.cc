// Names of signals.
#include "runtime/hooks/signals.h"

#include <gtest/gtest.h>
#include <signal.h>

namespace nacre::hooks {
namespace {

TEST(SignalsTest, EveryForm) {
  for (const char* text : {"KILL", "SIGKILL", "sigkill", "Kill", "9", "09"}) {
    EXPECT_EQ(parse_signal(text), SIGKILL) << text;
  }
  EXPECT_EQ(parse_signal("0"), 0);
  EXPECT_EQ(parse_signal("64"), 64);
  EXPECT_EQ(parse_signal("SIGRTMIN"), SIGRTMIN);
  EXPECT_EQ(parse_signal("SIGRTMIN+3"), SIGRTMIN + 3);
  EXPECT_EQ(parse_signal("rtmax-1"), SIGRTMAX - 1);
  EXPECT_EQ(parse_signal("SIGRTMIN+30"), SIGRTMAX);
  EXPECT_EQ(parse_signal("IOT"), SIGABRT);
  EXPECT_EQ(parse_signal("CLD"), SIGCHLD);
}

TEST(SignalsTest, WhatIsNoSignal) {
  for (const char* text : {"", "SIG", "NOSUCH", "9x", "0x9", "65", "99", "-1", " 9", "SIGSIGKILL",
                           "RTMIN+31", "RTMIN+", "RTMAX-31", "RTMIN-1", "4294967305"}) {
    EXPECT_EQ(parse_signal(text), std::nullopt) << text;
  }
}

TEST(SignalsTest, EveryNumberHasANameThatIsRead) {
  for (int signal = 1; signal < 32; ++signal) {
    EXPECT_EQ(parse_signal(signal_name(signal)), signal) << signal_name(signal);
  }
  EXPECT_EQ(signal_name(SIGKILL), "SIGKILL");
  EXPECT_EQ(signal_name(42), "signal 42");
}

}  // namespace
}  // namespace nacre::hooks
