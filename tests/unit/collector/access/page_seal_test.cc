#include "collector/access/page_seal.h"

#include <string>

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

bool Refuses(const PageSeal& seal, const std::string& token,
             const std::string& purpose = "calls") {
  return absl::IsInvalidArgument(seal.Open(token, purpose).status());
}

TEST(PageSeal, OpensWhatItSealed) {
  const PageSeal seal;
  const std::string sealed = seal.Seal("place", "calls");
  EXPECT_EQ(sealed.find("place"), std::string::npos);
  EXPECT_EQ(*seal.Open(sealed, "calls"), "place");
  EXPECT_NE(seal.Seal("place", "calls"), sealed) << "tells equal places";
}

TEST(PageSeal, NoTokenIsTheFirstPage) {
  const PageSeal seal;
  EXPECT_EQ(seal.Seal("", "calls"), "");
  EXPECT_EQ(*seal.Open("", "calls"), "");
}

TEST(PageSeal, RefusesEveryChange) {
  const PageSeal seal;
  const std::string sealed = seal.Seal("a place in a listing", "calls");
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    const auto opened = seal.Open(changed, "calls");
    // The last character has bits that mean nothing.
    EXPECT_TRUE(!opened.ok() || *opened == "a place in a listing") << i;
    EXPECT_TRUE(i + 2 >= sealed.size() || !opened.ok()) << i;
  }
  for (size_t size = 1; size < sealed.size() - 2; ++size) {
    EXPECT_TRUE(Refuses(seal, sealed.substr(0, size))) << size;
  }
  EXPECT_TRUE(Refuses(seal, "no token!"));
  EXPECT_TRUE(Refuses(seal, std::string(100'000, 'A')));
}

TEST(PageSeal, RefusesATokenOfAnotherListingOrCollector) {
  const PageSeal seal;
  const std::string sealed = seal.Seal("place", "calls");
  EXPECT_TRUE(Refuses(seal, sealed, "audit"));
  EXPECT_TRUE(Refuses(PageSeal(), sealed));
}

TEST(PageSeal, OpensWhatWasSealedUnderAKeptKey) {
  const PageSeal first;
  const PageSeal second(first.key());
  EXPECT_EQ(*second.Open(first.Seal("place", "watch"), "watch"), "place");
  // What is no key is none.
  EXPECT_NE(PageSeal("").key(), PageSeal("").key());
  EXPECT_EQ(PageSeal("short").key().size(), PageSeal::kKeyBytes);
}

}  // namespace
}  // namespace callbraid::collector
