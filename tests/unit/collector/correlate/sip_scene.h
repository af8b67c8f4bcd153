#ifndef CALLBRAID_TESTS_UNIT_COLLECTOR_CORRELATE_SIP_SCENE_H_
#define CALLBRAID_TESTS_UNIT_COLLECTOR_CORRELATE_SIP_SCENE_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "collector/ingest/observation_folder.h"
#include "gtest/gtest.h"
#include "tests/fakes/call_scene.h"
#include "tests/unit/collector/correlate/harness.h"

// Scenes told by the SIP messages on the wire, from their text to the call: the
// fold of ingest and correlation together.
namespace callbraid::collector::scenes {

// One dialog on one hop, as the messages of either side need it. Hosts are
// addresses; all use port 5060.
struct SipDialog {
  std::string call_id;
  std::string caller;  // Number.
  std::string callee;
  std::string from_host;
  std::string to_host;
  uint32_t cseq = 1;

  std::string from_tag() const { return call_id + "-f"; }
  std::string to_tag() const { return call_id + "-t"; }
  // What Replaces says of it to its responder, and to its initiator.
  std::string Replaces() const {
    return call_id + ";to-tag=" + to_tag() + ";from-tag=" + from_tag();
  }
  std::string ReplacesToInitiator() const {
    return call_id + ";to-tag=" + from_tag() + ";from-tag=" + to_tag();
  }
};

inline std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == ';' || c == '=' || c == '@') {
      static constexpr char kHex[] = "0123456789ABCDEF";
      escaped += '%';
      escaped += kHex[c >> 4];
      escaped += kHex[c & 15];
    } else {
      escaped += c;
    }
  }
  return escaped;
}

class SipScene : public ::testing::Test {
 protected:
  // Seen by `sensor_` from now on.
  void SeenBy(const std::string& sensor) { sensor_ = sensor; }

  void Invite(int64_t ms, const SipDialog& dialog,
              const std::string& extra = "", const std::string& media = "") {
    Request(ms, dialog, "INVITE", false, "", extra, media);
  }
  void Reply(int64_t ms, const SipDialog& dialog, int status,
             const std::string& extra = "", const std::string& media = "") {
    Response(ms, dialog, "INVITE", status, false, extra, media);
  }
  // INVITE, ringing and answer with the ACK.
  void Connect(int64_t ms, const SipDialog& dialog,
               const std::string& extra = "", const std::string& offer = "",
               const std::string& answer = "") {
    Invite(ms, dialog, extra, offer);
    Reply(ms + 50, dialog, 180);
    Reply(ms + 1000, dialog, 200, "", answer);
    Request(ms + 1010, dialog, "ACK", false, dialog.to_tag(), "", "");
  }
  void Bye(int64_t ms, const SipDialog& dialog, bool by_callee = false) {
    Request(ms, dialog, "BYE", by_callee, dialog.to_tag(), "", "");
    Response(ms + 5, dialog, "BYE", 200, by_callee, "", "");
  }
  void Refer(int64_t ms, const SipDialog& dialog, bool by_callee,
             const std::string& refer_to, int status = 202) {
    Request(ms, dialog, "REFER", by_callee, dialog.to_tag(),
            "Refer-To: <" + refer_to + ">\r\n", "");
    Response(ms + 5, dialog, "REFER", status, by_callee, "", "");
  }

  void Request(int64_t ms, const SipDialog& dialog, const std::string& method,
               bool by_callee, const std::string& to_tag,
               const std::string& extra, const std::string& media) {
    const std::string uri = "sip:" + dialog.callee + "@" + dialog.to_host;
    Send(ms, dialog, by_callee,
         method + " " + uri + " SIP/2.0\r\n" +
             Headers(dialog, method, by_callee, to_tag) + extra + Body(media));
  }
  // To a request of the caller, unless `by_callee`.
  void Response(int64_t ms, const SipDialog& dialog, const std::string& method,
                int status, bool by_callee, const std::string& extra,
                const std::string& media) {
    Send(ms, dialog, !by_callee,
         "SIP/2.0 " + std::to_string(status) + " X\r\n" +
             Headers(dialog, method, by_callee, dialog.to_tag()) + extra +
             Body(media));
  }

