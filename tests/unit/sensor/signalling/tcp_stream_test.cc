#include "sensor/signalling/tcp_stream.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

namespace callbraid::sensor {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

std::string Message(std::string_view id, size_t body = 0) {
  return "INFO sip:101@10.0.0.2 SIP/2.0\r\nCall-ID: " + std::string(id) +
         "\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCSeq: 1 INFO\r\n"
         "Content-Length: " +
         std::to_string(body) + "\r\n\r\n" + std::string(body, 'x');
}

struct Flags {
  bool syn = false;
  bool fin = false;
  bool rst = false;
  bool truncated = false;
};

class TcpStreamTest : public testing::Test {
 protected:
  struct Received {
    int64_t time_ns;
    std::string message;
    bool truncated;
  };

  void Segment(uint32_t sequence, std::string_view bytes, Flags flags = {}) {
    Datagram segment;
    segment.time_ns = ++time_ns_;
    segment.protocol = Protocol::kTcp;
    segment.payload = {reinterpret_cast<const uint8_t*>(bytes.data()),
                       bytes.size()};
    segment.tcp_sequence = sequence;
    segment.tcp_syn = flags.syn;
    segment.tcp_fin = flags.fin;
    segment.tcp_rst = flags.rst;
    segment.truncated = flags.truncated;
    stream_.OnSegment(segment, now_ns_, Collect());
  }
  void Tick(int64_t now_ns) {
    now_ns_ = now_ns;
    stream_.OnTick(now_ns, Collect());
  }
  StreamMessageFn Collect() { return collect_; }
  std::vector<std::string> Whole() const {
    std::vector<std::string> whole;
    for (const Received& received : received_) {
      if (!received.truncated) whole.push_back(received.message);
    }
    return whole;
  }

  std::vector<Received> received_;
  std::function<void(int64_t, std::string_view, bool)> collect_ =
      [this](int64_t time_ns, std::string_view message, bool truncated) {
        received_.push_back({time_ns, std::string(message), truncated});
      };
  int64_t time_ns_ = 0;
  int64_t now_ns_ = 0;
  SignallingCounters counters_;
  TcpStream stream_{counters_, BinaryProtocol::kNone};
};

TEST_F(TcpStreamTest, PutsSegmentsInOrder) {
  const std::string message = Message("1", 1000);
  const std::string_view all = message;
  Segment(99, "", {.syn = true});
  Segment(700, all.substr(600));
  Segment(400, all.substr(300, 300));
  EXPECT_TRUE(received_.empty());
  Segment(100, all.substr(0, 300));
  ASSERT_EQ(Whole(), std::vector<std::string>{message});
  EXPECT_EQ(stream_.bytes(), 0u);
}

TEST_F(TcpStreamTest, DropsWhatWasSentAgain) {
  const std::string message = Message("1", 1000);
  const std::string_view all = message;
  Segment(100, all.substr(0, 600));
  Segment(100, all.substr(0, 600));
  Segment(400, all.substr(300, 500));  // Overlaps.
  Segment(700, all.substr(600));
  Segment(700, all.substr(600));
  EXPECT_EQ(Whole(), std::vector<std::string>{message});
}

TEST_F(TcpStreamTest, FollowsTheWrapOfSequenceNumbers) {
  const std::string message = Message("1", 1000);
  const std::string_view all = message;
  Segment(0xffffff00, all.substr(0, 600));
  Segment(0xffffff00u + 600u, all.substr(600));
  EXPECT_EQ(Whole(), std::vector<std::string>{message});
}

// The greatest distance that there is, either way.
TEST_F(TcpStreamTest, TakesHalfTheNumbersOffForAnotherConnection) {
  Segment(100, Message("1"));
  const auto next = static_cast<uint32_t>(100 + Message("1").size());
  Segment(next + 0x80000000u, Message("2"));
  EXPECT_EQ(Whole(), (std::vector<std::string>{Message("1"), Message("2")}));
}

TEST_F(TcpStreamTest, GivesAMessageTheTimeOfTheSegmentThatCompletedIt) {
  const std::string message = Message("1", 1000);
  const std::string_view all = message;
  Segment(100, all.substr(0, 600));
  Segment(700, all.substr(600));
  ASSERT_EQ(received_.size(), 1u);
  EXPECT_EQ(received_[0].time_ns, 2);
}

TEST_F(TcpStreamTest, JoinsInMidStream) {
  Segment(5000, "dy of something\r\n" + Message("1"));
  EXPECT_EQ(Whole(), std::vector<std::string>{Message("1")});
}

TEST_F(TcpStreamTest, GoesOnBehindAGapAfterAWhile) {
  const std::string first = Message("1", 1000);
  Segment(100, std::string_view(first).substr(0, 600));
  const std::string next = "xxx\r\n" + Message("2");
  Segment(5000, next);
  Tick(2 * kSecond);
  EXPECT_TRUE(received_.empty());
  Tick(4 * kSecond);
  ASSERT_EQ(received_.size(), 2u);
  EXPECT_TRUE(received_[0].truncated);
  EXPECT_EQ(received_[1].message, Message("2"));
  EXPECT_EQ(counters_.Get(SignallingDiscard::kSipTcpGap), 1u);
}

TEST_F(TcpStreamTest, HoldsABoundedNumberOfSegments) {
  Segment(100, Message("1"));
  uint32_t sequence = 2000;
  for (int i = 0; i < 1000; ++i) {
    Segment(sequence, std::string(1000, 'x'));
    sequence += 1001;  // A gap before each.
    ASSERT_LT(stream_.bytes(), 140'000u);
  }
}

TEST_F(TcpStreamTest, TakesAFarSequenceNumberForAnotherConnection) {
  Segment(100, Message("1"));
  Segment(2'000'000'000, Message("2"));
  EXPECT_EQ(Whole().size(), 2u);
}

TEST_F(TcpStreamTest, TakesASynForAnotherConnection) {
  Segment(100, Message("1"));
  Segment(5000, "", {.syn = true});
  Segment(5001, Message("2"));
  EXPECT_EQ(Whole().size(), 2u);
}

TEST_F(TcpStreamTest, MarksAMessageThatTheCaptureCut) {
  const std::string message = Message("1", 1000);
  Segment(100, std::string_view(message).substr(0, 300), {.truncated = true});
  ASSERT_EQ(received_.size(), 1u);
  EXPECT_TRUE(received_[0].truncated);
}

TEST_F(TcpStreamTest, EndsWithAFinWhenAllWasSeen) {
  const std::string message = Message("1", 1000);
  const std::string_view all = message;
  Segment(100, all.substr(0, 600));
  Segment(100 + static_cast<uint32_t>(message.size()), "", {.fin = true});
  EXPECT_FALSE(stream_.finished());  // It has overtaken the rest.
  Segment(700, all.substr(600));
  Segment(100 + static_cast<uint32_t>(message.size()), "", {.fin = true});
  EXPECT_TRUE(stream_.finished());
  EXPECT_EQ(Whole().size(), 1u);
}

}  // namespace
}  // namespace callbraid::sensor
