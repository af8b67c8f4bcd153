#include "collector/fax/udptl_receiver.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kMs = 1'000'000;

// IFP packet number `n`: data of V.21, longer for greater numbers.
std::string Ifp(int n) {
  const size_t size = 1 + static_cast<size_t>(n % 3);
  std::string out = {'\xc0', 1, '\x80', 0, static_cast<char>(size - 1)};
  return out + std::string(size, static_cast<char>(n));
}

// `redundancy` packets before it with it.
std::string Rest(int n, int redundancy) {
  std::string out;
  out.push_back(static_cast<char>(Ifp(n).size()));
  out += Ifp(n);
  out.push_back(0);
  out.push_back(static_cast<char>(redundancy));
  for (int i = 1; i <= redundancy; ++i) {
    out.push_back(static_cast<char>(Ifp(n - i).size()));
    out += Ifp(n - i);
  }
  return out;
}

// `groups` parities, each of `span` of the packets before it.
std::string RestWithParity(int n, int span, int groups) {
  std::string out;
  out.push_back(static_cast<char>(Ifp(n).size()));
  out += Ifp(n);
  out += std::string("\x80\x01", 2);
  out.push_back(static_cast<char>(span));
  out.push_back(static_cast<char>(groups));
  for (int i = 0; i < groups; ++i) {
    std::string parity;
    for (int k = 1; k <= span; ++k) {
      const std::string ifp = Ifp(n + i - k * groups);
      if (ifp.size() > parity.size()) parity.resize(ifp.size());
      for (size_t j = 0; j < ifp.size(); ++j) {
        parity[j] = static_cast<char>(parity[j] ^ ifp[j]);
      }
    }
    out.push_back(static_cast<char>(parity.size()));
    out += parity;
  }
  return out;
}

class UdptlReceiverTest : public testing::Test {
 protected:
  void Take(int n, const std::string& rest) {
    time_ns_ += 20 * kMs;
    receiver_.Take(
        time_ns_, static_cast<uint16_t>(n),
        {reinterpret_cast<const uint8_t*>(rest.data()), rest.size()});
  }
  // The numbers that come out; negative behind a loss.
  std::vector<int> Out() {
    std::vector<int> numbers;
    while (const auto ifp = receiver_.Next()) {
      const int n = static_cast<uint8_t>(ifp->bytes.back());
      EXPECT_EQ(ifp->bytes, Ifp(n));
      numbers.push_back(ifp->follows_loss ? -n : n);
    }
    return numbers;
  }

  int64_t time_ns_ = 1'000'000'000;
  UdptlReceiver receiver_;
};

using testing::ElementsAre;

TEST_F(UdptlReceiverTest, HandsOnInOrder) {
  for (const int n : {0, 1, 3, 2, 2, 4}) Take(n, Rest(n, 0));
  EXPECT_THAT(Out(), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_EQ(receiver_.tally().packets, 5);
  EXPECT_EQ(receiver_.tally().missing, 0);
}

TEST_F(UdptlReceiverTest, TakesFromRedundancyWhatIsMissing) {
  Take(0, Rest(0, 0));
  Take(3, Rest(3, 2));
  EXPECT_THAT(Out(), ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(receiver_.tally().missing, 2);
  EXPECT_EQ(receiver_.tally().recovered_by_redundancy, 2);
}

TEST_F(UdptlReceiverTest, TakesWhatCameBeforeTheFirstPacket) {
  Take(2, Rest(2, 2));
  EXPECT_THAT(Out(), ElementsAre(0, 1, 2));
}

TEST_F(UdptlReceiverTest, ComputesFromParityWhatIsMissing) {
  for (const int n : {10, 11, 13}) Take(n, Rest(n, 0));
  Take(14, RestWithParity(14, 3, 1));
  EXPECT_THAT(Out(), ElementsAre(10, 11, 12, 13, 14));
  EXPECT_EQ(receiver_.tally().recovered_by_parity, 1);
}

TEST_F(UdptlReceiverTest, ComputesNeighboursFromParitiesOfTwoGroups) {
  for (const int n : {10, 11, 12, 13, 16, 17}) Take(n, Rest(n, 0));
  // 14 is in one group, 15 in the other.
  Take(18, RestWithParity(18, 3, 2));
  EXPECT_THAT(Out(), ElementsAre(10, 11, 12, 13, 14, 15, 16, 17, 18));
  EXPECT_EQ(receiver_.tally().recovered_by_parity, 2);
}

TEST_F(UdptlReceiverTest, CannotComputeTwoFromOneParity) {
  for (const int n : {10, 13}) Take(n, Rest(n, 0));
  Take(14, RestWithParity(14, 4, 1));
  receiver_.Finish();
  EXPECT_THAT(Out(), ElementsAre(10, -13, 14));
  EXPECT_EQ(receiver_.tally().missing, 2);
}

TEST_F(UdptlReceiverTest, WaitsForSoManyPackets) {
  Take(0, Rest(0, 0));
  for (int n = 2; n < 16; ++n) Take(n, Rest(n, 0));
  EXPECT_THAT(Out(), ElementsAre(0));
  Take(16, Rest(16, 0));
  Take(17, Rest(17, 0));
  EXPECT_EQ(Out().size(), 16);
  EXPECT_EQ(receiver_.tally().missing, 1);
}

TEST_F(UdptlReceiverTest, WaitsForSoLong) {
  Take(0, Rest(0, 0));
  Take(2, Rest(2, 0));
  EXPECT_THAT(Out(), ElementsAre(0));
  time_ns_ += 3000 * kMs;
  Take(3, Rest(3, 0));
  EXPECT_THAT(Out(), ElementsAre(-2, 3));
}

TEST_F(UdptlReceiverTest, GoesOnPastTheLastNumber) {
  Take(65534, Rest(254, 0));
  Take(65535, Rest(255, 0));
  Take(0, Rest(0, 0));
  EXPECT_THAT(Out(), ElementsAre(254, 255, 0));
}

TEST_F(UdptlReceiverTest, BeginsAnewWhereTheSourceDoes) {
  for (const int n : {5000, 5001}) Take(n, Rest(n % 256, 0));
  Take(0, Rest(0, 0));
  Take(1, Rest(1, 0));
  EXPECT_EQ(Out().size(), 4);
  EXPECT_EQ(receiver_.tally().missing, 0);
}

TEST_F(UdptlReceiverTest, CountsWhatIsMalformed) {
  Take(0, "nonsense");
  EXPECT_THAT(Out(), ElementsAre());
  EXPECT_EQ(receiver_.tally().malformed, 1);
}

}  // namespace
}  // namespace callbraid::collector
