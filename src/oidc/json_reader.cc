#include "oidc/json_reader.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/json_parser.h"

namespace godwit::oidc {
namespace {

using simdjson::dom::element;

std::unexpected<Error> refuse() { return fail(Code::invalid_argument, "OIDC-Clm01", "the claims cannot be read"); }

bool read_text(const element& value, std::string& out) {
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS) return false;
    out = text;
    return true;
}

bool read_texts(const element& value, std::vector<std::string>& out) {
    std::string one;
    if (read_text(value, one)) {
        out = {std::move(one)};
        return true;
    }
    simdjson::dom::array list;
    if (value.get(list) != simdjson::SUCCESS) return false;
    for (const auto item : list) {
        if (!read_text(item, one)) return false;
        out.push_back(one);
    }
    return true;
}

/// RFC 7519 section 2: a NumericDate may have a fraction.
bool read_seconds(const element& value, std::optional<std::int64_t>& out) {
    std::int64_t whole = 0;
    if (value.get(whole) == simdjson::SUCCESS) {
        out = whole;
        return whole >= 0 && whole < 1'000'000'000'000;
    }
    double number = 0;
    if (value.get(number) != simdjson::SUCCESS || !(number >= 0 && number < 1e12)) return false;
    out = static_cast<std::int64_t>(std::floor(number));
    return true;
}

bool read_actors(const element& value, std::vector<std::string>& out) {
    constexpr std::size_t kMaxActors = 10;
    element act = value;
    while (out.size() < kMaxActors) {
        element sub;
        if (act["sub"].get(sub) != simdjson::SUCCESS || !read_text(sub, out.emplace_back())) return false;
        if (act["act"].get(act) != simdjson::SUCCESS) return true;
    }
    return false;
}

bool read_member(std::string_view name, const element& value, ReadClaims& out) {
    for (auto [text_name, text] : {std::pair{"iss", &out.iss},
                                   {"sub", &out.sub},
                                   {"jti", &out.jti},
                                   {"azp", &out.azp},
                                   {"client_id", &out.client_id},
                                   {"sid", &out.sid},
                                   {"scope", &out.scope},
                                   {"nonce", &out.nonce},
                                   {"htm", &out.htm},
                                   {"htu", &out.htu},
                                   {"ath", &out.ath}})
        if (name == text_name) return read_text(value, *text);
    for (auto [time_name, time] : {std::pair{"exp", &out.exp}, {"iat", &out.iat}, {"nbf", &out.nbf}, {"auth_time", &out.auth_time}})
        if (name == time_name) return read_seconds(value, *time);
    if (name == "act") return read_actors(value, out.actors);
    if (name == "cnf") {
        element jkt;
        const auto found = value["jkt"].get(jkt);
        return found == simdjson::NO_SUCH_FIELD || (found == simdjson::SUCCESS && read_text(jkt, out.jkt));
    }
    if (name == "aud") return read_texts(value, out.aud);
    if (name == "amr") return read_texts(value, out.amr);
    return true;
}

}  // namespace

bool ReadClaims::is_for(std::string_view audience) const { return std::ranges::find(aud, audience) != aud.end(); }

Result<QueryParameters> read_parameters(std::string_view json) {
    JsonParser parser;
    simdjson::dom::object object;
    if (parser.parse_object(json, object) != simdjson::SUCCESS) return refuse();
    QueryParameters out;
    for (const auto [name, value] : object) {
        if (value.is_null()) continue;
        if (find_parameter(out, name)) return refuse();
        std::string text;
        if (!read_text(value, text)) text = simdjson::minify(value);
        if (text.find('\0') != text.npos) return refuse();
        out.emplace_back(name, std::move(text));
    }
    return out;
}

Result<ReadClaims> read_claims(std::string_view json) {
    JsonParser parser;
    simdjson::dom::object object;
    if (parser.parse_object(json, object) != simdjson::SUCCESS) return refuse();
    ReadClaims out;
    std::set<std::string_view> names;
    for (const auto [name, value] : object)
        if (!names.insert(name).second || !read_member(name, value, out)) return refuse();
    return out;
}

}  // namespace godwit::oidc
