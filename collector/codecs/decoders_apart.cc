#include "collector/codecs/decoders_apart.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "collector/codecs/decoder_process.h"
#include "collector/codecs/decoder_wire.h"
#include "collector/codecs/descriptor.h"
#include "common/base/log.h"
#include "common/base/mutex.h"

namespace callbraid::collector {
namespace {

// What one packet may take on a machine that has much else to do (computing is
// bounded by the process itself), and how long a decoder may be waited for in
// all, beyond what is no matter.
constexpr absl::Duration kPatience = absl::Seconds(5);
constexpr absl::Duration kPatienceInAll = absl::Seconds(10);
constexpr absl::Duration kNoMatter = absl::Milliseconds(100);
// Of one decoder. What makes three of them crash will not make the fourth sing.
constexpr int kMostLost = 3;
constexpr absl::Duration kTellEvery = absl::Minutes(1);

// Two ends of one socket.
absl::StatusOr<std::pair<Descriptor, Descriptor>> MakePair() {
  std::array<int, 2> ends = {-1, -1};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return absl::UnavailableError(
        absl::StrCat("decoders: ", std::strerror(errno)));
  }
  return std::pair(Descriptor(ends[0]), Descriptor(ends[1]));
}

// The process that others are forked from. Thread-safe.
class Nursery {
 public:
  absl::Status Start() ABSL_LOCKS_EXCLUDED(mutex_) {
    auto ends = MakePair();
    if (!ends.ok()) return ends.status();
    const pid_t parent = getpid();
    const pid_t child = fork();
    if (child < 0) {
      return absl::UnavailableError(
          absl::StrCat("decoders: ", std::strerror(errno)));
    }
    if (child == 0) {
      ends->first = Descriptor();
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (getppid() != parent) _exit(0);
      ServeDecoders(ends->second.fd());
    }
    // It is busy for milliseconds at most.
    const timeval patience = {5, 0};
    setsockopt(ends->first.fd(), SOL_SOCKET, SO_SNDTIMEO, &patience,
               sizeof(patience));
    MutexLock lock(mutex_);
    control_ = std::move(ends->first);
    started_.store(true, std::memory_order_release);
    return absl::OkStatus();
  }
  bool started() const { return started_.load(std::memory_order_acquire); }

  // The end of a socket whose other end a new process has; not open if that
  // cannot be.
  Descriptor Ask() ABSL_LOCKS_EXCLUDED(mutex_) {
    auto ends = MakePair();
    if (!ends.ok()) return Descriptor();
    MutexLock lock(mutex_);
    if (SendDescriptor(control_.fd(), ends->second.fd())) {
      return std::move(ends->first);
    }
    if (errno == EPIPE && !std::exchange(gone_, true)) {
      spdlog::error(
          "the process that decoders come from is gone, so no more can be "
          "begun: restart the collector to hear what is not G.711");
    }
    return Descriptor();
  }

 private:
  std::atomic<bool> started_ = false;
  Mutex mutex_;
  Descriptor control_ ABSL_GUARDED_BY(mutex_);
  bool gone_ ABSL_GUARDED_BY(mutex_) = false;
};

Nursery& TheNursery() {
  static auto* const nursery = new Nursery;
  return *nursery;
}

std::atomic<uint64_t> lost_decoders = 0;

// At most once a minute: a call has many packets that may be to blame.
void TellOfLoss(const CodecFormat& format) {
  static std::atomic<int64_t> next_ns = 0;
  const int64_t now_ns = absl::GetCurrentTimeNanos();
  int64_t due_ns = next_ns.load(std::memory_order_relaxed);
  if (now_ns < due_ns ||
      !next_ns.compare_exchange_strong(
          due_ns, now_ns + absl::ToInt64Nanoseconds(kTellEvery))) {
    return;
  }
  spdlog::error(
      "the decoder of {} crashed, hung or could not be begun ({} since the "
      "start): what it did not decode is concealed",
      format.name, lost_decoders.load());
}

class DecoderApart final : public Decoder {
 public:
  DecoderApart(const CodecFormat& format, const Codec& codec)
      : format_(format), codec_(codec) {}
  DecoderApart(const DecoderApart&) = delete;
  DecoderApart& operator=(const DecoderApart&) = delete;
  ~DecoderApart() override { End(); }

  int losses() const override { return lost_; }

  bool Decode(std::span<const uint8_t> payload,
              std::vector<int16_t>& pcm) override {
    return Call(DecoderCall::kDecode, codec_.Samples(payload), payload, pcm);
  }
  bool Conceal(size_t samples, std::span<const uint8_t> next,
               std::vector<int16_t>& pcm) override {
    return Call(DecoderCall::kConceal, samples, next, pcm);
  }
  bool Pause(size_t samples, std::vector<int16_t>& pcm) override {
    for (size_t left = samples; left > 0;) {
      const size_t piece = std::min(left, kMaxDecodedSamples);
      if (!Call(DecoderCall::kPause, piece, {}, pcm)) {
        pcm.resize(pcm.size() - (samples - left));
        return false;
      }
      left -= piece;
    }
    return true;
  }

