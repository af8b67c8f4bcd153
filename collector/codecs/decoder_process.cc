#include "collector/codecs/decoder_process.h"

#include <fcntl.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/base/config.h"
#include "collector/codecs/decoder_wire.h"
#include "collector/codecs/descriptor.h"
#include "collector/codecs/find_codec.h"

namespace callbraid::collector {
namespace {

constexpr int kSocket = 3;
// CPU time that one request may take, a thousand times what it should, and all
// of a decoder together: it hears some twenty seconds of media.
constexpr int kMostSeconds = 2;
constexpr rlim_t kMostSecondsInAll = 60;
// Beyond what the process had when it was forked.
constexpr rlim_t kMostDataBytes = rlim_t{256} << 20;
// A sanitizer's shadow is data, too.
#if defined(ABSL_HAVE_ADDRESS_SANITIZER) || defined(ABSL_HAVE_THREAD_SANITIZER)
constexpr bool kMayLimitData = false;
#else
constexpr bool kMayLimitData = true;
#endif

// What a decoder needs: to be asked, to answer, memory, the time.
constexpr std::array kSystemCalls = {
    SCMP_SYS(recvfrom),      SCMP_SYS(sendmsg),
    SCMP_SYS(brk),           SCMP_SYS(mmap),
    SCMP_SYS(munmap),        SCMP_SYS(mremap),
    SCMP_SYS(mprotect),      SCMP_SYS(madvise),
    SCMP_SYS(futex),         SCMP_SYS(setitimer),
    SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),
    SCMP_SYS(getrandom),     SCMP_SYS(sched_yield),
    SCMP_SYS(sigaltstack),   SCMP_SYS(sched_getaffinity),
    SCMP_SYS(rt_sigreturn),  SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(exit),          SCMP_SYS(exit_group)};

void Limit(int resource, rlim_t most) {
  const rlimit limit = {most, most};
  setrlimit(static_cast<__rlimit_resource>(resource), &limit);
}

// Of what RLIMIT_DATA limits.
rlim_t DataBytes() {
  std::array<rlim_t, 6> pages = {};
  std::ifstream statm("/proc/self/statm");
  for (rlim_t& of : pages) statm >> of;
  return pages[5] * static_cast<rlim_t>(sysconf(_SC_PAGESIZE));
}

void LimitResources() {
  Limit(RLIMIT_CORE, 0);
  Limit(RLIMIT_FSIZE, 0);
  Limit(RLIMIT_NPROC, 0);
  Limit(RLIMIT_CPU, kMostSecondsInAll);
  if (kMayLimitData) Limit(RLIMIT_DATA, DataBytes() + kMostDataBytes);
  // Rather than the collector.
  std::ofstream("/proc/self/oom_score_adj") << 1000;
}

// True if from now on the process may do nothing else.
bool GiveUpSystemCalls() {
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
  if (filter == nullptr) return false;
  bool sound = true;
  for (const int call : kSystemCalls) {
    sound = seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0) == 0 && sound;
  }
  sound = seccomp_load(filter) == 0 && sound;
  seccomp_release(filter);
  return sound;
}

// Nothing that is open stays so, but for `socket`, which becomes kSocket.
void CloseAllBut(int socket) {
  const int null = open("/dev/null", O_RDWR);
  for (const int standard : {0, 1, 2}) dup2(null, standard);
  dup2(socket, kSocket);
  close_range(kSocket + 1, ~0u, 0);
}

// How long the process may compute from now on; 0: as long as it likes.
void SetTimer(int seconds) {
  itimerval time = {};
  time.it_value.tv_sec = seconds;
  setitimer(ITIMER_VIRTUAL, &time, nullptr);
}

// The next datagram; nullopt: there is none any more.
std::optional<std::span<const uint8_t>> Receive(int socket,
                                                std::vector<uint8_t>& buffer) {
  ssize_t size = 0;
  do {
    size = recv(socket, buffer.data(), buffer.size(), 0);
  } while (size < 0 && errno == EINTR);
  if (size <= 0) return std::nullopt;
  return std::span<const uint8_t>(buffer).first(static_cast<size_t>(size));
}

