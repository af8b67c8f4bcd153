#include <string>
#include <unordered_set>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "collector/cli/call_selection.h"
#include "collector/cli/command.h"
#include "collector/cli/format.h"
#include "collector/cli/reconnect.h"
#include "collector/cli/render.h"

namespace callbraid::cli {
namespace {

// What lasted so long had a collector at the other end.
constexpr absl::Duration kConnected = absl::Seconds(1);

// When so many were shown they are forgotten: of these it is not told that the
// conditions hold no longer.
constexpr size_t kMaxShown = 1'000'000;

class WatchCommand final : public Command {
 public:
  WatchCommand()
      : Command({"calls watch",
                 {},
                 "calls in progress, then changes as they come",
                 "Runs until it is interrupted. When the connection breaks, it "
                 "comes back and goes on\nwhere it was: with all that happened "
                 "meanwhile. All conditions must hold; a call that\nwas shown "
                 "is shown once more when they hold no longer.\n"}) {}

  void AddFlags(Flags& flags) override {
    conditions_.AddFlags(flags);
    flags.Switch("once", "end when the collector ends the watch", once_);
  }

  absl::Status Run(Session& session, const std::vector<std::string>&) override {
    bool away = false;
    while (true) {
      const int64_t begin_ns = session.clock.MonotonicNs();
      told_ = false;
      const absl::Status status = Watch(session);
      const bool was_there =
          told_ || absl::Nanoseconds(session.clock.MonotonicNs() - begin_ns) >=
                       kConnected;
      const bool stale = !token_.empty() && (absl::IsOutOfRange(status) ||
                                             absl::IsInvalidArgument(status));
      if (once_ || !session.out.good() ||
          (!stale && !Reconnect::MayPass(status)) ||
          (!away && !was_there && !stale)) {
        return status;
      }
      if (stale) {
        session.err << "what happened meanwhile is no longer known: from here "
                       "on, calls in progress and changes\n";
        token_.clear();
      } else if (!away || was_there) {
        session.err << absl::StrCat(status.message(), "; trying again\n");
      }
      away = true;
      if (was_there || stale) reconnect_.Reset();
      absl::SleepFor(reconnect_.NextWait());
    }
  }

 private:
  absl::Status Watch(Session& session) {
    v1::WatchCallsRequest request;
    request.set_include_current(token_.empty());
    request.set_resume_token(token_);
    return session.collector.WatchCalls(
        request, [&](const v1::WatchCallsResponse& change) {
          if (MustShow(change)) {
            session.out << (session.json ? ToJson(change) + '\n'
                                         : RenderChange(change, session.Now(),
                                                        session.zone))
                        << std::flush;
          }
          if (!session.out.good()) {
            return absl::AbortedError("cannot write to standard output");
          }
          told_ = true;
          if (!change.resume_token().empty()) token_ = change.resume_token();
          return absl::OkStatus();
        });
  }

  // Of what a call was before, a change tells nothing.
  bool MustShow(const v1::WatchCallsResponse& change) {
    if (conditions_.empty()) return true;
    const std::string& id = change.call().id();
    if (change.change() != v1::WatchCallsResponse::CHANGE_UPDATED ||
        !conditions_.HoldFor(change.call())) {
      return shown_.erase(id) > 0;
    }
    if (shown_.size() >= kMaxShown) shown_.clear();
    shown_.insert(id);
    return true;
  }

  bool once_ = false;
  CallConditions conditions_;
  // Calls that were shown, and for which the conditions still held.
  std::unordered_set<std::string> shown_;
  Reconnect reconnect_;
  // Of the last change that was dealt with.
  std::string token_;
  // Whether this connection told of anything.
  bool told_ = false;
};

}  // namespace

std::unique_ptr<Command> CallsWatch() {
  return std::make_unique<WatchCommand>();
}

}  // namespace callbraid::cli
