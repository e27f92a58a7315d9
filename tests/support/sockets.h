// The far ends of the sockets that a runtime's caller listens on.
#pragma once

#include <string>

#include "base/unique_fd.h"

namespace nacre::test {

// One message with descriptors, as --console-socket and --pidfd-socket receive it.
struct ReceivedFd {
  UniqueFd fd;
  int count = 0;  // how many descriptors the message carried
  std::string data;
};

// A listening AF_UNIX stream socket; the file goes with the object.
class FdReceiver {
 public:
  explicit FdReceiver(std::string path);
  ~FdReceiver();
  FdReceiver(const FdReceiver&) = delete;
  FdReceiver& operator=(const FdReceiver&) = delete;

  const std::string& path() const { return path_; }
  // Accepts one connection and reads one message; fails the test when time is up.
  ReceivedFd receive();

 private:
  std::string path_;
  UniqueFd listener_;
};

// A bound AF_UNIX datagram socket, the service manager's side of NOTIFY_SOCKET.
class NotifySocket {
 public:
  explicit NotifySocket(std::string path);
  ~NotifySocket();
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;

  const std::string& path() const { return path_; }
  std::string receive();  // one datagram; fails the test when time is up

 private:
  std::string path_;
  UniqueFd socket_;
};

}  // namespace nacre::test