 private:
  bool Call(DecoderCall call, size_t samples, std::span<const uint8_t> payload,
            std::vector<int16_t>& pcm) {
    if (samples > kMaxDecodedSamples || payload.size() > kMaxPayloadBytes ||
        !Begin()) {
      return false;
    }
    DecoderRequest request = {call, static_cast<uint32_t>(samples)};
    if (!Send(&request, sizeof(request), payload)) return Lose();
    const size_t before = pcm.size();
    pcm.resize(before + samples);
    DecoderAnswer answer;
    const std::array<iovec, 2> parts = {
        iovec{&answer, sizeof(answer)},
        iovec{pcm.data() + before, samples * 2}};
    const ssize_t size = Receive(parts);
    const bool answered = size >= static_cast<ssize_t>(sizeof(answer));
    const bool whole =
        answered && answer.accepted != 0 &&
        static_cast<size_t>(size) == sizeof(answer) + samples * 2;
    if (!whole) pcm.resize(before);
    return answered ? whole : Lose();
  }

  bool Begin() {
    if (socket_.open()) return true;
    if (lost_ >= kMostLost) return false;
    socket_ = TheNursery().Ask();
    const std::array<uint32_t, 2> numbers = {format_.clock_rate,
                                             format_.channels};
    const std::string words =
        absl::StrCat(format_.name, absl::string_view("\0", 1), format_.fmtp);
    if (!socket_.open() || !TakeProcess() ||
        !Send(numbers.data(), sizeof(numbers),
              {reinterpret_cast<const uint8_t*>(words.data()), words.size()})) {
      return Lose();
    }
    return true;
  }

  bool Send(const void* head, size_t head_bytes,
            std::span<const uint8_t> body) const {
    std::array<iovec, 2> parts = {
        iovec{const_cast<void*>(head), head_bytes},
        iovec{const_cast<uint8_t*>(body.data()), body.size()}};
    msghdr message = {};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    return sendmsg(socket_.fd(), &message, MSG_NOSIGNAL) >= 0;
  }

  // What the nursery says when it has begun the process.
  bool TakeProcess() {
    if (!Wait()) return false;
    auto handle = ReceiveDescriptor(socket_.fd());
    if (!handle) return false;
    process_ = *std::move(handle);
    return true;
  }

  // -1: nothing came in time, or will.
  ssize_t Receive(std::span<const iovec> parts) {
    if (!Wait()) return -1;
    msghdr message = {};
    message.msg_iov = const_cast<iovec*>(parts.data());
    message.msg_iovlen = parts.size();
    return recvmsg(socket_.fd(), &message, 0);
  }

  // Whether there is something to receive in time.
  bool Wait() {
    const absl::Time begin = absl::Now();
    pollfd wanted = {socket_.fd(), POLLIN, 0};
    int ready = 0;
    do {
      ready = poll(&wanted, 1,
                   static_cast<int>(absl::ToInt64Milliseconds(kPatience)));
    } while (ready < 0 && errno == EINTR);
    waited_ += std::max(absl::Now() - begin - kNoMatter, absl::ZeroDuration());
    return ready > 0 && waited_ < kPatienceInAll;
  }

  // A new one is begun with the next packet.
  bool Lose() {
    End();
    ++lost_;
    lost_decoders.fetch_add(1, std::memory_order_relaxed);
    TellOfLoss(format_);
    return false;
  }

  void End() {
    if (process_.open()) {
      syscall(SYS_pidfd_send_signal, process_.fd(), SIGKILL, nullptr, 0);
    }
    process_ = Descriptor();
    socket_ = Descriptor();
    waited_ = absl::ZeroDuration();
  }

  const CodecFormat& format_;
  const Codec& codec_;
  Descriptor socket_;
  // So that it can be ended.
  Descriptor process_;
  absl::Duration waited_;
  int lost_ = 0;
};

class CodecApart final : public Codec {
 public:
  CodecApart(const CodecFormat& format, const Codec& codec)
      : Codec(codec.clock_rate(), codec.sample_rate()),
        format_(format),
        codec_(codec) {}

  size_t Samples(std::span<const uint8_t> payload) const override {
    return codec_.Samples(payload);
  }
  bool SizeTells() const override { return codec_.SizeTells(); }
  bool EndsInPause(std::span<const uint8_t> payload) const override {
    return codec_.EndsInPause(payload);
  }
  std::unique_ptr<Decoder> CreateDecoder() const override {
    return std::make_unique<DecoderApart>(format_, codec_);
  }

 private:
  const CodecFormat format_;
  const Codec& codec_;
};

// By the codec that they stand for. Thread-safe.
class CodecsApart {
 public:
  const Codec* Of(const CodecFormat& format, const Codec& codec)
      ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    auto& apart = codecs_[&codec];
    if (apart == nullptr) apart = std::make_unique<CodecApart>(format, codec);
    return apart.get();
  }

 private:
  Mutex mutex_;
  std::map<const Codec*, std::unique_ptr<CodecApart>> codecs_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::Status DecodeApart() {
  if (!CanGiveUpSystemCalls()) {
    spdlog::warn(
        "decoders cannot give up system calls here (seccomp): one that is "
        "taken over has the rights of the collector");
  }
  return TheNursery().Start();
}

const Codec* Apart(const CodecFormat& format, const Codec& codec) {
  static auto* const codecs = new CodecsApart;
  return TheNursery().started() ? codecs->Of(format, codec) : &codec;
}

uint64_t DecodersLost() {
  return lost_decoders.load(std::memory_order_relaxed);
}

}  // namespace callbraid::collector
