#ifndef CALLBRAID_COLLECTOR_CODECS_DESCRIPTOR_H_
#define CALLBRAID_COLLECTOR_CODECS_DESCRIPTOR_H_

#include <unistd.h>

#include <optional>
#include <utility>

namespace callbraid::collector {

// Owns a file descriptor: of a socket, or of a process (pidfd_open(2)).
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int fd() const { return fd_; }
  bool open() const { return fd_ >= 0; }

 private:
  int fd_;
};

// Sends a byte over `socket`, and with it a copy of `descriptor` if it is none
// less than 0 (SCM_RIGHTS).
bool SendDescriptor(int socket, int descriptor);
// What was sent so, not open if it was the byte alone or nothing of the kind;
// nullopt: the other side has ended.
std::optional<Descriptor> ReceiveDescriptor(int socket);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CODECS_DESCRIPTOR_H_
