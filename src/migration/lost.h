// What a record loses, by the paths of its members.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace godwit::migration {

/// Adds a path once. Of a record that loses more than this, the last one says that there are more: a record may have millions of members,
/// and its line in a report is read by a person.
inline constexpr int kMostLost = 1'000;
template <class Paths>
void add_lost(Paths& paths, std::string_view path) {
    if (static_cast<int>(paths.size()) > kMostLost || std::ranges::find(paths, path) != paths.end()) return;
    std::string added(static_cast<int>(paths.size()) == kMostLost ? "and more" : path);
    if constexpr (requires { paths.Add(); }) {
        *paths.Add() = std::move(added);
    } else {
        paths.push_back(std::move(added));
    }
}

}  // namespace godwit::migration
