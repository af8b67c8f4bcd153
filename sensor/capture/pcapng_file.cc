#include "sensor/capture/pcapng_file.h"

#include <openssl/crypto.h>
#include <pcap/pcap.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "sensor/capture/pcap_handle.h"

namespace callbraid::sensor {
namespace {

// Each block: type:32, length of all:32, body, length:32; in the byte order
// that the section's header has after its length.
constexpr size_t kHeaderBytes = 8;
constexpr size_t kTrailerBytes = 4;
constexpr size_t kMaxBlockBytes = size_t{16} << 20;
constexpr size_t kMaxInterfaces = 65'536;
// What libpcap gives at most (MAXIMUM_SNAPLEN).
constexpr uint32_t kMaxPacketBytes = 262'144;

constexpr uint32_t kSection = 0x0a0d0d0a;  // The same in either order.
constexpr uint32_t kByteOrder = 0x1a2b3c4d;
constexpr uint32_t kInterface = 1;
constexpr uint32_t kPacket = 2;  // Obsolete.
constexpr uint32_t kSimplePacket = 3;
constexpr uint32_t kEnhancedPacket = 6;
constexpr uint32_t kSecrets = 10;

constexpr uint16_t kEndOfOptions = 0;
constexpr uint16_t kTimeResolution = 9;
constexpr uint16_t kTimeOffset = 14;
constexpr uint32_t kTlsKeyLog = 0x544c534b;

constexpr int64_t kNsPerSecond = 1'000'000'000;
// A damaged file can hold seconds beyond what 64 bits of ns can.
constexpr int64_t kMaxSeconds = 9'000'000'000;

absl::Status Damaged(const std::string& what) {
  return absl::DataLossError(what);
}

// Link types in files are DLT_... but for those that systems number
// differently.
int DltOf(uint16_t link_type) {
  switch (link_type) {
    case 100:
      return DLT_ATM_RFC1483;
    case 101:
      return DLT_RAW;
    default:
      return link_type;
  }
}

// 10^-n seconds, n up to 19 (the last power of ten in 64 bits); or 2^-n, n up
// to 63.
int64_t Nanoseconds(uint64_t units, uint8_t resolution, bool is_binary,
                    int64_t offset_s) {
  uint64_t seconds = 0;
  uint64_t ns = 0;
  if (is_binary) {
    seconds = resolution == 0 ? units : units >> resolution;
    uint64_t rest =
        resolution == 0 ? 0 : units & ((uint64_t{1} << resolution) - 1);
    // 33 bits and the 30 of 10^9 fit; finer than that no nanosecond changes.
    constexpr uint8_t kBits = 33;
    if (resolution > kBits) {
      rest >>= resolution - kBits;
      resolution = kBits;
    }
    ns = rest * uint64_t{kNsPerSecond} >> resolution;
  } else {
    uint64_t power = 1;
    for (uint8_t i = 0; i < resolution; ++i) power *= 10;
    seconds = units / power;
    const uint64_t rest = units % power;
    ns = power <= uint64_t{kNsPerSecond}
             ? rest * (uint64_t{kNsPerSecond} / power)
             : rest / (power / uint64_t{kNsPerSecond});
  }
  const int64_t whole = std::clamp(
      static_cast<int64_t>(std::min<uint64_t>(seconds, uint64_t{kMaxSeconds})) +
          std::clamp(offset_s, -kMaxSeconds, kMaxSeconds),
      -kMaxSeconds, kMaxSeconds);
  return whole * kNsPerSecond + static_cast<int64_t>(ns);
}

}  // namespace

// A cursor over a block's body, in the section's byte order: as a ByteReader.
class PcapngFile::Fields {
 public:
  Fields(std::span<const uint8_t> bytes, bool big_endian)
      : rest_(bytes), big_endian_(big_endian) {}

