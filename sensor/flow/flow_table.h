#ifndef CALLBRAID_SENSOR_FLOW_FLOW_TABLE_H_
#define CALLBRAID_SENSOR_FLOW_FLOW_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "common/net/endpoint.h"
#include "common/rtp/rtp_packet.h"
#include "sensor/decap/datagram.h"
#include "sensor/flow/expected_media.h"
#include "sensor/flow/flow_discard.h"
#include "sensor/flow/media_sink.h"
#include "sensor/flow/pending_rtcp.h"
#include "sensor/flow/probation.h"
#include "sensor/flow/sip_ports.h"
#include "sensor/flow/stream_pool.h"
#include "sensor/flow/udptl_probation.h"
#include "sensor/flow/zrtp_flows.h"

namespace callbraid::sensor {

struct FlowOptions {
  SipPorts sip_ports{{5060}};
  size_t max_streams = 50'000;
};

// Decides what each datagram is: signalling, RTP, RTCP, UDPTL, or nothing for
// us.
//
// RTP is recognised from its first packet where signalling seen here named its
// endpoint; otherwise after a few packets that fit each other, and then handed
// on from the first. So is UDPTL (fax by T.38), which may also follow RTP on
// the same ports, named by signalling or not. Streams that are followed are
// never given up for new ones: when all are in use, new ones are refused and
// counted.
//
// One thread. All sinks must outlive the table.
class FlowTable final : public DatagramSink {
 public:
  FlowTable(const FlowOptions& options, ExpectedMedia& expected,
            SignallingSink& signalling, MediaSink& media);

  void OnDatagram(const Datagram& datagram) override;
  void OnMirrorCopy(const Datagram& copy) override;

  // Call ten times a second of the pipeline's clock, which never goes back:
  // ends silent runs, reports, forgets what is old. Each stream is looked at
  // once a second.
  void OnTick(int64_t now_ns);

  // Ends every run; the streams go on in another.
  void EndRuns();

  // Nothing follows: decides what is pending and ends every run.
  void Finish();

  // The streams on `flow`, in both directions; those between two runs too.
  void ForEachStream(const FlowKey& flow,
                     absl::FunctionRef<void(const Stream&)> visit) const;

  const FlowCounters& counters() const { return counters_; }
  size_t streams() const { return pool_.size(); }

 private:
  // What speaks for RTP on a flow before its packets do.
  enum class Standing {
    kExpected,  // Signalling named its endpoint.
    kFriend,    // It carries RTP already, in this or the other direction.
    kStranger,
    kService,  // Its port is that of a service that is not media.
  };
  struct HeldPacket {
    int64_t time_ns = 0;
    uint16_t sequence = 0;
    bool truncated = false;
    std::string bytes;
  };

  void OnOther(const Datagram& datagram);
  void OnZrtp(const Datagram& datagram, ZrtpMessage message);

  // RTP.
  void OnUnknownSource(const Datagram& datagram, const RtpPacket& packet);
  Standing StandingOf(const FlowKey& flow);
  bool IsExpected(const FlowKey& flow);
  void Accept(const FlowKey& flow, uint32_t ssrc);
  void ExpireProbation(bool all);

  // UDPTL. flow_udptl.cc
  bool OnUdptl(const Datagram& datagram);
  bool ExpectsUdptl(const FlowKey& flow);
  void AcceptUdptl(const FlowKey& flow);
  void ExpireUdptlProbation(bool all);

  // Streams and their runs.
  Stream* Find(const FlowKey& flow, uint32_t ssrc);
  Stream* FindUdptl(const FlowKey& flow);
  Stream* NewStream(const FlowKey& flow, uint32_t ssrc,
                    v1::MediaTransport transport);
  bool MakeRoomIn(const FlowKey& flow);
  void Forget(Stream& stream);
  void OnStreamPacket(Stream& stream, const Datagram& datagram,
                      const RtpPacket& packet);
  bool IsOfAnotherCall(const Stream& stream);
  void LearnCalls(Stream& stream);
  void LearnCall(const Endpoint& endpoint, NamingCall& call);
  void OnJump(Stream& stream, const Datagram& datagram,
              const RtpPacket& packet);
  void BeginRun(Stream& stream, const Datagram& datagram,
                const RtpPacket& packet);
  void EndRun(Stream& stream);
  void DropHeld(Stream& stream);
  void LearnClock(Stream& stream);
  void Visit(Stream& stream);

  // RTCP.
  void OnRtcp(const Datagram& datagram);
  bool IsRelated(const RtcpView& rtcp);
  void ExpireRtcp(bool all);

  const FlowOptions options_;
  ExpectedMedia& expected_;
  SignallingSink& signalling_;
  MediaSink& media_;

  int64_t now_ns_ = 0;
  FlowCounters counters_;
  StreamPool pool_;
  // The first of the streams of each flow, linked by next_in_flow.
  absl::flat_hash_map<FlowKey, Stream*> flows_;
  // Streams by SSRC, as a count.
  absl::flat_hash_map<uint32_t, uint32_t> ssrcs_;
  // By Stream::slot.
  absl::flat_hash_map<uint32_t, HeldPacket> held_;
  Probation probation_;
  UdptlProbation udptl_probation_;
  PendingRtcp pending_rtcp_;
  ZrtpFlows zrtp_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_FLOW_FLOW_TABLE_H_
