#include "collector/doctor/call_facts.h"

#include <algorithm>
#include <string>
#include <utility>

#include "collector/correlate/party.h"
#include "collector/doctor/reception.h"
#include "collector/store/buckets.h"
#include "collector/store/observation_identity.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

// Of a call; more are not looked at.
constexpr int kMaxMembers = 64;
// RTCP goes on for a while after the last packet.
constexpr int64_t kRtcpAfterNs = 10'000'000'000;
// RTCP datagrams of one stream that are read.
constexpr int kMaxRtcp = 2000;

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

absl::StatusOr<Reception> ReadReception(
    Store& store, const store::v1::Observation& observation) {
  Reception reception;
  const auto id = RtcpFramesId(observation);
  if (!id) return reception;
  const std::vector<uint32_t> buckets = {
      BucketOf(observation.first_time_ns()),
      BucketOf(observation.last_time_ns() + kRtcpAfterNs)};
  int left = kMaxRtcp;
  v1::CallFrame frame;
  RETURN_IF_ERROR(store.media().ReadFrames(
      *id, buckets, [&reception, &left, &frame](const FrameRecord& record) {
        if (frame.ParseFromString(record.frame) && frame.has_rtcp()) {
          const std::string& packet = frame.rtcp().packet();
          AddRtcp(
              {reinterpret_cast<const uint8_t*>(packet.data()), packet.size()},
              reception);
        }
        return --left > 0;
      }));
  return reception;
}

void AddReception(const store::v1::Observation& reporter,
                  const Reception& reception,
                  const std::vector<StoredObservation>& streams,
                  CallFacts& facts) {
  ReceptionFacts& facts_of = facts.receptions.emplace_back();
  facts_of.reporter = AddressOf(reporter.rtp().source());
  facts_of.reports = reception.reports;
  facts_of.empty_reports = reception.empty_reports;
  for (const auto& [ssrc, block] : reception.blocks) {
    facts_of.heard.insert(ssrc);
    for (const StoredObservation& stream : streams) {
      const store::v1::Observation& seen = stream.observation;
      // Behind a translator or relay it is another hop's loss.
      if (seen.rtp().ssrc() != ssrc ||
          AddressOf(seen.rtp().destination()) != facts_of.reporter) {
        continue;
      }
      const uint64_t missed = MissedThough(stream.tally, block);
      if (missed == 0) continue;
      facts.missed.push_back({seen.sensor(), seen.capture_point(),
                              stream.tally.statistics().packets(), missed});
    }
  }
}

}  // namespace

bool WantsRtcp(const v1::Call& call) {
  for (const int flag : call.flags()) {
    // SRTCP is encrypted as well.
    if (flag == v1::CALL_FLAG_ENCRYPTED) return false;
  }
  for (const int flag : call.flags()) {
    if (flag == v1::CALL_FLAG_ONE_WAY) return true;
  }
  for (const v1::Stream& stream : call.streams()) {
    for (const v1::StreamObservation& seen : stream.observations()) {
      if (seen.lost() > 0) return true;
    }
  }
  return false;
}

absl::StatusOr<CallFacts> ReadCall(Store& store,
                                   const store::v1::CallRecord& record,
                                   bool with_rtcp) {
  CallFacts facts;
  facts.call = record.call();
  facts.offsets.assign(record.offsets().begin(), record.offsets().end());
  std::vector<StoredObservation> streams;
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
      streams.push_back(*std::move(stored));
    }
  }
  if (!with_rtcp) return facts;
  for (const StoredObservation& stream : streams) {
    ASSIGN_OR_RETURN(const Reception reception,
                     ReadReception(store, stream.observation));
    if (reception.reports == 0) continue;
    AddReception(stream.observation, reception, streams, facts);
  }
  return facts;
}

}  // namespace callbraid::collector
