#include "collector/record/tone_listener.h"

// After cstdint, which they need, and each before what needs it.
#include <spandsp/telephony.h>
//
#include <spandsp/fast_convert.h>
//
#include <spandsp/logging.h>
//
#include <spandsp/complex.h>
//
#include <spandsp/vector_float.h>
//
#include <spandsp/tone_detect.h>
//
#include <spandsp/tone_generate.h>
//
#include <spandsp/super_tone_rx.h>
//
#include <spandsp/dtmf.h>
//
#include <spandsp/async.h>
//
#include <spandsp/fsk.h>
//
#include <spandsp/modem_connect_tones.h>

#include <algorithm>
#include <utility>

namespace callbraid::collector {
namespace {

constexpr int64_t kSamplesPerMs = 8;
// The smallest piece that a report is timed by.
constexpr size_t kFaxPiece = 80;

const char* NameOf(int tone) {
  switch (tone) {
    case MODEM_CONNECT_TONES_FAX_CNG:
      return "CNG";
    case MODEM_CONNECT_TONES_ANS:
      return "ANS";
    case MODEM_CONNECT_TONES_ANS_PR:
      return "/ANS";
    case MODEM_CONNECT_TONES_ANSAM:
      return "ANSam";
    case MODEM_CONNECT_TONES_ANSAM_PR:
      return "/ANSam";
    default:
      return "";
  }
}

}  // namespace

struct KeyListener::State {
  dtmf_rx_state_t* rx = dtmf_rx_init(nullptr, nullptr, nullptr);
  ~State() { dtmf_rx_free(rx); }
};

KeyListener::KeyListener() : state_(std::make_unique<State>()) {
  dtmf_rx_set_realtime_callback(state_->rx, &Report, this);
}

KeyListener::~KeyListener() = default;

void KeyListener::Listen(std::span<const int16_t> pcm) {
  while (!pcm.empty()) {
    // Block by block, so that a change can be timed.
    const auto piece = pcm.first(std::min(pcm.size(), kBlock - in_block_));
    heard_ += static_cast<int64_t>(piece.size());
    in_block_ = (in_block_ + piece.size()) % kBlock;
    dtmf_rx(state_->rx, piece.data(), static_cast<int>(piece.size()));
    pcm = pcm.subspan(piece.size());
  }
}

std::vector<HeardTone> KeyListener::Take() { return std::exchange(over_, {}); }

void KeyListener::Report(void* self, int code, int, int) {
  static_cast<KeyListener*>(self)->Change(code);
}

// A change is confirmed by a second block.
void KeyListener::Change(int code) {
  constexpr int64_t kConfirm = 2 * kBlock;
  if (current_) {
    current_->end = heard_ - kConfirm;
    over_.push_back(*std::exchange(current_, std::nullopt));
  }
  if (code != 0) {
    current_ = HeardTone{std::string(1, static_cast<char>(code)),
                         std::max<int64_t>(0, heard_ - kConfirm), 0};
  }
}

struct FaxListener::State {
  modem_connect_tones_rx_state_t* calling = nullptr;
  modem_connect_tones_rx_state_t* answering = nullptr;
  ~State() {
    modem_connect_tones_rx_free(calling);
    modem_connect_tones_rx_free(answering);
  }
};

FaxListener::FaxListener() : state_(std::make_unique<State>()) {
  calling_ = {this, 415 * kSamplesPerMs, std::nullopt};
  answering_ = {this, 550 * kSamplesPerMs, std::nullopt};
  state_->calling = modem_connect_tones_rx_init(
      nullptr, MODEM_CONNECT_TONES_FAX_CNG, &Report, &calling_);
  state_->answering = modem_connect_tones_rx_init(
      nullptr, MODEM_CONNECT_TONES_ANS_PR, &Report, &answering_);
}

FaxListener::~FaxListener() = default;

void FaxListener::Listen(std::span<const int16_t> pcm) {
  while (!pcm.empty()) {
    const auto piece = pcm.first(std::min(pcm.size(), kFaxPiece));
    heard_ += static_cast<int64_t>(piece.size());
    const auto size = static_cast<int>(piece.size());
    modem_connect_tones_rx(state_->calling, piece.data(), size);
    modem_connect_tones_rx(state_->answering, piece.data(), size);
    pcm = pcm.subspan(piece.size());
  }
}

std::vector<HeardTone> FaxListener::Take() { return std::exchange(over_, {}); }

void FaxListener::Report(void* user, int tone, int, int) {
  Ear& ear = *static_cast<Ear*>(user);
  const int64_t now = ear.listener->heard_;
  const std::string name = NameOf(tone);
  if (ear.current && name.empty()) {
    ear.current->end = now;
    ear.listener->over_.push_back(*std::exchange(ear.current, std::nullopt));
  } else if (ear.current) {
    // What it is shows by and by: its phase is reversed after 450 ms.
    ear.current->name = name;
  } else if (!name.empty()) {
    ear.current = HeardTone{name, std::max<int64_t>(0, now - ear.needs), 0};
  }
}

}  // namespace callbraid::collector
