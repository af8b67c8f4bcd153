#ifndef CALLBRAID_COLLECTOR_QUERY_PCAPNG_WRITER_H_
#define CALLBRAID_COLLECTOR_QUERY_PCAPNG_WRITER_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "callbraid/v1/frame.pb.h"
#include "common/media/media_chunk.h"
#include "common/net/endpoint.h"

namespace callbraid::collector {

// Writes stored SIP, RTCP, RTP and UDPTL as a pcapng file
// (draft-ietf-opsawg-pcapng), one interface for each capture point, with raw
// capture times in ns.
//
// The frames are built anew: Ethernet, 802.1Q tags, IP, UDP or TCP, with right
// lengths and checksums. What a sensor keeps of the layers below is in them
// (MAC addresses, tags, DSCP); the rest is made up (TTL 64, TCP sequence
// numbers that run on from 1). A SIP message larger than the MTU is one large
// IP packet. Packets should come by time, for the reader's sake.
//
// Appends to a string that the caller owns and may empty between calls. One
// thread.
class PcapngWriter {
 public:
  // Writes the section header. `out` must outlive the writer.
  explicit PcapngWriter(std::string& out);
  PcapngWriter(const PcapngWriter&) = delete;
  PcapngWriter& operator=(const PcapngWriter&) = delete;

  // Number of the capture point's interface, which is written when it is new.
  uint32_t Interface(const std::string& sensor,
                     const std::string& capture_point);

  // These return false, and write nothing, if an endpoint is malformed.
  bool AddSip(uint32_t interface, const v1::SipFrame& frame);
  bool AddRtcp(uint32_t interface, const v1::RtcpFrame& frame,
               const v1::LinkInfo& link);
  // `chunk` is the one that `packet` is from; only its endpoints and transport
  // are used. UDPTL is written as it was.
  bool AddRtp(uint32_t interface, const v1::MediaChunk& chunk,
              const ChunkPacket& packet, const v1::LinkInfo& link);
  // All packets of a chunk. False also if the chunk is malformed.
  bool AddMedia(uint32_t interface, const v1::MediaChunk& chunk,
                const v1::LinkInfo& link);

 private:
  struct Packet;

  void WriteTcp(Packet& packet, std::string_view message);
  void WriteUdp(Packet& packet, std::string_view payload);
  void WritePacket(const Packet& packet, uint8_t protocol,
                   std::string_view segment);

  std::string& out_;
  absl::flat_hash_map<std::pair<std::string, std::string>, uint32_t>
      interfaces_;
  // Next sequence number of each direction. Bounded: an attacker's call may
  // have any number of flows.
  absl::flat_hash_map<FlowKey, uint32_t> tcp_sequences_;
  // Kept to reuse their memory.
  std::string frame_;
  std::string segment_;
  std::string rtp_;
  PayloadDecoder decoder_;
  std::vector<ChunkPacket> chunk_packets_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUERY_PCAPNG_WRITER_H_
