#include "migration/input/files.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <system_error>

#include "base/text.h"

namespace godwit::migration {
namespace fs = std::filesystem;
namespace {

bool ends_in(std::string_view name, std::initializer_list<std::string_view> endings) {
    return std::ranges::any_of(endings, [name](std::string_view ending) { return to_ascii_lower(name).ends_with(ending); });
}

/// An export may come from anyone: its links must not make somebody's own files part of it.
Result<void> check_link(const fs::path& root, const fs::path& link) {
    std::error_code error;
    const fs::path target = fs::canonical(link, error);
    if (error) return fail(Code::permission_denied, "MIGRATE-Op3", "cannot follow the link " + link.string() + ": " + error.message());
    const auto [end, ignored] = std::ranges::mismatch(root, target);
    if (end == root.end()) return {};
    return fail(Code::invalid_argument, "MIGRATE-Op6",
                link.string() + " is a link that leads out of its folder, to " + target.string() +
                    ": remove it, or give that file by its own path if it is meant");
}

Result<std::vector<std::string>> in_folder(const std::string& folder, std::initializer_list<std::string_view> endings) {
    std::vector<std::string> found;
    std::error_code error;
    const fs::path root = fs::canonical(folder, error);
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        std::error_code ignored;
        if (name.starts_with('.') || entry->is_directory(ignored) || !ends_in(plain_name(name), endings)) continue;
        if (entry->is_symlink(ignored)) TRY(check_link(root, entry->path()));
        found.push_back(entry->path().string());
    }
    if (error) return fail(Code::permission_denied, "MIGRATE-Op3", "cannot list " + folder + ": " + error.message());
    if (found.empty()) {
        std::string looked_for;
        for (const std::string_view ending : endings) looked_for += (looked_for.empty() ? "*" : ", *") + std::string(ending);
        return fail(Code::invalid_argument, "MIGRATE-Op4", folder + " holds no file of this kind (looked for " + looked_for + ")");
    }
    std::ranges::sort(found, counts_before);
    return found;
}

}  // namespace

bool counts_before(std::string_view a, std::string_view b) {
    std::size_t i = 0, j = 0;
    const auto number = [](std::string_view text, std::size_t& at) {
        while (at + 1 < text.size() && text[at] == '0' && is_ascii_digit(text[at + 1])) ++at;
        const std::size_t begin = at;
        while (at < text.size() && is_ascii_digit(text[at])) ++at;
        return text.substr(begin, at - begin);
    };
    while (i < a.size() && j < b.size()) {
        if (is_ascii_digit(a[i]) && is_ascii_digit(b[j])) {
            const std::string_view m = number(a, i), n = number(b, j);
            if (m.size() != n.size()) return m.size() < n.size();
            if (m != n) return m < n;
        } else {
            if (a[i] != b[j]) return a[i] < b[j];
            ++i, ++j;
        }
    }
    return a.size() - i != b.size() - j ? a.size() - i < b.size() - j : a < b;
}

std::string plain_name(std::string_view path) {
    std::string name = fs::path(path).filename().string();
    const std::string lower = to_ascii_lower(name);
    for (const std::string_view packed : {".gz", ".zst"})
        if (lower.ends_with(packed)) name.resize(name.size() - packed.size());
    return name;
}

Result<std::vector<std::string>> list_files(std::span<const std::string> paths, std::initializer_list<std::string_view> endings) {
    if (paths.empty()) return fail(Code::invalid_argument, "MIGRATE-Op5", "no file or folder was given");
    std::vector<std::string> out;
    for (const std::string& path : paths) {
        std::error_code error;
        const auto status = fs::status(path, error);
        if (!fs::exists(status)) {
            const fs::path target = fs::read_symlink(path, error);
            return fail(
                Code::not_found, "MIGRATE-Op1",
                "cannot open " + path + ": " +
                    (target.empty() ? "there is no such file or folder" : "it is a link to " + target.string() + ", which is not there"));
        }
        if (fs::is_directory(status)) {
            auto found = TRY(in_folder(path, endings));
            std::ranges::move(found, std::back_inserter(out));
        } else {
            out.push_back(path);
        }
    }
    return out;
}

std::string unread_in(std::span<const std::string> paths, std::initializer_list<std::string_view> endings) {
    constexpr std::size_t kNamed = 10;
    std::vector<std::string> unread;
    for (const std::string& path : paths) {
        std::error_code error;
        if (!fs::is_directory(path, error)) continue;
        for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
            const std::string name = entry->path().filename().string();
            std::error_code ignored;
            if (name.starts_with('.') || (entry->is_regular_file(ignored) && ends_in(plain_name(name), endings))) continue;
            unread.push_back(entry->path().string() + (entry->is_directory(ignored) ? " (a folder)" : ""));
        }
    }
    if (unread.empty()) return {};
    std::ranges::sort(unread, counts_before);
    std::string out = "not read: ";
    for (std::size_t i = 0; i < std::min(unread.size(), kNamed); ++i) out += (i == 0 ? "" : ", ") + unread[i];
    if (unread.size() > kNamed) out += " and " + std::to_string(unread.size() - kNamed) + " more";
    return out + "; give what is meant by its own path";
}

Error in_file(std::string_view path, Error error) {
    error.message = std::string(path) + ": " + error.message;
    return error;
}

}  // namespace godwit::migration
