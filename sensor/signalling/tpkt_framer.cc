#include "sensor/signalling/tpkt_framer.h"

#include "common/h323/tpkt.h"

namespace callbraid::sensor {

void TpktFramer::Append(std::string_view bytes, MessageFn emit) {
  buffer_.append(bytes);
  std::string_view rest = buffer_;
  while (rest.size() >= kTpktHeaderBytes) {
    const auto size = ReadTpktSize(rest);
    if (!size) {
      // Not in step: the next segment may begin with a message.
      counters_.Count(SignallingDiscard::kH323Skipped, rest.size());
      rest = {};
      break;
    }
    if (rest.size() < *size) break;
    if (*size == kTpktHeaderBytes) {
      counters_.Count(SignallingDiscard::kH323KeepAlive);
    } else {
      emit(rest.substr(0, *size), /*truncated=*/false);
    }
    rest.remove_prefix(*size);
  }
  buffer_.erase(0, buffer_.size() - rest.size());
}

void TpktFramer::Break(MessageFn emit) {
  if (buffer_.size() > kTpktHeaderBytes) {
    emit(buffer_, /*truncated=*/true);
    buffer_.clear();
  }
  Reset();
}

void TpktFramer::Reset() {
  if (!buffer_.empty()) {
    counters_.Count(SignallingDiscard::kH323Skipped, buffer_.size());
  }
  buffer_.clear();
}

}  // namespace callbraid::sensor
