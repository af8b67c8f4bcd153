#include "collector/events/webhook.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "collector/events/signature.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "google/protobuf/util/json_util.h"

namespace callbraid::collector {
namespace {

// What waits in memory, without calls: these are read when they are sent.
constexpr size_t kMaxPending = 256;
// How far others may get ahead of one that is not taken: what is sent twice if
// the collector is killed meanwhile, and what the feed keeps in mind. A quarter
// of an hour, after which that one is given up, at 110 events a second.
constexpr uint64_t kMaxAhead = 100'000;
constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kMaxBackOffNs = 60 * kSecondNs;
constexpr int kMaxRefusals = 20;

bool IsTaken(const HttpAnswer& answer) {
  return answer.status >= 200 && answer.status < 300;
}

std::string WordsOf(const HttpAnswer& answer) {
  return answer.status == 0 ? answer.error
                            : absl::StrCat("it answers ", answer.status);
}

int64_t BackOffNs(int failures) {
  return std::min(kMaxBackOffNs, kSecondNs << std::min(failures - 1, 10));
}

// Without what may be a secret of the receiver: path and query.
std::string OriginOf(const std::string& url) {
  const size_t host = url.find("://");
  return url.substr(0, url.find_first_of("/?#", host + 3));
}

}  // namespace

Webhook::Webhook(const v1::WebhookConfig& config, EventFeed& feed,
                 SinkMeter& meter, std::unique_ptr<HttpPoster> poster,
                 const Clock& clock)
    : config_(config),
      feed_(feed),
      meter_(meter),
      poster_(std::move(poster)),
      clock_(clock) {}

absl::Duration Webhook::RunOnce() {
  const auto run = [this]() -> absl::StatusOr<bool> {
    RETURN_IF_ERROR(Fill());
    std::vector<Pending*> chosen = Choose();
    if (chosen.empty()) return false;
    ASSIGN_OR_RETURN(const std::vector<HttpPost> posts, Render(chosen));
    if (!posts.empty()) Judge(chosen, poster_->Post(posts));
    RETURN_IF_ERROR(Settle());
    return true;
  };
  const absl::StatusOr<bool> more = run();
  if (!more.ok()) {
    // The store, or the file of the secret: it is as if nobody was there.
    NoteDown(std::string(more.status().message()));
    return absl::Seconds(1);
  }
  return *more ? absl::ZeroDuration() : UntilNext();
}

absl::Status Webhook::Fill() {
  if (!pending_.empty() &&
      taken_ - pending_.front().event.sequence >= kMaxAhead) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(std::vector<FeedEvent> events,
                   feed_.Next(kMaxPending - pending_.size()));
  for (FeedEvent& event : events) {
    taken_ = event.sequence;
    pending_.emplace_back().event = std::move(event);
  }
  return absl::OkStatus();
}

std::vector<Webhook::Pending*> Webhook::Choose() {
  std::vector<Pending*> ready;
  const int64_t now = clock_.MonotonicNs();
  if (down_ && now < next_round_ns_) return ready;
  std::set<std::string> waiting;
  for (Pending& pending : pending_) {
    if (pending.done) continue;
    bool first = waiting.insert(pending.event.call_id).second;
    if (!pending.event.merged_into.empty()) {
      first = waiting.insert(pending.event.merged_into).second && first;
    }
    if (!first || (!down_ && now < pending.next_try_ns)) continue;
    ready.push_back(&pending);
  }
  // In turn, so that one that is never taken does not hide that others are.
  std::stable_sort(ready.begin(), ready.end(),
                   [](const Pending* a, const Pending* b) {
                     return a->next_try_ns < b->next_try_ns;
                   });
  ready.resize(std::min<size_t>(ready.size(), down_ ? 1 : config_.parallel()));
  return ready;
}

absl::StatusOr<std::vector<HttpPost>> Webhook::Render(
    std::vector<Pending*>& chosen) {
  ASSIGN_OR_RETURN(const std::string secret,
                   ReadWebhookSecret(config_.secret_file()));
  const int64_t now_s = clock_.WallNs() / kSecondNs;
  std::vector<HttpPost> posts;
  std::vector<Pending*> rendered;
  for (Pending* pending : chosen) {
    const auto event = feed_.Load(pending->event);
    if (absl::IsNotFound(event.status())) {
      pending->done = true;
      meter_.Add(&SinkState::gone);
      continue;
    }
    RETURN_IF_ERROR(event.status());
    HttpPost& post = posts.emplace_back();
    // Fails only for times out of range, which no call has.
    (void)google::protobuf::util::MessageToJsonString(*event, &post.body);
    post.headers = {
        "Content-Type: application/json",
        absl::StrCat("webhook-id: ", event->id()),
        absl::StrCat("webhook-timestamp: ", now_s),
        absl::StrCat("webhook-signature: ",
                     SignWebhook(secret, event->id(), now_s, post.body)),
        // Else libcurl asks a server first, and waits for it.
        "Expect:"};
    rendered.push_back(pending);
  }
  chosen = std::move(rendered);
  return posts;
}

void Webhook::Judge(const std::vector<Pending*>& chosen,
                    const std::vector<HttpAnswer>& answers) {
  size_t taken = 0;
  for (size_t i = 0; i < chosen.size(); ++i) {
    if (!IsTaken(answers[i])) continue;
    chosen[i]->done = true;
    ++taken;
  }
  delivered_ += taken;
  meter_.Add(&SinkState::delivered, taken);
  if (stopping_) return;
  for (size_t i = 0; i < chosen.size(); ++i) {
    if (!IsTaken(answers[i])) Fail(*chosen[i], answers[i]);
  }
  if (taken > 0) return NoteUp();
  for (const Pending* pending : chosen) {
    // Where others got through since, it is the event's own trouble.
    if (delivered_ > pending->delivered_before) return;
  }
  NoteDown(WordsOf(answers.front()));
}

void Webhook::Fail(Pending& pending, const HttpAnswer& answer) {
  meter_.Add(&SinkState::failed_attempts);
  if (pending.failures++ == 0) pending.delivered_before = delivered_;
  pending.next_try_ns = clock_.MonotonicNs() + BackOffNs(pending.failures);
  if (delivered_ == pending.delivered_before) return;
  if (++pending.refusals < kMaxRefusals) return;
  pending.done = true;
  meter_.Add(&SinkState::refused);
  spdlog::warn("webhook {}: event {} is given up: {}, {} times", config_.name(),
               pending.event.id, WordsOf(answer), pending.refusals);
}

void Webhook::NoteDown(const std::string& why) {
  down_ = true;
  next_round_ns_ = clock_.MonotonicNs() + BackOffNs(++down_rounds_);
  if (!meter_.SetDown(true)) return;
  spdlog::warn("webhook {}: {} takes no events: {}; they wait for it",
               config_.name(), OriginOf(config_.url()), why);
}

void Webhook::NoteUp() {
  down_ = false;
  down_rounds_ = 0;
  if (!meter_.SetDown(false)) return;
  spdlog::info("webhook {}: {} takes events again", config_.name(),
               OriginOf(config_.url()));
  // They failed for a reason that is gone.
  for (Pending& pending : pending_) pending.next_try_ns = 0;
}

absl::Status Webhook::Settle() {
  std::erase_if(pending_, [](const Pending& pending) { return pending.done; });
  const uint64_t done =
      pending_.empty() ? taken_ : pending_.front().event.sequence - 1;
  if (done <= told_) return absl::OkStatus();
  RETURN_IF_ERROR(feed_.Done(done));
  told_ = done;
  return absl::OkStatus();
}

absl::Duration Webhook::UntilNext() const {
  absl::Duration wait = kEventPoll;
  if (down_) return wait;
  const int64_t now = clock_.MonotonicNs();
  for (const Pending& pending : pending_) {
    if (!pending.done && pending.next_try_ns > now) {
      wait = std::min(wait, absl::Nanoseconds(pending.next_try_ns - now));
    }
  }
  return wait;
}

}  // namespace callbraid::collector
