#ifndef CALLBRAID_COLLECTOR_FAX_T30_LISTENER_H_
#define CALLBRAID_COLLECTOR_FAX_T30_LISTENER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "collector/fax/t30_frame.h"

namespace callbraid::collector {

// A page as it was sent.
struct CodedPage {
  int64_t time_ns = 0;
  PageFormat format;
  // Its code, the bit that was sent first lowest in each byte: in one piece, or
  // cut where something is missing.
  std::vector<std::string> pieces;
  // Nothing is missing.
  bool whole = false;
  // The receiver confirmed it.
  bool confirmed = false;
};

// What one station sent to the other in a session.
struct CodedFax {
  int64_t begin_ns = 0;
  int64_t end_ns = 0;
  // Index of the direction in which pages were sent.
  int sender = 0;
  std::string sender_id;
  std::string receiver_id;
  PageFormat format;
  std::vector<CodedPage> pages;
  // The sender said that the last page was the last (EOP).
  bool ended = false;
};

// Follows a session of T.30 between two stations without being one of them:
// from the signals of both directions, or of one, it has the pages that were
// sent.
//
// What it cannot see it does not need: in error correction mode, what belongs
// to a block is told by the signal after it (PPS), which has the number of page
// and block; without it, a page is what a post-message command follows, and
// training (TCF) is what none does. Pages whose setup (DCS) was not seen are
// left out.
//
// Bounded: 1,000 pages and 32 MiB of code in all; what is more is dropped, and
// the page not whole. One thread.
class T30Listener {
 public:
  // `direction`: 0 or 1. Times in ns, not before what was told earlier.
  //
  // The signal of an image modem begins.
  void OnTraining(int direction);
  // An HDLC frame that is not damaged; see T30Frame.
  void OnFrame(int direction, int64_t time_ns, std::span<const uint8_t> frame);
  // Data of an image modem outside of error correction mode; the bit that was
  // sent first is the lowest of its byte.
  void OnImage(int direction, int64_t time_ns, std::span<const uint8_t> data);
  // Something is missing here.
  void OnLoss(int direction);

  // Nothing follows. Those without a DCS are none.
  std::vector<CodedFax> Finish();

 private:
  // A block of a page in error correction mode, by number of frame.
  struct Block {
    uint8_t number = 0;
    size_t frames = 0;
    std::map<uint8_t, std::string> received;
  };
  // The page under way, or the last one, in error correction mode.
  struct EcmPage {
    uint8_t number = 0;
    int64_t time_ns = 0;
    PageFormat format;
    std::vector<Block> blocks;
    // The post-message command came: what follows is the next page.
    bool closed = false;
    bool confirmed = false;
  };
  struct Station {
    std::string id;
    std::optional<PageFormat> format;
    // Since the signal began; without error correction.
    std::vector<std::string> image;
    int64_t image_ns = 0;
    bool image_damaged = false;
    // The next data come after a gap.
    bool gap = false;
    // Since the last PPS.
    std::map<uint8_t, std::string> frames;
    int64_t frames_ns = 0;
    std::optional<EcmPage> page;
  };

  CodedFax& FaxOf(int direction, int64_t time_ns);
  CodedFax* Current(int direction);
  void Command(int direction, int64_t time_ns, const T30Frame& frame);
  void Respond(int direction, uint8_t control);
  void Setup(int direction, int64_t time_ns, const PageFormat& format);
  void EndImage(int direction, int64_t time_ns, uint8_t command);
  void TakeEcmFrame(int direction, int64_t time_ns,
                    std::span<const uint8_t> information);
  void EndBlock(int direction, int64_t time_ns,
                std::span<const uint8_t> information);
  void DropImage(int direction);
  void CommitEcmPage(int direction);
  void AddPage(int direction, CodedPage page);
  bool MayKeep(size_t bytes);

  std::array<Station, 2> stations_;
  std::vector<CodedFax> faxes_;
  // A session is under way: the last of them goes on.
  bool in_session_ = false;
  size_t kept_bytes_ = 0;
  size_t pages_ = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_FAX_T30_LISTENER_H_
