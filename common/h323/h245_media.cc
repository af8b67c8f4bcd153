#include "common/h323/h245_media.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "common/h323/h323_tag.h"

namespace callbraid {
namespace {

// Alternatives of DataType.
constexpr uint64_t kVideoData = 2;
// Of the application of DataApplicationCapability, and of its protocol.
constexpr uint64_t kT38Fax = 12;
constexpr uint64_t kUdp = 13;
constexpr size_t kMaxPayloads = 16;
// Not static, and not told.
constexpr uint8_t kNoType = 255;

struct Codec {
  uint8_t type = kNoType;
  std::string_view name = {};  // Of types that are not static.
  uint32_t clock_rate = 0;
  std::string_view fmtp = {};
};

// By the alternatives of AudioCapability; those after the extension marker from
// 14 on.
constexpr std::array<Codec, 24> kCodecs = {{
    {},
    {.type = 8},  // g711Alaw64k
    {.type = 8},
    {.type = 0},  // g711Ulaw64k
    {.type = 0},
    {.type = 9},  // g722-64k
    {.type = 9},
    {.type = 9},
    {.type = 4},   // g7231
    {.type = 15},  // g728
    {.type = 18, .fmtp = "annexb=no"},
    {.type = 18, .fmtp = "annexb=no"},
    {.type = 14},  // is11172AudioCapability
    {.type = 14},
    {.type = 18},  // g729wAnnexB
    {.type = 18},
    {.type = 4},  // g7231AnnexCCapability
    {.type = 3},  // gsmFullRate
    {.name = "GSM-HR-08", .clock_rate = 8000},
    {.name = "GSM-EFR", .clock_rate = 8000},
    {},            // genericAudioCapability
    {.type = 18},  // g729Extensions
    {},            // vbd
    {.name = "telephone-event", .clock_rate = 8000},
}};
constexpr uint64_t kGenericAudio = 20;

struct GenericCodec {
  std::string_view identifier;  // An object identifier, as on the wire.
  Codec codec;
};
using namespace std::string_view_literals;
constexpr std::array<GenericCodec, 5> kGenericCodecs = {{
    // {itu-t(0) recommendation(0) h(8) 245 generic-capabilities(1) audio(1)...}
    {"\x00\x08\x81\x75\x01\x01\x01"sv, {.name = "AMR", .clock_rate = 8000}},
    {"\x00\x08\x81\x75\x01\x01\x09"sv, {.name = "AMR", .clock_rate = 8000}},
    {"\x00\x08\x81\x75\x01\x01\x0a"sv, {.name = "AMR-WB", .clock_rate = 16000}},
    // G.722.1, G.722.2.
    {"\x00\x07\xb8\x35\x01\x00"sv, {.name = "G7221", .clock_rate = 16000}},
    {"\x00\x07\xb8\x36\x01\x00"sv, {.name = "AMR-WB", .clock_rate = 16000}},
}};

Codec CodecOf(const PerValue& audio) {
  if (audio.number != kGenericAudio) {
    return audio.number < kCodecs.size() ? kCodecs[audio.number] : Codec();
  }
  const PerValue* generic = audio.Find(tag::kGeneric);
  if (generic == nullptr) return {};
  for (const GenericCodec& known : kGenericCodecs) {
    if (known.identifier == generic->octets) return known.codec;
  }
  return {};
}

uint8_t TypeOf(const PerValue* payload_type, uint8_t otherwise) {
  return payload_type == nullptr ? otherwise
                                 : static_cast<uint8_t>(payload_type->number);
}

void AddAudio(const PerValue& audio, const PerValue* payload_type,
              SdpMediaLine& line) {
  const Codec codec = CodecOf(audio);
  const uint8_t type = TypeOf(payload_type, codec.type);
  if (type == kNoType || line.payloads.size() == kMaxPayloads) return;
  const StaticPayload known = StaticPayloadOf(codec.type);
  SdpPayload& payload = line.payloads.emplace_back();
  payload.type = type;
  payload.name = codec.name.empty() ? known.name : codec.name;
  payload.clock_rate =
      codec.clock_rate == 0 ? known.clock_rate : codec.clock_rate;
  payload.fmtp = codec.fmtp;
}

// Fills in kind, protocol and payloads; false for what is not carried by either
// protocol.
bool AddDataType(const PerValue& data_type, const PerValue* payload_type,
                 SdpMediaLine& line) {
  line.protocol = "RTP/AVP";
  if (const PerValue* encrypted = data_type.Find(tag::kEncryptedMedia)) {
    line.encrypted = true;
    line.kind = encrypted->Has(tag::kAudio) ? "audio" : "video";
    if (const PerValue* audio = encrypted->Find(tag::kAudio)) {
      AddAudio(*audio, payload_type, line);
    }
    return true;
  }
  if (const PerValue* audio = data_type.Find(tag::kAudio)) {
    line.kind = "audio";
    AddAudio(*audio, payload_type, line);
    return true;
  }
  if (const PerValue* data = data_type.Find(tag::kData)) {
    const PerValue* protocol = data->Find(tag::kDataProtocol);
    line.kind = "image";
    line.protocol = "udptl";
    return data->number == kT38Fax && protocol != nullptr &&
           protocol->number == kUdp;
  }
  // A stream of several payload types.
  for (const PerValue& element : data_type.parts) {
    const PerValue* inner = element.Find(tag::kDataType);
    if (element.tag != tag::kElement || inner == nullptr) continue;
    const PerValue* audio = inner->Find(tag::kAudio);
    if (audio == nullptr) continue;
    line.kind = "audio";
    AddAudio(*audio, element.Find(tag::kPayloadType), line);
  }
  if (!line.kind.empty()) return true;
  line.kind = "video";
  return data_type.number == kVideoData;
}

}  // namespace

std::optional<Endpoint> ReadTransportAddress(const PerValue* address) {
  if (address == nullptr) return std::nullopt;
  const PerValue* ip = address->Find(tag::kIp);
  const PerValue* port = address->Find(tag::kPort);
  // A multicast address is one level further down.
  if (const PerValue* multicast = address->Find(tag::kMulticast)) {
    return ReadTransportAddress(multicast);
  }
  if (ip == nullptr || port == nullptr || port->number == 0) {
    return std::nullopt;
  }
  const auto parsed = IpAddress::FromBytes(
      {reinterpret_cast<const uint8_t*>(ip->octets.data()), ip->octets.size()});
  if (!parsed) return std::nullopt;
  return Endpoint{*parsed, static_cast<uint16_t>(port->number)};
}

std::optional<SdpMediaLine> ReadMediaLine(const PerValue* data_type,
                                          const PerValue& parameters) {
  SdpMediaLine line;
  if (data_type != nullptr &&
      !AddDataType(*data_type, parameters.Find(tag::kPayloadType), line)) {
    return std::nullopt;
  }
  const auto media = ReadTransportAddress(parameters.Find(tag::kMediaChannel));
  const auto control =
      ReadTransportAddress(parameters.Find(tag::kMediaControlChannel));
  if (media) {
    line.rtp = *media;
    line.rtcp = control.value_or(
        Endpoint{media->address, static_cast<uint16_t>(media->port + 1)});
  }
  return line;
}

}  // namespace callbraid
