#include "collector/ingest/phone_book.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kNow = 1'700'000'000'000'000'000;
constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kDay = 86'400 * kSecond;

class PhoneBookTest : public testing::Test {
 protected:
  // Of the site's sensor, which is called like it.
  void Add(const std::string& site, const v1::CaptureReport& report,
           int64_t now_ns) {
    const std::string point = "eth0";
    book_.Add({site, site, point}, report, now_ns);
  }
  void See(const std::string& site, const std::string& number,
           int64_t now_ns = kNow, bool gone = false) {
    Add(site, Report({number}, gone), now_ns);
  }
  static v1::CaptureReport Report(const std::vector<std::string>& numbers,
                                  bool gone = false) {
    v1::CaptureReport report;
    v1::HostTraffic& host = *report.add_hosts();
    host.set_address("\x0a\x01\x02\x03");
    host.set_mac(std::string("\x02\x10\x00\x00\x01\xfe", 6));
    host.add_vlan_ids(100);
    for (const std::string& number : numbers) {
      v1::Registration& said = *host.add_registrations();
      said.set_number(number);
      said.set_domain("pbx");
      said.set_gone(gone);
      if (gone) continue;
      said.set_contact("10.1.2.3:5062");
      said.set_user_agent("agent");
    }
    return report;
  }
  v1::ListPhonesResponse List(int64_t now_ns = kNow) const {
    return book_.List({}, Scope::All(), now_ns);
  }
  // "site number" of each.
  static std::vector<std::string> Names(const v1::ListPhonesResponse& listed) {
    std::vector<std::string> names;
    for (const v1::Phone& phone : listed.phones()) {
      names.push_back(phone.site() + " " + phone.number());
    }
    return names;
  }
  static Scope ScopeOf(const v1::Scope& scope) {
    return Scope::Parse(scope).value();
  }

  PhoneBook book_;
};

using Strings = std::vector<std::string>;

TEST_F(PhoneBookTest, KnowsWhatAPhoneSaidAndWhereItWasSeen) {
  See("berlin", "101");
  See("berlin", "101", kNow + kSecond);
  const auto listed = List();
  ASSERT_EQ(listed.phones_size(), 1);
  const v1::Phone& phone = listed.phones(0);
  EXPECT_EQ(phone.site(), "berlin");
  EXPECT_EQ(phone.number(), "101");
  EXPECT_EQ(phone.domain(), "pbx");
  EXPECT_EQ(phone.address(), "10.1.2.3");
  EXPECT_EQ(phone.mac(), "02:10:00:00:01:fe");
  ASSERT_EQ(phone.vlan_ids_size(), 1);
  EXPECT_EQ(phone.vlan_ids(0), 100u);
  EXPECT_EQ(phone.contact(), "10.1.2.3:5062");
  EXPECT_EQ(phone.user_agent(), "agent");
  EXPECT_EQ(phone.capture_point(), "berlin/eth0");
  EXPECT_EQ(phone.first_time().seconds(), kNow / kSecond);
  EXPECT_EQ(phone.last_time().seconds(), kNow / kSecond + 1);
  EXPECT_FALSE(phone.gone());
  EXPECT_FALSE(listed.truncated());
}

TEST_F(PhoneBookTest, RemembersAPhoneThatIsGoneUntilItComesBack) {
  See("berlin", "101");
  See("berlin", "101", kNow, /*gone=*/true);
  EXPECT_TRUE(List().phones(0).gone());
  EXPECT_EQ(List().phones(0).user_agent(), "agent");
  EXPECT_EQ(List().phones(0).contact(), "10.1.2.3:5062");
  See("berlin", "101");
  EXPECT_FALSE(List().phones(0).gone());
}

TEST_F(PhoneBookTest, ListsBySiteAndNumber) {
  See("bonn", "101");
  See("berlin", "21");
  See("berlin", "103");
  See("berlin", "102");
  EXPECT_EQ(Names(List()),
            (Strings{"berlin 102", "berlin 103", "berlin 21", "bonn 101"}));
  v1::ListPhonesRequest request;
  request.set_number_prefix("10");
  EXPECT_EQ(Names(book_.List(request, Scope::All(), kNow)),
            (Strings{"berlin 102", "berlin 103", "bonn 101"}));
  request.set_site("bonn");
  EXPECT_EQ(Names(book_.List(request, Scope::All(), kNow)),
            Strings{"bonn 101"});
}

