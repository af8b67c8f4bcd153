// From UDPTL to pages: faxes that spandsp's terminals send each other, followed
// by who is neither.

#include <spandsp.h>

#include <functional>
#include <string>
#include <vector>

#include "collector/fax/page_decoder.h"
#include "collector/fax/t30_listener.h"
#include "collector/fax/t38_reader.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fax_call.h"
#include "tests/fakes/temp_dir.h"

namespace callbraid::collector {
namespace {

using fakes::FaxCall;
using fakes::FaxCallOptions;
using fakes::MakePicture;
using fakes::Picture;
using fakes::UdptlDatagram;

struct Followed {
  std::vector<CodedFax> faxes;
  UdptlTally tallies[2];
};

using IsLost = std::function<bool(const UdptlDatagram&, size_t index)>;

Followed Follow(const FaxCall& call, const IsLost& is_lost = nullptr) {
  T30Listener listener;
  T38Reader readers[2] = {T38Reader(listener, 0), T38Reader(listener, 1)};
  for (size_t i = 0; i < call.datagrams.size(); ++i) {
    const UdptlDatagram& datagram = call.datagrams[i];
    if (is_lost && is_lost(datagram, i)) continue;
    const auto* bytes = reinterpret_cast<const uint8_t*>(datagram.bytes.data());
    readers[datagram.direction].Take(
        datagram.time_ns, static_cast<uint16_t>(bytes[0] << 8 | bytes[1]),
        {bytes + 2, datagram.bytes.size() - 2});
  }
  Followed followed;
  for (int i = 0; i < 2; ++i) {
    readers[i].Finish();
    followed.tallies[i] = readers[i].tally();
  }
  followed.faxes = listener.Finish();
  return followed;
}

Picture ToPicture(const PageImage& image) {
  return {image.width, image.rows, image.bits};
}

class T38SessionTest : public testing::Test {
 protected:
  FaxCall Send(const FaxCallOptions& options) {
    FaxCall call = fakes::SendFax(options, folder_.path());
    // Else it is spandsp that failed, and there is nothing to compare with.
    EXPECT_EQ(call.received, options.pages);
    return call;
  }

  static FaxCallOptions TwoPages() {
    FaxCallOptions options;
    options.pages = {MakePicture(1728, 400, 1), MakePicture(1728, 300, 2)};
    return options;
  }