  uint16_t U16() { return static_cast<uint16_t>(Take(2)); }
  uint32_t U32() { return static_cast<uint32_t>(Take(4)); }
  std::span<const uint8_t> Bytes(size_t size) {
    if (size > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const auto taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }
  std::span<const uint8_t> rest() const { return rest_; }
  bool ok() const { return ok_; }

 private:
  uint64_t Take(size_t size) {
    const auto bytes = Bytes(size);
    uint64_t value = 0;
    for (size_t i = 0; i < bytes.size(); ++i) {
      value = value << 8 | bytes[big_endian_ ? i : bytes.size() - 1 - i];
    }
    return value;
  }

  std::span<const uint8_t> rest_;
  const bool big_endian_;
  bool ok_ = true;
};

struct PcapngFile::Filter {
  ~Filter() { pcap_freecode(&program); }
  int link_type = 0;
  bpf_program program = {};
};

PcapngFile::PcapngFile(File file, std::string filter)
    : file_(std::move(file)), filter_(std::move(filter)) {}

PcapngFile::~PcapngFile() { WipeKeyLog(); }

void PcapngFile::WipeKeyLog() {
  OPENSSL_cleanse(key_log_.data(), key_log_.size());
  key_log_.clear();
}

absl::StatusOr<bool> PcapngFile::Next(CapturedPacket& packet) {
  for (;;) {
    ASSIGN_OR_RETURN(const bool more, ReadBlock());
    if (!more) return false;
    switch (block_type_) {
      case kInterface:
        RETURN_IF_ERROR(AddInterface());
        break;
      case kSecrets:
        TakeSecrets();
        break;
      case kPacket:
      case kSimplePacket:
      case kEnhancedPacket: {
        ASSIGN_OR_RETURN(const bool passes, TakePacket(packet));
        if (passes) return true;
        break;
      }
      default:
        break;
    }
  }
}

uint32_t PcapngFile::Number(const uint8_t* bytes) const {
  return Fields({bytes, 4}, big_endian_).U32();
}

absl::StatusOr<bool> PcapngFile::ReadBlock() {
  std::array<uint8_t, kHeaderBytes> header;
  const size_t count = std::fread(header.data(), 1, header.size(), file_.get());
  if (count == 0 && std::ferror(file_.get()) == 0) return false;
  if (count < header.size()) return Damaged("it ends in the header of a block");
  block_type_ = Number(header.data());
  size_t taken = header.size();
  if (block_type_ == kSection) {
    RETURN_IF_ERROR(BeginSection());
    taken += 4;
  }
  const size_t length = Number(header.data() + 4);
  if (length < taken + kTrailerBytes || length % 4 != 0) {
    return Damaged(absl::StrCat("a block of ", length, " bytes"));
  }
  const bool is_packet = block_type_ == kPacket ||
                         block_type_ == kSimplePacket ||
                         block_type_ == kEnhancedPacket;
  const bool is_read =
      is_packet || block_type_ == kInterface || block_type_ == kSecrets;
  if (length > kMaxBlockBytes && is_packet) {
    return Damaged(absl::StrCat("a packet in a block of ", length, " bytes"));
  }
  RETURN_IF_ERROR(
      ReadBody(length - taken, is_read && length <= kMaxBlockBytes));
  if (is_read && length > kMaxBlockBytes) block_type_ = 0;
  if (Number(block_.data() + block_.size() - kTrailerBytes) != length) {
    return Damaged("a block whose two lengths differ");
  }
  block_.resize(block_.size() - kTrailerBytes);
  return true;
}

absl::Status PcapngFile::BeginSection() {
  std::array<uint8_t, 4> order;
  if (std::fread(order.data(), 1, order.size(), file_.get()) < order.size()) {
    return Damaged("it ends in the header of a section");
  }
  big_endian_ = false;
  if (Number(order.data()) != kByteOrder) big_endian_ = true;
  if (Number(order.data()) != kByteOrder) {
    return Damaged("a section of unknown byte order");
  }
  interfaces_.clear();
  return absl::OkStatus();
}

// What is not wanted leaves its last bytes, which are the trailer.
absl::Status PcapngFile::ReadBody(size_t length, bool wanted) {
  constexpr size_t kPiece = size_t{64} << 10;
  while (!wanted && length > kPiece + kTrailerBytes) {
    block_.resize(kPiece);
    if (std::fread(block_.data(), 1, kPiece, file_.get()) < kPiece) {
      return Damaged("it ends in a block");
    }
    length -= kPiece;
  }
  block_.resize(length);
  if (std::fread(block_.data(), 1, length, file_.get()) < length) {
    return Damaged("it ends in a block");
  }
  return absl::OkStatus();
}

// link type:16 reserved:16 snaplen:32 options
absl::Status PcapngFile::AddInterface() {
  if (interfaces_.size() == kMaxInterfaces) {
    return Damaged(absl::StrCat("more than ", kMaxInterfaces, " interfaces"));
  }
  Fields in(block_, big_endian_);
  Interface added;
  added.link_type = DltOf(in.U16());
  in.U16();
  added.snaplen = in.U32();
  if (!in.ok()) return Damaged("an interface without a link type");
  while (in.rest().size() >= 4) {
    const uint16_t code = in.U16();
    const uint16_t length = in.U16();
    const auto value = in.Bytes(length);
    if (!in.ok() || code == kEndOfOptions) break;
    in.Bytes(std::min<size_t>(-length & 3, in.rest().size()));
    if (code == kTimeResolution && length == 1) {
      added.is_binary = value[0] & 0x80;
      added.resolution = value[0] & 0x7f;
    } else if (code == kTimeOffset && length == 8) {
      Fields offset(value, big_endian_);
      const uint64_t first = offset.U32();
      const uint64_t second = offset.U32();
      added.offset_s = static_cast<int64_t>(big_endian_ ? first << 32 | second
                                                        : second << 32 | first);
    }
  }
  if (added.resolution > (added.is_binary ? 63 : 19)) {
    return Damaged(absl::StrCat("an interface with a unit of time of ",
                                added.is_binary ? "2^-" : "10^-",
                                static_cast<int>(added.resolution), " s"));
  }
  interfaces_.push_back(added);
  return absl::OkStatus();
}

// Enhanced: interface:32 time:64 captured:32 length:32 packet
// Obsolete: interface:16 drops:16 and so on
// Simple:   length:32 packet
absl::StatusOr<bool> PcapngFile::TakePacket(CapturedPacket& packet) {
  Fields in(block_, big_endian_);
  size_t interface = 0;
  if (block_type_ == kEnhancedPacket) interface = in.U32();
  if (block_type_ == kPacket) {
    interface = in.U16();
    in.U16();
  }
  if (interface >= interfaces_.size()) {
    return Damaged("a packet of an interface that is not described");
  }
  const Interface& from = interfaces_[interface];
  uint32_t captured = 0;
  if (block_type_ == kSimplePacket) {
    packet.wire_length = in.U32();
    captured = static_cast<uint32_t>(
        std::min<size_t>(packet.wire_length, in.rest().size()));
    if (from.snaplen != 0) captured = std::min(captured, from.snaplen);
  } else {
    const uint64_t high = in.U32();
    const uint64_t units = high << 32 | in.U32();
    last_time_ns_ =
        Nanoseconds(units, from.resolution, from.is_binary, from.offset_s);
    captured = in.U32();
    packet.wire_length = in.U32();
  }
  packet.bytes = in.Bytes(captured);
  if (!in.ok() || captured > kMaxPacketBytes) {
    return Damaged(absl::StrCat("a packet of ", captured, " bytes"));
  }
  packet.time_ns = last_time_ns_;
  packet.link_type = from.link_type;
  return Passes(packet);
}

absl::StatusOr<bool> PcapngFile::Passes(const CapturedPacket& packet) {
  if (filter_.empty()) return true;
  auto found = std::find_if(filters_.begin(), filters_.end(),
                            [&packet](const std::unique_ptr<Filter>& filter) {
                              return filter->link_type == packet.link_type;
                            });
  if (found == filters_.end()) {
    const PcapHandle pcap(pcap_open_dead(packet.link_type, kMaxPacketBytes));
    auto filter = std::make_unique<Filter>();
    filter->link_type = packet.link_type;
    RETURN_IF_ERROR(CompileFilter(pcap.get(), filter_, filter->program));
    found = filters_.insert(filters_.end(), std::move(filter));
  }
  pcap_pkthdr header = {};
  header.caplen = static_cast<bpf_u_int32>(packet.bytes.size());
  header.len = packet.wire_length;
  return pcap_offline_filter(&(*found)->program, &header,
                             packet.bytes.data()) != 0;
}

// type:32 length:32 secrets
void PcapngFile::TakeSecrets() {
  Fields in(block_, big_endian_);
  const uint32_t type = in.U32();
  const uint32_t length = in.U32();
  if (in.ok() && type == kTlsKeyLog) {
    const auto text = in.Bytes(std::min<size_t>(length, in.rest().size()));
    // Most files have one. So that it does not move, which would leave a copy.
    key_log_.reserve(key_log_.size() + text.size() + 1);
    key_log_.append(text.begin(), text.end()).append("\n");
  }
  OPENSSL_cleanse(block_.data(), block_.size());
}

}  // namespace callbraid::sensor
