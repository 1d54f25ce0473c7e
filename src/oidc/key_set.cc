#include "oidc/key_set.h"

#include <algorithm>

namespace godwit::oidc {

std::vector<key::PublishedKey> keys_of(const std::vector<key::PublishedKey>& all, key::IssuerKey issuer) {
    std::vector<key::PublishedKey> out;
    for (const auto& key : all)
        if (key.issuer == issuer) out.push_back(key);
    return out.empty() && issuer != key::kOwnIssuer ? keys_of(all, key::kOwnIssuer) : out;
}

std::string key_set_document(const std::vector<key::PublishedKey>& keys) {
    std::string out = R"({"keys":[)";
    for (const auto& key : keys) {
        if (&key != &keys.front()) out += ',';
        out += key.key.to_jwk(key.kid, key.algorithm);
    }
    return out += "]}";
}

std::vector<std::string> signing_algorithms(const std::vector<key::PublishedKey>& keys) {
    std::vector<std::string> names;
    const auto add = [&](const key::PublishedKey& key) {
        if (key.state == key::State::retired) return;
        const std::string name(crypto::name_of(key.algorithm));
        if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    };
    for (const auto& key : keys)
        if (key.state == key::State::active) add(key);
    for (const auto& key : keys) add(key);
    return names;
}

}  // namespace godwit::oidc
