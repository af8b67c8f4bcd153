#include "sensor/signalling/sip_framer.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "sensor/signalling/message_sink.h"

namespace callbraid::sensor {
namespace {

std::string Message(std::string_view id, std::string_view body = "") {
  return "INFO sip:101@10.0.0.2 SIP/2.0\r\nCall-ID: " + std::string(id) +
         "\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCSeq: 1 INFO\r\n"
         "Content-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

class SipFramerTest : public testing::Test {
 protected:
  void Append(std::string_view bytes) {
    framer_.Append(bytes, [this](std::string_view message, bool truncated) {
      messages_.emplace_back(message, truncated);
    });
  }
  void Break() {
    framer_.Break([this](std::string_view message, bool truncated) {
      messages_.emplace_back(message, truncated);
    });
  }
  std::vector<std::string> Whole() const {
    std::vector<std::string> whole;
    for (const auto& [message, truncated] : messages_) {
      if (!truncated) whole.push_back(message);
    }
    return whole;
  }

  std::vector<std::pair<std::string, bool>> messages_;
  SignallingCounters counters_;
  SipFramer framer_{counters_};
};

TEST_F(SipFramerTest, CutsMessagesHoweverTheBytesCome) {
  const std::vector<std::string> sent = {Message("1"), Message("2", "body"),
                                         Message("3", "\r\n\r\nx")};
  const std::string all = sent[0] + sent[1] + sent[2];
  for (size_t step = 1; step <= all.size(); ++step) {
    messages_.clear();
    for (size_t at = 0; at < all.size(); at += step) {
      Append(std::string_view(all).substr(at, step));
    }
    ASSERT_EQ(Whole(), sent) << "steps of " << step;
  }
  EXPECT_EQ(framer_.bytes(), 0u);
}

TEST_F(SipFramerTest, SkipsKeepAlives) {
  Append("\r\n\r\n");
  Append(Message("1") + "\r\n\r\n" + Message("2"));
  EXPECT_EQ(Whole().size(), 2u);
  EXPECT_EQ(counters_.Get(SignallingDiscard::kSipTcpSkipped), 0u);
}

TEST_F(SipFramerTest, FindsTheNextStartLineInMidStream) {
  Append("\r\nContent-Length: 3\r\n\r\na=c" + Message("1"));
  EXPECT_TRUE(Whole().empty());  // "a=c" is no line of its own.
  Append("rest of a body\r\n" + Message("2"));
  ASSERT_EQ(Whole().size(), 1u);
  EXPECT_EQ(Whole()[0], Message("2"));
  EXPECT_GT(counters_.Get(SignallingDiscard::kSipTcpSkipped), 0u);
}

TEST_F(SipFramerTest, HandsOnAsTruncatedWhatABreakCut) {
  const std::string message = Message("1", std::string(500, 'x'));
  Append(std::string_view(message).substr(0, 400));
  Break();
  ASSERT_EQ(messages_.size(), 1u);
  EXPECT_TRUE(messages_[0].second);
  EXPECT_EQ(messages_[0].first, message.substr(0, 400));
  Append(Message("2"));
  EXPECT_EQ(Whole().size(), 1u);
}

TEST_F(SipFramerTest, DropsAHeaderThatABreakCut) {
  Append("INVITE sip:101@10.0.0.2 SIP/2.0\r\nCall-ID: 1\r\n");
  Break();
  EXPECT_TRUE(messages_.empty());
  EXPECT_EQ(framer_.bytes(), 0u);
}

TEST_F(SipFramerTest, TakesABodyOf65000Bytes) {
  const std::string message = Message("1", std::string(65'000, 'x'));
  for (size_t at = 0; at < message.size(); at += 1460) {
    Append(std::string_view(message).substr(at, 1460));
  }
  ASSERT_EQ(Whole().size(), 1u);
  EXPECT_EQ(Whole()[0], message);
}

TEST_F(SipFramerTest, CutsAMessageThatIsTooLongAndGoesOnBehindIt) {
  const std::string message = Message("1", std::string(200'000, 'x'));
  for (size_t at = 0; at < message.size(); at += 1460) {
    Append(std::string_view(message).substr(at, 1460));
    ASSERT_LE(framer_.bytes(), kMaxMessageBytes + 1460);
  }
  Append(Message("2"));
  ASSERT_EQ(messages_.size(), 2u);
  EXPECT_EQ(messages_[0].first.size(), kMaxMessageBytes);
  EXPECT_TRUE(messages_[0].second);
  EXPECT_EQ(messages_[1].first, Message("2"));
}

TEST_F(SipFramerTest, BelievesNoAbsurdContentLength) {
  std::string lie = Message("1");
  lie.replace(lie.find("Length: 0"), 9, "Length: 4000000000");
  Append(lie + Message("2"));
  EXPECT_EQ(Whole(), (std::vector<std::string>{lie, Message("2")}));
}

TEST_F(SipFramerTest, EndsAMessageWhereTheNextBeginsInPlaceOfItsBody) {
  std::string lie = Message("1");
  lie.replace(lie.find("Length: 0"), 9, "Length: 9");
  Append(lie);
  Append(Message("2"));
  ASSERT_EQ(messages_.size(), 2u);
  EXPECT_TRUE(messages_[0].second);
  EXPECT_EQ(messages_[1].first, Message("2"));
}

// The rest of the body and the next message in one segment.
TEST_F(SipFramerTest, EndsABodyWhereItWasPromisedThoughSipFollows) {
  for (const std::string body : {"v=0\r\n", "body", "a=x\r\n\r\n", "BYE"}) {
    const std::string first = Message("1", body);
    const std::string all = first + Message("2");
    for (size_t cut = first.size() - body.size(); cut < first.size(); ++cut) {
      for (size_t end = first.size(); end <= all.size(); ++end) {
        messages_.clear();
        Append(std::string_view(all).substr(0, cut));
        Append(std::string_view(all).substr(cut, end - cut));
        Append(std::string_view(all).substr(end));
        ASSERT_EQ(Whole(), (std::vector<std::string>{first, Message("2")}))
            << cut << ' ' << end;
      }
    }
  }
}

TEST_F(SipFramerTest, TakesAFragmentOfSipForTheBodyItIs) {
  const std::string message = Message("1", "SIP/2.0 200 OK\r\n");
  const size_t header = message.size() - 16;
  Append(std::string_view(message).substr(0, header));
  Append(std::string_view(message).substr(header));
  EXPECT_EQ(Whole(), std::vector<std::string>{message});
}

TEST_F(SipFramerTest, HoldsABoundedAmountOfJunk) {
  for (int i = 0; i < 1000; ++i) {
    Append(std::string(1460, 'x'));
    ASSERT_LT(framer_.bytes(), 6000u);
  }
  Break();
  Append("INVITE sip:101@10.0.0.2 SIP/2.0\r\n");
  for (int i = 0; i < 1000; ++i) {
    Append("X-Header: " + std::string(1000, 'x') + "\r\n");
    ASSERT_LE(framer_.bytes(), kMaxMessageBytes + 1100);
  }
  EXPECT_TRUE(messages_.empty());
}

}  // namespace
}  // namespace callbraid::sensor