  fakes::TempDir folder_;
};

struct Coding {
  const char* name;
  bool ecm;
  int compressions;
  int modems;
  int t38_version;
  bool fine;
};

class T38CodingTest : public T38SessionTest,
                      public testing::WithParamInterface<Coding> {};

TEST_P(T38CodingTest, HasThePagesPixelByPixel) {
  const Coding& coding = GetParam();
  FaxCallOptions options = TwoPages();
  options.ecm = coding.ecm;
  options.compressions = coding.compressions;
  options.modems = coding.modems;
  options.t38_version = coding.t38_version;
  options.fine = coding.fine;
  const FaxCall call = Send(options);
  const Followed followed = Follow(call);

  ASSERT_EQ(followed.faxes.size(), 1);
  const CodedFax& fax = followed.faxes[0];
  EXPECT_EQ(fax.sender, 0);
  EXPECT_EQ(fax.sender_id, options.caller);
  EXPECT_EQ(fax.receiver_id, options.callee);
  EXPECT_EQ(fax.format.ecm, coding.ecm);
  EXPECT_TRUE(fax.ended);
  ASSERT_EQ(fax.pages.size(), options.pages.size());
  for (size_t i = 0; i < fax.pages.size(); ++i) {
    const PageImage image = DecodePage(fax.pages[i]);
    EXPECT_TRUE(fax.pages[i].whole);
    EXPECT_TRUE(fax.pages[i].confirmed);
    EXPECT_EQ(image.bad_rows, 0);
    EXPECT_EQ(ToPicture(image), options.pages[i]) << image.rows << " rows";
    EXPECT_EQ(fax.pages[i].format.y_resolution, coding.fine ? 7700 : 3850);
  }
  for (const UdptlTally& tally : followed.tallies) {
    EXPECT_GT(tally.packets, 0);
    EXPECT_EQ(tally.missing, 0);
    EXPECT_EQ(tally.malformed, 0);
  }
}

constexpr int kMh = T30_SUPPORT_T4_1D_COMPRESSION;
constexpr int kMr = kMh | T30_SUPPORT_T4_2D_COMPRESSION;
constexpr int kMmr = kMr | T30_SUPPORT_T6_COMPRESSION;
constexpr int kV27 = T30_SUPPORT_V27TER;
constexpr int kV29 = kV27 | T30_SUPPORT_V29;
constexpr int kV17 = kV29 | T30_SUPPORT_V17;

INSTANTIATE_TEST_SUITE_P(
    All, T38CodingTest,
    testing::Values(Coding{"MhV17", false, kMh, kV17, 0, false},
                    Coding{"MrV29", false, kMr, kV29, 0, true},
                    Coding{"MhV27", false, kMh, kV27, 1, false},
                    Coding{"MrV17Later", false, kMr, kV17, 2, false},
                    Coding{"EcmMh", true, kMh, kV17, 0, false},
                    Coding{"EcmMr", true, kMr, kV29, 1, false},
                    Coding{"EcmMmr", true, kMmr, kV17, 0, true},
                    Coding{"EcmMmrLater", true, kMmr, kV17, 3, false}),
    [](const testing::TestParamInfo<Coding>& tested) {
      return tested.param.name;
    });

// With the repeats of a packet.
IsLost EachNth(int n) {
  return [n](const UdptlDatagram& datagram, size_t) {
    const auto number = static_cast<uint8_t>(datagram.bytes[1]);
    return number % n == 3;
  };
}

TEST_F(T38SessionTest, IsWholeIfRedundancyTellsWhatIsLost) {
  FaxCallOptions options = TwoPages();
  options.ecm = false;
  const FaxCall call = Send(options);
  const Followed followed = Follow(call, EachNth(5));
  ASSERT_EQ(followed.faxes.size(), 1);
  ASSERT_EQ(followed.faxes[0].pages.size(), 2);
  EXPECT_EQ(ToPicture(DecodePage(followed.faxes[0].pages[0])),
            options.pages[0]);
  EXPECT_TRUE(followed.faxes[0].pages[0].whole);
  EXPECT_GT(followed.tallies[0].missing, 20);
  EXPECT_EQ(followed.tallies[0].recovered_by_redundancy,
            followed.tallies[0].missing);
}

TEST_F(T38SessionTest, IsWholeIfParityTellsWhatIsLost) {
  FaxCallOptions options = TwoPages();
  options.parity = 3;
  const FaxCall call = Send(options);
  const Followed followed = Follow(call, EachNth(5));
  ASSERT_EQ(followed.faxes.size(), 1);
  ASSERT_EQ(followed.faxes[0].pages.size(), 2);
  EXPECT_EQ(ToPicture(DecodePage(followed.faxes[0].pages[1])),
            options.pages[1]);
  EXPECT_GT(followed.tallies[0].missing, 20);
  EXPECT_EQ(followed.tallies[0].recovered_by_parity,
            followed.tallies[0].missing);
}

TEST_F(T38SessionTest, SaysWhichPageIsNotWhole) {
  FaxCallOptions options = TwoPages();
  options.redundancy = 0;
  for (const bool ecm : {false, true}) {
    options.ecm = ecm;
    const FaxCall call = Send(options);
    // One packet out of the middle of the first page's code.
    size_t lost = 0;
    for (size_t i = 0; lost == 0 && i < call.datagrams.size(); ++i) {
      const UdptlDatagram& datagram = call.datagrams[i];
      const bool is_image = datagram.direction == 0 &&
                            (datagram.bytes[3] & 0x40) != 0 &&
                            (datagram.bytes[3] & 0x1e) != 0;
      // Beyond the training check.
      if (is_image && datagram.bytes.size() > 20 &&
          datagram.bytes.find_first_not_of('\0', 12) != std::string::npos &&
          i > call.datagrams.size() / 3) {
        lost = i;
      }
    }
    ASSERT_GT(lost, 0);
    const Followed followed = Follow(
        call,
        [lost](const UdptlDatagram&, size_t index) { return index == lost; });
    ASSERT_EQ(followed.faxes.size(), 1);
    const auto& pages = followed.faxes[0].pages;
    ASSERT_EQ(pages.size(), 2);
    EXPECT_NE(pages[0].whole, pages[1].whole) << "ecm " << ecm;
    EXPECT_EQ(followed.tallies[0].missing, 1);
    const PageImage whole = DecodePage(pages[pages[0].whole ? 0 : 1]);
    EXPECT_EQ(ToPicture(whole), options.pages[pages[0].whole ? 0 : 1]);
  }
}

TEST_F(T38SessionTest, NeedsNoMoreThanTheDirectionOfThePages) {
  const FaxCall call = Send(TwoPages());
  const Followed followed =
      Follow(call, [](const UdptlDatagram& datagram, size_t) {
        return datagram.direction == 1;
      });
  ASSERT_EQ(followed.faxes.size(), 1);
  ASSERT_EQ(followed.faxes[0].pages.size(), 2);
  EXPECT_TRUE(followed.faxes[0].pages[1].whole);
  EXPECT_FALSE(followed.faxes[0].pages[1].confirmed);
  EXPECT_EQ(followed.faxes[0].receiver_id, "");
}

TEST_F(T38SessionTest, KeepsTheBeginningOfAPageThatIsBrokenOff) {
  for (const bool ecm : {false, true}) {
    FaxCallOptions options = TwoPages();
    options.ecm = ecm;
    options.pages = {MakePicture(1728, 1000, 1)};
    const FaxCall call = Send(options);
    const size_t half = call.datagrams.size() * 2 / 3;
    const Followed followed = Follow(
        call,
        [half](const UdptlDatagram&, size_t index) { return index > half; });
    ASSERT_EQ(followed.faxes.size(), 1);
    ASSERT_EQ(followed.faxes[0].pages.size(), 1) << "ecm " << ecm;
    EXPECT_FALSE(followed.faxes[0].pages[0].whole);
    EXPECT_FALSE(followed.faxes[0].ended);
    const PageImage image = DecodePage(followed.faxes[0].pages[0]);
    EXPECT_GT(image.rows, 100);
    EXPECT_LT(image.rows, 1000);
  }
}

}  // namespace
}  // namespace callbraid::collector
