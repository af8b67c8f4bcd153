#include "collector/doctor/call_facts.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <utility>

#include "collector/store/buckets.h"
#include "collector/store/observation_identity.h"
#include "common/base/status_macros.h"
#include "common/rtp/rtcp_packet.h"
#include "common/sip/party.h"

namespace callbraid::collector {
namespace {

// Of a call; more are not looked at.
constexpr int kMaxMembers = 64;
// RTCP goes on for a while after the last packet.
constexpr int64_t kRtcpAfterNs = 10'000'000'000;
// RTCP datagrams of one stream that are read.
constexpr int kMaxRtcp = 2000;
// SSRCs that one sender of RTCP is known to receive.
constexpr size_t kMaxHeard = 32;

IpAddress AddressOf(const v1::Endpoint& endpoint) {
  const auto known = FromProto(endpoint);
  return known ? known->address : IpAddress();
}

void AddParty(const store::v1::SdpMedia& media, CallFacts& facts) {
  const auto endpoint = FromProto(media.rtp());
  if (media.kind() != "audio" || !endpoint || endpoint->port == 0 ||
      endpoint->address.is_unspecified() || endpoint->address.is_multicast()) {
    return;
  }
  const bool sends =
      media.direction() != "recvonly" && media.direction() != "inactive";
  for (MediaParty& party : facts.parties) {
    if (party.address != endpoint->address) continue;
    party.sends = party.sends || sends;
    return;
  }
  facts.parties.push_back({endpoint->address, sends});
}

void AddDialog(const store::v1::Observation& observation, CallFacts& facts) {
  const store::v1::DialogObservation& dialog = observation.dialog();
  DialogFacts& seen = facts.dialogs.emplace_back();
  seen.site = observation.site();
  seen.sensor = observation.sensor();
  seen.capture_point = observation.capture_point();
  seen.initiator = AddressOf(dialog.initiator());
  seen.responder = AddressOf(dialog.responder());
  seen.initiator_number = NumberOf(dialog.from_uri());
  // The request's URI is often but a token that stands for the contact.
  seen.responder_number = NumberOf(dialog.to_uri());
  for (const store::v1::SdpMedia& media : dialog.media()) {
    AddParty(media, facts);
  }
}

// Takes in one RTCP datagram.
void AddRtcp(std::span<const uint8_t> datagram, ReceptionFacts& facts) {
  constexpr uint8_t kSenderReport = 200;
  constexpr uint8_t kReceiverReport = 201;
  const auto rtcp = ParseRtcp(datagram);
  if (!rtcp || (rtcp->packet_type != kSenderReport &&
                rtcp->packet_type != kReceiverReport)) {
    return;
  }
  std::array<RtcpReport, 31> reports;
  const size_t count = ReadRtcpReports(datagram, reports);
  ++facts.reports;
  if (count == 0) ++facts.empty_reports;
  for (size_t i = 0; i < count && facts.heard.size() < kMaxHeard; ++i) {
    facts.heard.insert(reports[i].ssrc);
  }
}

// What the sender of a stream says in RTCP of those that it receives.
absl::StatusOr<ReceptionFacts> ReadReception(
    Store& store, const store::v1::Observation& observation) {
  ReceptionFacts facts;
  facts.reporter = AddressOf(observation.rtp().source());
  const auto id = RtcpFramesId(observation);
  if (!id) return facts;
  const std::vector<uint32_t> buckets = {
      BucketOf(observation.first_time_ns()),
      BucketOf(observation.last_time_ns() + kRtcpAfterNs)};
  int left = kMaxRtcp;
  v1::CallFrame frame;
  RETURN_IF_ERROR(store.media().ReadFrames(
      *id, buckets, [&facts, &left, &frame](const FrameRecord& record) {
        if (frame.ParseFromString(record.frame) && frame.has_rtcp()) {
          const std::string& packet = frame.rtcp().packet();
          AddRtcp(
              {reinterpret_cast<const uint8_t*>(packet.data()), packet.size()},
              facts);
        }
        return --left > 0;
      }));
  return facts;
}

}  // namespace

bool WantsRtcp(const v1::Call& call) {
  const auto has = [&call](v1::CallFlag flag) {
    return std::find(call.flags().begin(), call.flags().end(), flag) !=
           call.flags().end();
  };
  // SRTCP is encrypted as well.
  return has(v1::CALL_FLAG_ONE_WAY) && !has(v1::CALL_FLAG_ENCRYPTED);
}

absl::StatusOr<CallFacts> ReadCall(Store& store,
                                   const store::v1::CallRecord& record,
                                   bool with_rtcp) {
  CallFacts facts;
  facts.call = record.call();
  std::vector<store::v1::Observation> streams;
  for (int i = 0; i < std::min(record.members_size(), kMaxMembers); ++i) {
    const auto id = ObservationId::FromBytes(record.members(i));
    if (!id) continue;
    auto stored = store.facts().GetObservation(*id);
    // The call may have changed since it was listed.
    if (absl::IsNotFound(stored.status())) continue;
    RETURN_IF_ERROR(stored.status());
    facts.sites.insert(stored->observation.site());
    if (stored->observation.has_dialog()) {
      AddDialog(stored->observation, facts);
    } else if (stored->observation.has_rtp()) {
      streams.push_back(std::move(stored->observation));
    }
  }
  if (!with_rtcp) return facts;
  for (const store::v1::Observation& stream : streams) {
    ASSIGN_OR_RETURN(ReceptionFacts reception, ReadReception(store, stream));
    if (reception.reports > 0) facts.receptions.push_back(std::move(reception));
  }
  return facts;
}

}  // namespace callbraid::collector
