// Texts of the sign-in pages in the contract's messages, alike in ManagementService, AdminService and the bulk import.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "directory/text/texts.h"

namespace google::protobuf {
class Message;
}
namespace zitadel::text::v1 {
class LoginCustomText;
}

namespace godwit::api {

/// The words of a SetCustomLoginTextsRequest of either service: screen and text are the key, "login_text.title".
text::Words decode_login_texts(const google::protobuf::Message& request);

/// Words with other keys (ours) are left out. The screens of the contract that we do not have stay empty.
void encode_login_texts(const text::Words& words, zitadel::text::v1::LoginCustomText& out);

/// invalid_argument TEXT-Lng01 for what is no language tag.
Result<std::string> checked_language(std::string_view tag);

// The calls, of the level that the service speaks for.

/// What the level says itself; is_default when that is nothing.
Result<void> get_custom_login_texts(const text::Texts& texts, const OrgScope& level, std::string_view language,
                                    zitadel::text::v1::LoginCustomText& out);
/// What an organization's people read when it says nothing: the instance's words over the built-in ones; for the instance (nullopt)
/// the built-in ones alone.
Result<void> get_default_login_texts(const text::Texts& texts, std::optional<InstanceScope> instance, std::string_view language,
                                     zitadel::text::v1::LoginCustomText& out);
/// All words of one language: what the request leaves out is the next level's again.
template <class Request>
Result<directory::Change> set_custom_login_texts(text::Texts& texts, const OrgScope& level, const store::Editor& editor,
                                                 const Request& request) {
    const std::string language = TRY(checked_language(request.language()));
    return texts.set(level, editor, text::Kind::login, language, decode_login_texts(request));
}

}  // namespace godwit::api
