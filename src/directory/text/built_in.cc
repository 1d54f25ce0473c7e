#include "directory/text/built_in.h"

#include <array>
#include <cstdio>
#include <cstdlib>

#include "directory/text/embedded.h"

namespace godwit::text {
namespace {

const std::array<std::string, 2> kLanguages{"en", "de"};

/// A malformed file aborts, for it was built in.
std::array<Words, kLanguages.size()> read_all(const std::string& folder) {
    std::array<Words, kLanguages.size()> all;
    for (std::size_t i = 0; i < kLanguages.size(); ++i) {
        const std::string file = folder + "/" + kLanguages[i] + ".json";
        auto words = read_words(embedded(file));
        if (!words) {
            std::fprintf(stderr, "%s is not an object of texts\n", file.c_str());
            std::abort();
        }
        all[i] = *std::move(words);
    }
    return all;
}

}  // namespace

std::span<const std::string> built_in_languages() { return kLanguages; }

const Words& built_in(Kind, std::string_view language) {
    static const auto login = read_all("login/texts");
    for (std::size_t i = 0; i < kLanguages.size(); ++i)
        if (kLanguages[i] == language) return login[i];
    return login.front();
}

}  // namespace godwit::text
