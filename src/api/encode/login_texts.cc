#include "api/encode/login_texts.h"

#include <google/protobuf/message.h>

#include "api/encode/encode.h"
#include "base/text.h"
#include "zitadel/text.pb.h"

namespace godwit::api {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

/// Whether a field is one of the screens: a message of texts.
bool is_screen(const FieldDescriptor& field) {
    return field.type() == FieldDescriptor::TYPE_MESSAGE &&
           field.message_type()->file() == zitadel::text::v1::LoginCustomText::descriptor()->file();
}

void merge(text::Words& words, const text::Words& over) {
    for (const auto& [key, text] : over) words.insert_or_assign(key, text);
}

}  // namespace

text::Words decode_login_texts(const Message& request) {
    text::Words words;
    std::vector<const FieldDescriptor*> screens, texts;
    request.GetReflection()->ListFields(request, &screens);
    for (const FieldDescriptor* screen : screens) {
        if (!is_screen(*screen)) continue;
        const Message& message = request.GetReflection()->GetMessage(request, screen);
        message.GetReflection()->ListFields(message, &texts);
        for (const FieldDescriptor* text : texts)
            words.emplace(screen->name() + "." + text->name(), message.GetReflection()->GetString(message, text));
    }
    return words;
}

void encode_login_texts(const text::Words& words, zitadel::text::v1::LoginCustomText& out) {
    for (const auto& [key, text] : words) {
        const auto parts = split_once(key, '.');
        if (!parts) continue;
        const FieldDescriptor* screen = out.GetDescriptor()->FindFieldByName(std::string(parts->first));
        if (screen == nullptr || !is_screen(*screen)) continue;
        const FieldDescriptor* field = screen->message_type()->FindFieldByName(std::string(parts->second));
        if (field == nullptr) continue;
        Message& message = *out.GetReflection()->MutableMessage(&out, screen);
        message.GetReflection()->SetString(&message, field, text);
    }
}

Result<std::string> checked_language(std::string_view tag) {
    auto language = text::language_of(tag);
    if (!language) return fail(Code::invalid_argument, "TEXT-Lng01", "the language is a tag such as de or pt-BR");
    return *std::move(language);
}

Result<void> get_custom_login_texts(const text::Texts& texts, const OrgScope& level, std::string_view language,
                                    zitadel::text::v1::LoginCustomText& out) {
    const auto own = TRY(texts.find(level, text::Kind::login, TRY(checked_language(language))));
    out.set_is_default(!own);
    if (!own) return {};
    encode_changed(own->changed, *out.mutable_details());
    encode_login_texts(own->words, out);
    return {};
}

Result<void> get_default_login_texts(const text::Texts& texts, std::optional<InstanceScope> instance, std::string_view tag,
                                     zitadel::text::v1::LoginCustomText& out) {
    const std::string language = TRY(checked_language(tag));
    text::Words words = text::built_in(text::Kind::login, language);
    if (instance) {
        if (const auto own = TRY(texts.find(OrgScope(*instance, OrgId{}), text::Kind::login, language))) merge(words, own->words);
    }
    out.set_is_default(true);
    encode_login_texts(words, out);
    return {};
}

}  // namespace godwit::api
