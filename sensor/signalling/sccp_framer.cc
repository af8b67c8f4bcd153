#include "sensor/signalling/sccp_framer.h"

#include "common/sccp/sccp_message.h"

namespace callbraid::sensor {
namespace {

bool IsSccpKeepAlive(const SccpHeader& header) {
  const auto id = static_cast<SccpId>(header.id);
  return id == SccpId::kKeepAlive || id == SccpId::kKeepAliveAck;
}

}  // namespace

void SccpFramer::Append(std::string_view bytes, MessageFn emit) {
  buffer_.append(bytes);
  std::string_view rest = buffer_;
  while (rest.size() >= kSccpHeaderBytes) {
    const auto header = ReadSccpHeader(rest);
    if (!header) {
      // Not in step: the next segment may begin with a message.
      counters_.Count(SignallingDiscard::kSccpSkipped, rest.size());
      rest = {};
      break;
    }
    if (rest.size() < header->size) break;
    if (IsSccpKeepAlive(*header)) {
      counters_.Count(SignallingDiscard::kSccpKeepAlive);
    } else {
      emit(rest.substr(0, header->size), /*truncated=*/false);
    }
    rest.remove_prefix(header->size);
  }
  buffer_.erase(0, buffer_.size() - rest.size());
}

void SccpFramer::Break(MessageFn emit) {
  const auto header = ReadSccpHeader(buffer_);
  if (header && !IsSccpKeepAlive(*header)) {
    emit(buffer_, /*truncated=*/true);
    buffer_.clear();
  }
  Reset();
}

void SccpFramer::Reset() {
  if (!buffer_.empty()) {
    counters_.Count(SignallingDiscard::kSccpSkipped, buffer_.size());
  }
  buffer_.clear();
}

}  // namespace callbraid::sensor
