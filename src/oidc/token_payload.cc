#include "oidc/token_payload.h"

#include <array>

#include "base/text.h"

namespace godwit::oidc {
namespace {

constexpr std::string_view kPrefix = "V2_";
constexpr std::string_view kMiddle = "-at_";
constexpr std::uint64_t kFormat = 1;
constexpr std::uint64_t kFormatWithActors = 2;
constexpr std::uint64_t kFormatWithKey = 3;  // and actors, if any

/// Scopes that nearly every token has, as one byte each; the number is the wire format: only ever append.
constexpr std::array<std::string_view, 8> kCommonScopes = {
    "openid", "profile", "email", "phone", "address", "offline_access", scope::kUserMetadata, scope::kResourceOwner};

class Packer {
public:
    void number(std::uint64_t value) {  // LEB128
        for (; value >= 0x80; value >>= 7) out_ += static_cast<char>(value | 0x80);
        out_ += static_cast<char>(value);
    }
    void number(std::int64_t value) { number(static_cast<std::uint64_t>(value)); }
    void text(std::string_view value) {
        number(std::uint64_t{value.size()});
        out_ += value;
    }
    void texts(const std::vector<std::string>& values) {
        number(std::uint64_t{values.size()});
        for (const auto& value : values) text(value);
    }
    std::string take() { return std::move(out_); }

private:
    std::string out_;
};

class Unpacker {
public:
    explicit Unpacker(std::string_view bytes) : rest_(bytes) {}

    std::uint64_t number() {
        std::uint64_t value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (rest_.empty()) break;
            const auto byte = static_cast<unsigned char>(rest_.front());
            rest_.remove_prefix(1);
            value |= std::uint64_t{byte & 0x7fu} << shift;
            if (byte < 0x80) return value;
        }
        bad_ = true;
        return 0;
    }
    std::int64_t signed_number() { return static_cast<std::int64_t>(number()); }
    std::string text() {
        const auto size = number();
        if (size > rest_.size()) {
            bad_ = true;
            return {};
        }
        std::string out(rest_.substr(0, size));
        rest_.remove_prefix(size);
        return out;
    }
    std::vector<std::string> texts() {
        std::vector<std::string> out;
        for (auto n = number(); n > 0 && !bad_; --n) out.push_back(text());
        return out;
    }
    bool good() const { return !bad_ && rest_.empty(); }

private:
    std::string_view rest_;
    bool bad_ = false;
};

void pack_scopes(Packer& packer, const Scopes& scopes) {
    packer.number(std::uint64_t{scopes.size()});
    for (const auto& one : scopes) {
        std::size_t common = 0;
        while (common < kCommonScopes.size() && kCommonScopes[common] != one) ++common;
        if (common < kCommonScopes.size()) {
            packer.number(std::uint64_t{common + 1});
        } else {
            packer.number(std::uint64_t{0});
            packer.text(one);
        }
    }
}

std::optional<Scopes> unpack_scopes(Unpacker& unpacker) {
    Scopes scopes;
    // Each scope takes a byte at least, so a wrong count ends at the end of the bytes.
    for (auto n = unpacker.number(); n > 0; --n) {
        const auto common = unpacker.number();
        if (common > kCommonScopes.size()) return std::nullopt;
        scopes.push_back(common == 0 ? unpacker.text() : std::string(kCommonScopes[common - 1]));
        if (scopes.back().empty()) return std::nullopt;
    }
    return scopes;
}

}  // namespace

std::string TokenId::jti() const {
    const auto own = std::to_string(token);
    if (family == 0) return std::string(kPrefix) + own + std::string(kMiddle) + own;
    return std::string(kPrefix) + std::to_string(family) + std::string(kMiddle) + own + "." + std::to_string(generation);
}

std::optional<TokenId> TokenId::parse(std::string_view jti) {
    if (!jti.starts_with(kPrefix)) return std::nullopt;
    jti.remove_prefix(kPrefix.size());
    const auto middle = jti.find(kMiddle);
    if (middle == jti.npos) return std::nullopt;
    const auto first = parse_number<std::int64_t>(jti.substr(0, middle));
    auto rest = jti.substr(middle + kMiddle.size());
    TokenId id;
    if (const auto parts = split_once(rest, '.')) {
        const auto generation = parse_number<std::int64_t>(parts->second);
        if (!first || !generation || *first <= 0 || *generation <= 0) return std::nullopt;
        id.family = *first;
        id.generation = *generation;
        rest = parts->first;
    }
    const auto token = parse_number<std::int64_t>(rest);
    if (!token || *token <= 0) return std::nullopt;
    id.token = *token;
    return id.family != 0 || first == token ? std::optional(id) : std::nullopt;
}

std::string TokenPayload::pack() const {
    Packer out;
    const auto format = !jkt.empty() ? kFormatWithKey : actors.empty() ? kFormat : kFormatWithActors;
    out.number(format);
    for (const auto value :
         {id.family, id.generation, id.token, user.key, session.key, app.key, auth_time.micros, issued.micros, expires.micros})
        out.number(value);
    out.text(client_id);
    pack_scopes(out, scopes);
    out.texts(audience);
    out.texts(amr);
    if (format != kFormat) out.texts(actors);
    if (format == kFormatWithKey) out.text(jkt);
    return out.take();
}

Result<TokenPayload> TokenPayload::unpack(std::string_view bytes) {
    Unpacker in(bytes);
    const auto refuse = [] { return fail(Code::data_loss, "OIDC-Tok01", "the token's content cannot be read"); };
    const auto format = in.number();
    if (format < kFormat || format > kFormatWithKey) return refuse();
    TokenPayload out;
    for (auto* field : {&out.id.family, &out.id.generation, &out.id.token, &out.user.key, &out.session.key, &out.app.key,
                        &out.auth_time.micros, &out.issued.micros, &out.expires.micros})
        *field = in.signed_number();
    out.client_id = in.text();
    auto scopes = unpack_scopes(in);
    if (!scopes) return refuse();
    out.scopes = *std::move(scopes);
    out.audience = in.texts();
    out.amr = in.texts();
    if (format != kFormat) out.actors = in.texts();
    if (format == kFormatWithKey) out.jkt = in.text();
    // One content has one form.
    if (!in.good() || (format == kFormatWithActors && out.actors.empty()) || (format == kFormatWithKey && out.jkt.empty())) return refuse();
    return out;
}

}  // namespace godwit::oidc
