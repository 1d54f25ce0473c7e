#include "base/near.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "base/text.h"

namespace godwit {

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replace = diagonal + (ascii_lower(a[i - 1]) == ascii_lower(b[j - 1]) ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({replace, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row[b.size()];
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> words) {
    constexpr std::size_t kLongest = 100;  // what nobody mistyped is not compared
    std::size_t most = std::clamp<std::size_t>(word.size() / 3, 1, 3) + 1;
    std::string_view best;
    if (word.empty() || word.size() > kLongest) return best;
    for (const std::string_view candidate : words) {
        const std::size_t far = edit_distance(word, candidate);
        if (far >= most) continue;
        most = far;
        best = candidate;
    }
    return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> words) {
    const std::string_view near = nearest(word, words);
    return near.empty() ? std::string() : "; did you mean \"" + std::string(near) + "\"?";
}

std::string did_you_mean_or_list(std::string_view word, std::span<const std::string_view> words) {
    constexpr std::size_t kMostListed = 20;
    std::string out = did_you_mean(word, words);
    if (!out.empty() || words.size() > kMostListed) return out;
    for (const std::string_view one : words) out.append(out.empty() ? "; there are: " : ", ").append(one);
    return out;
}

}  // namespace godwit
