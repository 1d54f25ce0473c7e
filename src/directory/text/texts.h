// Texts that an instance or an organization sets for itself, by kind, language and key. Each level holds what it says itself and nothing
// else: what a person reads is the organization's word, or else the instance's, or else the built-in one, key by key.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "directory/object/object.h"
#include "directory/text/built_in.h"

namespace godwit::store {
class Store;
}

namespace godwit::text {

/// What one level says itself, by language.
using ByLanguage = std::map<std::string, Words, std::less<>>;

/// One language of one level, with its history.
struct Own {
    Words words;
    directory::Change changed;
};

/// More languages than this nobody keeps in one organization.
inline constexpr int kMaxLanguages = 60;

/// A scope that names no organization means the instance's own level. Languages are those of language_of().
class Texts {
public:
    explicit Texts(store::Store& store);
    ~Texts();
    Texts(const Texts&) = delete;

    /// nullopt: this level says nothing in this language.
    Result<std::optional<Own>> find(const OrgScope& level, Kind kind, std::string_view language) const;
    /// All languages of a level; never null. Cached.
    Result<std::shared_ptr<const ByLanguage>> all(const OrgScope& level, Kind kind) const;

    /// Replaces all words of one language: a key that is not in `words` is the next level's again. Empty texts are left out.
    /// Errors: resource_exhausted TEXT-Max01 beyond kMaxLanguages.
    Result<directory::Change> set(const OrgScope& level, const store::Editor& editor, Kind kind, std::string_view language, Words words);

    /// Forgets a language of a level. not_found TEXT-Nfd01 when it says nothing there.
    Result<directory::Change> reset(const OrgScope& level, const store::Editor& editor, Kind kind, std::string_view language);

private:
    store::Store& store_;
    struct Cache;
    std::unique_ptr<Cache> cache_;
};

}  // namespace godwit::text