  // Says nothing more; the calls are found.
  void Settle() {
    CommitGroup group;
    group.frames = std::move(group_.frames);
    folder_.Collect(group);
    std::vector<ObservationId> changed;
    for (const ObservationUpsert& upsert : group.observations) {
      changed.push_back(upsert.id);
      ids_[upsert.observation->dialog().call_id()] = upsert.id;
    }
    ASSERT_TRUE(braid_.store().Commit(group).ok());
    folder_.Committed(1);
    ASSERT_TRUE(braid_.braider().Process(changed, Watermarks()).ok());
    group_ = CommitGroup();
  }
  v1::Call CallOf(const std::string& call_id) {
    return braid_.CallOf(ids_.at(call_id));
  }
  bool Together(const std::string& a, const std::string& b) {
    return braid_.Together(ids_.at(a), ids_.at(b));
  }

  Braid braid_;

 private:
  static std::string Headers(const SipDialog& dialog, const std::string& method,
                             bool by_callee, const std::string& to_tag) {
    std::string caller =
        "<sip:" + dialog.caller + "@h>;tag=" + dialog.from_tag();
    std::string callee = "<sip:" + dialog.callee + "@h>";
    if (!to_tag.empty()) callee += ";tag=" + to_tag;
    if (by_callee) std::swap(caller, callee);
    const std::string cseq =
        std::to_string(dialog.cseq + (method == "INVITE" ? 0 : 1));
    return "Via: SIP/2.0/UDP h;branch=z9hG4bK" + dialog.call_id + method +
           cseq + "\r\nFrom: " + caller + "\r\nTo: " + callee +
           "\r\nCall-ID: " + dialog.call_id + "\r\nCSeq: " + cseq + " " +
           method + "\r\n";
  }
  // `media`: "10.0.0.1:4000", or empty.
  static std::string Body(const std::string& media) {
    if (media.empty()) return "Content-Length: 0\r\n\r\n";
    const Endpoint at = fakes::At(media);
    const std::string host = at.address.ToString();
    const std::string sdp =
        "v=0\r\no=- 0 0 IN IP4 " + host + "\r\ns=-\r\nc=IN IP4 " + host +
        "\r\nt=0 0\r\nm=audio " + std::to_string(at.port) + " RTP/AVP 8\r\n";
    return "Content-Type: application/sdp\r\nContent-Length: " +
           std::to_string(sdp.size()) + "\r\n\r\n" + sdp;
  }
  void Send(int64_t ms, const SipDialog& dialog, bool back,
            const std::string& text) {
    Endpoint source = fakes::At(dialog.from_host + ":5060");
    Endpoint destination = fakes::At(dialog.to_host + ":5060");
    if (back) std::swap(source, destination);
    v1::CallFrame frame;
    v1::SipFrame& sip = *frame.mutable_sip();
    sip.set_time_ns(fakes::kEpoch + ms * fakes::kMs);
    *sip.mutable_source() = ToProto(source);
    *sip.mutable_destination() = ToProto(destination);
    sip.set_transport(v1::TRANSPORT_UDP);
    sip.set_message(text);
    const std::string site = "hq";
    const std::string point = "eth0";
    const auto folded = folder_.Fold({sensor_, site, point}, frame, group_);
    ASSERT_TRUE(folded.ok());
    ASSERT_EQ(*folded, FoldResult::kStored) << text;
  }

  std::string sensor_ = "s1";
  ObservationFolder folder_{braid_.store()};
  CommitGroup group_;
  std::map<std::string, ObservationId> ids_;
};

}  // namespace callbraid::collector::scenes

#endif  // CALLBRAID_TESTS_UNIT_COLLECTOR_CORRELATE_SIP_SCENE_H_
