#include "collector/events/quality_json.h"

#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/time_util.h"

namespace callbraid::collector {
namespace {

using google::protobuf::util::TimeUtil;

// "10.0.0.1:4000" and "[2001:db8::1]:4000" without the port.
std::string AddressOf(const std::string& endpoint) {
  std::string address = endpoint.substr(0, endpoint.rfind(':'));
  if (address.size() > 1 && address.front() == '[') {
    address = address.substr(1, address.size() - 2);
  }
  return address;
}

double PortOf(const std::string& endpoint) {
  return std::atoi(endpoint.substr(endpoint.rfind(':') + 1).c_str());
}

}  // namespace

std::string QualityToJson(const std::string& sip_call_id,
                          const v1::Stream& stream,
                          const v1::StreamQuality& quality) {
  google::protobuf::Struct json;
  auto& fields = *json.mutable_fields();
  const auto text = [&fields](const char* name, const std::string& value) {
    fields[name].set_string_value(value);
  };
  const auto number = [&fields](const char* name, double value) {
    fields[name].set_number_value(value);
  };
  text("CORRELATION_ID", sip_call_id);
  text("RTP_SIP_CALL_ID", sip_call_id);
  text("TYPE", "HANGUP");
  text("REPORT_NAME", stream.source());
  number("REPORT_TS", static_cast<double>(TimeUtil::TimestampToMilliseconds(
                          stream.end_time())) /
                          1e3);
  number("SSRC", stream.ssrc());
  number("TOTAL_PK", stream.packets());
  number("EXPECTED_PK", static_cast<double>(quality.packets().expected()));
  number("PACKET_LOSS", static_cast<double>(quality.packets().lost()));
  number("OUT_ORDER", static_cast<double>(quality.packets().reordered()));
  number("MEAN_JITTER", quality.packets().jitter_ms());
  number("JITTER", quality.packets().jitter_ms());
  number("MAX_JITTER", quality.packets().max_jitter_ms());
  if (quality.has_rating()) {
    const v1::Rating& rating = quality.rating();
    number("MOS", rating.mos_listening());
    number("MEAN_MOS", rating.mos_listening());
    number("MIN_MOS", rating.worst_mos_listening());
    number("RFACTOR", rating.r_listening());
    number("MEAN_RFACTOR", rating.r_listening());
  }
  text("SRC_IP", AddressOf(stream.source()));
  number("SRC_PORT", PortOf(stream.source()));
  text("DST_IP", AddressOf(stream.destination()));
  number("DST_PORT", PortOf(stream.destination()));
  number("CODEC_PT", stream.payload_type());
  text("CODEC_NAME", stream.codec());
  number("CLOCK", stream.clock_rate());
  number("DIR", stream.side() == v1::SIDE_CALLEE ? 1 : 0);
  std::string out;
  // Fails only for numbers that are none, which these are not.
  (void)google::protobuf::util::MessageToJsonString(json, &out);
  return out;
}

}  // namespace callbraid::collector
