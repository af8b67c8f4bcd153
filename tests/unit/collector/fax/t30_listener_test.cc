#include "collector/fax/t30_listener.h"

#include <spandsp/t30_fcf.h>

#include <string>
#include <vector>

#include "collector/fax/page_decoder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

using Bytes = std::vector<uint8_t>;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr int kSender = 0;
constexpr int kReceiver = 1;
constexpr uint8_t kEcmBit = 0x04;  // Of the fourth byte of DCS.

class T30ListenerTest : public testing::Test {
 protected:
  void Frame(int direction, uint8_t control, Bytes information = {}) {
    Bytes frame = {0xff, 0x13, control};
    frame.insert(frame.end(), information.begin(), information.end());
    listener_.OnFrame(direction, ++time_ns_, frame);
  }
  void Negotiate(bool ecm, int direction = kSender) {
    Frame(direction, T30_DCS, {0, 0, 0, ecm ? kEcmBit : uint8_t{0}});
  }
  void Image(const std::string& code) {
    listener_.OnImage(
        kSender, ++time_ns_,
        {reinterpret_cast<const uint8_t*>(code.data()), code.size()});
  }
  void Train() { listener_.OnTraining(kSender); }
  // Frames of these numbers, and the signal behind `count` of them.
  void Block(std::initializer_list<uint8_t> numbers, uint8_t count,
             uint8_t page, uint8_t block, uint8_t command) {
    for (const uint8_t number : numbers) {
      Frame(kSender, T4_FCD, {number, static_cast<uint8_t>('a' + number)});
    }
    Frame(kSender, T4_RCP);
    Frame(kSender, T30_PPS,
          {command, page, block, static_cast<uint8_t>(count - 1)});
  }
  std::vector<CodedPage> Pages() {
    std::vector<CodedFax> faxes = listener_.Finish();
    return faxes.empty() ? std::vector<CodedPage>() : faxes[0].pages;
  }

  int64_t time_ns_ = 0;
  T30Listener listener_;
};

TEST_F(T30ListenerTest, TellsAPageFromTraining) {
  Negotiate(/*ecm=*/false);
  Train();
  Image(std::string(100, '\0'));
  Frame(kReceiver, T30_FTT);
  Negotiate(/*ecm=*/false);
  Train();
  Image(std::string(100, '\0'));
  Frame(kReceiver, T30_CFR);
  Train();
  Image("one");
  Frame(kSender, T30_MPS);
  Frame(kReceiver, T30_MCF);
  Train();
  Image("two");
  Frame(kSender, T30_EOP);
  Frame(kReceiver, T30_RTN);
  const auto pages = Pages();
  ASSERT_THAT(pages, SizeIs(2));
  EXPECT_THAT(pages[0].pieces, ElementsAre("one"));
  EXPECT_TRUE(pages[0].confirmed);
  EXPECT_THAT(pages[1].pieces, ElementsAre("two"));
  EXPECT_FALSE(pages[1].confirmed);
}

TEST_F(T30ListenerTest, TakesACommandThatIsRepeatedOnce) {
  Negotiate(/*ecm=*/false);
  Train();
  Image("one");
  Frame(kSender, T30_EOP);
  Frame(kSender, T30_EOP);
  Frame(kReceiver, T30_MCF);
  EXPECT_THAT(Pages(), SizeIs(1));
}

TEST_F(T30ListenerTest, CutsAPageWhereSomethingIsMissing) {
  Negotiate(/*ecm=*/false);
  Train();
  Image("on");
  listener_.OnLoss(kSender);
  Image("e");
  Frame(kSender, T30_EOP);
  const auto pages = Pages();
  ASSERT_THAT(pages, SizeIs(1));
  EXPECT_THAT(pages[0].pieces, ElementsAre("on", "e"));
  EXPECT_FALSE(pages[0].whole);
}

TEST_F(T30ListenerTest, PutsBlocksTogether) {
  Negotiate(/*ecm=*/true);
  Block({0, 1, 2}, 3, 0, 0, T30_NULL);
  Frame(kReceiver, T30_MCF);
  Block({0, 1}, 2, 0, 1, T30_EOP);
  Frame(kReceiver, T30_MCF);
  const auto pages = Pages();
  ASSERT_THAT(pages, SizeIs(1));
  EXPECT_THAT(pages[0].pieces, ElementsAre("abcab"));
  EXPECT_TRUE(pages[0].whole);
  EXPECT_TRUE(pages[0].confirmed);
}

