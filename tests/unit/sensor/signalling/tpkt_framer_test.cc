#include "sensor/signalling/tpkt_framer.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

namespace callbraid::sensor {
namespace {

std::string Message(size_t body) {
  const std::string size = {static_cast<char>((body + 4) >> 8),
                            static_cast<char>((body + 4) & 0xff)};
  return std::string("\x03\0", 2) + size + std::string(body, 'x');
}

class TpktFramerTest : public testing::Test {
 protected:
  void Append(std::string_view bytes) { framer_.Append(bytes, emit_); }
  uint64_t Count(SignallingDiscard reason) const {
    return counters_.Get(reason);
  }

  SignallingCounters counters_;
  TpktFramer framer_{counters_};
  std::vector<std::string> received_;
  bool truncated_ = false;
  std::function<void(std::string_view, bool)> emit_ =
      [this](std::string_view message, bool truncated) {
        received_.emplace_back(message);
        truncated_ = truncated;
      };
};

TEST_F(TpktFramerTest, CutsASegmentIntoMessages) {
  Append(Message(8) + Message(300) + Message(1));
  EXPECT_EQ(received_,
            (std::vector<std::string>{Message(8), Message(300), Message(1)}));
  EXPECT_EQ(framer_.bytes(), 0u);
}

TEST_F(TpktFramerTest, WaitsForTheRestOfAMessage) {
  for (const char byte : Message(100) + Message(8)) Append({&byte, 1});
  EXPECT_EQ(received_, (std::vector<std::string>{Message(100), Message(8)}));
}

TEST_F(TpktFramerTest, CountsKeepAlives) {
  Append(Message(0) + Message(6));
  EXPECT_EQ(received_.size(), 1u);
  EXPECT_EQ(Count(SignallingDiscard::kH323KeepAlive), 1u);
}

TEST_F(TpktFramerTest, FindsItsPlaceWhereASegmentBeginsWithAMessage) {
  Append(Message(100).substr(40));
  EXPECT_EQ(Count(SignallingDiscard::kH323Skipped), 64u);
  Append(Message(8));
  EXPECT_EQ(received_, std::vector<std::string>{Message(8)});
}

TEST_F(TpktFramerTest, EmitsWhatCameOfAMessageBeforeAGap) {
  Append(Message(100).substr(0, 50));
  framer_.Break(emit_);
  EXPECT_EQ(received_, std::vector<std::string>{Message(100).substr(0, 50)});
  EXPECT_TRUE(truncated_);
  Append(Message(8));
  EXPECT_EQ(received_.size(), 2u);
  EXPECT_FALSE(truncated_);
}

TEST_F(TpktFramerTest, EmitsNoHeaderAlone) {
  Append(Message(100).substr(0, 4));
  framer_.Break(emit_);
  EXPECT_TRUE(received_.empty());
  EXPECT_EQ(Count(SignallingDiscard::kH323Skipped), 4u);
}

TEST_F(TpktFramerTest, HoldsNoMoreThanOneMessage) {
  const std::string longest = Message(65'531);
  for (size_t at = 0; at < longest.size(); at += 1000) {
    Append(std::string_view(longest).substr(at, 1000));
    EXPECT_LE(framer_.bytes(), longest.size());
  }
  EXPECT_EQ(received_, std::vector<std::string>{longest});
}

}  // namespace
}  // namespace callbraid::sensor
