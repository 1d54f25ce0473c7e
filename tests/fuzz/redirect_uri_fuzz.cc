// Input: registered URI, newline, asked URI. Whatever is allowed must be what was registered, but for the two exceptions.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "oidc/redirect_uri.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace godwit::oidc;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto newline = text.find('\n');
    if (newline == text.npos) return 0;
    const std::vector<std::string> registered = {std::string(text.substr(0, newline))};
    const std::string uri(text.substr(newline + 1));
    const auto allowed = [&](const RedirectPolicy& policy) {
        return check_redirect_uri(policy, registered, uri) == RedirectVerdict::allowed;
    };

    if (allowed({AppType::web, true, false}) && uri != registered[0]) std::abort();
    if (allowed({AppType::user_agent, false, false}) && uri != registered[0]) std::abort();
    if (allowed({AppType::native, false, false}) && uri != registered[0] && loopback_rest(uri) != loopback_rest(registered[0]))
        std::abort();
    if (allowed({AppType::web, true, true}) && uri != registered[0] && registered[0].find('*') == std::string::npos) std::abort();
    return 0;
}
