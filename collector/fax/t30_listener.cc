#include "collector/fax/t30_listener.h"

#include <spandsp/t30_fcf.h>

#include <algorithm>
#include <utility>

namespace callbraid::collector {
namespace {

constexpr size_t kMaxPages = 1000;
constexpr size_t kMaxCodeBytes = size_t{32} << 20;
// A page has up to 256 blocks; one of 64 KiB each holds more than any paper.
constexpr size_t kMaxBlocks = 256;
// Stretches between gaps, of one page.
constexpr size_t kMaxPieces = 4096;

constexpr uint8_t kSenderBit = 0x01;

std::string ToString(std::span<const uint8_t> bytes) {
  return {bytes.begin(), bytes.end()};
}

bool IsEnd(uint8_t command) {
  return command == T30_EOP || command == T30_PRI_EOP;
}

}  // namespace

bool T30Listener::MayKeep(size_t bytes) {
  if (kept_bytes_ + bytes > kMaxCodeBytes) return false;
  kept_bytes_ += bytes;
  return true;
}

void T30Listener::OnTraining(int direction) {
  Station& station = stations_[direction];
  // What no command followed was a training check.
  DropImage(direction);
  station.image_damaged = station.gap = false;
}

void T30Listener::DropImage(int direction) {
  Station& station = stations_[direction];
  for (const std::string& piece : station.image) kept_bytes_ -= piece.size();
  station.image.clear();
}

void T30Listener::OnLoss(int direction) {
  stations_[direction].image_damaged = stations_[direction].gap = true;
}

void T30Listener::OnImage(int direction, int64_t time_ns,
                          std::span<const uint8_t> data) {
  Station& station = stations_[direction];
  const bool begins = station.image.empty();
  if (begins) station.image_ns = time_ns;
  if (!MayKeep(data.size()) || station.image.size() >= kMaxPieces) {
    station.image_damaged = true;
    return;
  }
  if (begins || std::exchange(station.gap, false)) station.image.emplace_back();
  station.image.back().append(data.begin(), data.end());
}

void T30Listener::OnFrame(int direction, int64_t time_ns,
                          std::span<const uint8_t> bytes) {
  const auto frame = ReadT30Frame(bytes);
  if (!frame) return;
  Station& station = stations_[direction];
  switch (frame->control) {
    case T4_FCD:
      TakeEcmFrame(direction, time_ns, frame->information);
      return;
    case T4_RCP:
      return;
    case T30_CSI:  // And CIG.
    case T30_TSI:
      station.id = ReadStation(frame->information);
      break;
    case T30_DCS:
      Setup(direction, time_ns, ReadDcs(frame->information));
      break;
    case T30_DCN:
      in_session_ = false;
      break;
    default:
      Command(direction, time_ns, *frame);
      Respond(1 - direction, frame->control);
      break;
  }
  if (faxes_.empty()) return;
  CodedFax& fax = faxes_.back();
  fax.end_ns = std::max(fax.end_ns, time_ns);
  fax.sender_id = stations_[fax.sender].id;
  fax.receiver_id = stations_[1 - fax.sender].id;
}

// Null unless a session is under way in which `direction` sends.
CodedFax* T30Listener::Current(int direction) {
  if (faxes_.empty() || faxes_.back().sender != direction) return nullptr;
  return &faxes_.back();
}

// The beginning of a session, its going on with other settings, or pages in the
// other direction.
void T30Listener::Setup(int direction, int64_t time_ns,
                        const PageFormat& format) {
  Station& station = stations_[direction];
  DropImage(direction);
  if (station.page && station.page->closed) CommitEcmPage(direction);
  station.format = format;
  CodedFax* fax = Current(direction);
  if (fax == nullptr || !in_session_) {
    for (int i = 0; i < 2; ++i) CommitEcmPage(i);
    fax = &faxes_.emplace_back();
    fax->begin_ns = time_ns;
    fax->sender = direction;
    in_session_ = true;
  }
  fax->format = format;
}

// To the receiver.
void T30Listener::Command(int direction, int64_t time_ns,
                          const T30Frame& frame) {
  switch (frame.control) {
    case T30_MPS:
    case T30_PRI_MPS:
    case T30_EOM:
    case T30_PRI_EOM:
    case T30_EOP:
    case T30_PRI_EOP:
      EndImage(direction, time_ns, frame.control);
      break;
    case T30_PPS:
      EndBlock(direction, time_ns, frame.information);
      break;
    default:
      break;
  }
}

// To `sender`, by the other station.
void T30Listener::Respond(int sender, uint8_t control) {
  Station& station = stations_[sender];
  CodedFax* fax = Current(sender);
  switch (control) {
    case T30_CFR:
    case T30_FTT:
      DropImage(sender);
      break;
    case T30_MCF:
    case T30_RTP:
      if (station.page) {
        station.page->confirmed = station.page->closed;
      } else if (fax != nullptr && !fax->pages.empty()) {
        fax->pages.back().confirmed = true;
      }
      break;
    default:
      break;
  }
}

void T30Listener::EndImage(int direction, int64_t time_ns, uint8_t command) {
  Station& station = stations_[direction];
  CodedFax* fax = Current(direction);
  if (fax == nullptr || !station.format) return;
  fax->ended = IsEnd(command);
  // Said again.
  if (station.image.empty()) return;
  CommitEcmPage(direction);
  CodedPage page;
  page.time_ns = station.image_ns;
  page.format = *station.format;
  page.pieces = std::move(station.image);
  page.whole = !std::exchange(station.image_damaged, false);
  station.image.clear();
  fax->end_ns = std::max(fax->end_ns, time_ns);
  AddPage(direction, std::move(page));
}

void T30Listener::TakeEcmFrame(int direction, int64_t time_ns,
                               std::span<const uint8_t> information) {
  Station& station = stations_[direction];
  if (information.empty() || !station.format) return;
  const auto data = information.subspan(1);
  if (data.size() > station.format->ecm_frame_bytes) return;
  if (station.frames.empty()) station.frames_ns = time_ns;
  std::string& frame = station.frames[information[0]];
  if (data.size() > frame.size() && !MayKeep(data.size() - frame.size())) {
    return;
  }
  frame = ToString(data);
}

//  command behind it:1 page:1 block:1 frames - 1:1
void T30Listener::EndBlock(int direction, int64_t time_ns,
                           std::span<const uint8_t> information) {
  Station& station = stations_[direction];
  CodedFax* fax = Current(direction);
  if (information.size() < 4 || fax == nullptr || !station.format) return;
  const auto command = static_cast<uint8_t>(information[0] & ~kSenderBit);
  const uint8_t page = information[1];
  const uint8_t number = information[2];
  const size_t frames = size_t{information[3]} + 1;
  const bool again = station.page && station.page->number == page &&
                     station.page->blocks.back().number == number;
  if (!again) {
    if (station.page &&
        (station.page->closed || station.page->number != page)) {
      CommitEcmPage(direction);
    }
    if (!station.page) {
      EcmPage begun;
      begun.number = page;
      begun.time_ns = station.frames.empty() ? time_ns : station.frames_ns;
      begun.format = *station.format;
      station.page = std::move(begun);
    }
    if (station.page->blocks.size() >= kMaxBlocks) return;
    station.page->blocks.emplace_back().number = number;
  }
  Block& block = station.page->blocks.back();
  block.frames = std::max(block.frames, frames);
  for (auto& [index, data] : station.frames) {
    if (index < frames) block.received[index] = std::move(data);
  }
  station.frames.clear();
  station.page->closed = command != T30_NULL;
  fax->ended = IsEnd(command);
}

// Frames that are missing cut it.
void T30Listener::CommitEcmPage(int direction) {
  Station& station = stations_[direction];
  if (!station.page) return;
  CodedPage page;
  page.time_ns = station.page->time_ns;
  page.format = station.page->format;
  page.confirmed = station.page->confirmed;
  page.whole = station.page->closed;
  bool gap = true;
  for (Block& block : station.page->blocks) {
    for (size_t i = 0; i < block.frames; ++i) {
      const auto frame = block.received.find(static_cast<uint8_t>(i));
      if (frame == block.received.end()) {
        page.whole = false;
        gap = true;
        continue;
      }
      if (std::exchange(gap, false)) page.pieces.emplace_back();
      page.pieces.back().append(frame->second);
    }
  }
  station.page.reset();
  AddPage(direction, std::move(page));
}

void T30Listener::AddPage(int direction, CodedPage page) {
  // The last fax in that direction; a page is older than what came after it.
  const auto fax = std::find_if(
      faxes_.rbegin(), faxes_.rend(),
      [direction](const CodedFax& f) { return f.sender == direction; });
  if (fax == faxes_.rend() || pages_ >= kMaxPages) return;
  ++pages_;
  fax->pages.push_back(std::move(page));
}

std::vector<CodedFax> T30Listener::Finish() {
  for (int direction = 0; direction < 2; ++direction) {
    CommitEcmPage(direction);
    Station& station = stations_[direction];
    CodedFax* fax = Current(direction);
    if (fax == nullptr || !station.format) continue;
    // Broken off in the middle of a page: training is shorter than any.
    CodedPage page;
    page.format = *station.format;
    if (!station.frames.empty()) {
      page.time_ns = station.frames_ns;
      page.pieces.emplace_back();
      for (auto& [index, data] : station.frames) {
        page.pieces.back().append(data);
      }
    } else {
      page.time_ns = station.image_ns;
      page.pieces = std::move(station.image);
    }
    const bool is_zero = std::all_of(
        page.pieces.begin(), page.pieces.end(), [](const std::string& piece) {
          return piece.find_first_not_of('\0') == std::string::npos;
        });
    if (!is_zero) AddPage(direction, std::move(page));
  }
  return std::move(faxes_);
}

}  // namespace callbraid::collector