std::optional<CodecFormat> ReadFormat(std::span<const uint8_t> bytes) {
  CodecFormat format;
  if (bytes.size() < 8) return std::nullopt;
  std::memcpy(&format.clock_rate, bytes.data(), 4);
  std::memcpy(&format.channels, bytes.data() + 4, 4);
  const std::string words(bytes.begin() + 8, bytes.end());
  const size_t end = words.find('\0');
  if (end == std::string::npos) return std::nullopt;
  format.name = words.substr(0, end);
  format.fmtp = words.substr(end + 1);
  return format;
}

bool Answer(Decoder& decoder, std::span<const uint8_t> message,
            std::vector<int16_t>& pcm) {
  DecoderRequest request;
  if (message.size() < sizeof(request)) return false;
  std::memcpy(&request, message.data(), sizeof(request));
  const auto payload = message.subspan(sizeof(request));
  pcm.clear();
  bool accepted = false;
  switch (request.call) {
    case DecoderCall::kDecode:
      accepted = decoder.Decode(payload, pcm);
      break;
    case DecoderCall::kConceal:
      accepted = decoder.Conceal(request.samples, payload, pcm);
      break;
    case DecoderCall::kPause:
      accepted = decoder.Pause(request.samples, pcm);
      break;
  }
  return accepted && pcm.size() == request.samples;
}

[[noreturn]] void Decode(int given) {
  CloseAllBut(given);
  const int socket = kSocket;
  std::vector<uint8_t> buffer(sizeof(DecoderRequest) + kMaxPayloadBytes);
  const auto first = Receive(socket, buffer);
  const auto format = first ? ReadFormat(*first) : std::nullopt;
  const Codec* codec = format ? FindCodec(*format).codec : nullptr;
  const auto decoder = codec == nullptr ? nullptr : codec->CreateDecoder();
  if (decoder == nullptr) _exit(1);
  LimitResources();
  GiveUpSystemCalls();
  std::vector<int16_t> pcm;
  pcm.reserve(kMaxDecodedSamples);
  while (const auto message = Receive(socket, buffer)) {
    SetTimer(kMostSeconds);
    DecoderAnswer answer;
    answer.accepted = Answer(*decoder, *message, pcm) ? 1 : 0;
    SetTimer(0);
    std::array<iovec, 2> parts = {iovec{&answer, sizeof(answer)},
                                  iovec{pcm.data(), pcm.size() * 2}};
    msghdr header = {};
    header.msg_iov = parts.data();
    header.msg_iovlen = answer.accepted != 0 ? 2 : 1;
    if (sendmsg(socket, &header, MSG_NOSIGNAL) < 0) break;
  }
  _exit(0);
}

// Tells who asked for `process` how to end it.
void SendProcess(int socket, pid_t process) {
  const Descriptor handle(
      static_cast<int>(syscall(SYS_pidfd_open, process, 0)));
  SendDescriptor(socket, handle.fd());
}

}  // namespace

bool CanGiveUpSystemCalls() {
  const pid_t child = fork();
  if (child == 0) _exit(GiveUpSystemCalls() ? 0 : 1);
  int status = 0;
  return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

void ServeDecoders(int control) {
  prctl(PR_SET_NAME, "decoders", 0, 0, 0);
  // It ends with the collector, by the end of the socket, not by what stops
  // that: recordings under way are finished.
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD}) {
    std::signal(signal, SIG_IGN);
  }
  const pid_t self = getpid();
  while (const auto socket = ReceiveDescriptor(control)) {
    if (!socket->open()) continue;
    const pid_t child = fork();
    if (child == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (getppid() != self) _exit(0);
      Decode(socket->fd());
    }
    // Without a child the socket ends, which tells whoever asked.
    if (child > 0) SendProcess(socket->fd(), child);
  }
  _exit(0);
}

}  // namespace callbraid::collector
