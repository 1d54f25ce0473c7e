// Making a one-time code and its row. Internal to this folder.
#pragma once

#include <chrono>
#include <string_view>

#include "crypto/sealer.h"
#include "directory/user/codes.h"
#include "store/store.h"

namespace godwit::user {

/// How long codes of a kind are good for.
std::chrono::seconds lifetime_of(CodeKind kind);

/// What is stored of a code.
std::string code_hash(const crypto::Sealer& sealer, UserId user, CodeKind kind, std::string_view code);

/// A new code of this kind; one that is there is replaced (links have an id each and stand side by side). `target` is the address it
/// proves.
Result<IssuedCode> issue_code(store::Writer& db, InstanceScope instance, const crypto::Sealer& sealer, UserId user, CodeKind kind,
                              std::string_view target);

/// issue_code, and an outbox row that carries it to the user. Nothing is sent here.
Result<IssuedCode> send_code(store::Writer& db, InstanceScope instance, const crypto::Sealer& sealer, const User& user, CodeKind kind,
                             std::string_view target);

}  // namespace godwit::user