TEST_F(T30ListenerTest, FillsWhatIsSentAgain) {
  Negotiate(/*ecm=*/true);
  Block({0, 3}, 4, 0, 0, T30_EOP);
  Frame(kReceiver, T30_PPR);
  Block({1, 2}, 4, 0, 0, T30_EOP);
  Frame(kReceiver, T30_MCF);
  const auto pages = Pages();
  ASSERT_THAT(pages, SizeIs(1));
  EXPECT_THAT(pages[0].pieces, ElementsAre("abcd"));
  EXPECT_TRUE(pages[0].whole);
}

TEST_F(T30ListenerTest, TellsPagesByTheirNumbersWithoutAnswers) {
  Negotiate(/*ecm=*/true);
  Block({0, 1}, 2, 0, 0, T30_MPS);
  Block({0}, 2, 1, 0, T30_EOP);
  const auto pages = Pages();
  ASSERT_THAT(pages, SizeIs(2));
  EXPECT_THAT(pages[0].pieces, ElementsAre("ab"));
  EXPECT_TRUE(pages[0].whole);
  EXPECT_FALSE(pages[0].confirmed);
  EXPECT_THAT(pages[1].pieces, ElementsAre("a"));
  EXPECT_FALSE(pages[1].whole);
}

TEST_F(T30ListenerTest, TellsASecondFaxFromTheFirst) {
  Negotiate(/*ecm=*/false);
  Train();
  Image("one");
  Frame(kSender, T30_EOP);
  Frame(kReceiver, T30_MCF);
  Frame(kSender, T30_DCN);
  // Polling: the other one sends.
  Negotiate(/*ecm=*/true, kReceiver);
  Frame(kReceiver, T30_DCN);
  const auto faxes = listener_.Finish();
  ASSERT_THAT(faxes, SizeIs(2));
  EXPECT_THAT(faxes[0].pages, SizeIs(1));
  EXPECT_TRUE(faxes[0].ended);
  EXPECT_EQ(faxes[1].sender, kReceiver);
  EXPECT_THAT(faxes[1].pages, IsEmpty());
}

TEST_F(T30ListenerTest, LeavesOutPagesOfWhichNoSetupWasSeen) {
  Image("one");
  Frame(kSender, T30_EOP);
  Block({0}, 1, 0, 0, T30_EOP);
  EXPECT_THAT(listener_.Finish(), IsEmpty());
}

TEST_F(T30ListenerTest, KeepsABoundedNumberOfPages) {
  Negotiate(/*ecm=*/false);
  for (int i = 0; i < 1200; ++i) {
    Train();
    Image("x");
    Frame(kSender, T30_MPS);
  }
  EXPECT_THAT(Pages(), SizeIs(1000));
}

TEST_F(T30ListenerTest, KeepsABoundedNumberOfBytes) {
  Negotiate(/*ecm=*/false);
  Train();
  const std::string mebibyte(size_t{1} << 20, 'x');
  for (int i = 0; i < 40; ++i) Image(mebibyte);
  Frame(kSender, T30_EOP);
  const auto pages = Pages();
  ASSERT_THAT(pages, SizeIs(1));
  EXPECT_FALSE(pages[0].whole);
  EXPECT_EQ(pages[0].pieces[0].size(), size_t{32} << 20);
}

TEST(DecodePage, HasABoundedNumberOfRows) {
  // T.6 codes a white row below a white one with one bit.
  CodedPage page;
  page.format.coding = PageFormat::Coding::kMmr;
  page.pieces = {std::string(100'000, '\xff')};
  const PageImage image = DecodePage(page);
  EXPECT_LE(image.rows, 20'600);
  EXPECT_GE(image.rows, 20'000);
  EXPECT_GT(image.bad_rows, 0);
}

TEST(DecodePage, HasNoRowsOfWhatItCannotDecode) {
  CodedPage page;
  page.format.coding = PageFormat::Coding::kJbig;
  page.pieces = {"code"};
  EXPECT_EQ(DecodePage(page).rows, 0);
}

}  // namespace
}  // namespace callbraid::collector
