#include "oidc/claims_request.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/json_parser.h"
#include "base/text.h"

namespace godwit::oidc {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::size_t kMostClaims = 100;

std::unexpected<Error> refuse() { return fail(Code::invalid_argument, "OIDC-Clq01", "the claims parameter cannot be read"); }

/// As JsonObject writes it, so that texts can be compared.
std::string json_of(const element& value) {
    std::string_view text;
    return value.get(text) == simdjson::SUCCESS ? json_string(text) : std::string(simdjson::minify(value));
}

Result<ClaimRequest> read_claim(std::string_view name, const element& wish) {
    ClaimRequest out{.name = std::string(name), .essential = false, .values = {}};
    if (wish.is_null()) return out;
    object members;
    if (wish.get(members) != simdjson::SUCCESS) return refuse();
    for (const auto [key, value] : members) {
        if (key == "essential" && value.get(out.essential) != simdjson::SUCCESS) return refuse();
        if (key == "value") out.values.push_back(json_of(value));
        if (key != "values") continue;
        simdjson::dom::array list;
        if (value.get(list) != simdjson::SUCCESS) return refuse();
        for (const auto one : list) out.values.push_back(json_of(one));
    }
    return out;
}

Result<std::vector<ClaimRequest>> read_member(const object& root, std::string_view name) {
    std::vector<ClaimRequest> out;
    element member;
    if (root[name].get(member) != simdjson::SUCCESS || member.is_null()) return out;
    object wishes;
    if (member.get(wishes) != simdjson::SUCCESS) return refuse();
    for (const auto [claim, wish] : wishes) {
        const bool twice = std::ranges::any_of(out, [&](const auto& one) { return one.name == claim; });
        if (claim.empty() || twice || out.size() == kMostClaims) return refuse();
        out.push_back(TRY(read_claim(claim, wish)));
    }
    return out;
}

JsonObject written(const std::vector<ClaimRequest>& claims) {
    JsonObject out;
    for (const auto& claim : claims) {
        JsonObject wish;
        if (claim.essential) wish.set("essential", true);
        if (!claim.values.empty()) wish.set_json("values", "[" + join(claim.values, ",") + "]");
        if (wish.empty()) {
            out.set_json(claim.name, "null");
        } else {
            out.set(claim.name, wish);
        }
    }
    return out;
}

}  // namespace

bool ClaimRequest::accepts(std::string_view json) const { return values.empty() || std::ranges::find(values, json) != values.end(); }

Result<ClaimsRequest> ClaimsRequest::parse(std::string_view json) {
    JsonParser parser;
    object root;
    if (parser.parse_object(json, root) != simdjson::SUCCESS) return refuse();
    ClaimsRequest out;
    out.id_token = TRY(read_member(root, "id_token"));
    out.userinfo = TRY(read_member(root, "userinfo"));
    return out;
}

std::string ClaimsRequest::text() const {
    JsonObject out;
    if (!id_token.empty()) out.set("id_token", written(id_token));
    if (!userinfo.empty()) out.set("userinfo", written(userinfo));
    return out.empty() ? std::string() : out.text();
}

const ClaimRequest* ClaimsRequest::in_id_token(std::string_view name) const {
    const auto found = std::ranges::find(id_token, name, &ClaimRequest::name);
    return found == id_token.end() ? nullptr : &*found;
}

bool ClaimsRequest::admits_subject(std::string_view subject) const {
    const auto json = json_string(subject);
    for (const auto* list : {&id_token, &userinfo})
        for (const auto& claim : *list)
            if (claim.name == "sub" && !claim.accepts(json)) return false;
    return true;
}

}  // namespace godwit::oidc