TEST_F(PhoneBookTest, ListsOnlyWhatIsInScope) {
  See("berlin", "101");
  See("berlin", "201");
  // As a pattern it would fit everything that begins with 2.
  See("berlin", "2*");
  See("bonn", "101");
  v1::Scope scope;
  scope.add_sites("berlin");
  EXPECT_EQ(book_.List({}, ScopeOf(scope), kNow).phones_size(), 3);
  scope.add_numbers("1*");
  scope.add_numbers("203");
  EXPECT_EQ(Names(book_.List({}, ScopeOf(scope), kNow)), Strings{"berlin 101"});
  scope.Clear();
  scope.add_calls("3fa85f6457174562b3fc2c963f66afa6");
  EXPECT_EQ(book_.List({}, ScopeOf(scope), kNow).phones_size(), 0);
}

TEST_F(PhoneBookTest, ForgetsAPhoneAfter30Days) {
  See("berlin", "101");
  See("berlin", "102", kNow + kDay);
  EXPECT_EQ(List(kNow + 30 * kDay - 1).phones_size(), 2);
  EXPECT_EQ(Names(List(kNow + 30 * kDay)), Strings{"berlin 102"});
  // Seen again, it is a new one.
  See("berlin", "101", kNow + 30 * kDay);
  EXPECT_EQ(List(kNow + 30 * kDay).phones(0).first_time().seconds(),
            (kNow + 30 * kDay) / kSecond);
}

TEST_F(PhoneBookTest, MakesRoomInTheSiteThatHasMost) {
  See("bonn", "101");
  for (size_t i = 1; i < PhoneBook::kMaxPhones; ++i) {
    See("berlin", std::to_string(100'000 + i));
  }
  EXPECT_FALSE(List().truncated());
  // Not the oldest any more.
  See("berlin", "100001", kNow + kSecond);
  See("berlin", "new", kNow + kSecond);
  const auto listed = List();
  EXPECT_TRUE(listed.truncated());
  ASSERT_EQ(static_cast<size_t>(listed.phones_size()), PhoneBook::kMaxPhones);
  EXPECT_EQ(listed.phones(0).number(), "100001");
  EXPECT_EQ(listed.phones(1).number(), "100003");
  EXPECT_EQ(listed.phones(listed.phones_size() - 1).site(), "bonn");
  // It would have been forgotten by now.
  EXPECT_FALSE(List(kNow + 30 * kDay).truncated());
}

TEST_F(PhoneBookTest, HoldsASensorToTheRules) {
  v1::CaptureReport report = Report({"1", "2", "3", "4", "5"});
  v1::HostTraffic& host = *report.mutable_hosts(0);
  host.set_mac("short");
  for (int i = 0; i < 10; ++i) host.add_vlan_ids(1);
  v1::Registration& said = *host.mutable_registrations(0);
  said.set_domain(std::string(63, 'd') + "\xc3\xb6");
  said.set_user_agent(std::string(1000, 'a'));
  said.set_contact(std::string(1000, 'c'));
  v1::HostTraffic& nameless = *report.add_hosts();
  nameless = Report({""}).hosts(0);
  v1::HostTraffic& homeless = *report.add_hosts();
  homeless = Report({"6"}).hosts(0);
  homeless.set_address("abc");
  Add("berlin", report, kNow);
  const auto listed = List();
  EXPECT_EQ(Names(listed),
            (Strings{"berlin 1", "berlin 2", "berlin 3", "berlin 4"}));
  const v1::Phone& phone = listed.phones(0);
  EXPECT_EQ(phone.mac(), "");
  EXPECT_EQ(phone.vlan_ids_size(), 4);
  EXPECT_EQ(phone.domain(), std::string(63, 'd'));
  EXPECT_EQ(phone.user_agent().size(), 64u);
  EXPECT_EQ(phone.contact().size(), 64u);
}

}  // namespace
}  // namespace callbraid::collector
