#include "collector/fax/modem_reader.h"

#include <spandsp.h>

namespace callbraid::collector {
namespace {

using Modem = PageFormat::Modem;

// Flags in a row that make HDLC.
constexpr int kFlags = 2;
// Image data are handed on in such pieces.
constexpr size_t kPieceBytes = 256;

template <auto kFree>
struct Free {
  template <typename State>
  void operator()(State* state) const {
    kFree(state);
  }
};

template <typename State, auto kFree>
using Owned = std::unique_ptr<State, Free<kFree>>;

}  // namespace

// Made anew where a modem begins: then it listens for its long training.
struct ModemReader::Receivers {
  Owned<hdlc_rx_state_t, hdlc_rx_free> signalling_frames;
  Owned<fsk_rx_state_t, fsk_rx_free> signalling;
  Owned<hdlc_rx_state_t, hdlc_rx_free> image_frames;
  Owned<v27ter_rx_state_t, v27ter_rx_free> v27ter;
  Owned<v29_rx_state_t, v29_rx_free> v29;
  Owned<v17_rx_state_t, v17_rx_free> v17;

  void Begin(const PageFormat& format, ModemReader* reader) {
    v27ter.reset();
    v29.reset();
    v17.reset();
    image_frames.reset(hdlc_rx_init(nullptr, FALSE, FALSE, kFlags,
                                    ModemReader::OnImageFrame, reader));
    const auto rate = static_cast<int>(format.bit_rate);
    const put_bit_func_t on_bit = ModemReader::OnImageBit;
    switch (format.modem) {
      case Modem::kV27ter:
        v27ter.reset(v27ter_rx_init(nullptr, rate, on_bit, reader));
        break;
      case Modem::kV29:
        v29.reset(v29_rx_init(nullptr, rate, on_bit, reader));
        break;
      case Modem::kV17:
        v17.reset(v17_rx_init(nullptr, rate, on_bit, reader));
        break;
      case Modem::kUnknown:
        break;
    }
  }
};

ModemReader::ModemReader(T30Listener& listener, int direction)
    : listener_(listener),
      direction_(direction),
      receivers_(std::make_unique<Receivers>()) {
  Receivers& receivers = *receivers_;
  receivers.signalling_frames.reset(
      hdlc_rx_init(nullptr, FALSE, FALSE, kFlags, OnSignallingFrame, this));
  receivers.signalling.reset(fsk_rx_init(
      nullptr, &preset_fsk_specs[FSK_V21CH2], FSK_FRAME_MODE_SYNC,
      [](void* frames, int bit) {
        hdlc_rx_put_bit(static_cast<hdlc_rx_state_t*>(frames), bit);
      },
      receivers.signalling_frames.get()));
}

ModemReader::~ModemReader() = default;

void ModemReader::Hear(int64_t time_ns, std::span<const int16_t> samples) {
  time_ns_ = time_ns;
  const auto count = static_cast<int>(samples.size());
  fsk_rx(receivers_->signalling.get(), samples.data(), count);
  if (receivers_->v27ter != nullptr) {
    v27ter_rx(receivers_->v27ter.get(), samples.data(), count);
  } else if (receivers_->v29 != nullptr) {
    v29_rx(receivers_->v29.get(), samples.data(), count);
  } else if (receivers_->v17 != nullptr) {
    v17_rx(receivers_->v17.get(), samples.data(), count);
  }
}

// Statuses have sizes below zero.
void ModemReader::OnSignallingFrame(void* reader, const uint8_t* frame,
                                    int size, int intact) {
  if (size <= 0 || !intact) return;
  static_cast<ModemReader*>(reader)->OnSignallingFrame(
      {frame, static_cast<size_t>(size)});
}

void ModemReader::OnSignallingFrame(std::span<const uint8_t> frame) {
  // The image modem is through with what it had to say.
  EndImage();
  listener_.OnFrame(direction_, time_ns_, frame);
  const auto read = ReadT30Frame(frame);
  if (!read || read->control != T30_DCS) return;
  format_ = ReadDcs(read->information);
  is_trained_ = false;
  receivers_->Begin(format_, this);
}

void ModemReader::OnImageFrame(void* reader, const uint8_t* frame, int size,
                               int intact) {
  if (size <= 0 || !intact) return;
  auto& self = *static_cast<ModemReader*>(reader);
  self.listener_.OnFrame(self.direction_, self.time_ns_,
                         {frame, static_cast<size_t>(size)});
}

void ModemReader::OnImageBit(void* reader, int bit) {
  auto& self = *static_cast<ModemReader*>(reader);
  if (bit < 0) {
    self.OnImageStatus(bit);
  } else {
    self.OnImageBit(bit);
  }
}

// The training check before a page in error correction mode is no HDLC.
void ModemReader::OnImageBit(int bit) {
  if (format_.ecm) {
    hdlc_rx_put_bit(receivers_->image_frames.get(), bit);
    return;
  }
  bits_ |= static_cast<uint32_t>(bit & 1) << bit_count_;
  if (++bit_count_ < 8) return;
  image_.push_back(static_cast<char>(bits_));
  bits_ = 0;
  bit_count_ = 0;
  if (image_.size() >= kPieceBytes) EndImage();
}

void ModemReader::OnImageStatus(int status) {
  switch (status) {
    case SIG_STATUS_TRAINING_SUCCEEDED:
      is_trained_ = true;
      listener_.OnTraining(direction_);
      if (format_.ecm) hdlc_rx_restart(receivers_->image_frames.get());
      image_.clear();
      bits_ = 0;
      bit_count_ = 0;
      break;
    case SIG_STATUS_CARRIER_DOWN:
      EndImage();
      // What follows the first training trains shortly; what is none, as V.21,
      // ends like this too.
      if (receivers_->v17 != nullptr) {
        v17_rx_restart(receivers_->v17.get(),
                       static_cast<int>(format_.bit_rate),
                       is_trained_ ? TRUE : FALSE);
      }
      break;
    default:
      break;
  }
}

void ModemReader::EndImage() {
  if (image_.empty()) return;
  listener_.OnImage(
      direction_, time_ns_,
      {reinterpret_cast<const uint8_t*>(image_.data()), image_.size()});
  image_.clear();
}

}  // namespace callbraid::collector
