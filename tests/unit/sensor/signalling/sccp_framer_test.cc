#include "sensor/signalling/sccp_framer.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

namespace callbraid::sensor {
namespace {

std::string Message(uint8_t id, size_t body, uint8_t version = 20) {
  std::string bytes;
  bytes += static_cast<char>(4 + body);
  bytes += std::string(3, '\0');
  bytes += static_cast<char>(version);
  bytes += std::string(3, '\0');
  bytes += static_cast<char>(id);
  bytes += std::string(3, '\0');
  return bytes + std::string(body, 'x');
}

class SccpFramerTest : public testing::Test {
 protected:
  void Append(std::string_view bytes) { framer_.Append(bytes, Emit()); }
  MessageFn Emit() { return emit_; }
  uint64_t Count(SignallingDiscard reason) const {
    return counters_.Get(reason);
  }

  SignallingCounters counters_;
  SccpFramer framer_{counters_};
  std::vector<std::string> received_;
  bool truncated_ = false;
  std::function<void(std::string_view, bool)> emit_ =
      [this](std::string_view message, bool truncated) {
        received_.emplace_back(message);
        truncated_ = truncated;
      };
};

TEST_F(SccpFramerTest, CutsASegmentIntoMessages) {
  Append(Message(6, 8) + Message(7, 0) + Message(3, 12));
  EXPECT_EQ(received_, (std::vector<std::string>{Message(6, 8), Message(7, 0),
                                                 Message(3, 12)}));
  EXPECT_EQ(framer_.bytes(), 0u);
}

TEST_F(SccpFramerTest, WaitsForTheRestOfAMessage) {
  const std::string bytes = Message(6, 100) + Message(7, 8);
  for (const char byte : bytes) Append({&byte, 1});
  EXPECT_EQ(received_,
            (std::vector<std::string>{Message(6, 100), Message(7, 8)}));
}

TEST_F(SccpFramerTest, CountsKeepAlives) {
  Append(Message(0, 0, 0) + Message(6, 8));
  EXPECT_EQ(received_.size(), 1u);
  EXPECT_EQ(Count(SignallingDiscard::kSccpKeepAlive), 1u);
}

TEST_F(SccpFramerTest, FindsItsPlaceWhereASegmentBeginsWithAMessage) {
  Append(Message(6, 100).substr(40));
  EXPECT_EQ(Count(SignallingDiscard::kSccpSkipped), 72u);
  Append(Message(7, 8));
  EXPECT_EQ(received_, std::vector<std::string>{Message(7, 8)});
}

TEST_F(SccpFramerTest, EmitsWhatCameOfAMessageBeforeAGap) {
  Append(Message(6, 100).substr(0, 50));
  framer_.Break(Emit());
  EXPECT_EQ(received_, std::vector<std::string>{Message(6, 100).substr(0, 50)});
  EXPECT_TRUE(truncated_);
  Append(Message(7, 8));
  EXPECT_EQ(received_.size(), 2u);
}

TEST_F(SccpFramerTest, BelievesNoHeaderThatMakesNoSense) {
  for (const std::string& bytes :
       {std::string(40, '\xff'), std::string(40, '\0'),
        Message(6, 8, /*version=*/23),
        std::string("\x04\0\1\0\x14\0\0\0\6\0\0\0", 12)}) {
    Append(bytes);
    EXPECT_TRUE(received_.empty());
    EXPECT_EQ(framer_.bytes(), 0u);
  }
}

}  // namespace
}  // namespace callbraid::sensor
