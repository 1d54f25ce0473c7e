// The words of the pages, by language: web/login/texts/*.json.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::login {

/// One language's words. Reading an unknown key gives the key itself, so that a gap is seen and nothing breaks.
class Language {
public:
    Language(std::string code, std::map<std::string, std::string, std::less<>> words) : code_(std::move(code)), words_(std::move(words)) {}
    const std::string& code() const { return code_; }
    std::string_view operator[](std::string_view key) const;
    /// The text of `key` with each "{name}" of `values` replaced.
    std::string with(std::string_view key, const std::map<std::string, std::string>& values) const;
    const std::map<std::string, std::string, std::less<>>& words() const { return words_; }

private:
    std::string code_;
    std::map<std::string, std::string, std::less<>> words_;
};

class Texts {
public:
    /// Reads the embedded files; a malformed one aborts, for it was built in.
    Texts();
    const std::vector<Language>& languages() const { return languages_; }
    /// The first supported language of `ui_locales` (space separated, OIDC Core 3.1.2.1), then of the Accept-Language
    /// header by its weights (RFC 9110, 12.5.4), then of `fallback`, then English.
    const Language& choose(std::string_view ui_locales, std::string_view accept_language, std::string_view fallback) const;

private:
    const Language* find(std::string_view tag) const;
    std::vector<Language> languages_;
};

}  // namespace godwit::login
