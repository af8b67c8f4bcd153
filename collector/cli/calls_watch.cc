#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "collector/cli/command.h"
#include "collector/cli/format.h"
#include "collector/cli/render.h"

namespace callbraid::cli {
namespace {

constexpr absl::Duration kFirstWait = absl::Seconds(1);
constexpr absl::Duration kLongestWait = absl::Seconds(30);
// What lasted so long had a collector at the other end.
constexpr absl::Duration kConnected = absl::Seconds(1);

// Whether it may be better next time.
bool Passes(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsResourceExhausted(status);
}

class WatchCommand final : public Command {
 public:
  WatchCommand()
      : Command({"calls watch",
                 {},
                 "calls in progress, then changes as they come",
                 "Runs until it is interrupted. When the connection breaks, it "
                 "comes back and goes on\nwhere it was: with all that happened "
                 "meanwhile.\n"}) {}

  void AddFlags(Flags& flags) override {
    flags.Switch("once", "end when the collector ends the watch", once_);
  }

  absl::Status Run(Session& session, const std::vector<std::string>&) override {
    absl::Duration wait;
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
      if (once_ || !session.out.good() || (!stale && !Passes(status)) ||
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
      if (was_there || stale) wait = absl::ZeroDuration();
      absl::SleepFor(wait);
      wait = std::clamp(2 * wait, kFirstWait, kLongestWait);
    }
  }

 private:
  absl::Status Watch(Session& session) {
    v1::WatchCallsRequest request;
    request.set_include_current(token_.empty());
    request.set_resume_token(token_);
    return session.collector.WatchCalls(
        request, [&](const v1::WatchCallsResponse& change) {
          session.out << (session.json ? ToJson(change) + '\n'
                                       : RenderChange(change, session.Now(),
                                                      session.zone))
                      << std::flush;
          if (!session.out.good()) {
            return absl::AbortedError("cannot write to standard output");
          }
          told_ = true;
          if (!change.resume_token().empty()) token_ = change.resume_token();
          return absl::OkStatus();
        });
  }

  bool once_ = false;
  // Of the last change that was written.
  std::string token_;
  // Whether this connection told of anything.
  bool told_ = false;
};

}  // namespace

std::unique_ptr<Command> CallsWatch() {
  return std::make_unique<WatchCommand>();
}

}  // namespace callbraid::cli
