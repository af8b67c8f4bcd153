#include "collector/secure/call_keys.h"

#include <algorithm>
#include <cstdlib>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "callbraid/v1/frame.pb.h"
#include "common/base/absl_string.h"
#include "common/base/status_macros.h"
#include "common/sip/sdp.h"
#include "google/protobuf/util/time_util.h"

namespace callbraid::collector {
namespace {

// Of a call: a hostile one may re-key without end.
constexpr size_t kMaxKeys = 512;
// A time beyond this (2116) is nonsense.
constexpr int64_t kMaxTimeNs = int64_t{1} << 62;

// Of a side, of one stream: where NAT is on the way, any capture point may know
// it by the address that SDP names.
bool SendsFrom(const v1::Stream& stream, const std::string& endpoint) {
  return endpoint == stream.source() ||
         std::any_of(stream.observations().begin(), stream.observations().end(),
                     [&endpoint](const v1::StreamObservation& seen) {
                       return seen.source() == endpoint;
                     });
}

}  // namespace

absl::Status CallKeys::Read(Store& store, const ObservationId& id,
                            const store::v1::Observation& dialog,
                            const std::string& leg_id, int64_t offset_ns) {
  v1::CallFrame frame;
  return store.media().ReadFrames(
      id, {dialog.bucket_ranges().begin(), dialog.bucket_ranges().end()},
      [&](const FrameRecord& record) {
        if (!frame.ParseFromString(record.frame) || !frame.has_sip()) {
          return true;
        }
        const auto sip = ParseSip(frame.sip().message());
        if (!sip) return true;
        const bool initiator_asked =
            sip->from.tag == ToStd(dialog.dialog().from_tag());
        const int64_t time_ns =
            std::clamp<int64_t>(frame.sip().time_ns(), 0, kMaxTimeNs);
        AddMessage(*sip, time_ns + offset_ns,
                   initiator_asked == sip->is_request(), leg_id);
        return said_.size() < kMaxKeys;
      });
}

absl::Status CallKeys::ReadDtls(Store& store, const ObservationId& id,
                                const v1::Stream& stream, int64_t offset_ns) {
  ASSIGN_OR_RETURN(const auto agreed, store.facts().GetDtlsSrtp(id));
  for (const v1::DtlsSrtp& key : agreed) {
    const SrtpSuite* suite = FindSuiteOfProfile(key.profile());
    const std::string& secret = key.master_key_and_salt();
    if (suite == nullptr || said_.size() >= kMaxKeys ||
        secret.size() != suite->key_bytes + suite->salt_bytes ||
        !known_
             .insert(absl::StrCat(stream.id(), " ", key.profile(), " ", secret,
                                  key.mki()))
             .second) {
      continue;
    }
    Said& said = said_.emplace_back();
    said.key.attribute.suite = suite;
    said.key.attribute.keys.push_back({secret, key.mki()});
    said.key.from_ns =
        std::clamp<int64_t>(key.time_ns(), 0, kMaxTimeNs) + offset_ns;
    said.stream_id = stream.id();
  }
  return absl::OkStatus();
}

void CallKeys::AddMessage(const SipMessage& message, int64_t time_ns,
                          bool from_initiator, const std::string& leg_id) {
  const auto sdp = ParseSdp(SdpBody(message));
  if (!sdp) return;
  for (size_t line = 0; line < sdp->media.size(); ++line) {
    const SdpMediaLine& media = sdp->media[line];
    for (const std::string& text : media.crypto) {
      auto attribute = ParseCryptoAttribute(text);
      if (!attribute || said_.size() >= kMaxKeys ||
          !known_
               .insert(absl::StrCat(leg_id, from_initiator ? ">" : "<", line,
                                    " ", text))
               .second) {
        continue;
      }
      Said& said = said_.emplace_back();
      said.key.attribute = *std::move(attribute);
      said.key.from_ns = time_ns;
      said.leg_id = leg_id;
      said.from_initiator = from_initiator;
      said.kind = media.kind;
      said.endpoint = media.rtp.ToString();
      said.line = line;
      said.alone = media.crypto.size() == 1;
    }
  }
}

// The other side's line has this tag, or this is the answer.
bool CallKeys::IsChosen(const Said& said) const {
  if (said.alone) return true;
  return std::any_of(said_.begin(), said_.end(), [&said](const Said& other) {
    return other.leg_id == said.leg_id && other.line == said.line &&
           other.from_initiator != said.from_initiator && other.alone &&
           other.key.from_ns >= said.key.from_ns &&
           other.key.attribute.tag == said.key.attribute.tag &&
           other.key.attribute.suite == said.key.attribute.suite;
  });
}

std::vector<CandidateKey> CallKeys::For(const v1::Stream& stream) const {
  using google::protobuf::util::TimeUtil;
  const int64_t start_ns =
      TimeUtil::TimestampToNanoseconds(stream.start_time());
  // Less is likelier.
  using Rank = std::tuple<int, bool, bool, int64_t>;
  constexpr int kFarthest = 4;
  std::vector<std::pair<Rank, CandidateKey>> ranked;
  for (const Said& said : said_) {
    const int64_t age_ns = start_ns - said.key.from_ns;
    if (!said.stream_id.empty()) {
      // Of other streams at last: a sensor may not have seen this one's.
      const int distance = said.stream_id == stream.id() ? -1 : kFarthest;
      ranked.emplace_back(Rank{distance, false, age_ns < 0, std::abs(age_ns)},
                          said.key);
      continue;
    }
    const bool is_leg = !stream.leg_id().empty()
                            ? said.leg_id == stream.leg_id()
                            : SendsFrom(stream, said.endpoint);
    const bool is_sender =
        SendsFrom(stream, said.endpoint) ||
        (stream.side() == v1::SIDE_CALLER && said.from_initiator) ||
        (stream.side() == v1::SIDE_CALLEE && !said.from_initiator);
    const bool is_chosen = IsChosen(said);
    CandidateKey key = said.key;
    key.is_certain = is_leg && is_sender && is_chosen && said.kind == "audio";
    ranked.emplace_back(Rank{(is_leg ? 0 : 2) + (is_sender ? 0 : 1), !is_chosen,
                             age_ns < 0, std::abs(age_ns)},
                        std::move(key));
  }
  std::stable_sort(
      ranked.begin(), ranked.end(),
      [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<CandidateKey> keys;
  for (auto& [rank, key] : ranked) keys.push_back(std::move(key));
  return keys;
}

}  // namespace callbraid::collector
