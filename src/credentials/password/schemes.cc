#include "credentials/password/schemes.h"

namespace godwit::password {

const std::vector<std::unique_ptr<const Scheme>>& all_schemes() {
    static const std::vector<std::unique_ptr<const Scheme>> schemes = [] {
        std::vector<std::unique_ptr<const Scheme>> out;
#define GODWIT_ADD_SCHEME(name) out.push_back(name##_scheme());
        GODWIT_PASSWORD_SCHEMES(GODWIT_ADD_SCHEME)
#undef GODWIT_ADD_SCHEME
        return out;
    }();
    return schemes;
}

const Scheme* recognise(std::string_view encoded) {
    if (encoded.size() > kMaxEncodedBytes) return nullptr;
    for (const auto& scheme : all_schemes()) {
        if (scheme->claims(encoded)) return scheme.get();
    }
    return nullptr;
}

bool means_no_password(std::string_view encoded) {
    return encoded.empty() || encoded == "x" || encoded.starts_with('!') || encoded.starts_with('*');
}

}  // namespace godwit::password
