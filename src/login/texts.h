// The words of the pages: which language a person reads, and in whose words (directory/text).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "directory/text/texts.h"

namespace godwit::login {

/// One language as one organization speaks it: its own words, over the instance's, over the built-in ones. Reading an unknown key gives
/// the key itself, so that a gap is seen and nothing breaks.
class Language {
public:
    using Values = std::map<std::string, std::string>;

    /// `own`: the levels that may have words of their own, the most particular first; never null.
    Language(std::string code, const text::Words& built_in, std::vector<std::shared_ptr<const text::ByLanguage>> own);

    const std::string& code() const { return code_; }
    std::string_view operator[](std::string_view key) const;
    /// Whether somebody set this text, so that ours does not stand.
    bool is_own(std::string_view key) const { return find_own(key) != nullptr; }
    /// The text of `key` with "{name}" replaced by the value of that name.
    std::string with(std::string_view key, const Values& values) const;
    /// All that templates may name.
    text::Words words() const;

private:
    const std::string* find_own(std::string_view key) const;

    std::string code_;
    const text::Words* built_in_;
    std::vector<std::shared_ptr<const text::ByLanguage>> own_;
};

/// What a request says about the languages its person reads.
struct Wishes {
    std::string locales;             ///< ui_locales, separated by spaces (OpenID Connect Core 3.1.2.1)
    std::string_view accept;         ///< the Accept-Language header (RFC 9110, 12.5.4)
    std::string_view instance_wide;  ///< the instance's default language
};

/// The words for an organization, or the instance's when the scope names none. The language is the first that is spoken: of `locales`,
/// then of `accept` by its weights, then `instance_wide`, then English. Spoken are those with built-in words, and those in which the
/// organization or the instance says something itself; what they leave out is then read in the instance's language.
Result<Language> find_language(const text::Texts& texts, const OrgScope& org, const Wishes& wishes);

/// The same for an Accept-Language header alone, in our own words: asks no store.
Language built_in_language(std::string_view accept);

}  // namespace godwit::login
