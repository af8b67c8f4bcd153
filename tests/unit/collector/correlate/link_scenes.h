#ifndef CALLBRAID_TESTS_UNIT_COLLECTOR_CORRELATE_LINK_SCENES_H_
#define CALLBRAID_TESTS_UNIT_COLLECTOR_CORRELATE_LINK_SCENES_H_

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "collector/evidence/evidence.h"
#include "collector/evidence/link_group.h"
#include "gtest/gtest.h"
#include "tests/fakes/call_scene.h"

// Dialogs that are linked by signalling, for tests of that.
namespace callbraid::collector::scenes {

using fakes::Dialog;
using fakes::Link;
using fakes::Spot;
using store::v1::LinkKind;

inline constexpr char kUuidA[] = "256e96bb00105000a0002c31246a214b";
inline constexpr char kUuidB[] = "07065bdaaed757dab065579865460bdf";

// A leg from host to host ("10.0.1.1"), with tags of its own and no media:
// rings after 0.1 s, is answered after 2 s, ends after 20 s.
inline Dialog LegOf(const std::string& call_id, const std::string& from_host,
                    const std::string& to_host, int64_t start_ms = 0) {
  Dialog leg;
  leg.call_id = call_id;
  leg.from_tag = call_id + "-f";
  leg.to_tag = call_id + "-t";
  leg.initiator = from_host + ":5060";
  leg.responder = to_host + ":5060";
  leg.offer = leg.answer = "";
  leg.invite_ms = start_ms;
  leg.ring_ms = start_ms + 100;
  leg.answer_ms = start_ms + 2000;
  leg.end_ms = start_ms + 20'000;
  return leg;
}

inline Dialog Between(Dialog leg, const std::string& caller,
                      const std::string& callee) {
  leg.from = "sip:" + caller + "@10.0.0.9";
  leg.to = "sip:" + callee + "@10.0.0.9";
  return leg;
}

inline Dialog With(Dialog leg, LinkKind kind, const std::string& value) {
  leg.links.push_back({.kind = kind, .value = value});
  return leg;
}

// The link by which one names `dialog` as its responder knows it: what is sent
// to that one.
inline Link Naming(LinkKind kind, const Dialog& dialog) {
  return {.kind = kind,
          .value = dialog.call_id,
          .to_tag = dialog.to_tag,
          .from_tag = dialog.from_tag};
}
// As its initiator knows it.
inline Link NamingToInitiator(LinkKind kind, const Dialog& dialog) {
  Link link = Naming(kind, dialog);
  std::swap(link.to_tag, link.from_tag);
  return link;
}

// Compares dialogs alone, knowing all that were seen.
class LinkTest : public ::testing::Test {
 protected:
  const Node& Seen(const Dialog& dialog, const Spot& spot = {},
                   int64_t upto_ms = INT64_MAX) {
    nodes_.push_back(*MakeNode(See(dialog, spot, upto_ms)));
    return nodes_.back();
  }

  // Evidence must not depend on which of the two comes first.
  template <typename Compare>
  std::optional<Evidence> EitherWay(const Node& a, const Node& b,
                                    Compare compare) {
    const std::optional<Evidence> forward = compare(a, b);
    const std::optional<Evidence> backward = compare(b, a);
    EXPECT_EQ(forward.has_value(), backward.has_value());
    if (forward && backward) {
      EXPECT_EQ(forward->detail, backward->detail);
      EXPECT_EQ(forward->score, backward->score);
      EXPECT_EQ(forward->turns, backward->turns);
    }
    return forward;
  }
  // By the values that both carry, knowing all who carry them.
  template <typename Compare>
  std::optional<Evidence> BySharing(const Node& a, const Node& b,
                                    Compare compare) {
    const AllSeen groups(*this);
    return EitherWay(a, b, [&](const Node& x, const Node& y) {
      return compare(x, y, groups, policy_, clocks_.Between(x, y));
    });
  }
  // Knowing all others.
  template <typename Compare>
  std::optional<Evidence> AmongAll(const Node& a, const Node& b,
                                   Compare compare) {
    std::vector<const Node*> all;
    for (const Node& node : nodes_) all.push_back(&node);
    return EitherWay(a, b, [&](const Node& x, const Node& y) {
      return compare(x, y, Others{all, true}, policy_, clocks_);
    });
  }

  // It is known how the clocks of these sensors compare when what was seen
  // began.
  void KnowClocks(const std::vector<Spot>& spots) {
    for (const Node& node : nodes_) {
      int64_t shown_ns = 0;
      ClockTable::Partners partners;
      for (const Spot& spot : spots) {
        if (spot.sensor == node.sensor()) shown_ns = spot.clock_ns;
      }
      for (const Spot& spot : spots) {
        partners[spot.sensor] = {true, spot.clock_ns - shown_ns,
                                 500 * fakes::kMs};
      }
      clocks_.Set(node, partners);
    }
  }

  EvidencePolicy policy_;
  ClockTable clocks_;
  // Too many carry these.
  std::set<Token> crowded_;

 private:
  class AllSeen final : public LinkGroups {
   public:
    explicit AllSeen(const LinkTest& test) {
      std::map<Token, std::vector<const Node*>> carriers;
      for (const Node& node : test.nodes_) {
        for (const NodeToken& token : node.tokens) {
          if (test.crowded_.count(token.token) != 0) continue;
          carriers[token.token].push_back(&node);
        }
      }
      for (const auto& [token, nodes] : carriers) {
        groups_.emplace(token,
                        LinkGroup(token, nodes, test.policy_, test.clocks_));
      }
    }
    const LinkGroup* Find(Token token, const Node&) const override {
      const auto found = groups_.find(token);
      return found == groups_.end() ? nullptr : &found->second;
    }

   private:
    std::map<Token, LinkGroup> groups_;
  };

  std::deque<Node> nodes_;
};

}  // namespace callbraid::collector::scenes

#endif  // CALLBRAID_TESTS_UNIT_COLLECTOR_CORRELATE_LINK_SCENES_H_
