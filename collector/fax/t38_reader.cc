#include "collector/fax/t38_reader.h"

#include <spandsp.h>

#include "common/t38/ifp_packet.h"

namespace callbraid::collector {
namespace {

// The longest that T.30 knows has 260 bytes.
constexpr size_t kMaxFrameBytes = 512;

// Signals of T.30 itself, and tones.
constexpr uint8_t kFirstTraining = T38_IND_V27TER_2400_TRAINING;

std::span<const uint8_t> ToBytes(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// T.38 has the bit that is sent first on top, T.30 and T.4 count from it.
void AppendReversed(std::span<const uint8_t> data, std::string& out) {
  for (const uint8_t byte : data) {
    out.push_back(static_cast<char>(bit_reverse8(byte)));
  }
}

}  // namespace

void T38Reader::Take(int64_t time_ns, uint16_t sequence,
                     std::span<const uint8_t> rest) {
  receiver_.Take(time_ns, sequence, rest);
  Drain();
}

void T38Reader::Finish() {
  receiver_.Finish();
  Drain();
}

void T38Reader::Drain() {
  while (const auto ifp = receiver_.Next()) Read(*ifp);
}

void T38Reader::Read(const ReceivedIfp& ifp) {
  if (ifp.follows_loss) {
    is_cut_ = true;
    listener_.OnLoss(direction_);
  }
  const auto packet = ParseIfp(ToBytes(ifp.bytes));
  if (!packet) return;
  if (packet->is_indicator) {
    frame_.clear();
    is_cut_ = false;
    if (packet->type >= kFirstTraining) listener_.OnTraining(direction_);
    return;
  }
  for (size_t i = 0; i < packet->field_count; ++i) {
    const IfpField& field = packet->fields[i];
    switch (field.type) {
      case IfpFieldType::kHdlcData:
        AppendReversed(field.data, frame_);
        if (frame_.size() <= kMaxFrameBytes) break;
        frame_.clear();
        is_cut_ = true;
        break;
      case IfpFieldType::kHdlcFcsOk:
      case IfpFieldType::kHdlcFcsOkSigEnd:
        EndFrame(ifp.time_ns, /*intact=*/true);
        break;
      case IfpFieldType::kHdlcFcsBad:
      case IfpFieldType::kHdlcFcsBadSigEnd:
      case IfpFieldType::kHdlcSigEnd:
        EndFrame(ifp.time_ns, /*intact=*/false);
        break;
      case IfpFieldType::kNonEcmData:
      case IfpFieldType::kNonEcmSigEnd: {
        std::string data;
        AppendReversed(field.data, data);
        if (!data.empty()) {
          listener_.OnImage(direction_, ifp.time_ns, ToBytes(data));
        }
        break;
      }
      case IfpFieldType::kOther:
        break;
    }
  }
}

void T38Reader::EndFrame(int64_t time_ns, bool intact) {
  if (intact && !is_cut_ && !frame_.empty()) {
    listener_.OnFrame(direction_, time_ns, ToBytes(frame_));
  }
  frame_.clear();
  is_cut_ = false;
}

}  // namespace callbraid::collector
