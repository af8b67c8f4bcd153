#include <istream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "collector/cli/call_selection.h"
#include "collector/cli/command.h"
#include "collector/cli/format.h"
#include "collector/cli/render.h"
#include "common/base/status_macros.h"

namespace callbraid::cli {
namespace {

// Something that is ordered of one or more calls, and why.
class OrderCommand : public Command {
 public:
  using Command::Command;

  void AddFlags(Flags& flags) override {
    selection_.AddFlags(flags);
    flags.String("reason", "TEXT", "why, for the audit log; required", reason_);
    flags.Switch("yes", "do not ask", yes_);
  }

  absl::Status Run(Session& session,
                   const std::vector<std::string>& ids) override {
    if (reason_.empty()) {
      return absl::InvalidArgumentError(
          "why? Give --reason TEXT; it goes into the audit log");
    }
    ASSIGN_OR_RETURN(const std::vector<v1::Call> calls,
                     selection_.Find(session, ids));
    if (calls.empty()) {
      session.err << "no calls\n";
      return absl::OkStatus();
    }
    if (!yes_ && (MustAsk() || ids.empty())) {
      session.err << RenderCalls(calls, session.Now(), session.zone);
      RETURN_IF_ERROR(Ask(session, calls.size()));
    }
    return OrderAll(session, calls);
  }

 protected:
  // Of calls that were named one by one, too.
  virtual bool MustAsk() const { return false; }
  // "delete"
  virtual std::string Verb() const = 0;
  // What was done, as JSON or in words.
  virtual absl::StatusOr<std::string> Order(Session& session,
                                            const std::string& id) = 0;
  const std::string& reason() const { return reason_; }

 private:
  absl::Status Ask(Session& session, size_t calls) const {
    if (session.in == nullptr) {
      return absl::InvalidArgumentError("give --yes; nobody is there to ask");
    }
    session.err << Verb() << (calls == 1 ? " this call" : " these ")
                << (calls == 1 ? "" : absl::StrCat(calls, " calls"))
                << "? Type yes: " << std::flush;
    std::string answer;
    std::getline(*session.in, answer);
    if (answer == "yes") return absl::OkStatus();
    return absl::CancelledError("nothing was done");
  }

  // Goes on behind one that cannot be, and tells of the first.
  absl::Status OrderAll(Session& session, const std::vector<v1::Call>& calls) {
    absl::Status first;
    size_t failed = 0;
    for (const v1::Call& call : calls) {
      const auto done = OrderPatiently(session, call.id());
      if (done.ok()) {
        (session.json ? session.out : session.err) << *done << '\n';
        continue;
      }
      ++failed;
      if (first.ok()) first = done.status();
      if (calls.size() > 1) {
        session.err << call.id().substr(0, 8) << ": "
                    << std::string(done.status().message()) << '\n';
      }
      if (!absl::IsFailedPrecondition(done.status()) &&
          !absl::IsNotFound(done.status())) {
        break;
      }
    }
    if (calls.size() == 1 || failed == 0) return first;
    return absl::Status(first.code(),
                        absl::StrCat(failed, " of ", calls.size(),
                                     " calls were left as they are"));
  }

  // The collector takes so many orders a minute of one name.
  absl::StatusOr<std::string> OrderPatiently(Session& session,
                                             const std::string& id) {
    constexpr int kAttempts = 45;
    for (int attempt = 1;; ++attempt) {
      auto done = Order(session, id);
      if (!absl::IsResourceExhausted(done.status()) || attempt == kAttempts) {
        return done;
      }
      absl::SleepFor(absl::Seconds(2));
    }
  }

  CallSelection selection_;
  std::string reason_;
  bool yes_ = false;
};

std::string Short(const v1::Call& call) { return call.id().substr(0, 8); }

class HoldCommand final : public OrderCommand {
 public:
  HoldCommand()
      : OrderCommand({"calls hold",
                      {},
                      "legal hold: nothing deletes the call",
                      "Neither retention nor `calls delete`, until `calls "
                      "release`. Of a number or a\ntime the calls are shown "
                      "first.\n",
                      {"ID..."}}) {}

 private:
  std::string Verb() const override { return "hold"; }
  absl::StatusOr<std::string> Order(Session& session,
                                    const std::string& id) override {
    v1::HoldCallRequest request;
    request.set_id(id);
    request.set_reason(reason());
    ASSIGN_OR_RETURN(const v1::HoldCallResponse response,
                     session.collector.HoldCall(request));
    if (session.json) return ToJson(response.call());
    return absl::StrCat("call ", Short(response.call()), " is on hold");
  }
};

class ReleaseCommand final : public OrderCommand {
 public:
  ReleaseCommand()
      : OrderCommand({"calls release",
                      {},
                      "ends a legal hold",
                      "What is older than retention allows goes within the "
                      "hour.\n",
                      {"ID..."}}) {}

 private:
  std::string Verb() const override { return "release"; }
  absl::StatusOr<std::string> Order(Session& session,
                                    const std::string& id) override {
    v1::ReleaseCallRequest request;
    request.set_id(id);
    request.set_reason(reason());
    ASSIGN_OR_RETURN(const v1::ReleaseCallResponse response,
                     session.collector.ReleaseCall(request));
    if (session.json) return ToJson(response.call());
    return absl::StrCat("call ", Short(response.call()), " is on hold no more");
  }
};

class DeleteCommand final : public OrderCommand {
 public:
  DeleteCommand()
      : OrderCommand({"calls delete",
                      {},
                      "deletes calls for good, with all that was captured",
                      "Shows them and asks first. Not what is on hold or in "
                      "progress. Backups, CDR\nfiles and what others were told "
                      "are not reached: docs/retention.md.\n",
                      {"ID..."}}) {}

 private:
  bool MustAsk() const override { return true; }
  std::string Verb() const override { return "delete"; }
  absl::StatusOr<std::string> Order(Session& session,
                                    const std::string& id) override {
    v1::DeleteCallRequest request;
    request.set_id(id);
    request.set_reason(reason());
    ASSIGN_OR_RETURN(const v1::DeleteCallResponse response,
                     session.collector.DeleteCall(request));
    if (session.json) return ToJson(response);
    return absl::StrCat("call ", response.call_id().substr(0, 8),
                        " is deleted: ", response.observations(),
                        " observations, ", response.frames(), " frames");
  }
};

}  // namespace

std::unique_ptr<Command> CallsHold() { return std::make_unique<HoldCommand>(); }
std::unique_ptr<Command> CallsRelease() {
  return std::make_unique<ReleaseCommand>();
}
std::unique_ptr<Command> CallsDelete() {
  return std::make_unique<DeleteCommand>();
}

}  // namespace callbraid::cli
