// From tones to pages: faxes that spandsp's machines send each other through
// G.711, heard by who is neither.

#include "collector/fax/modem_reader.h"

#include <spandsp.h>

#include <string>
#include <vector>

#include "collector/fax/page_decoder.h"
#include "gtest/gtest.h"
#include "tests/fakes/fax_call.h"
#include "tests/fakes/temp_dir.h"

namespace callbraid::collector {
namespace {

using fakes::FaxCallOptions;
using fakes::MakePicture;
using fakes::Picture;
using fakes::ToneFaxCall;

constexpr size_t kWindow = 160;
constexpr int64_t kWindowNs = 20'000'000;

std::vector<CodedFax> Hear(const ToneFaxCall& call) {
  T30Listener listener;
  ModemReader first(listener, 0);
  ModemReader second(listener, 1);
  int64_t time_ns = 0;
  for (size_t at = 0; at + kWindow <= call.samples[0].size(); at += kWindow) {
    first.Hear(time_ns, std::span(call.samples[0]).subspan(at, kWindow));
    second.Hear(time_ns, std::span(call.samples[1]).subspan(at, kWindow));
    time_ns += kWindowNs;
  }
  return listener.Finish();
}

struct Coding {
  const char* name;
  bool ecm;
  int compressions;
  int modems;
};

class ModemReaderTest : public testing::TestWithParam<Coding> {};

TEST_P(ModemReaderTest, HasThePagesPixelByPixel) {
  const Coding& coding = GetParam();
  FaxCallOptions options;
  options.pages = {MakePicture(1728, 400, 1), MakePicture(1728, 300, 2)};
  options.ecm = coding.ecm;
  options.compressions = coding.compressions;
  options.modems = coding.modems;
  const fakes::TempDir folder;
  const ToneFaxCall call = fakes::SendFaxAsTones(options, folder.path());
  // Else it is spandsp that failed, and there is nothing to compare with.
  ASSERT_EQ(call.received, options.pages);
  const std::vector<CodedFax> faxes = Hear(call);
  ASSERT_EQ(faxes.size(), 1);
  EXPECT_EQ(faxes[0].sender_id, options.caller);
  EXPECT_EQ(faxes[0].receiver_id, options.callee);
  EXPECT_TRUE(faxes[0].ended);
  ASSERT_EQ(faxes[0].pages.size(), 2);
  for (size_t i = 0; i < 2; ++i) {
    const PageImage image = DecodePage(faxes[0].pages[i]);
    EXPECT_EQ(image.bad_rows, 0);
    EXPECT_TRUE(faxes[0].pages[i].confirmed);
    EXPECT_EQ((Picture{image.width, image.rows, image.bits}), options.pages[i])
        << image.rows << " rows";
  }
}

constexpr int kMh = T30_SUPPORT_T4_1D_COMPRESSION;
constexpr int kMr = kMh | T30_SUPPORT_T4_2D_COMPRESSION;
constexpr int kMmr = kMr | T30_SUPPORT_T6_COMPRESSION;
constexpr int kV27 = T30_SUPPORT_V27TER;
constexpr int kV29 = kV27 | T30_SUPPORT_V29;
constexpr int kV17 = kV29 | T30_SUPPORT_V17;

INSTANTIATE_TEST_SUITE_P(All, ModemReaderTest,
                         testing::Values(Coding{"MhV27", false, kMh, kV27},
                                         Coding{"MrV29", false, kMr, kV29},
                                         Coding{"MhV17", false, kMh, kV17},
                                         Coding{"EcmMrV29", true, kMr, kV29},
                                         Coding{"EcmMmrV17", true, kMmr, kV17}),
                         [](const testing::TestParamInfo<Coding>& tested) {
                           return tested.param.name;
                         });

}  // namespace
}  // namespace callbraid::collector
