#include "collector/events/curl_poster.h"

#include <curl/curl.h>

#include <array>
#include <cstdlib>
#include <utility>

namespace callbraid::collector {
namespace {

constexpr int kPollMs = 100;
// Nobody reads what is answered: beyond this it is no answer.
constexpr size_t kMaxAnswerBytes = size_t{64} << 10;
constexpr char kUserAgent[] = "Callbraid";

size_t Discard(char* /*data*/, size_t size, size_t count, void* received) {
  size_t& total = *static_cast<size_t*>(received);
  total += size * count;
  // Another number than came ends the transfer.
  return total <= kMaxAnswerBytes ? size * count : 0;
}

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

template <typename Pointer>
Pointer Must(Pointer pointer) {
  // libcurl without memory: nothing can go on.
  if (pointer == nullptr) std::abort();
  return pointer;
}

CURLM* NewMulti() {
  // Once for the process, before there are threads that use it; a static makes
  // it so.
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) std::abort();
  return Must(curl_multi_init());
}

}  // namespace

struct CurlPoster::Transfer {
  std::unique_ptr<CURL, FreeEasy> easy{Must(curl_easy_init())};
  std::unique_ptr<curl_slist, FreeList> headers;
  std::array<char, CURL_ERROR_SIZE> error = {};
  size_t received = 0;
  CURLcode result = CURLE_ABORTED_BY_CALLBACK;
};

CurlPoster::CurlPoster(Options options)
    : options_(std::move(options)), multi_(NewMulti()) {}

CurlPoster::~CurlPoster() { curl_multi_cleanup(multi_); }

void CurlPoster::SetUp(const HttpPost& post, Transfer& transfer) const {
  for (const std::string& header : post.headers) {
    // Null only without memory; the list stays the caller's then.
    curl_slist* const longer =
        Must(curl_slist_append(transfer.headers.get(), header.c_str()));
    (void)transfer.headers.release();
    transfer.headers.reset(longer);
  }
  CURL* const easy = transfer.easy.get();
  curl_easy_setopt(easy, CURLOPT_URL, options_.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  // Else removing a transfer waits for the thread that resolves its host; so
  // that one ends when it will.
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  if (!options_.ca.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, options_.ca.c_str());
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
    // In seconds; else a file that changed is not read for a day.
    curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 60L);
  }
  curl_easy_setopt(
      easy, CURLOPT_TIMEOUT_MS,
      static_cast<long>(absl::ToInt64Milliseconds(options_.timeout)));
  curl_easy_setopt(easy, CURLOPT_USERAGENT, kUserAgent);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers.get());
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, post.body.data());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                   static_cast<curl_off_t>(post.body.size()));
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, Discard);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer.received);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.error.data());
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
}

// Takes the results of those that are over.
void CurlPoster::Finish(std::vector<std::unique_ptr<Transfer>>& transfers) {
  int running = 1;
  while (running > 0 && !interrupted_) {
    if (curl_multi_perform(multi_, &running) != CURLM_OK) break;
    if (running == 0) break;
    if (curl_multi_poll(multi_, nullptr, 0, kPollMs, nullptr) != CURLM_OK) {
      break;
    }
  }
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    Transfer* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    transfer->result = message->data.result;
  }
  for (const auto& transfer : transfers) {
    curl_multi_remove_handle(multi_, transfer->easy.get());
  }
}

std::vector<HttpAnswer> CurlPoster::Post(const std::vector<HttpPost>& posts) {
  std::vector<std::unique_ptr<Transfer>> transfers;
  for (const HttpPost& post : posts) {
    SetUp(post, *transfers.emplace_back(std::make_unique<Transfer>()));
    curl_multi_add_handle(multi_, transfers.back()->easy.get());
  }
  Finish(transfers);
  std::vector<HttpAnswer> answers;
  for (const auto& transfer : transfers) {
    HttpAnswer& answer = answers.emplace_back();
    if (transfer->result == CURLE_OK) {
      long status = 0;
      curl_easy_getinfo(transfer->easy.get(), CURLINFO_RESPONSE_CODE, &status);
      answer.status = static_cast<int>(status);
    } else if (transfer->received > kMaxAnswerBytes) {
      answer.error = "its answer is longer than 64 KiB";
    } else {
      answer.error = transfer->error[0] != '\0'
                         ? transfer->error.data()
                         : curl_easy_strerror(transfer->result);
    }
  }
  return answers;
}

}  // namespace callbraid::collector
