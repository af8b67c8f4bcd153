#ifndef CALLBRAID_COLLECTOR_ACCESS_TOKEN_DROP_H_
#define CALLBRAID_COLLECTOR_ACCESS_TOKEN_DROP_H_

#include <string>

#include "absl/status/status.h"
#include "callbraid/store/v1/token_record.pb.h"
#include "collector/access/token_book.h"

// Tokens made where there is nobody yet to ask: a file in the folder
// DATA/new-tokens, which the collector takes up within a second, or when it
// starts. Whoever may write there may read every call as it is, so the file
// needs no other proof. The store itself has one writer, the collector: it may
// run meanwhile, and nothing is opened beside it. The file holds the hash.

namespace callbraid::collector {

// Makes the folders if there are none. The file belongs to whom `data` belongs.
absl::Status DropToken(const std::string& data,
                       const store::v1::TokenRecord& record);

// Takes all up into `book`, and removes their files once they are stored. What
// is no token is left there, as FILE.refused.
void AdoptTokens(const std::string& data, TokenBook& book);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_ACCESS_TOKEN_DROP_H_
