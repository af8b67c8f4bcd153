#include "collector/codecs/descriptor.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstring>

namespace callbraid::collector {
namespace {

// A message of one byte that may have a descriptor with it.
struct Message {
  Message() {
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = space.data();
    header.msg_controllen = space.size();
  }
  Message(const Message&) = delete;

  char byte = 0;
  iovec part = {&byte, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> space = {};
  msghdr header = {};
};

}  // namespace

bool SendDescriptor(int socket, int descriptor) {
  Message message;
  if (descriptor >= 0) {
    cmsghdr* rights = CMSG_FIRSTHDR(&message.header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(descriptor));
    std::memcpy(CMSG_DATA(rights), &descriptor, sizeof(descriptor));
  } else {
    message.header.msg_controllen = 0;
  }
  return sendmsg(socket, &message.header, MSG_NOSIGNAL) >= 0;
}

std::optional<Descriptor> ReceiveDescriptor(int socket) {
  Message message;
  const ssize_t size = recvmsg(socket, &message.header, MSG_CMSG_CLOEXEC);
  if (size == 0) return std::nullopt;
  const cmsghdr* rights = size > 0 ? CMSG_FIRSTHDR(&message.header) : nullptr;
  int descriptor = -1;
  if (rights != nullptr && rights->cmsg_type == SCM_RIGHTS) {
    std::memcpy(&descriptor, CMSG_DATA(rights), sizeof(descriptor));
  }
  return Descriptor(descriptor);
}

}  // namespace callbraid::collector
